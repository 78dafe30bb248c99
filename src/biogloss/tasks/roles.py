"""The role each sentence plays in its abstract: background, objective, methods, results, conclusions.

    "We compared two doses of ..."     ->  objective
    "A total of 120 patients ..."      ->  methods

The sentences are the document's marks of kind ``sentence``, a role is a mark's label. All are read at once, so each is
told with its neighbours in view; ``alone`` reads each by itself, to see what the context is worth. Sentences without a
piece keep their label.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from biogloss.evaluation.agreement import Said, said
from biogloss.models.heads import Pooling
from biogloss.tasks import _classes
from biogloss.tasks._examples import Example, part, plain, span_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from biogloss.documents import Document, Mark
    from biogloss.models.tokenizer import Pieces, Tokenizer
    from biogloss.tasks._examples import Coverage

SENTENCE = "sentence"
Sentence = tuple[int, int, int]  # place among the document's marks, first piece, piece behind the last


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The task.

    Args:
        labels: the roles, in the order of the model's outputs.
        alone: read each sentence by itself.
        max_pieces: longest window, without its two special tokens.
        overlap: pieces that neighbouring windows share at least.
        loss_of: see ``tasks._classes``.
    """

    OPTIONS: ClassVar = frozenset({"labels", "balanced", "loss", "alone"})

    labels: tuple[str, ...]
    alone: bool = False
    max_pieces: int = 510
    overlap: int = 64
    loss_of: _classes.Loss = field(default=_classes.Loss(), compare=False)

    @classmethod
    def fitted(cls, documents: Sequence[Document], *, balanced: bool = False, **options: Any) -> Self:  # noqa: ANN401
        """The task with the roles that sentences have; see ``tasks._classes``.

        Raises:
            ConfigError: no sentence has a role.
        """
        counts = Counter(mark.label for document in documents for mark in document.marked(SENTENCE) if mark.label)
        return _classes.fitted(cls, counts, "no sentence", balanced=balanced, **options)

    @property
    def outputs(self) -> int:
        """Width of the head: a logit a label."""
        return len(self.labels)

    def head(self, width: int) -> nn.Module:
        """A sentence's mean state (items, width) -> logits (items, roles)."""
        from biogloss.models._torch_heads import PooledHead  # noqa: PLC0415 - annotating never imports torch

        return PooledHead(width, len(self.labels))

    def examples(
        self,
        document: Document,
        pieces: Pieces,
        tokenizer: Tokenizer,
        coverage: Coverage | None = None,  # noqa: ARG002 - one signature
    ) -> list[Example]:
        """The document's sentences, together or each alone."""
        sentences = [(place, *span_pieces(mark.span, pieces)) for place, mark in _sentences(document)]
        sentences = [sentence for sentence in sentences if sentence[1] < sentence[2]]
        if not sentences:
            return []
        if not self.alone:
            return [self._example(document, pieces, sentences, tokenizer)]
        return [
            self._example(document, part(pieces, first, last), [(place, 0, last - first)], tokenizer)
            for place, first, last in sentences
        ]

    def _example(
        self, document: Document, pieces: Pieces, sentences: Sequence[Sentence], tokenizer: Tokenizer
    ) -> Example:
        items = [(((first, last),),) for _, first, last in sentences]
        targets = [_classes.one(document.marks[place].label, self.labels) for place, *_ in sentences]
        return Example(
            plain(pieces, tokenizer, max_pieces=self.max_pieces, overlap=self.overlap),
            np.array(targets, dtype=np.int64),
            Pooling.of(items, np.zeros((len(items), 0), np.float32), roles=1),
            about=tuple(place for place, *_ in sentences),
        )

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy; see ``tasks._classes``."""
        return self.loss_of(logits, targets)

    def divergence(self, one: Tensor, other: Tensor) -> Tensor:
        """See ``tasks._classes``."""
        return _classes.divergence(one, other, several=False)

    def annotate(
        self,
        document: Document,
        pieces: Pieces,  # noqa: ARG002 - one signature
        found: Sequence[tuple[Example, NDArray[np.float32]]],
        source: str = "",  # noqa: ARG002 - as above
    ) -> Document:
        """The document with the predicted roles as labels of its sentences."""
        marks = [replace(mark, label="") if mark.kind == SENTENCE else mark for mark in document.marks]
        for example, logits in found:
            for place, row in zip(example.about, logits, strict=True):
                assert isinstance(place, int)
                marks[place] = replace(marks[place], label=self.labels[int(row.argmax())])
        return document.with_marks(marks)

    def mean(self, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """See ``tasks._classes``."""
        return _classes.mean(logits, several=False)

    def said(self, document: Document) -> Said:
        """Role -> a sentence's span -> nothing, for every sentence has one role."""
        return said((mark.label, mark.span, None) for mark in document.marked(SENTENCE))


def _sentences(document: Document) -> list[tuple[int, Mark]]:
    return [(place, mark) for place, mark in enumerate(document.marks) if mark.kind == SENTENCE]


TASK = Roles
