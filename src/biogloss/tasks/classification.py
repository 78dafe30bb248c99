"""Classes of whole documents: one of several, or any number of them.

    "I have a rash on my arms ..."     ->  psoriasis 0.91
    title and abstract                 ->  MESH:D006801 0.99, MESH:D008297 0.97, ...

The document's state is the mean over the states of its pieces, however many windows it takes; a linear layer on it
gives a logit a class, so thousands of classes cost one matrix.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from biogloss.errors import ConfigError
from biogloss.evaluation.agreement import Said, said
from biogloss.models.heads import Pooling
from biogloss.tasks import _classes
from biogloss.tasks._examples import Example, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from biogloss.documents import Document
    from biogloss.models.tokenizer import Pieces, Tokenizer
    from biogloss.tasks._examples import Coverage


@dataclass(frozen=True, kw_only=True)
class Classification:
    """The task.

    Args:
        labels: the classes, in the order of the model's outputs.
        several: whether a document may have any number of them.
        max_pieces: longest window, without its two special tokens.
        overlap: pieces that neighbouring windows share at least.
        thresholds: of several: the least probability in [0, 1] of a class that is said; 0.5 where not given.
        loss_of: see ``tasks._classes``.
    """

    OPTIONS: ClassVar = frozenset({"labels", "thresholds", "several", "balanced", "loss", "least"})

    labels: tuple[str, ...]
    several: bool = False
    max_pieces: int = 510
    overlap: int = 32
    thresholds: Mapping[str, float] = field(default_factory=dict)
    loss_of: _classes.Loss = field(default=_classes.Loss(), compare=False)

    @classmethod
    def fitted(
        cls,
        documents: Sequence[Document],
        *,
        least: int = 1,
        balanced: bool = False,
        **options: Any,  # noqa: ANN401 - fields of the task
    ) -> Self:
        """The task with the classes that documents have; see ``tasks._classes``.

        Args:
            documents: training documents.
            least: a class of fewer documents is left out.
            balanced: weigh classes by the inverse of how often they occur.
            options: fields of the task.

        Raises:
            ConfigError: no document has a class, or one has two and ``several`` is not set.
        """
        twice = next((document for document in documents if len(document.labels) > 1), None)
        if twice and not options.get("several"):
            raise ConfigError(
                f'document {twice.id} has {len(twice.labels)} classes; set classes = "several" where that is meant'
            )
        if options.get("thresholds") and not options.get("several"):
            raise ConfigError('thresholds are for classes = "several"; of one class the likeliest is said')
        counts = Counter(label for document in documents for label in dict.fromkeys(document.labels))
        often = {label: count for label, count in counts.items() if count >= least}
        return _classes.fitted(cls, often, "no document", balanced=balanced, **options)

    @property
    def outputs(self) -> int:
        """Width of the head: a logit a label."""
        return len(self.labels)

    def head(self, width: int) -> nn.Module:
        """The mean state (items, width) -> logits (items, classes)."""
        from biogloss.models._torch_heads import PooledHead  # noqa: PLC0415 - annotating never imports torch

        return PooledHead(width, len(self.labels))

    def examples(
        self,
        document: Document,
        pieces: Pieces,
        tokenizer: Tokenizer,
        coverage: Coverage | None = None,  # noqa: ARG002 - one signature
    ) -> list[Example]:
        """The document as one item; none for a text without pieces."""
        if not len(pieces):
            return []
        reading = plain(pieces, tokenizer, max_pieces=self.max_pieces, overlap=self.overlap)
        pooling = Pooling.of([[((0, len(pieces)),)]], np.zeros((1, 0), np.float32), roles=1)
        return [Example(reading, self._target(document)[None], pooling)]

    def _target(self, document: Document) -> NDArray[np.float32] | NDArray[np.int64]:
        if self.several:
            return _classes.some(document.labels, self.labels)
        return np.array(_classes.one(document.labels[0] if document.labels else None, self.labels), dtype=np.int64)

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy; see ``tasks._classes``."""
        return self.loss_of(logits, targets)

    def divergence(self, one: Tensor, other: Tensor) -> Tensor:
        """See ``tasks._classes``."""
        return _classes.divergence(one, other, several=self.several)

    def annotate(
        self,
        document: Document,
        pieces: Pieces,  # noqa: ARG002 - one signature
        found: Sequence[tuple[Example, NDArray[np.float32]]],
        source: str = "",  # noqa: ARG002 - as above
    ) -> Document:
        """The document with the predicted classes, and the probability of each class there is."""
        if not found:
            return replace(document, labels=(), label_scores=())
        ((_, logits),) = found
        (row,) = _classes.probabilities(logits, several=self.several)
        return replace(document, labels=self._said(row), label_scores=_classes.scores(self.labels, row))

    def mean(self, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """See ``tasks._classes``."""
        return _classes.mean(logits, several=self.several)

    def said(self, document: Document) -> Said:
        """Class -> nothing more -> probability."""
        shares = dict(document.label_scores)
        return said((label, (), shares.get(label)) for label in document.labels)

    def _said(self, row: NDArray[np.float64]) -> tuple[str, ...]:
        if not self.several:
            return (self.labels[int(row.argmax())],)
        shares = zip(self.labels, _classes.rounded(row), strict=True)
        return tuple(label for label, share in shares if share >= self.thresholds.get(label, 0.5))


TASK = Classification
