"""Asking a graph: concepts by name, neighbours, evidence, what is most connected, newest, or talked of over the years.

    with Graph.open(Path("my.graph")) as graph:
        (drug,) = graph.find("metformin")
        for edge in graph.neighbours(drug.id, Filter(predicates=("biolink:treats",), least=0.5)):
            print(edge.object.name, edge.belief, graph.evidence(edge)[0].sentences)

Reading sees what is committed, also while another process writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from biogloss.documents import Span
from biogloss.errors import ConfigError
from biogloss.knowledge._opened import Opened
from biogloss.knowledge.graph import _schema
from biogloss.knowledge.graph.filters import EVERYTHING, Filter
from biogloss.knowledge.graph.statement import ASSERTIONS, LAYER, Evidence, Sentence
from biogloss.knowledge.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NODE = "{0}.number, {0}.id, {0}.name, {0}_category.name, {0}.degree"
_EDGE = (
    "e.number, p.name, e.belief, e.pieces, e.first_year, e.last_year, "
    + ", ".join(_NODE.format(end) for end in ("s", "o"))
)  # fmt: skip
_ENDS = (
    " JOIN predicates p ON p.number = e.predicate"
    " JOIN nodes s ON s.number = e.subject JOIN categories s_category ON s_category.number = s.category"
    " JOIN nodes o ON o.number = e.object JOIN categories o_category ON o_category.number = o.category"
)
_CONCEPTS = (
    f"SELECT {_NODE.format('s')} FROM nodes s"  # own words # nosec B608
    " JOIN categories s_category ON s_category.number = s.category"
)
_EVIDENCE = (
    "SELECT sources.name, sources.kind, documents.id, v.subject, v.object, v.score, v.assertion, v.section, v.year,"
    " v.reference, v.label, one.start, one.text, two.start, two.text FROM evidence v"
    " JOIN sources ON sources.number = v.source JOIN documents ON documents.number = v.document"
    " LEFT JOIN sentences one ON one.number = v.sentence LEFT JOIN sentences two ON two.number = v.other_sentence"
)


class Concept(NamedTuple):
    """A node of the graph; ``degree`` is how many other concepts it has statements with."""

    number: int
    id: str
    name: str
    category: str
    degree: int


class Edge(NamedTuple):
    """A statement with its belief in [0, 1], how many pieces of evidence it has, and of which years."""

    number: int
    subject: Concept
    predicate: str
    object: Concept
    belief: float
    pieces: int
    first_year: int | None
    last_year: int | None

    def other(self, number: int) -> Concept:
        """The end that is not the node of that number."""
        return self.object if self.subject.number == number else self.subject


class Counts(NamedTuple):
    """The size of a graph."""

    nodes: int
    edges: int
    evidence: int
    documents: int
    layers: int


class Layer(NamedTuple):
    """A curated layer of a graph."""

    name: str
    title: str
    version: str
    licence: str
    url: str
    evidence: int


class Year(NamedTuple):
    """What the documents of one year say about two concepts: for, and against."""

    year: int
    documents: int
    negated: int


class Graph(Opened):
    """An opened graph, which reads only.

    Raises:
        KnowledgeError: no graph, one of another version, or a damaged one.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._connection = _schema.reading(self.path)

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """The graph in a file."""
        return cls(path)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query over the tables of :mod:`biogloss.knowledge.graph._schema`.

        Raises:
            KnowledgeError: the file is damaged.
        """
        with _schema.damage_named(self.path):
            return self._connection.execute(query, values).fetchall()

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The same one after another, for what may not fit into memory."""
        with _schema.damage_named(self.path):
            yield from self._connection.execute(query, values)

    def counts(self) -> Counts:
        """Its size."""
        tables = (
            "nodes",
            "edges",
            "evidence",
            f"documents WHERE kind != '{LAYER}'",
            f"documents WHERE kind = '{LAYER}'",
        )
        return Counts(*(self.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables))  # own words # nosec B608

    def layers(self) -> list[Layer]:
        """The curated layers in it."""
        return [
            Layer(*row)
            for row in self.rows(
                "SELECT id, title, version, licence, url, (SELECT count(*) FROM evidence WHERE document = d.number)"
                " FROM documents d WHERE kind = ? ORDER BY number",
                (LAYER,),
            )
        ]

    def find(self, words: str, limit: int = 10) -> list[Concept]:
        """The concepts of an identifier, of a name, or else of names that begin so; the most connected first."""
        order = "ORDER BY s.degree DESC, s.id LIMIT ?"
        folded = fold(words)
        named = f"{_CONCEPTS} WHERE s.number IN (SELECT node FROM names WHERE folded"  # own words # nosec B608
        tries = (
            (f"{_CONCEPTS} WHERE s.id = ? {order}", (words.strip(), limit)),
            (f"{named} = ?) {order}", (folded, limit)),
            (f"{named} >= ? AND folded < ?) {order}", (folded, folded + "\U0010ffff", limit)),
        )
        return next((found for query, values in tries if folded and (found := self._concepts(query, values))), [])

    def concept(self, words: str) -> Concept:
        """The one concept that is meant: of that identifier, or the most connected of that name.

        Raises:
            ConfigError: there is none; the message names what begins so.
        """
        found = self.find(words, 5)
        if found and (found[0].id == words.strip() or self._is_named(found[0], words)):
            return found[0]
        begin = "; names that begin so: " + ", ".join(f"{one.name} ({one.id})" for one in found) if found else ""
        msg = f"the graph has no concept {words[:60]!r}{begin}"
        raise ConfigError(msg)

    def neighbours(self, identifier: str, wanted: Filter = EVERYTHING, limit: int | None = None) -> list[Edge]:
        """The statements about a concept, the most believed first."""
        number = self.concept(identifier).number
        joins, clause, values = wanted.links()
        inner = (
            f"SELECT l.edge FROM links l{joins} WHERE l.node = ? AND l.belief >= ?{clause}"  # own words # nosec B608
            " ORDER BY l.belief DESC, l.edge LIMIT ?"
        )
        bound = (number, wanted.least, *values, -1 if limit is None else limit)
        return self.edges([edge for (edge,) in self.rows(inner, bound)])

    def between(self, one: str, other: str, wanted: Filter = EVERYTHING, limit: int | None = None) -> list[Edge]:
        """The statements that join two concepts, the most believed first."""
        clause, values = wanted.edges()
        query = (
            f"SELECT {_EDGE} FROM links l JOIN edges e ON e.number = l.edge{_ENDS}"  # own words # nosec B608
            f" WHERE l.node = ? AND l.neighbour = ? AND l.belief >= ?{clause}"
            " ORDER BY l.belief DESC, p.name, l.edge LIMIT ?"
        )
        ends = (self.concept(one).number, self.concept(other).number)
        bound = (*ends, wanted.least, *values, -1 if limit is None else limit)
        return [_edge(row) for row in self.rows(query, bound)]

    def edges(self, numbers: Sequence[int]) -> list[Edge]:
        """The statements of these numbers, in their order."""
        query = f"SELECT {_EDGE} FROM json_each(?) i JOIN edges e ON e.number = i.value{_ENDS}"  # own words # nosec B608
        rows = self.rows(query, (list_of(numbers),))
        found = {edge.number: edge for edge in map(_edge, rows)}
        return [found[number] for number in numbers]

    def all_edges(self) -> Iterator[Edge]:
        """Every statement, in the order in which they were first made."""
        query = f"SELECT {_EDGE} FROM edges e{_ENDS} ORDER BY e.number"  # own words # nosec B608
        return map(_edge, self.stream(query))

    def concepts(self, numbers: Sequence[int]) -> list[Concept]:
        """The nodes of these numbers, in their order."""
        query = f"{_CONCEPTS} WHERE s.number IN (SELECT value FROM json_each(?))"  # own words # nosec B608
        found = {one.number: one for one in self._concepts(query, (list_of(numbers),))}
        return [found[number] for number in numbers]

    def evidence(self, edge: Edge, limit: int | None = None) -> list[Evidence]:
        """What makes a statement: the newest first."""
        query = f"{_EVIDENCE} WHERE v.edge = ? ORDER BY v.year DESC, documents.id, one.start, v.number LIMIT ?"
        return [_found(row) for row in self.rows(query, (edge.number, -1 if limit is None else limit))]

    def top(self, category: str = "", limit: int = 20) -> list[Concept]:
        """The most connected concepts, of one category or of all."""
        where = "WHERE s_category.name = ?" if category else ""
        return self._concepts(
            f"{_CONCEPTS} {where} ORDER BY s.degree DESC, s.id LIMIT ?",
            (*filter(None, (category,)), limit),
        )

    def newest(self, wanted: Filter = EVERYTHING, limit: int = 20) -> list[Edge]:
        """The statements with the newest evidence; of one year, those that were first made latest, then the surest."""
        clause, values = wanted.edges()
        query = (
            f"SELECT {_EDGE} FROM edges e{_ENDS} WHERE e.last_year IS NOT NULL AND e.belief >= ?{clause}"
            " ORDER BY e.last_year DESC, e.first_year DESC, e.belief DESC, s.id, o.id LIMIT ?"  # own words # nosec B608
        )
        return [_edge(row) for row in self.rows(query, (wanted.least, *values, limit))]

    def trend(self, one: str, other: str, wanted: Filter = EVERYTHING) -> list[Year]:
        """How many documents of each year say something about two concepts, and how many of them deny it."""
        clause, values = wanted.edges()
        ends = (self.concept(one).number, self.concept(other).number)
        query = (
            "SELECT v.year, count(DISTINCT v.document), count(DISTINCT CASE v.assertion WHEN ? THEN v.document END)"
            " FROM links l JOIN edges e ON e.number = l.edge JOIN evidence v ON v.edge = e.number"  # own words # nosec B608
            f" WHERE l.node = ? AND l.neighbour = ? AND v.year IS NOT NULL{clause} GROUP BY v.year ORDER BY v.year"
        )
        return [Year(*row) for row in self.rows(query, (ASSERTIONS.index("negated"), *ends, *values))]

    def _concepts(self, query: str, values: Sequence[object]) -> list[Concept]:
        return [Concept(*row) for row in self.rows(query, values)]

    def _is_named(self, concept: Concept, words: str) -> bool:
        return bool(
            self.rows("SELECT 1 FROM names WHERE node = ? AND folded = ? LIMIT 1", (concept.number, fold(words)))
        )


def list_of(numbers: Iterable[int]) -> str:
    """Numbers as SQLite's ``json_each`` takes them: as many as there are."""
    return json.dumps([int(number) for number in numbers])


def _edge(row: Sequence[Any]) -> Edge:
    number, predicate, belief, pieces, first, last = row[:6]
    return Edge(number, Concept(*row[6:11]), predicate, Concept(*row[11:16]), belief, pieces, first, last)


def _found(row: Sequence[Any]) -> Evidence:
    source, kind, document, subject, object_, score, assertion, section, year, reference, label = row[:11]
    sentences = tuple(Sentence(start, text) for start, text in (row[11:13], row[13:15]) if text is not None)
    return Evidence(
        source,
        kind,
        document,
        sentences,
        _spans(subject),
        _spans(object_),
        score,
        ASSERTIONS[assertion],
        section or "",
        year,
        reference or "",
        label or "",
    )


def _spans(written: str | None) -> tuple[Span, ...]:
    parts = (part.split("-") for part in written.split(",")) if written else ()
    return tuple(Span(int(start), int(end)) for start, end in parts)
