"""What follows from the evidence: beliefs and years of edges, links from both ends, degrees and names of nodes.

Whatever a transaction touches is computed again from all evidence that there is, so that the order in which documents
came, or went, leaves no trace.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from biogloss.knowledge._build import run as run_all
from biogloss.knowledge.graph.belief import WEIGHTS, Piece, belief
from biogloss.knowledge.graph.biolink import OPPOSITES
from biogloss.knowledge.graph.statement import ASSERTIONS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

_STAGES = """
CREATE TEMP TABLE touched (edge INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_nodes (node INTEGER PRIMARY KEY);
CREATE TEMP TABLE opposites (predicate INTEGER, other INTEGER);
CREATE TEMP TABLE contrary (edge INTEGER, other INTEGER);
CREATE TEMP TABLE beliefs (
    edge INTEGER PRIMARY KEY, belief REAL, pieces INTEGER, first_year INTEGER, last_year INTEGER
);
"""
_AGAIN = "INSERT OR IGNORE INTO touched SELECT other FROM contrary"
# Two statements are contrary where their predicates are and they join the same two concepts, whichever is the subject.
_CONTRARY = """
INSERT INTO contrary
    SELECT e.number, x.number FROM touched t JOIN edges e ON e.number = t.edge
    JOIN opposites p ON p.predicate = e.predicate
    JOIN edges x ON x.subject = e.subject AND x.predicate = p.other AND x.object = e.object
    UNION SELECT e.number, x.number FROM touched t JOIN edges e ON e.number = t.edge
    JOIN opposites p ON p.predicate = e.predicate
    JOIN edges x ON x.subject = e.object AND x.predicate = p.other AND x.object = e.subject
"""
_PIECES = """
SELECT * FROM (
    SELECT v.edge AS edge, v.source, s.kind, v.document, v.reference, v.score, v.assertion, v.year, 0 AS contrary
    FROM touched t JOIN evidence v ON v.edge = t.edge JOIN sources s ON s.number = v.source
    UNION ALL
    SELECT c.edge, v.source, s.kind, v.document, v.reference, v.score, v.assertion, v.year, 1
    FROM contrary c JOIN evidence v ON v.edge = c.other JOIN sources s ON s.number = v.source
) ORDER BY edge
"""
_LINKS = """
DELETE FROM links WHERE (node, neighbour, edge) IN (
    SELECT subject, object, number FROM touched JOIN edges ON number = edge
    UNION ALL SELECT object, subject, number FROM touched JOIN edges ON number = edge
);
DELETE FROM edges WHERE number IN (SELECT edge FROM touched EXCEPT SELECT edge FROM beliefs);
UPDATE edges SET (belief, pieces, first_year, last_year) = (b.belief, b.pieces, b.first_year, b.last_year)
    FROM beliefs b WHERE b.edge = edges.number;
INSERT INTO links SELECT * FROM (
    SELECT subject, object, number, b.belief FROM beliefs b JOIN edges ON number = edge
    UNION ALL SELECT object, subject, number, b.belief FROM beliefs b JOIN edges ON number = edge
) ORDER BY 1, 2, 3
"""
_NODES = """
DELETE FROM nodes WHERE number IN (SELECT node FROM touched_nodes)
    AND NOT EXISTS (SELECT 1 FROM links WHERE node = nodes.number);
DELETE FROM names WHERE node IN (SELECT node FROM touched_nodes) AND node NOT IN (SELECT number FROM nodes);
UPDATE nodes SET degree = (SELECT count(DISTINCT neighbour) FROM links WHERE node = nodes.number),
    (name, category) = (
        SELECT text, category FROM names WHERE node = nodes.number GROUP BY text, category
        ORDER BY text != '' DESC, max(rank) DESC, sum(times) DESC, text DESC, category LIMIT 1
    ) WHERE number IN (SELECT node FROM touched_nodes);
DELETE FROM touched;
DELETE FROM touched_nodes
"""


class Derived:
    """The tables that follow, kept up to date inside the transactions of a connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(_STAGES)

    def touch(self, document: int) -> None:
        """Remember what a document makes, to be computed again."""
        run = self._connection.execute
        run("INSERT OR IGNORE INTO touched SELECT edge FROM evidence WHERE document = ?", (document,))
        run("INSERT OR IGNORE INTO touched_nodes SELECT node FROM names WHERE document = ?", (document,))

    def refresh(self) -> None:
        """Compute again what was touched, and forget it."""
        run = self._connection.execute
        for table in ("opposites", "contrary", "beliefs"):
            run(f"DELETE FROM {table}")  # own words # nosec B608
        self._join_opposites()
        rows = run(_PIECES)
        marks = "INSERT INTO beliefs VALUES (?, ?, ?, ?, ?)"
        self._connection.executemany(marks, _beliefs(rows))
        run_all(self._connection, _LINKS + ";" + _NODES)

    def _join_opposites(self) -> None:
        """A changed statement changes what contradicts it, too."""
        run = self._connection.execute
        numbers = dict(run("SELECT name, number FROM predicates").fetchall())
        pairs = [(numbers[one], numbers[two]) for one, two in OPPOSITES.items() if {one, two} <= numbers.keys()]
        self._connection.executemany("INSERT INTO opposites VALUES (?, ?)", pairs)
        if pairs:
            run(_CONTRARY)
            run(_AGAIN)
            run("DELETE FROM contrary")
            run(_CONTRARY)


def _beliefs(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """(edge, belief, pieces, first and last year) of each edge that has evidence of its own."""
    for edge, group in groupby(rows, key=itemgetter(0)):
        found = list(group)
        own = [row for row in found if not row[-1]]
        if own:
            years = [row[7] for row in own if row[7] is not None]
            ends = (min(years), max(years)) if years else (None, None)
            # Most edges of curated layers have one piece of evidence: there are few different ones of those.
            value = _of_one(*found[0][2:3], *found[0][5:7]) if len(found) == 1 else _of_all(found)
            yield edge, value, len(own), *ends


def _of_all(rows: Iterable[Sequence[Any]]) -> float:
    return belief(filter(None, map(_piece, rows)))


@lru_cache(maxsize=10_000)
def _of_one(kind: str, score: float | None, assertion: int) -> float:
    return _of_all([(0, 0, kind, 0, "", score, assertion, None, 0)])


def _piece(row: Sequence[Any]) -> Piece | None:
    """What a row of evidence adds; a contrary statement that is denied itself adds nothing."""
    _, source, kind, document, reference, score, assertion, _, contrary = row
    said = ASSERTIONS[assertion]
    if contrary and said == "negated":
        return None
    confidence = WEIGHTS[said] * (1.0 if score is None else score)
    return Piece(source, kind, (document, reference), confidence, bool(contrary) or said == "negated")
