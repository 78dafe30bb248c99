"""Biogloss: entities with exact offsets from biomedical text, offline.

import biogloss
gloss = biogloss.load()
document = gloss("Metformin lowers glucose in type 2 diabetes.")
print([(entity.text, entity.label, entity.score) for entity in document.entities])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biogloss.documents import Document, Entity, Link, Mark, Relation, Span

if TYPE_CHECKING:
    from biogloss.apps.classifier import Classifier
    from biogloss.pipeline.gloss import Gloss, load

__version__ = "0.1.0"
__all__ = ["Classifier", "Document", "Entity", "Gloss", "Link", "Mark", "Relation", "Span", "__version__", "load"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what the name is
    """``load``, ``Gloss`` and ``Classifier`` on first use, so that reading documents loads no runtime or library."""
    if name in ("load", "Gloss"):
        from biogloss.pipeline import gloss  # noqa: PLC0415

        return getattr(gloss, name)
    if name == "Classifier":
        from biogloss.models._extras import need  # noqa: PLC0415

        need("sklearn", "biogloss.Classifier", "sklearn")
        from biogloss.apps.classifier import Classifier  # noqa: PLC0415

        return Classifier
    msg = f"module 'biogloss' has no attribute {name!r}"
    raise AttributeError(msg)
