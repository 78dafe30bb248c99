"""Rows of tables, JSON lines and compressed files; what is damaged is named by file and line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.corpora import _rows
from biogloss.documents import Span
from biogloss.errors import EncodingError, FormatError

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n|\x00"), min_size=1)


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1))
def test_json_lines_and_cells_say_what_was_written(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("rows")
    (folder / "a.jsonl").write_bytes("".join(json.dumps({"a": a, "b": b}) + "\n" for a, b in rows).encode())
    (folder / "a.txt").write_bytes(("\ufeff" + "".join(f"{a}|{b}\r\n" for a, b in rows)).encode())
    for found in (
        _rows.json_rows(folder / "a.jsonl", {"a": str, "b": str}),
        _rows.cell_rows(folder / "a.txt", ("a", "b"), "|"),
    ):
        assert [(row.number, row["a"], row["b"]) for row in found] == [
            (number, a, b) for number, (a, b) in enumerate(rows, 1)
        ]


def test_a_quoted_cell_may_hold_the_separator_and_a_line_end(put):
    path = put("a.csv", 'a,b\n1,"one, ""two""\nthree"\n2,four\n')
    found = list(_rows.table_rows(path, ("a", "b")))
    assert [(row.number, row["b"]) for row in found] == [(3, 'one, "two"\nthree'), (4, "four")]


def test_a_compressed_file_reads_as_a_plain_one(put):
    for name in ("a.txt.xz", "a.txt"):
        assert list(_rows.lines(put(name, "一\n二"))) == [(1, "一"), (2, "二")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"a": "x", "n": 1}\n{"a": "x"\n', r"a\.jsonl, line 2: not JSON; expected one object a line"),
        ("a.jsonl", '["a"]\n', r"line 1: .*expected an object"),
        ("a.jsonl", '{"a": 7, "n": 1}\n', r"line 1: a is '7'; expected a: str"),
        ("a.jsonl", '{"a": "x", "n": true}\n', r"line 1: n is 'True'; expected n: int"),
        ("a.jsonl", '{"a": "x"}\n', r"line 1: n is 'None'; expected n: int"),
        ("a.txt", "x|1\nx\n", r"a\.txt, line 2: 1 cells; expected 2: a, n"),
        ("a.txt", "x|1\n|1\n", r"line 2: an empty cell"),
        ("a.csv", "a,n\nx,1\nx,1,1\n", r"a\.csv, line 3: 3 cells; expected 2: a, n"),
        ("a.csv", "b,n\nx,1\n", r"line 1: the header is 'b,n'; expected a,n"),
        ("a.csv", 'a,n\nx,"1"2\n', r"line 2: not CSV"),
    ],
)
def test_damage_is_named_by_file_and_line(put, name, content, message):
    path = put(name, content)
    readers = {
        ".jsonl": lambda: _rows.json_rows(path, {"a": str, "n": int}),
        ".txt": lambda: _rows.cell_rows(path, ("a", "n"), "|"),
        ".csv": lambda: _rows.table_rows(path, ("a", "n")),
    }
    with pytest.raises(FormatError, match=message):
        list(readers[path.suffix]())


def test_bytes_that_are_no_text_and_archives_that_are_cut_short_are_errors(put):
    with pytest.raises(EncodingError, match=r"a\.txt, line 2, byte 0: bytes ff are not utf-8"):
        list(_rows.lines(put("a.txt", b"x\n\xff")))
    path = put("b.txt.xz", "x\n" * 1000)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(FormatError, match=r"b\.txt\.xz: the xz stream is cut short"):
        list(_rows.lines(path))


def test_a_value_that_cannot_be_is_named_too(put):
    (row,) = _rows.cell_rows(put("a.txt", "x|-1\n"), ("a", "n"), "|")
    with pytest.raises(FormatError, match=r"a\.txt, line 1: n is '-1'; expected a number"):
        row.whole("n")
    with pytest.raises(FormatError, match=r"a\.txt, line 1: a is 'x'; expected one of y, z"):
        row.one_of("a", ("y", "z"))
    with pytest.raises(FormatError, match=r"a\.txt, line 1: empty, reversed or negative span"), row.reading():
        Span(3, 3)
