"""A graph holds each document once, whatever came before, and lets go of all of it."""

import itertools
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from graph_documents import KIDNEY, PRESSURE, made, said, told

from biogloss.errors import KnowledgeError, OutputError
from biogloss.knowledge.graph import _schema, check
from biogloss.knowledge.graph.build import Reading, record
from biogloss.knowledge.graph.query import Graph
from biogloss.knowledge.graph.store import Changes, Store
from graph_locks import locked

OTHER = made(
    "2",
    "Renin raises pressure. Hypotension is treated with renin.",
    [("Renin", "Gene", KIDNEY), ("Hypotension", "Disease", PRESSURE), ("renin", "Gene", KIDNEY)],
    ("Association", PRESSURE, KIDNEY),
    year="1990-05",
)
DOCUMENTS = [said("1"), OTHER, said("3", attributes={"negation": "negated"}), said("4", label="Positive_Correlation")]


def put(path, documents, **options):
    with Store.open(path) as store:
        return store.put([record(one, Reading(**options), {}) for one in documents])


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_the_order_of_documents_leaves_no_trace(built, order):
    whole = told(built(DOCUMENTS, name="a.graph"))
    assert told(built([DOCUMENTS[at] for at in order], name="b.graph")) == whole


def test_what_is_taken_out_was_never_there(built):
    path = built(DOCUMENTS)
    with Store.open(path) as store:
        assert (store.remove("3"), store.remove("3"), store.remove("2")) == (True, False, True)
    assert told(path) == told(built([DOCUMENTS[0], DOCUMENTS[3]], name="b.graph"))
    with Store.open(path) as store:
        assert [store.remove(one) for one in "14"] == [True, True]
    with Graph.open(path) as graph:
        assert graph.counts() == (0, 0, 0, 0, 0)
        tables = ("names", "links", "sentences", "evidence")
        assert [graph.rows(f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * 4


def test_the_same_twice_adds_nothing(built):
    path = built(DOCUMENTS)
    before = told(path)
    assert put(path, DOCUMENTS) == Changes(unchanged=4)
    assert told(path) == before


def test_a_changed_document_replaces_its_own_evidence_alone(built):
    path = built(DOCUMENTS)
    assert put(path, [said("1", year="1999")]) == Changes(replaced=1)
    assert told(path) == told(built([said("1", year="1999"), *DOCUMENTS[1:]], name="b.graph"))


def test_of_a_document_that_comes_twice_the_last_counts(built):
    path = built([said("1", year="1978"), said("1", year="1999")])
    assert told(path) == told(built([said("1", year="1999")], name="b.graph"))


def test_a_call_that_fails_changes_nothing(built):
    path = built(DOCUMENTS)
    before = told(path)

    def broken():
        yield from record(said("7"), Reading(), {}).statements
        raise RuntimeError

    with Store.open(path) as store:
        one, other = record(said("5"), Reading(), {}), record(said("7"), Reading(), {})
        with pytest.raises(RuntimeError):
            store.put([one, type(other)("7", "digest", broken())])
        assert store.put([one]) == Changes(added=1)
        store.remove("5")
    assert told(path) == before


def test_a_reader_sees_what_was_committed_while_another_writes(built):
    path = built(DOCUMENTS)
    with Graph.open(path) as graph, Store.open(path) as store:
        before = graph.counts()
        store.put([record(said("9"), Reading(), {})])
        assert graph.counts().documents == before.documents + 1


def test_what_another_process_locks_is_refused_with_words_and_changed_by_nobody(built, monkeypatch):
    monkeypatch.setattr(_schema, "SECONDS_TO_WAIT", 0)
    path = built(DOCUMENTS)
    before = told(path)
    with locked(path):
        assert told(path) == before  # readers see what was committed
        with pytest.raises(OutputError, match=r"locked; .*does nobody else write to it\?; nothing was changed"):
            put(path, [said("9")])
    assert told(path) == before
    assert put(path, [said("9")]) == Changes(added=1)


def test_a_graph_that_is_locked_for_readers_too_is_not_read_as_it_happens_to_stand(built):
    path = built(DOCUMENTS)
    before = told(path)
    with locked(path, "PRAGMA locking_mode = EXCLUSIVE"), pytest.raises(KnowledgeError, match="locked; "):
        Graph.open(path)
    assert told(path) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("PRAGMA user_version = 99", "format 99, and this version reads"),
        ("PRAGMA application_id = 7", "no graph"),
    ],
)
def test_what_is_no_graph_of_this_version_is_refused(built, change, words):
    path = built(DOCUMENTS)
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    for door in (Graph.open, Store.open):
        with pytest.raises(KnowledgeError, match=words):
            door(path)


def test_a_file_that_is_not_there_or_something_else_is_refused(tmp_path):
    with pytest.raises(KnowledgeError, match="no such graph"):
        Graph.open(tmp_path / "none.graph")
    (tmp_path / "text.graph").write_text("MESH:D008750 causes MESH:D007022\n" * 99)
    with pytest.raises(KnowledgeError, match="cannot be read"):
        Graph.open(tmp_path / "text.graph")


def test_a_graph_in_the_way_is_kept(built):
    path = built(DOCUMENTS)
    with pytest.raises(KnowledgeError, match="exists already"):
        Store.create(path)
    Store.create(path, force=True).close()
    with Graph.open(path) as graph:
        assert graph.counts().documents == 0


WRITER = """
import sys
sys.path[:0] = sys.argv[3:]
from biogloss.knowledge.graph.build import Reading, record
from biogloss.knowledge.graph.store import Store
from graph_documents import said
with Store.open(sys.argv[1]) as store:
    for number in range(int(sys.argv[2])):
        store.put([record(said(str(3 * number + more)), Reading(), {}) for more in range(3)])
        print(number, flush=True)
"""


def killed_runs(built, kills):
    """Kill a writer again and again at any moment; what it had reported is there, whole, and it can go on."""
    path, random_ = built([]), random.Random(17)
    folders = [str(Path(__file__).parent), *(place for place in sys.path if place)]
    for _ in range(kills):
        command = [sys.executable, "-c", WRITER, str(path), "400", *folders]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            reported = [process.stdout.readline() for _ in range(random_.randint(1, 20))]
            time.sleep(random_.random() / 50)  # at any moment of the next transaction
            process.send_signal(signal.SIGKILL)
        with Graph.open(path) as graph:
            assert list(check.problems(graph)) == []
            there = {int(name) for (name,) in graph.rows("SELECT id FROM documents")}
        assert {name - name % 3 for name in there} == {name for name in there if name % 3 == 0}
        assert len(there) % 3 == 0, "a transaction is half there"
        assert {3 * int(line) for line in reported} <= there, "what was reported is lost"
    with Store.open(path) as store:
        for number in range(0, 300, 50):
            store.put([record(said(str(one)), Reading(), {}) for one in range(number, number + 50)])
    with Graph.open(path) as graph:
        assert graph.counts().documents >= 300
        assert list(check.problems(graph)) == []


def test_a_writer_that_is_killed_loses_nothing(built):
    killed_runs(built, 3)


@pytest.mark.slow
def test_a_writer_that_is_killed_thirty_times_loses_nothing(built):
    killed_runs(built, 30)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE evidence SET subject = '900-910' WHERE number = 1", "no sentence has its subject"),
        ("DELETE FROM sentences", "no sentence has its object"),
        ("UPDATE edges SET pieces = 99", "pieces are not counted right"),
        ("DELETE FROM documents WHERE id = '1'", "pieces of evidence without document"),
        ("UPDATE links SET belief = 1", "not linked from both ends"),
    ],
)
def test_what_is_wrong_is_said(built, change, words):
    path = built(DOCUMENTS)
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    with Graph.open(path) as graph:
        assert any(words in one for one in check.problems(graph))
