"""From an annotated document to the statements it makes, each with its sentence.

    record(document, Reading(), report)
    Record("227508", "5f2c...", (Statement(alpha-methyldopa, biolink:causes, hypotension, Evidence("cdr", ...)), ...))

A relation between mentions has their sentence for evidence. One between concepts has every sentence that mentions both,
the two mentions that are nearest to each other marked; or, where no sentence does, the two sentences of the nearest
mentions. Of concepts that no relation joins, a document may say which stand together in a sentence.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from biogloss.documents import Document, Entity, Span
from biogloss.documents.jsonl import to_line
from biogloss.documents.kinds import SECTION, SECTIONS
from biogloss.documents.sentences import spans as sentences_of
from biogloss.knowledge.graph import biolink
from biogloss.knowledge.graph._concepts import Concepts
from biogloss.knowledge.graph.statement import (
    ASSERTED,
    CO_MENTION,
    READING,
    Evidence,
    Node,
    Record,
    Sentence,
    Statement,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from biogloss.documents import Relation

READERS = 2
"""Raised when the same document is read in another way, so that a graph does not take it for known."""
MAX_TOGETHER = 30
"""Concepts in one sentence: beyond, it is a list, and its pairs say nothing."""
_SHOWN = SECTIONS | {"title", "abstract", "caption", "table", "figure"}
_SAID = (
    ("negation", frozenset({"negated"}), "negated"),
    ("certainty", frozenset({"possible"}), "possible"),
    ("condition", frozenset({"hypothetical", "conditional"}), "hypothetical"),
    ("experiencer", frozenset({"family", "other"}), "other person"),
    ("temporality", frozenset({"historical"}), "historical"),
)
"""What is asserted of a mention, the weightiest first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How documents are read.

    Args:
        source: who says what relations say that do not name their maker.
        co_mentions: whether concepts that no relation joins, and that stand together in a sentence, are a statement.
        unlinked: whether mentions without identifier are nodes under their normalised names; else they are left out.
        index: what names the nodes, beside the mentions; it is part of the digest.
    """

    source: str = "documents"
    co_mentions: bool = True
    unlinked: bool = False
    index: str = ""


@dataclass(frozen=True, slots=True)
class _Mention:
    """A mention as one concept, and the number of its sentence."""

    entity: Entity
    node: Node
    sentence: int


def digest(document: Document, reading: Reading) -> str:
    """The checksum of a document with its annotations, and of how it is read."""
    return hashlib.sha256(f"{READERS} {reading!r}\n{to_line(document)}".encode()).hexdigest()


def record(
    document: Document,
    reading: Reading,
    report: Counter[str],
    *,
    digest_of: str = "",
    name: Callable[[str], str] | None = None,
) -> Record:
    """What a document says, read now; what is left out is counted in ``report``.

    Args:
        document: annotated; its relations may be between mentions or concepts.
        reading: how.
        report: counts, in words.
        digest_of: its digest, where it is known already.
        name: the preferred name of a concept, or nothing.
    """
    found: tuple[Statement, ...] = ()
    if document.citation is not None and document.citation.retracted:
        report["retracted document left out"] += 1
    else:
        found = tuple(_Reader(document, reading, report).statements())
    ids = {node.id: node for one in found for node in (one.subject, one.object)}
    preferred = [node._replace(name=text, rank=2) for node in ids.values() if name and (text := name(node.id))]
    return Record(
        document.id, digest_of or digest(document, reading), found, names=tuple(preferred), year=_year(document)
    )


class _Reader:
    """One document: its sentences, its mentions by what relations call them, and what is said of them."""

    def __init__(self, document: Document, reading: Reading, report: Counter[str]) -> None:
        self._document, self._reading, self._report = document, reading, report
        self._sentences = sentences_of(document)
        self._starts = [span.start for span in self._sentences]
        self._year = _year(document)
        self._mentions = list(self._all_mentions(Concepts(report, unlinked=reading.unlinked)))
        self._by_reference: defaultdict[str, list[_Mention]] = defaultdict(list)
        for reference, mention in self._mentions:
            self._by_reference[reference].append(mention)

    def statements(self) -> Iterator[Statement]:
        """What the relations say, and which other concepts stand together."""
        related = [statement for relation in self._document.relations for statement in self._related(relation)]
        yield from related
        if self._reading.co_mentions:
            yield from self._together({frozenset((one.subject.id, one.object.id)) for one in related})

    def _all_mentions(self, concepts: Concepts) -> Iterator[tuple[str, _Mention]]:
        """(what relations call it, mention): its own id, and each identifier as it is written."""
        for entity in self._document.entities:
            sentence = max(0, bisect_right(self._starts, entity.start) - 1)
            nodes = concepts.of(entity)
            for place, (reference, node) in enumerate(nodes):
                mention = _Mention(entity, node, sentence)
                if not place:
                    yield entity.id, mention
                if reference:
                    yield reference, mention

    def _related(self, relation: Relation) -> Iterator[Statement]:
        ends = [self._by_reference.get(reference, []) for _, reference in relation.arguments]
        if len(ends) < 2 or not all(ends):
            self._report["relation with an argument that no mention with an identifier has left out"] += 1
            return
        predicate = biolink.predicate(relation.label)
        if predicate == biolink.RELATED:
            self._report[f"relation {relation.label[:40]!r} is biolink:related_to"] += 1
        for ones, others in combinations(ends, 2):
            if ones[0].node.id == others[0].node.id:
                self._report["relation of a concept with itself left out"] += 1
                continue
            source = relation.source or self._reading.source
            for one, other in self._places(ones, others, relation.evidence):
                yield self._statement(
                    one, predicate, other, Evidence(source, score=relation.score, label=relation.label)
                )

    def _places(
        self, ones: Sequence[_Mention], others: Sequence[_Mention], told: Sequence[Span]
    ) -> Iterator[tuple[_Mention, _Mention]]:
        """The nearest two mentions of each sentence that has both, or else the nearest of all.

        Where the relation tells its evidence, only sentences in it count, if there are any.
        """
        pairs = defaultdict(list)
        for one, other in product(ones, others):
            pairs[one.sentence if one.sentence == other.sentence else -1].append((one, other))
        apart = pairs.pop(-1, [])
        inside = [at for at in pairs if any(span.overlaps(self._sentences[at]) for span in told)]
        for at in inside or sorted(pairs):
            yield min(pairs[at], key=_distance)
        if not pairs:
            yield min(apart, key=_distance)

    def _together(self, related: Collection[frozenset[str]]) -> Iterator[Statement]:
        inside: defaultdict[int, defaultdict[str, list[_Mention]]] = defaultdict(lambda: defaultdict(list))
        for reference, mention in self._mentions:
            if reference == mention.entity.id:
                inside[mention.sentence][mention.node.id].append(mention)
        for concepts in inside.values():
            if len(concepts) > MAX_TOGETHER:
                self._report[f"sentence with more than {MAX_TOGETHER} concepts left out"] += 1
                continue
            for one, other in combinations(sorted(concepts), 2):
                if {one, other} in related:
                    continue
                nearest = min(product(concepts[one], concepts[other]), key=_distance)
                yield self._statement(nearest[0], biolink.TOGETHER, nearest[1], Evidence(CO_MENTION, CO_MENTION))

    def _statement(self, one: _Mention, predicate: str, other: _Mention, said: Evidence) -> Statement:
        first, _ = biolink.oriented(predicate, one.node, other.node)
        subject, object_ = (one, other) if first is one.node else (other, one)
        sentences = self._evidence(subject, object_)
        evidence = Evidence(
            said.source,
            said.kind,
            sentences=sentences,
            subject=subject.entity.spans,
            object=object_.entity.spans,
            score=said.score,
            assertion=_asserted(subject.entity, object_.entity),
            section=self._section(sentences[0].start),
            year=self._year,
            label=said.label,
        )
        return Statement(subject.node, predicate, object_.node, evidence)

    def _evidence(self, one: _Mention, other: _Mention) -> tuple[Sentence, ...]:
        if one.sentence == other.sentence:
            return (self._sentence(one.sentence, one.entity, other.entity),)
        return tuple(sorted(self._sentence(mention.sentence, mention.entity) for mention in (one, other)))

    def _sentence(self, number: int, *entities: Entity) -> Sentence:
        """A sentence, made longer where a mention reaches over its end."""
        spans = [*self._sentences[number : number + 1], *(Span(entity.start, entity.end) for entity in entities)]
        start, end = min(span.start for span in spans), max(span.end for span in spans)
        return Sentence(start, self._document.text[start:end])

    def _section(self, at: int) -> str:
        """What the innermost part of the document is about, or is called."""
        around = [
            mark for mark in self._document.marks if mark.kind in _SHOWN and mark.span.start <= at < mark.span.end
        ]
        if not around:
            return ""
        inner = min(around, key=lambda mark: len(mark.span))
        return inner.label.lower() if inner.kind == SECTION and inner.label else inner.kind


def _distance(pair: tuple[_Mention, _Mention]) -> tuple[int, int, int, bool]:
    """Characters between two mentions, then what stands first; two mentions before one that is both."""
    one, other = (mention.entity for mention in pair)
    return max(other.start - one.end, one.start - other.end), one.start, other.start, one.id == other.id


def _asserted(*entities: Entity) -> str:
    said = {pair for entity in entities for pair in entity.attributes}
    return next((status for name, values, status in _SAID if any((name, value) in said for value in values)), ASSERTED)


def _year(document: Document) -> int | None:
    dates = dict(document.citation.dates) if document.citation else {}
    written = dates.get("published", "") or next(iter(dates.values()), "")
    return int(written[:4]) if written[:4].isdigit() and len(written) >= 4 else None


__all__ = ["READING", "Reading", "digest", "record"]
