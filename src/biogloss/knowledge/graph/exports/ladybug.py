"""Ladybug, a database in a file that answers Cypher (the extra ``ladybug``).

MATCH (c:Concept)-[s:Statement]->(d:Concept {id: "MESH:D007022"}) WHERE s.belief > 0.5 RETURN c.name, s.predicate
"""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from biogloss.errors import MissingExtra
from biogloss.knowledge.graph.exports import _rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biogloss.knowledge.graph.query import Graph

FOLDER = False
SUFFIX = ".lbug"
_TABLES = """
CREATE NODE TABLE Concept (id STRING PRIMARY KEY, name STRING, category STRING, degree INT64);
CREATE REL TABLE Statement (FROM Concept TO Concept, predicate STRING, belief DOUBLE, pieces INT64,
    negated BOOLEAN, sources STRING, documents STRING, first_year INT64, last_year INT64);
"""


def write(graph: Graph, target: Path) -> None:
    """The database.

    Raises:
        MissingExtra: ladybug is not installed.
    """
    try:
        import ladybug  # noqa: PLC0415 - the extra
    except ImportError as error:
        raise MissingExtra("ladybug", "ladybug", "writing a Ladybug database") from error
    nodes = ((n.id, n.name, n.category, n.degree) for n in _rows.nodes(graph))
    edges = (
        (
            *(found.edge.subject.id, found.edge.object.id, found.edge.predicate, found.edge.belief, found.edge.pieces),
            *(str(found.is_negated).lower(), ";".join(found.sources), ";".join(found.documents)),
            *(found.edge.first_year, found.edge.last_year),
        )
        for found in _rows.statements(graph)
    )
    with TemporaryDirectory(dir=target.parent) as folder:
        database = ladybug.Database(str(target))
        connection = ladybug.Connection(database)
        connection.execute(_TABLES)
        for name, rows in (("Concept", nodes), ("Statement", edges)):
            _copy(connection, name, rows, Path(folder) / f"{name}.csv")
        connection.close()
        database.close()


def _copy(connection: Any, name: str, rows: Iterable[Sequence[object]], path: Path) -> None:  # noqa: ANN401 - untyped
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    if path.stat().st_size:
        connection.execute(f'COPY {name} FROM "{path.as_posix()}" (header=false, parallel=false)')
