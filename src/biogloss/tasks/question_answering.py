"""Answers that stand in a text: one, several, or none.

    question "Which drug lowers glucose?"   context "Metformin lowers glucose."   ->  Metformin 0.94

Question and context are two parts of a document, an answer is an entity of the type ``Answer`` in the context. The
pieces of the context are tagged as those of entities are, with the question in view, so that lists and questions
without an answer need nothing of their own (Yoon et al. 2022, arXiv 2104.07535). The probability of an answer is that
of its tags: that its first piece begins one, the others go on with it, and the piece behind it does not.

Losses, by declaration: those of ``tasks.ner``, and answers outside the context.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from biogloss.documents import Span, entity_at, numbered
from biogloss.documents.kinds import ANSWER
from biogloss.errors import ConfigError
from biogloss.tasks import ner
from biogloss.tasks._examples import UNKNOWN, Coverage, Example, joined, of_two, span_pieces
from biogloss.tasks.pairs import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from biogloss.documents import Document
    from biogloss.evaluation.agreement import Said
    from biogloss.models.tokenizer import Pieces, Tokenizer

LONGEST = 40  # pieces of an answer


MOST = 100
"""Answers of a question that may have several."""


@dataclass(frozen=True, kw_only=True)
class QuestionAnswering:
    """The task.

    Args:
        labels: ``Answer`` alone.
        several: whether a question may have several answers; they do not overlap then.
        most: answers that are given at most; without ``several`` they are the best guesses at one.
        threshold: of several: the least probability in [0, 1] of an answer.
        max_pieces: longest window, without its special tokens.
        overlap: pieces that neighbouring windows of the context share at least.
    """

    OPTIONS: ClassVar = frozenset({"several"})

    labels: tuple[str, ...] = (ANSWER,)
    several: bool = False
    most: int = 1
    threshold: float = 0.3
    max_pieces: int = 382
    overlap: int = 64

    @classmethod
    def fitted(cls, documents: Sequence[Document], **options: Any) -> Self:  # noqa: ANN401 - fields of the task
        """The task; documents that lack a part are refused.

        Raises:
            ConfigError: a document has no question or no context, or what is marked is called otherwise than answers.
        """
        for document in documents:
            texts(document)
        labels = {entity.label for document in documents for entity in document.entities}
        if labels and ANSWER not in labels:
            raise ConfigError(
                f"no document has an entity {ANSWER}; training documents have: {', '.join(sorted(labels))}. An answer "
                f"is an entity of the type {ANSWER} in the context"
            )
        return cls(**{"most": MOST if options.get("several") else 1, **options})

    @property
    def outputs(self) -> int:
        """Width of the head: the three tags."""
        return self._tagging.outputs

    def head(self, width: int) -> nn.Module:
        """States (pieces, width) -> logits (pieces, 3)."""
        return self._tagging.head(width)

    @property
    def _tagging(self) -> ner.Ner:
        return ner.Ner(self.labels)

    def examples(
        self,
        document: Document,
        pieces: Pieces,
        tokenizer: Tokenizer,
        coverage: Coverage | None = None,  # noqa: ARG002 - one signature
    ) -> list[Example]:
        """The question beside its context."""
        question, context = (span_pieces(span, pieces) for span in texts(document))
        both, count = joined(pieces, question, context), question[1] - question[0]
        targets = self._tagging.targets(document, both, Coverage(frozenset(self.labels)))
        targets[:count] = UNKNOWN
        return [Example(of_two(both, count, tokenizer, max_pieces=self.max_pieces, overlap=self.overlap), targets)]

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy over the context's pieces; see ``tasks.ner``."""
        return self._tagging.loss(logits, targets)

    def divergence(self, one: Tensor, other: Tensor) -> Tensor:
        """See ``tasks.ner``."""
        return self._tagging.divergence(one, other)

    def annotate(
        self, document: Document, pieces: Pieces, found: Sequence[tuple[Example, NDArray[np.float32]]], source: str = ""
    ) -> Document:
        """The document with the predicted answers in place of its entities, best first among equal places."""
        question, context = (span_pieces(span, pieces) for span in texts(document))
        ((_, logits),) = found
        probabilities = np.exp(ner.log_softmax(logits[question[1] - question[0] :]))
        spans = _spans(probabilities, pieces, context)
        chosen = self._chosen(spans, nothing=float(np.prod(1 - probabilities[:, ner.BEGIN])))
        answers = [
            entity_at(document.text, span, ANSWER, score=round(share, 3), source=source) for share, span in chosen
        ]
        return document.with_entities(numbered(answers))

    def _chosen(self, spans: Sequence[tuple[float, Span]], nothing: float) -> list[tuple[float, Span]]:
        """The answers that are given of all spans, best first, when there is none with the probability ``nothing``."""
        if not self.several:
            return [] if not spans or spans[0][0] < nothing else list(spans[: self.most])
        kept: list[tuple[float, Span]] = []
        for share, span in spans:
            if share >= self.threshold and len(kept) < self.most and not any(span.overlaps(one) for _, one in kept):
                kept.append((share, span))
        return kept

    def mean(self, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """See ``tasks.ner``."""
        return self._tagging.mean(logits)

    def said(self, document: Document) -> Said:
        """``Answer`` -> spans of an answer -> probability."""
        return self._tagging.said(document)


def _spans(probabilities: NDArray[np.float32], pieces: Pieces, context: tuple[int, int]) -> list[tuple[float, Span]]:
    """Spans of whole words with the probabilities of their tags, the most likely ones first.

    Args:
        probabilities: (pieces of the context, 3).
        pieces: of the document.
        context: which of them are the context.
    """
    first, last = context
    count = last - first
    goes_on = np.concatenate([[0.0], np.cumsum(np.log(np.maximum(probabilities[:, ner.INSIDE], 1e-12)))])
    ends = np.append(1 - probabilities[1:, ner.INSIDE], 1.0)[:count]
    is_end = np.append(~pieces.continues[first + 1 : last], True)[:count]
    begins = [place for place in range(count) if not pieces.continues[first + place] or not place]
    found = [
        (float(probabilities[start, ner.BEGIN] * np.exp(goes_on[end] - goes_on[start + 1]) * ends[end - 1]), start, end)
        for start in _likely(begins, probabilities)
        for end in range(start + 1, min(start + LONGEST, count) + 1)
        if is_end[end - 1]
    ]
    return [
        (share, Span(int(pieces.starts[first + start]), int(pieces.ends[first + end - 1])))
        for share, start, end in sorted(found, key=lambda one: (-one[0], one[1], one[2]))
    ]


def _likely(begins: Iterable[int], probabilities: NDArray[np.float32]) -> list[int]:
    """The places where an answer most likely begins; the rest is nowhere near the best guesses."""
    return sorted(begins, key=lambda place: -float(probabilities[place, ner.BEGIN]))[:LONGEST]


TASK = QuestionAnswering
