"""The project's promises about itself: commands that agree, folders that are registries, limits that hold."""

import os
import re
import socket
import tomllib
from pathlib import Path

import pytest

import safe_files
import sizes
from biogloss import corpora
from biogloss.knowledge import sources

ROOT = Path(__file__).resolve().parents[1]
SET_UP = [
    "python3 -m venv .venv && . .venv/bin/activate",
    "pip install -c constraints.txt -e '.[dev]' packages/biogloss-weights",
]
TESTS = ["pytest"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def fenced_lines(markdown):
    """The lines of the fenced blocks of a page, one list a block."""
    return [
        block.strip().splitlines() for block in re.findall(r"^```\w*\n(.*?)^```", markdown, re.DOTALL | re.MULTILINE)
    ]


@pytest.mark.parametrize("commands", [SET_UP, TESTS], ids=["set-up", "tests"])
def test_the_readme_gives_the_commands_that_ci_runs(commands):
    assert commands in fenced_lines(text("README.md"))


def test_ci_runs_those_commands_and_no_others_between_its_marks():
    marked = re.findall(r"^# --- [^\n]*as in README.md\n(.*?)^# --- end", text(".ci/run"), re.DOTALL | re.MULTILINE)
    assert [[line.removesuffix(" || status=1") for line in block.splitlines()] for block in marked] == [SET_UP, TESTS]


def test_the_pins_cover_every_requirement_and_no_graphics_card():
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", text("constraints.txt"), re.MULTILINE))
    assert pinned["torch"] == "2.13.0"
    assert not [name for name in pinned if re.match("nvidia|cuda|triton", name)]
    extras = PROJECT["project"]["optional-dependencies"].values()
    wanted = [*PROJECT["project"]["dependencies"], *(entry for extra in extras for entry in extra)]
    names = {re.match(r"[\w.-]+", entry).group().lower() for entry in wanted} - {"biogloss"}
    assert names - set(pinned) == set()


def test_pins_are_exact_and_name_no_place():
    lines = [line for line in text("constraints.txt").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[0-9][\w.]*", line)] == []


def test_version_is_the_same_everywhere():
    version = PROJECT["project"]["version"]
    assert f'__version__ = "{version}"' in text("src/biogloss/__init__.py")
    assert f'version: "{version}"' in text("CITATION.cff")
    assert f"## [{version}]" in text("CHANGELOG.md")


def test_every_corpus_that_weights_ship_from_is_attributed():
    cards = [corpora.card(name) for name in corpora.names()]
    notice = text("NOTICE")
    assert [card.name for card in cards if card.ship and card.url not in notice] == []


def test_every_vocabulary_that_may_be_given_away_is_attributed():
    cards = [sources.card(name) for name in sources.names()]
    notice = text("NOTICE")
    assert [card.name for card in cards if card.ship and card.url not in notice] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x = 1\n" * 401, "401 lines"),
        ("def long():\n" + "    x = 1\n" * 40, "function long is 41 lines long"),
        ("def many(a, b, c, d, /, e, *, f, g): ...\n", "function many takes 7 arguments"),
        ("class A: ...\nclass B(A): ...\nclass C(B): ...\n", "class C is 3 classes deep"),
    ],
)
def test_the_size_check_finds_what_is_too_large(tmp_path, content, words):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "large.py").write_text(content, encoding="utf-8")
    assert [words in str(excess) for excess in sizes.excesses(tmp_path)] == [True]


def test_a_docstring_self_and_an_exception_tree_are_not_counted(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "small.py").write_text(
        "class A(Exception): ...\nclass B(A): ...\nclass C(B):\n    def m(self, a, b, c, d, e, f):\n        '''One.\n"
        + "\n" * 60
        + "        '''\n",
        encoding="utf-8",
    )
    assert list(sizes.excesses(tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("src/key.py", "KEY = 'AKIA" + "Q" * 16 + "'\n", "line 1: looks like a secret"),
        ("tests/note.txt", "Seen today.\nMRN: 00" + "123456\n", "line 2: looks like a medical record number"),
        ("examples/note.txt", "write to jane.doe@" + "hospital.net\n", "line 1: looks like an e-mail address"),
        ("tests/zh.txt", "电话 138" + "00138000\n", "line 1: looks like a telephone number"),
        ("src/large.bin", "x" * 2_000_000, "2.0 MB"),
    ],
)
def test_what_should_not_be_committed_is_found(tmp_path, name, content, words):
    path = tmp_path / name
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    assert [words in problem for problem in safe_files.problems(path, name)] == [True]


def test_tests_cannot_leave_this_machine():
    with socket.socket() as connection, pytest.raises(RuntimeError, match="without a network"):
        connection.connect(("192.0.2.1", 80))


def test_names_are_not_looked_up():
    with pytest.raises(RuntimeError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 443)


def test_tests_can_reach_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_tests_run_on_one_thread_with_caches_of_their_own():
    assert os.environ["OMP_NUM_THREADS"] == "1"
    assert Path(os.environ["XDG_CACHE_HOME"]).name.startswith("biogloss-tests-")
