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
from typing import TYPE_CHECKING

import numpy as np

from biogloss.documents import Entity, Span, entity_at, numbered
from biogloss.models.tokenizer import Pieces, Tokenizer, kept, windows
from biogloss.tasks._agreement import agreed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from biogloss.documents import Document

OUTSIDE, BEGIN, INSIDE = 0, 1, 2
UNKNOWN = -100
TAGS = 3


@dataclass(frozen=True, slots=True)
class Example:
    """One window of a document.

    ``ids`` (seq,) int32 with the special tokens; ``targets`` (seq, heads) int8 tags or UNKNOWN; ``first`` the index of
    the window's first piece among the pieces of its document.
    """

    ids: NDArray[np.int32]
    targets: NDArray[np.int8]
    first: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a corpus says about each head: all of its entities (``exhaustive``) or some of them (``positives``)."""

    exhaustive: frozenset[str]
    positives: frozenset[str] = frozenset()


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

    labels: tuple[str, ...]
    max_pieces: int = 254
    overlap: int = 32
    thresholds: Mapping[str, float] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()

    @property
    def outputs(self) -> int:
        """Width of the head: three tags a label."""
        return TAGS * len(self.labels)

    def head(self, width: int) -> nn.Module:
        """States (batch, seq, width) -> logits (batch, seq, heads * 3)."""
        from torch import nn  # noqa: PLC0415 - annotating never imports torch

        return nn.Linear(width, self.outputs)

    def examples(self, document: Document, tokenizer: Tokenizer, coverage: Coverage | None = None) -> list[Example]:
        """The document's windows with gold targets; without ``coverage`` every head is taken as exhaustive."""
        pieces = tokenizer.pieces(document.text)
        targets = self._targets(document, pieces, coverage or Coverage(frozenset(self.labels)))
        return [
            Example(tokenizer.framed(pieces.ids[start:end]), _framed_targets(targets[start:end]), start)
            for start, end in windows(len(pieces), max_pieces=self.max_pieces, overlap=self.overlap)
        ]

    def inputs(self, pieces: Pieces, tokenizer: Tokenizer) -> list[list[int]]:
        """The ids of each window, special tokens included, as the encoder takes them."""
        cuts = windows(len(pieces), max_pieces=self.max_pieces, overlap=self.overlap)
        return [tokenizer.framed(pieces.ids[start:end]).tolist() for start, end in cuts]

    def _targets(self, document: Document, pieces: Pieces, coverage: Coverage) -> NDArray[np.int8]:
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
            logits: (batch, seq, heads * 3) float.
            targets: (batch, seq, heads) int64 tags, UNKNOWN where nothing is said.
        """
        from torch.nn import functional  # noqa: PLC0415

        total = functional.cross_entropy(
            logits.reshape(-1, TAGS), targets.reshape(-1), ignore_index=UNKNOWN, reduction="sum"
        )
        stated = (targets != UNKNOWN).any(-1).sum().clamp(min=1)
        return total / stated

    def annotate(
        self, document: Document, pieces: Pieces, logits: Sequence[NDArray[np.float32]], source: str = ""
    ) -> Document:
        """Put the predicted entities in place of the document's own.

        Args:
            document: its text is what the pieces are of; its entities are left out.
            pieces: of the document's text.
            logits: one array (seq, heads * 3) a window, special tokens left out, in the order of ``examples``.
            source: what the entities are said to come from.
        """
        merged = self.merge(len(pieces), logits)
        found = [
            entity_at(document.text, span, label, score=score, source=source)
            for head, label in enumerate(self.labels)
            if label in self.chosen or not self.chosen
            for span, score in _decoded(document.text, pieces, merged[:, head], self.thresholds.get(label, 0.0))
        ]
        return document.with_entities(numbered(found))

    def merge(self, count: int, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Windows to (pieces, heads, 3) log-probabilities; where windows overlap, the one with more context counts."""
        cuts = list(windows(count, max_pieces=self.max_pieces, overlap=self.overlap))
        merged = np.zeros((count, len(self.labels), TAGS), dtype=np.float32)
        for cut, (start, end), rows in zip(cuts, kept(cuts), logits, strict=True):
            merged[start:end] = rows[start - cut[0] : end - cut[0]].reshape(-1, len(self.labels), TAGS)
        return log_softmax(merged)


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normalised: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised


def _framed_targets(targets: NDArray[np.int8]) -> NDArray[np.int8]:
    return np.pad(targets, ((1, 1), (0, 0)), constant_values=UNKNOWN)


def _write(column: NDArray[np.int8], entity: Entity, pieces: Pieces) -> None:
    first = int(np.searchsorted(pieces.ends, entity.start, side="right"))
    last = int(np.searchsorted(pieces.starts, entity.end, side="left"))
    if first < last:
        column[first:last] = INSIDE
        column[first] = BEGIN


def _decoded(text: str, pieces: Pieces, scores: NDArray[np.float32], threshold: float) -> list[tuple[Span, float]]:
    """Entities of one head from (pieces, 3) log-probabilities: the best tags in which words stay whole."""
    if not len(pieces) or (scores.argmax(axis=1) == OUTSIDE).all():
        return []  # nearly every head of nearly every text
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
