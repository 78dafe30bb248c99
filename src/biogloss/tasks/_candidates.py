"""Which pairs of a document may be related, and which are.

    candidates(document, [("Chemical", "Disease")], level="concept")    [Candidate("MESH:D012642", "MESH:D007024", ...)]

A reference is what relations of that level point at: the id of a mention, or a concept's CURIE. In a document where no
mention has a concept, mentions of one type and the same words count as one, and the first of them is the reference.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, permutations, product
from math import log1p
from typing import TYPE_CHECKING

import numpy as np

from biogloss.tasks._examples import span_pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from biogloss.documents import Document, Entity, Relation, Span
    from biogloss.models.heads import Ranges
    from biogloss.models.tokenizer import Pieces

CONCEPT, MENTION = LEVELS = ("concept", "mention")
FEATURES = 6
"""Numbers beside the states, but for those that say which types a pair has."""
Types = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Argument:
    """One of two: what a relation points at, its type, and its mentions in reading order."""

    reference: str
    label: str
    mentions: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two arguments in the order of their types; of one type, and undirected, in reading order."""

    first: Argument
    second: Argument

    @property
    def types(self) -> Types:
        """Of both."""
        return self.first.label, self.second.label

    @property
    def key(self) -> tuple[str, str]:
        """The references of both."""
        return self.first.reference, self.second.reference

    def closest(self) -> tuple[Entity, Entity]:
        """The mentions of both with the fewest characters between them, the first such pair of the text."""
        return min(product(self.first.mentions, self.second.mentions), key=lambda pair: _between(*pair))


def evidence(document: Document, candidate: Candidate) -> tuple[Span, ...]:
    """The sentences that mention both arguments; where none does, those of the closest mentions."""
    one, other = (
        {document.evidence(entity) for entity in argument.mentions} for argument in (candidate.first, candidate.second)
    )
    return tuple(sorted((one & other) or set(map(document.evidence, candidate.closest()))))


def candidates(document: Document, types: Collection[Types], *, level: str, directed: bool = False) -> list[Candidate]:
    """The pairs of those types; undirected ones once, directed ones of one type both ways."""
    arguments = _arguments(document, level)
    found = [
        Candidate(one, other)
        for one, other in (permutations(arguments, 2) if directed else _once(arguments, types))
        if (one.label, other.label) in types
    ]
    if level == CONCEPT:
        return found
    sentence = {entity.id: _sentence(document, entity) for entity in document.entities}
    return [pair for pair in found if sentence[pair.first.reference] == sentence[pair.second.reference]]


def _once(arguments: Sequence[Argument], types: Collection[Types]) -> Iterator[tuple[Argument, Argument]]:
    """Each pair in the order that ``types`` has it."""
    for one, other in combinations(arguments, 2):
        yield (one, other) if (one.label, other.label) in types else (other, one)


def related(document: Document, found: Sequence[Candidate], *, directed: bool = False) -> list[frozenset[str]]:
    """For each candidate the labels of the relations between its arguments."""
    labels: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for relation, key in binary(document):
        labels[key if directed else tuple(sorted(key))].add(relation.label)
    return [frozenset(labels.get(pair.key if directed else tuple(sorted(pair.key)), ())) for pair in found]


def binary(document: Document) -> Iterator[tuple[Relation, tuple[str, str]]]:
    """The relations of two arguments, with the references of both."""
    for relation in document.relations:
        if len(relation.arguments) == 2:
            (_, one), (_, other) = relation.arguments
            yield relation, (one, other)


def argument_types(document: Document, level: str) -> dict[str, str]:
    """Reference -> type."""
    return {argument.reference: argument.label for argument in _arguments(document, level)}


def _arguments(document: Document, level: str) -> list[Argument]:
    """What relations may point at, in reading order of the first mentions."""
    ordered = sorted(document.entities, key=lambda entity: (entity.start, entity.end))
    if level == MENTION:
        return [Argument(entity.id, entity.label, (entity,)) for entity in ordered]
    has_concepts = any(entity.links for entity in ordered)
    mentions: dict[str, list[Entity]] = defaultdict(list)
    names: dict[tuple[str, str], str] = {}
    for entity in ordered:
        if has_concepts:
            references = [link.id for link in entity.links]
        else:
            references = [names.setdefault((entity.label, entity.text.casefold()), entity.id)]
        for reference in dict.fromkeys(references):
            mentions[reference].append(entity)
    return [Argument(reference, own[0].label, tuple(own)) for reference, own in mentions.items()]


def _sentence(document: Document, entity: Entity) -> int:
    """The place of the marked sentence that holds an entity's first character; -1 where none does."""
    return next(
        (
            place
            for place, mark in enumerate(document.marks)
            if mark.kind == "sentence" and mark.span.start <= entity.start < mark.span.end
        ),
        -1,
    )


def _between(one: Entity, other: Entity) -> int:
    return max(other.start - one.end, one.start - other.end, 0)


# --- what the head sees of a candidate


def ranges(mentions: Sequence[Entity], pieces: Pieces) -> Ranges:
    """The pieces of mentions, those of overlapping ones once."""
    taken = np.zeros(len(pieces) + 1, dtype=bool)
    for entity in mentions:
        for span in entity.spans:
            taken[slice(*span_pieces(span, pieces))] = True
    edges = np.flatnonzero(np.diff(taken.astype(np.int8), prepend=0))
    return tuple((int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True))


def stretch(candidate: Candidate, pieces: Pieces) -> Ranges:
    """From the first to the last piece of the closest mentions."""
    both = ranges(candidate.closest(), pieces)
    return ((both[0][0], both[-1][1]),) if both else ()


def features(document: Document, candidate: Candidate) -> list[float]:
    """How far apart, how often mentioned, whether in the title, and which comes first; each between 0 and about 1."""
    one, other = candidate.closest()
    title = next((mark.span.end for mark in document.marks if mark.kind == "title"), 0)
    return [
        log1p(_between(one, other)) / 8,
        log1p(len(candidate.first.mentions)) / 3,
        log1p(len(candidate.second.mentions)) / 3,
        float(candidate.first.mentions[0].start < title),
        float(candidate.second.mentions[0].start < title),
        float(one.start < other.start),
    ]
