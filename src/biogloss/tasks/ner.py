"""Named entities: one BIO head per type over shared states, so types may overlap and corpora may label only some.

    "Gout hurts"   pieces  go ##ut hurts
                   Disease B  I    O
                   Gene    -  -    -      (-: this corpus does not say; no loss there)

Losses of the head, by declaration: entities of the same type that touch a common piece (nesting), the gaps of
discontinuous entities (their whole extent is the target), and entities that begin or end inside a word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from biogloss.documents import Entity, Span, entity_at, numbered
from biogloss.evaluation.agreement import Said, said
from biogloss.tasks import _classes
from biogloss.tasks._agreement import agreed
from biogloss.tasks._examples import UNKNOWN, Coverage, Example, plain, span_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from biogloss.documents import Document
    from biogloss.models.tokenizer import Pieces, Tokenizer

OUTSIDE, BEGIN, INSIDE = 0, 1, 2
TAGS = 3


@dataclass(frozen=True)
class Ner:
    """The task: its labels (one head each), window size and per-type thresholds.

    Args:
        labels: entity types, one BIO head each, in the order of the model's outputs.
        max_pieces: longest window, without its two special tokens.
        overlap: pieces that neighbouring windows share at least.
        thresholds: the least score in [0, 1] of an entity of a type; 0 where not given.
        chosen: the labels that are annotated; empty means all.
    """

    OPTIONS: ClassVar = frozenset({"labels", "thresholds"})

    labels: tuple[str, ...]
    max_pieces: int = 254
    overlap: int = 32
    thresholds: Mapping[str, float] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()

    @classmethod
    def fitted(cls, documents: Sequence[Document], **options: Any) -> Self:  # noqa: ANN401, ARG003 - one signature
        """The task; its labels are named, for a corpus may be silent about some."""
        return cls(**options)

    @property
    def outputs(self) -> int:
        """Width of the head: three tags a label."""
        return TAGS * len(self.labels)

    def head(self, width: int) -> nn.Module:
        """States (pieces, width) -> logits (pieces, heads * 3)."""
        from biogloss.models._torch_heads import PieceHead  # noqa: PLC0415 - annotating never imports torch

        return PieceHead(width, self.outputs)

    def examples(
        self, document: Document, pieces: Pieces, tokenizer: Tokenizer, coverage: Coverage | None = None
    ) -> list[Example]:
        """The document with gold targets (pieces, heads); without ``coverage`` every head is taken as exhaustive.

        None for a text without pieces.
        """
        if not len(pieces):
            return []
        targets = self.targets(document, pieces, coverage or Coverage(frozenset(self.labels)))
        return [Example(plain(pieces, tokenizer, max_pieces=self.max_pieces, overlap=self.overlap), targets)]

    def targets(self, document: Document, pieces: Pieces, coverage: Coverage) -> NDArray[np.int8]:
        """The tags that a corpus states, (pieces, heads), UNKNOWN where it states none."""
        targets = np.full((len(pieces), len(self.labels)), UNKNOWN, dtype=np.int8)
        for head, label in enumerate(self.labels):
            if label in coverage.exhaustive:
                targets[:, head] = OUTSIDE
        known = coverage.exhaustive | coverage.positives
        # Longer entities last: where two of one type share a piece, the outer one stays.
        for entity in sorted(document.entities, key=lambda entity: entity.end - entity.start):
            if entity.label in known and entity.label in self.labels:
                _write(targets[:, self.labels.index(entity.label)], entity, pieces)
        return targets

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy over the tags that the corpus states, a scalar: each head's sum over the batch's pieces.

        Args:
            logits: (pieces, heads * 3) float.
            targets: (pieces, heads) int64 tags, UNKNOWN where nothing is said.
        """
        from torch.nn import functional  # noqa: PLC0415

        total = functional.cross_entropy(
            logits.reshape(-1, TAGS), targets.reshape(-1), ignore_index=UNKNOWN, reduction="sum"
        )
        stated = (targets != UNKNOWN).any(-1).sum().clamp(min=1)
        return total / stated

    def divergence(self, one: Tensor, other: Tensor) -> Tensor:
        """That of each head's tags, see ``tasks._classes``, summed over the heads as their losses are; a scalar."""
        tags = (logits.reshape(-1, TAGS) for logits in (one, other))
        return len(self.labels) * _classes.divergence(*tags, several=False)

    def annotate(
        self, document: Document, pieces: Pieces, found: Sequence[tuple[Example, NDArray[np.float32]]], source: str = ""
    ) -> Document:
        """Put the predicted entities in place of the document's own.

        Args:
            document: its text is what the pieces are of; its entities are left out.
            pieces: of the document's text.
            found: its one example with logits (pieces, heads * 3); none for a text without pieces.
            source: what the entities are said to come from.
        """
        if not found:
            return document.with_entities(())
        ((_, logits),) = found
        scores = log_softmax(logits.reshape(-1, len(self.labels), TAGS))
        speaks = (scores.argmax(axis=-1) != OUTSIDE).any(axis=0).tolist()  # few heads do, of most texts
        entities = [
            entity_at(document.text, span, label, score=score, source=source)
            for head, label in enumerate(self.labels)
            if speaks[head] and (label in self.chosen or not self.chosen)
            for span, score in _decoded(document.text, pieces, scores[:, head], self.thresholds.get(label, 0.0))
        ]
        return document.with_entities(numbered(entities))

    def mean(self, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """That of the tags of each head, see ``tasks._classes``, before they are decoded."""
        tags = [own.reshape(-1, TAGS) for own in logits]
        return _classes.mean(tags, several=False).reshape(logits[0].shape)

    def said(self, document: Document) -> Said:
        """Label -> spans of a mention -> score."""
        return said((entity.label, entity.spans, entity.score) for entity in document.entities)


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normalised: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised


def _write(column: NDArray[np.int8], entity: Entity, pieces: Pieces) -> None:
    first, last = span_pieces(Span(entity.start, entity.end), pieces)
    if first < last:
        column[first:last] = INSIDE
        column[first] = BEGIN


def _decoded(text: str, pieces: Pieces, scores: NDArray[np.float32], threshold: float) -> list[tuple[Span, float]]:
    """Entities of one head from (pieces, 3) log-probabilities: the best tags in which words stay whole."""
    tags = _piece_tags(scores, np.flatnonzero(~pieces.continues))
    probabilities = np.exp(scores)
    of_tags = np.take_along_axis(probabilities, tags[:, None], axis=1)[:, 0].tolist()
    found = []
    for start, end in _runs(tags):
        first, last = int(pieces.starts[start]), int(pieces.ends[end - 1])
        # Byte-level and sentence-piece vocabularies have pieces for spaces, of no width in the text.
        if first < last:
            found.append((Span(first, last), sum(of_tags[start:end]) / (end - start)))
    rounded = [(span, round(score, 3)) for span, score in agreed(text, pieces, probabilities[:, BEGIN:], found)]
    return [(span, score) for span, score in rounded if score >= threshold]


def _piece_tags(scores: NDArray[np.float32], words: NDArray[np.intp]) -> NDArray[np.int8]:
    """The best legal tag of each piece where every word lies wholly inside or outside of an entity.

    A word that begins an entity is BEGIN on its first piece and INSIDE on the rest, so its score is a sum over pieces.

    Args:
        scores: (pieces, 3) log-probabilities, at least one piece.
        words: index of the first piece of each word.
    """
    of_words = np.add.reduceat(scores, words, axis=0)
    of_words[:, BEGIN] = of_words[:, INSIDE] - scores[words, INSIDE] + scores[words, BEGIN]
    chosen = best_tags(of_words)
    tags = np.repeat(np.where(chosen == OUTSIDE, OUTSIDE, INSIDE), np.diff(np.append(words, len(scores))))
    tags[words] = chosen
    return tags.astype(np.int8)


def best_tags(scores: NDArray[np.float32]) -> NDArray[np.int8]:
    """Viterbi over (words, 3) log-probabilities with one constraint: INSIDE follows BEGIN or INSIDE only."""
    greedy: NDArray[np.int8] = scores.argmax(axis=1).astype(np.int8)
    follows = np.concatenate(([OUTSIDE], greedy[:-1])) if len(greedy) else greedy
    if not ((greedy == INSIDE) & (follows == OUTSIDE)).any():
        return greedy  # the best tag of each piece breaks no rule, so no other sequence can be better
    return _viterbi(scores)


def _viterbi(scores: NDArray[np.float32]) -> NDArray[np.int8]:
    (outside, begin, _), *rest = scores.tolist()
    inside = -math.inf
    back = []
    for o, b, i in rest:
        entity, entity_tag = (begin, BEGIN) if begin >= inside else (inside, INSIDE)
        free, free_tag = (outside, OUTSIDE) if outside >= entity else (entity, entity_tag)
        back.append((free_tag, free_tag, entity_tag))
        outside, begin, inside = free + o, free + b, entity + i
    last = (outside, begin, inside)
    tags = [max(range(TAGS), key=last.__getitem__)]
    for before in reversed(back):
        tags.append(before[tags[-1]])
    return np.array(tags[::-1], dtype=np.int8)


def _runs(tags: NDArray[np.int8]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of the entities in legal tags."""
    follows = np.append(tags[1:], OUTSIDE)
    starts = np.flatnonzero(tags == BEGIN)
    ends = np.flatnonzero((tags != OUTSIDE) & (follows != INSIDE)) + 1
    return zip(starts.tolist(), ends.tolist(), strict=True)


TASK = Ner
