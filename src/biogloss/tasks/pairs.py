"""Two texts read together: does one follow from the other, do they ask the same, how alike are they, yes or no?

    first "Aspirin ..."   second "ASA ..."             ->  entailment 0.93
    question "Does ...?"  context "We randomised ..."  ->  yes 0.71
    first, second                                      ->  3.8             (``scale``: a number, not a class)

The texts are two parts of a document, whose label is the class or the number. Both are in view of each other; what is
told comes from the mean states of both and from their product.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from biogloss.errors import ConfigError
from biogloss.evaluation.agreement import Said, said
from biogloss.models.heads import Pooling
from biogloss.tasks import _classes
from biogloss.tasks._examples import Example, joined, of_two, span_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from biogloss.documents import Document, Span
    from biogloss.models.tokenizer import Pieces, Tokenizer
    from biogloss.tasks._examples import Coverage

PARTS = (("first", "second"), ("question", "context"))
"""What the two texts may be called, the shorter one of a question first."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The task.

    Args:
        labels: the classes, in the order of the model's outputs; of a number its name alone.
        scale: least and greatest number; none for classes.
        hidden: width of the layer between states and logits.
        max_pieces: longest window, without its special tokens.
        overlap: pieces that neighbouring windows of the second text share at least.
        loss_of: see ``tasks._classes``; a number's loss is the mean squared error on a scale of 0 to 1.
    """

    OPTIONS: ClassVar = frozenset({"labels", "balanced", "loss", "scale", "hidden"})

    labels: tuple[str, ...]
    scale: tuple[float, ...] = ()
    hidden: int = 256
    max_pieces: int = 510
    overlap: int = 64
    loss_of: _classes.Loss = field(default=_classes.Loss(), compare=False)

    @classmethod
    def fitted(cls, documents: Sequence[Document], *, balanced: bool = False, **options: Any) -> Self:  # noqa: ANN401
        """The task with the classes that documents have; see ``tasks._classes``.

        Raises:
            ConfigError: no document has a class, or one lacks a part or a number within the scale.
        """
        for document in documents:
            texts(document)
        if options.get("scale"):
            for document in documents:
                _number(document, options["scale"])
            return cls(**{"labels": ("score",)} | options)
        counts = Counter(label for document in documents for label in document.labels[:1])
        return _classes.fitted(cls, counts, "no document", balanced=balanced, **options)

    @property
    def outputs(self) -> int:
        """Width of the head: a logit a label."""
        return len(self.labels)

    def head(self, width: int) -> nn.Module:
        """Both texts (items, 2, width) -> logits (items, classes)."""
        from biogloss.models._torch_heads import PooledHead  # noqa: PLC0415 - annotating never imports torch

        return PooledHead(width, len(self.labels), roles=2, hidden=self.hidden)

    def examples(
        self,
        document: Document,
        pieces: Pieces,
        tokenizer: Tokenizer,
        coverage: Coverage | None = None,  # noqa: ARG002 - one signature
    ) -> list[Example]:
        """The pair as one item."""
        first, second = (span_pieces(span, pieces) for span in texts(document))
        both, count = joined(pieces, first, second), first[1] - first[0]
        reading = of_two(both, count, tokenizer, max_pieces=self.max_pieces, overlap=self.overlap)
        items = [(((0, count),), ((count, len(both)),))]
        pooling = Pooling.of(items, np.zeros((1, 0), np.float32), roles=2)
        return [Example(reading, self._target(document)[None], pooling)]

    def _target(self, document: Document) -> NDArray[np.float32] | NDArray[np.int64]:
        if self.scale:
            low, high = self.scale
            return np.array([(_number(document, self.scale) - low) / (high - low)], dtype=np.float32)
        return np.array(_classes.one(document.labels[0] if document.labels else None, self.labels), dtype=np.int64)

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy, see ``tasks._classes``; of a number the mean squared error."""
        if self.scale:
            known = (targets == targets).float()  # noqa: PLR0124 - NaN where no number is known
            missed: Tensor = ((logits - targets.nan_to_num()) ** 2 * known).sum() / known.sum().clamp(min=1)
            return missed
        return self.loss_of(logits, targets)

    def divergence(self, one: Tensor, other: Tensor) -> Tensor:
        """See ``tasks._classes``; of a number the mean squared difference."""
        return ((one - other) ** 2).mean() if self.scale else _classes.divergence(one, other, several=False)

    def annotate(
        self,
        document: Document,
        pieces: Pieces,  # noqa: ARG002 - one signature
        found: Sequence[tuple[Example, NDArray[np.float32]]],
        source: str = "",  # noqa: ARG002 - as above
    ) -> Document:
        """The document with the predicted class, or number, as its label."""
        ((_, logits),) = found
        if self.scale:
            low, high = self.scale
            number = low + (high - low) * float(np.clip(logits[0, 0], 0, 1))
            return replace(document, labels=(f"{number:.3f}",), label_scores=())
        (row,) = _classes.probabilities(logits, several=False)
        label = self.labels[int(row.argmax())]
        return replace(document, labels=(label,), label_scores=_classes.scores(self.labels, row))

    def mean(self, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """See ``tasks._classes``; of a number the mean."""
        if self.scale:
            number: NDArray[np.float32] = np.clip(np.stack(logits), 0, 1).mean(axis=0)
            return number
        return _classes.mean(logits, several=False)

    def said(self, document: Document) -> Said:
        """Class -> nothing more -> probability; of a number its name -> nothing more -> the number on a scale of 1."""
        if self.scale:
            low, high = self.scale
            number = (_number(document, self.scale) - low) / (high - low)
            return {} if math.isnan(number) else said([(self.labels[0], (), number)])
        shares = dict(document.label_scores)
        return said((label, (), shares.get(label)) for label in document.labels)


def texts(document: Document) -> tuple[Span, Span]:
    """Where the two texts of a document stand.

    Raises:
        ConfigError: it lacks one.
    """
    parts = dict(document.parts)
    for one, other in PARTS:
        if one in parts and other in parts:
            return parts[one], parts[other]
    known = " or ".join(" and ".join(names) for names in PARTS)
    raise ConfigError(f"document {document.id}: its parts are {', '.join(parts) or 'none'}; expected {known}")


def _number(document: Document, scale: Sequence[float]) -> float:
    """A document's number; NaN where it has no label.

    Raises:
        ConfigError: its label is no number within the scale.
    """
    if not document.labels:
        return math.nan
    try:
        number = float(document.labels[0])
    except ValueError:
        number = math.inf
    if not scale[0] <= number <= scale[1]:
        raise ConfigError(f"document {document.id}: label {document.labels[0]!r}; expected a number in {list(scale)}")
    return number


TASK = Pairs
