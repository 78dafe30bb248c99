"""Which pairs of a document may be related, and which are.

    candidates(document, [("Chemical", "Disease")], level="concept")    [Candidate("MESH:D012642", "MESH:D007024", ...)]

A reference is what relations of that level point at: the id of a mention, or a concept's CURIE. In a document where no
mention has a concept, mentions of one type and the same words count as one, and the first of them is the reference.
Two are a pair where mentions of both stand within ``REACH``: work and memory grow with a text, not with its square.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from math import log1p
from sys import maxsize
from typing import TYPE_CHECKING

from biogloss.tasks._examples import span_pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from biogloss.documents import Document, Entity, Relation, Span
    from biogloss.models.heads import Ranges
    from biogloss.models.tokenizer import Pieces

CONCEPT, MENTION = LEVELS = ("concept", "mention")
FEATURES = 6
"""Numbers beside the states, but for those that say which types a pair has."""
REACH = 2000
"""Characters between the closest mentions of a pair at most, a long abstract: all pairs that BioRED and CDR relate."""
Types = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Argument:
    """One of two: what a relation points at, its type, and its mentions in reading order."""

    reference: str
    label: str
    mentions: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two arguments in the order of their types; of one type, and undirected, in reading order.

    ``closest``: the mentions of both with the fewest characters between them, the first such pair of the text.
    """

    first: Argument
    second: Argument
    closest: tuple[Entity, Entity]

    @property
    def types(self) -> Types:
        """Of both."""
        return self.first.label, self.second.label

    @property
    def key(self) -> tuple[str, str]:
        """The references of both."""
        return self.first.reference, self.second.reference


def evidence(document: Document, candidate: Candidate) -> tuple[Span, ...]:
    """The sentences that mention both arguments; where none does, those of the closest mentions."""
    both = shared(document, candidate)
    return tuple(sorted(both or set(map(document.evidence, candidate.closest))))


def shared(document: Document, candidate: Candidate) -> set[Span]:
    """The sentences that mention both arguments."""
    one, other = (
        {document.evidence(entity) for entity in argument.mentions} for argument in (candidate.first, candidate.second)
    )
    return one & other


def candidates(document: Document, types: Collection[Types], *, level: str, directed: bool = False) -> list[Candidate]:
    """The pairs of those types; undirected ones once, directed ones of one type both ways."""
    arguments = _arguments(document, level)
    closest: dict[tuple[int, int], tuple[Entity, Entity]] = {}
    for places, pair in _near(arguments):
        for one, other in _orders(places, arguments, types, directed=directed):
            ends = pair if one == places[0] else pair[::-1]
            if (one, other) not in closest or _rank(ends) < _rank(closest[one, other]):
                closest[one, other] = ends
    ordered = sorted(closest, key=lambda places: places if directed else sorted(places))
    found = [Candidate(arguments[one], arguments[other], closest[one, other]) for one, other in ordered]
    if level == CONCEPT:
        return found
    sentences = _sentences(document)
    return [pair for pair in found if len({_holder(entity, sentences) for entity in pair.closest}) == 1]


def _near(arguments: Sequence[Argument]) -> Iterator[tuple[tuple[int, int], tuple[Entity, Entity]]]:
    """Two arguments, by their places, and a mention of each, with at most ``REACH`` characters between these."""
    mentions = [(entity, place) for place, argument in enumerate(arguments) for entity in argument.mentions]
    mentions.sort(key=lambda mention: (mention[0].start, mention[0].end))
    for number, (entity, place) in enumerate(mentions, 1):
        for other, other_place in islice(mentions, number, None):
            if other.start > entity.end + REACH:
                break
            if place != other_place:
                yield (place, other_place), (entity, other)


def _orders(
    places: tuple[int, int], arguments: Sequence[Argument], types: Collection[Types], *, directed: bool
) -> list[tuple[int, int]]:
    """The orders in which two arguments are candidates: of directed ones both may be, of others the first that is."""
    one, other = sorted(places)
    labels = arguments[one].label, arguments[other].label
    found = [order for order, own in (((one, other), labels), ((other, one), labels[::-1])) if own in types]
    return found if directed else found[:1]


def _rank(pair: tuple[Entity, Entity]) -> tuple[int, ...]:
    one, other = pair
    return _between(one, other), one.start, one.end, other.start, other.end


def related(
    document: Document, found: Sequence[Candidate], *, level: str, directed: bool = False
) -> list[frozenset[str]]:
    """For each candidate the labels of the relations between its arguments."""
    labels: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for relation, key in stated(document, level):
        labels[key if directed else tuple(sorted(key))].add(relation.label)
    return [frozenset(labels.get(pair.key if directed else tuple(sorted(pair.key)), ())) for pair in found]


def binary(document: Document) -> Iterator[tuple[Relation, tuple[str, str]]]:
    """The relations of two arguments, with the references of both."""
    for relation in document.relations:
        if len(relation.arguments) == 2:
            (_, one), (_, other) = relation.arguments
            yield relation, (one, other)


def stated(document: Document, level: str) -> Iterator[tuple[Relation, tuple[str, str]]]:
    """The same at a level: of concepts without identifiers, every mention stands for the first of its name."""
    is_named = level == CONCEPT and not any(entity.links for entity in document.entities)
    arguments = _arguments(document, level) if is_named else []
    first = {mention.id: argument.reference for argument in arguments for mention in argument.mentions}
    for relation, (one, other) in binary(document):
        yield relation, (first.get(one, one), first.get(other, other))


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


def _sentences(document: Document) -> list[tuple[int, int]]:
    """The marked sentences, in reading order."""
    return sorted((mark.span.start, mark.span.end) for mark in document.marks if mark.kind == "sentence")


def _holder(entity: Entity, sentences: Sequence[tuple[int, int]]) -> int:
    """The place of the sentence that holds an entity's first character; -1 where none does."""
    place = bisect_right(sentences, (entity.start, maxsize)) - 1
    return place if place >= 0 and entity.start < sentences[place][1] else -1


def _between(one: Entity, other: Entity) -> int:
    return max(other.start - one.end, one.start - other.end, 0)


# --- what the head sees of a candidate


def ranges(mentions: Sequence[Entity], pieces: Pieces) -> Ranges:
    """The pieces of mentions, those of overlapping ones once."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(span_pieces(span, pieces) for entity in mentions for span in entity.spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif start < end:
            found.append((start, end))
    return tuple(found)


def stretch(candidate: Candidate, pieces: Pieces) -> Ranges:
    """From the first to the last piece of the closest mentions."""
    both = ranges(candidate.closest, pieces)
    return ((both[0][0], both[-1][1]),) if both else ()


def features(document: Document, candidate: Candidate) -> list[float]:
    """How far apart, how often mentioned, whether in the title, and which comes first; each between 0 and about 1."""
    one, other = candidate.closest
    title = next((mark.span.end for mark in document.marks if mark.kind == "title"), 0)
    return [
        log1p(_between(one, other)) / 8,
        log1p(len(candidate.first.mentions)) / 3,
        log1p(len(candidate.second.mentions)) / 3,
        float(candidate.first.mentions[0].start < title),
        float(candidate.second.mentions[0].start < title),
        float(one.start < other.start),
    ]
