"""Biogloss: entities with exact offsets from biomedical text, offline."""

from biogloss.documents import Document, Entity, Link, Mark, Relation, Span

__version__ = "0.1.0"
__all__ = ["Document", "Entity", "Link", "Mark", "Relation", "Span", "__version__"]
