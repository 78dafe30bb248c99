"""Documents and their annotations: the one shape that every other part of Biogloss reads and writes."""

from biogloss.documents.edits import Edit, Edited, apply
from biogloss.documents.model import (
    Citation,
    Document,
    Entity,
    Link,
    Mark,
    MeshHeading,
    OffsetError,
    Relation,
    attributes_of,
    entity_at,
    numbered,
)
from biogloss.documents.spans import Span, byte_offsets, span_text, utf16_offsets

__all__ = [
    "Citation",
    "Document",
    "Edit",
    "Edited",
    "Entity",
    "Link",
    "Mark",
    "MeshHeading",
    "OffsetError",
    "Relation",
    "Span",
    "apply",
    "attributes_of",
    "byte_offsets",
    "entity_at",
    "numbered",
    "span_text",
    "utf16_offsets",
]
