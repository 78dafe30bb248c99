"""Relations: which pairs of mentions annotated documents relate, and how.

    Metformin lowers glucose      (Metformin, glucose) -> Negative_Correlation
                                  state(Metformin), state(glucose), their product -> a logit for each label

A mention's state is the mean over its pieces. Positives are the relations of two arguments: between mentions, or
between identifiers, which count for all their mentions in the window. Negatives are other pairs of types that are
related somewhere in the corpus.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.models.tokenizer import Pieces
    from biogloss.training.annotated import Windows

NEGATIVES = 3  # at most, for each positive
Mentions = tuple[str, str]
Places = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a corpus says of relations: the ``labels`` it has, and between which ``types`` of mentions."""

    labels: frozenset[str]
    types: frozenset[tuple[str, str]]

    @classmethod
    def by(cls, documents: Iterable[Document]) -> Stated:
        """What occurs in documents."""
        labels, types = set[str](), set[tuple[str, str]]()
        for document in documents:
            kinds = {entity.id: entity.label for entity in document.entities}
            for (first, second), own in related(document).items():
                labels |= own
                types.add((kinds[first], kinds[second]))
        return cls(frozenset(labels), frozenset(types))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two mentions in a window, from and up to which piece each stands there, and how they are related."""

    first: Places
    second: Places
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a batch.

    ``mentions`` (pairs, 2, 3) int64: row, first piece, and the one behind the last, of both; ``targets`` (pairs,
    labels) float32, 1 where they are so related; ``stated`` (pairs, labels) float32, 0 where the corpus does not say.
    """

    mentions: NDArray[np.int64]
    targets: NDArray[np.float32]
    stated: NDArray[np.float32]


def related(document: Document) -> dict[Mentions, set[str]]:
    """Ids of two mentions -> the labels of the relations from the one to the other."""
    mentions = defaultdict(list)
    for entity in document.entities:
        for reference in dict.fromkeys((entity.id, *(link.id for link in entity.links))):
            mentions[reference].append(entity.id)
    found: dict[Mentions, set[str]] = defaultdict(set)
    for relation in document.relations:
        if len(relation.arguments) == 2:
            (_, one), (_, other) = relation.arguments
            for first in mentions.get(one, ()):
                for second in mentions.get(other, ()):
                    if first != second:
                        found[first, second].add(relation.label)
    return dict(found)


def places(document: Document, pieces: Pieces, window: Places) -> dict[str, Places]:
    """Mention -> its pieces in a window, counted with the special token before them; only those wholly inside it.

    Args:
        document: with its mentions.
        pieces: of its text.
        window: from and up to which of them it goes.
    """
    begin, behind = window
    found = {}
    for entity in document.entities:
        first = int(np.searchsorted(pieces.ends, entity.start, side="right"))
        last = int(np.searchsorted(pieces.starts, entity.end, side="left"))
        if begin <= first < last <= behind:
            found[entity.id] = first - begin + 1, last - begin + 1
    return found


def pairs(document: Document, where: Mapping[str, Places], stated: Stated, rng: np.random.Generator) -> list[Pair]:
    """The pairs of a window: all that are related, and some that could be.

    Args:
        document: with mentions and relations.
        where: the mentions in the window.
        stated: what the document's corpus says.
        rng: draws the negatives.
    """
    everywhere = related(document)
    positives = {ids: labels for ids, labels in everywhere.items() if ids[0] in where and ids[1] in where}
    if not positives:
        return []
    inside = [entity for entity in document.entities if entity.id in where]
    negatives = [
        (one.id, other.id)
        for one, other in permutations(inside, 2)
        if (one.label, other.label) in stated.types and not {(one.id, other.id), (other.id, one.id)} & everywhere.keys()
    ]
    drawn = rng.permutation(len(negatives))[: NEGATIVES * len(positives)]
    chosen = [*positives.items(), *((negatives[number], ()) for number in drawn)]
    return [Pair(where[first], where[second], frozenset(labels)) for (first, second), labels in chosen]


def collate(windows: Sequence[tuple[Sequence[Pair], Stated]], labels: Sequence[str]) -> Pairs:
    """The pairs of the rows of a batch, each row with what its corpus says, as arrays."""
    found = [(row, pair, stated) for row, (own, stated) in enumerate(windows) for pair in own]
    mentions = [[(row, *pair.first), (row, *pair.second)] for row, pair, _ in found]
    targets = [[label in pair.labels for label in labels] for _, pair, _ in found]
    said = [[label in stated.labels for label in labels] for *_, stated in found]
    shape = len(found), len(labels)
    return Pairs(
        np.array(mentions, dtype=np.int64).reshape(-1, 2, 3),
        np.array(targets, dtype=np.float32).reshape(shape),
        np.array(said, dtype=np.float32).reshape(shape),
    )


def head(width: int, labels: int) -> nn.Module:
    """Two mentions and their product (pairs, 3 * width) -> logits (pairs, labels)."""
    return nn.Linear(3 * width, labels)


def loss(states: Tensor, windows: Windows, own: nn.Module) -> Tensor:
    """Binary cross-entropy in nats, a scalar: the mean over pairs and the labels their corpora have; 0 without pairs.

    Args:
        states: (batch, seq, width) of the encoder.
        windows: with their pairs.
        own: the head.
    """
    found = windows.pairs
    first, second = (_means(states, torch.from_numpy(found.mentions[:, side]).to(states.device)) for side in (0, 1))
    logits = own(torch.cat([first, second, first * second], dim=-1)).float()
    targets, stated = (torch.from_numpy(array).to(states.device) for array in (found.targets, found.stated))
    total = functional.binary_cross_entropy_with_logits(logits, targets, weight=stated, reduction="sum")
    return total / stated.sum().clamp(min=1)


def _means(states: Tensor, mentions: Tensor) -> Tensor:
    """(pairs, width): the mean state of the pieces of mentions, (pairs, 3) row, first piece, one behind the last."""
    row, first, behind = mentions.unbind(1)
    until = functional.pad(states.float().cumsum(1), (0, 0, 1, 0))  # sums of what lies before each piece
    return (until[row, behind] - until[row, first]) / (behind - first)[:, None]
