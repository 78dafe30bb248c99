"""Writing a graph: documents and layers put in, replaced and taken out, each time all of it or nothing.

    with Store.open(Path("my.graph")) as store:
        store.put([Record("10491763", digest, statements)])     Changes(added=1, replaced=0, unchanged=0)
        store.remove("10491763")                                True

A record whose digest the graph has is not even read. What a call changes is one transaction: a process that is killed
leaves the graph as it was before that call or as it is after it.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from biogloss.errors import KnowledgeError, OutputError
from biogloss.knowledge._build import replaced, run
from biogloss.knowledge._opened import Opened
from biogloss.knowledge.graph import _schema
from biogloss.knowledge.graph._derived import Derived
from biogloss.knowledge.graph.statement import ASSERTIONS, DOCUMENT, LAYER, Node
from biogloss.knowledge.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from biogloss.documents import Span
    from biogloss.knowledge.graph.statement import Evidence, Record, Statement

_AT_ONCE = 50_000
_ASSERTIONS = {name: number for number, name in enumerate(ASSERTIONS)}
_STAGES = """
CREATE TEMP TABLE incoming (
    subject TEXT, predicate INTEGER, object TEXT, document INTEGER, source INTEGER, score REAL, assertion INTEGER,
    section TEXT, year INTEGER, first TEXT, second TEXT, sentence INTEGER, other_sentence INTEGER, reference TEXT,
    label TEXT
);
CREATE TEMP TABLE incoming_names (
    id TEXT, document INTEGER, text TEXT, folded TEXT, category INTEGER, rank INTEGER, times INTEGER
);
"""
_MOVE = """
INSERT OR IGNORE INTO nodes (id, category) SELECT id, category FROM incoming_names;
INSERT INTO names
    SELECT n.number, i.document, i.text, i.folded, i.category, i.rank, sum(i.times)
    FROM incoming_names i JOIN nodes n ON n.id = i.id GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT DO UPDATE SET times = times + excluded.times;
INSERT OR IGNORE INTO edges (subject, predicate, object)
    SELECT DISTINCT s.number, i.predicate, o.number
    FROM incoming i JOIN nodes s ON s.id = i.subject JOIN nodes o ON o.id = i.object;
INSERT INTO evidence
    SELECT NULL, e.number, i.document, i.source, i.score, i.assertion, i.section, i.year, i.first, i.second, i.sentence,
        i.other_sentence, i.reference, i.label
    FROM incoming i JOIN nodes s ON s.id = i.subject JOIN nodes o ON o.id = i.object
    JOIN edges e ON e.subject = s.number AND e.predicate = i.predicate AND e.object = o.number ORDER BY i.rowid;
DELETE FROM incoming;
DELETE FROM incoming_names
"""


class Changes(NamedTuple):
    """How many records were new, in place of an older form, or there already."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0

    def __add__(self, other: tuple[object, ...]) -> Changes:
        """The sums, field by field."""
        return Changes(*(one + another for one, another in zip(self, other, strict=True)))  # type: ignore[operator]


class Store(Opened):
    """A graph that is opened to be changed, by one process at a time; others may read it meanwhile.

    Once it is closed, what was written is in the file alone, without a log beside it.

    Raises:
        KnowledgeError: no graph, one of another version, or a damaged one.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._connection = _schema.writing(self.path)
        self._connection.executescript(_STAGES)
        self._derived = Derived(self._connection)
        self._numbers: dict[tuple[str, tuple[str, ...]], int] = {}

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """The graph in a file."""
        return cls(path)

    @classmethod
    def create(cls, path: Path | str, *, force: bool = False) -> Self:
        """A new graph without anything in it.

        Raises:
            KnowledgeError: the file exists and ``force`` is not given.
            OutputError: it cannot be written.
        """
        target = Path(path)
        if target.exists() and not force:
            msg = f"{target} exists already; add to it with `biogloss graph add`, or --force writes it anew"
            raise KnowledgeError(msg)
        for log in ("-wal", "-shm"):
            target.with_name(target.name + log).unlink(missing_ok=True)
        with replaced(target) as place:
            _schema.create(place)
        return cls(target)

    def digest(self, identifier: str, kind: str = DOCUMENT) -> str | None:
        """The digest under which the graph has a record, or None."""
        found = self._connection.execute("SELECT digest FROM documents WHERE kind = ? AND id = ?", (kind, identifier))
        row = found.fetchone()
        return row[0] if row else None

    def put(self, records: Sequence[Record]) -> Changes:
        """Add records, each in place of an older one of its kind and id, in one transaction.

        Raises:
            OutputError: they cannot be written (permission, full disk); nothing was changed.
        """
        changes = Changes()
        with self._transaction():
            for record in records:
                before = self.digest(record.id, record.kind)
                if before != record.digest:
                    if before is not None:
                        self._remove(record.kind, record.id)
                    self._write(record)
                changes += Changes(before is None, before not in (None, record.digest), before == record.digest)
            self._derived.refresh()
        return changes

    def remove(self, identifier: str, kind: str = DOCUMENT) -> bool:
        """Take a record out with all that it alone makes; whether it was there.

        Raises:
            OutputError: it cannot be written; nothing was changed.
        """
        with self._transaction():
            was_there = self._remove(kind, identifier)
            self._derived.refresh()
        return was_there

    def optimise(self) -> None:
        """Give the planner its statistics and the log's pages to the file; worth it once after much was written."""
        with _schema.damage_named(self.path):
            self._connection.execute("ANALYZE")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with _schema.damage_named(self.path):
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._numbers.clear()
            if isinstance(error, KnowledgeError):
                msg = f"{error}; nothing was changed"
                raise OutputError(msg) from error
            raise

    def _remove(self, kind: str, identifier: str) -> bool:
        where = (kind, identifier)
        row = self._connection.execute("SELECT number FROM documents WHERE kind = ? AND id = ?", where).fetchone()
        if row is None:
            return False
        self._derived.touch(row[0])
        for table in ("evidence", "names", "sentences"):
            self._connection.execute(f"DELETE FROM {table} WHERE document = ?", row)  # own words # nosec B608
        self._connection.execute("DELETE FROM documents WHERE number = ?", row)
        return True

    def _write(self, record: Record) -> None:
        cursor = self._connection.execute(
            "INSERT INTO documents VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.kind,
                record.id,
                record.digest,
                record.title,
                record.version,
                record.licence,
                record.url,
                record.year,
            ),
        )
        document = int(cursor.lastrowid or 0)
        statements = iter(record.statements)
        sentences: dict[tuple[int, str], int] = {}
        while part := list(islice(statements, _AT_ONCE)):
            self._stage(document, part, sentences)
            run(self._connection, _MOVE)
        self._stage_names(document, Counter(record.names))
        run(self._connection, _MOVE)
        self._derived.touch(document)

    def _stage(self, document: int, part: Sequence[Statement], sentences: dict[tuple[int, str], int]) -> None:
        rows, names = [], Counter[Node]()
        for statement in part:
            names[statement.subject] += 1
            names[statement.object] += 1
            ends = statement.subject.id, self._number("predicates", statement.predicate), statement.object.id
            rows.append((*ends, document, *self._evidence(document, statement.evidence, sentences)))
        marks = ",".join("?" * 15)
        self._connection.executemany(f"INSERT INTO incoming VALUES ({marks})", rows)  # own words # nosec B608
        self._stage_names(document, names)

    def _stage_names(self, document: int, names: Mapping[Node, int]) -> None:
        rows = [
            (node.id, document, node.name, fold(node.name), self._number("categories", node.category), node.rank, times)
            for node, times in names.items()
        ]
        self._connection.executemany("INSERT INTO incoming_names VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _evidence(self, document: int, evidence: Evidence, sentences: dict[tuple[int, str], int]) -> tuple[Any, ...]:
        numbers = [self._sentence(document, sentence, sentences) for sentence in evidence.sentences]
        return (
            self._number("sources", evidence.source, evidence.kind),
            *(evidence.score, _ASSERTIONS[evidence.assertion], evidence.section or None, evidence.year),
            *(_written(evidence.subject), _written(evidence.object)),
            *(*numbers, None, None)[:2],
            *(evidence.reference or None, evidence.label or None),
        )

    def _sentence(self, document: int, sentence: tuple[int, str], known: dict[tuple[int, str], int]) -> int:
        if sentence not in known:
            row = (document, *sentence)
            cursor = self._connection.execute("INSERT INTO sentences VALUES (NULL, ?, ?, ?)", row)
            known[sentence] = int(cursor.lastrowid or 0)
        return known[sentence]

    def _number(self, table: str, *values: str) -> int:
        """The number of a source, predicate or category, given out when it is first met."""
        if (table, values) not in self._numbers:
            marks = ",".join("?" for _ in values)
            self._connection.execute(f"INSERT OR IGNORE INTO {table} VALUES (NULL, {marks})", values)
            condition = "name = ?" + " AND kind = ?" * (len(values) - 1)
            query = f"SELECT number FROM {table} WHERE {condition}"  # own words # nosec B608
            self._numbers[table, values] = self._connection.execute(query, values).fetchone()[0]
        return self._numbers[table, values]


def _written(spans: Sequence[Span]) -> str | None:
    """``60-76`` or ``60-70,80-84``."""
    if not spans:
        return None
    return ",".join(f"{span.start}-{span.end}" for span in spans)


__all__ = ["DOCUMENT", "LAYER", "Changes", "Store"]
