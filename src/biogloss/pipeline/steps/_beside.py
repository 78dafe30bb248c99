"""What is said of a document beside what it carries, by another head of a model or after others annotated it.

united(before, after)    all of before, and what after says besides
Beside(model)            the same step, adding to a document instead of replacing
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from biogloss.pipeline.steps._entities import with_new

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.documents import Document, Relation
    from biogloss.pipeline.steps.model import Model


class Beside:
    """A model's step that adds to a document instead of replacing.

    A model that finds both entities and relations goes in as its two halves (``Model.apart``): entities get other ids
    here where theirs are taken.
    """

    def __init__(self, model: Model) -> None:
        self.name, self.tasks = model.name, model.tasks
        self._model = model

    def __call__(self, document: Document) -> Document:
        """The document with what the model says and it did not."""
        return self.many([document])[0]

    def many(self, documents: Sequence[Document]) -> list[Document]:
        """Each document as alone."""
        return [united(*both) for both in zip(documents, self._model.many(documents), strict=True)]


def united(before: Document, after: Document) -> Document:
    """The second with all that the first carries as it is there; what only the second says has free ids."""
    known = {(one.spans, one.label) for one in before.entities}
    new = [one for one in after.entities if (one.spans, one.label) not in known]
    given = {(mark.span, mark.kind): mark.label for mark in before.marks if mark.label}
    scores = dict(after.label_scores) | dict(before.label_scores)
    return replace(
        after,
        entities=with_new(before.entities, new),
        relations=_relations(before.relations, after.relations),
        labels=tuple(dict.fromkeys((*before.labels, *after.labels))),
        label_scores=tuple(sorted(scores.items())),
        marks=tuple(replace(mark, label=given.get((mark.span, mark.kind), mark.label)) for mark in after.marks),
    )


def _relations(before: Sequence[Relation], after: Sequence[Relation]) -> tuple[Relation, ...]:
    """Those of before as they are, and those that say something else, with free ids."""
    said, used = {(one.label, one.arguments) for one in before}, {one.id for one in before}
    new = [one for one in after if (one.label, one.arguments) not in said]
    free = (name for number in count(1) if (name := f"R{number}") not in used)
    return (*before, *(replace(one, id=name) for one, name in zip(new, free, strict=False)))
