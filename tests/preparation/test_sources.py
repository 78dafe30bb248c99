"""Every kind of source gives its texts in order, and says what is wrong with what it cannot read."""

import gzip
import json
import lzma
import sqlite3
import sys

import pytest

from biogloss.documents import Document, Mark, Span
from biogloss.documents.jsonl import to_line
from biogloss.errors import ConfigError, Failure, FormatError, InputError, MissingExtra
from biogloss.preparation import sources
from biogloss.preparation.recipe import Recipe, Source

RECORDS = '{"id": "a", "title": "Gout", "text": "It hurts."}\n\n{"id": "b", "title": null, "text": "It passes."}\n'
EXPECTED = [("a", "Gout\n\nIt hurts."), ("b", "It passes.")]


def read(**source):
    found = [one for _, one in sources.texts(Recipe(sources=(Source(name="s", **source),)))]
    return [one if isinstance(one, Failure) else (one.id, one.text) for one in found]


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_fields_of_json_lines_plain_or_compressed(tmp_path, suffix):
    pack = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}[suffix]
    path = tmp_path / f"records.jsonl{suffix}"
    path.write_bytes(pack(RECORDS.encode()))
    assert read(paths=(str(path),), fields=("title", "text")) == EXPECTED


@pytest.mark.parametrize(("suffix", "separator"), [(".csv", ","), (".tsv", "\t")])
def test_fields_of_tables(tmp_path, suffix, separator):
    path = tmp_path / f"table{suffix}"
    rows = [["id", "title", "text"], ["a", "Gout", "It hurts."], ["b", "", '"It passes."']]
    path.write_text("\r\n".join(separator.join(row) for row in rows) + "\r\n", encoding="utf-8", newline="")
    assert read(paths=(str(path),), fields=("title", "text")) == EXPECTED


def test_rows_of_a_query(tmp_path):
    with sqlite3.connect(tmp_path / "notes.db") as database:
        database.execute("create table notes (id text, title text, text text)")
        database.executemany(
            "insert into notes values (?, ?, ?)", [("b", None, "It passes."), ("a", "Gout", "It hurts.")]
        )
    database.close()
    query = "select * from notes order by id"
    url = f"sqlite:///{(tmp_path / 'notes.db').as_posix()}"
    assert read(url=url, query=query, fields=("title", "text")) == EXPECTED
    with pytest.raises(ConfigError, match=r"source s: the database at sqlite:.* gives no rows: .*no such table"):
        read(url=url, query="select * from letters", fields=("text",))


def test_without_the_extra_a_database_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtra, match=r"biogloss\[sql\]"):
        read(url="sqlite://", query="select 1", fields=("text",))


def test_folders_patterns_and_formats(tmp_path):
    (tmp_path / "notes" / "deep").mkdir(parents=True)
    for name in ("b", "a", "deep/c"):
        (tmp_path / "notes" / f"{name}.txt").write_text(f"Note {name[-1]}.", encoding="utf-8")
    line = to_line(Document("7", "Gout hurts.")) + "\n"
    (tmp_path / "documents.jsonl").write_text(line, encoding="utf-8")
    assert read(paths=(str(tmp_path / "notes"),)) == [("a", "Note a."), ("b", "Note b.")]
    assert [name for name, _ in read(paths=(str(tmp_path / "notes" / "**" / "*.txt"),))] == ["a", "b", "c"]
    assert read(paths=(str(tmp_path / "documents.jsonl"),)) == [("7", "Gout hurts.")]
    with pytest.raises(InputError, match="no file matches"):
        read(paths=(str(tmp_path / "*.md"),))


def test_records_that_cannot_be_read_are_failures_in_their_place(tmp_path):
    path = tmp_path / "records.jsonl"
    lines = ['{"id": 1, "text": "One."}', "{broken", "[1]", '{"id": 2, "text": "\\ud800"}', '{"text": "Five."}']
    path.write_text("\n".join(lines), encoding="utf-8")
    found = read(paths=(str(path),), fields=("text",))
    assert [one if isinstance(one, tuple) else None for one in found] == [
        ("1", "One."),
        None,
        None,
        None,
        ("5", "Five."),
    ]
    assert "line 2" in str(found[1])
    assert "surrogate" in str(found[3])


def test_a_row_with_too_few_fields_is_a_failure(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("id,text\n1,One.\n2\n3,Three.\n", encoding="utf-8")
    found = read(paths=(str(path),), fields=("text",))
    assert [isinstance(one, Failure) for one in found] == [False, True, False]
    assert "line 3" in str(found[1])


def test_a_field_that_is_not_there_lists_those_that_are(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text(RECORDS, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"record 1 has no field 'abstract'; it has: id, title, text"):
        read(paths=(str(path),), fields=("abstract",))


def test_a_compressed_file_that_is_cut_short(tmp_path):
    path = tmp_path / "records.jsonl.xz"
    lines = "".join(json.dumps({"id": n, "text": f"Text {n * n}"}) + "\n" for n in range(2000))
    path.write_bytes(lzma.compress(lines.encode())[:-200])
    with pytest.raises(FormatError, match=r"records\.jsonl\.xz: the compressed stream is cut short"):
        read(paths=(str(path),), fields=("text",))


def test_files_without_records_are_refused(tmp_path):
    (tmp_path / "note.txt").write_text("Gout.", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"note\.txt holds no records with fields; expected one of \.jsonl"):
        read(paths=(str(tmp_path / "note.txt"),), fields=("text",))


def test_structure_becomes_lines_and_other_languages_and_tables_go():
    text = "Gout La goutte Methods We counted. 1 2 3"
    marks = (
        Mark(Span(0, 4), "title"),
        Mark(Span(5, 14), "title", language="fr"),
        Mark(Span(15, 22), "section", "Methods"),
        Mark(Span(35, 40), "table"),
    )
    document = Document("1", text, marks=marks)
    assert sources.paragraphs(document, "en") == "Gout\nMethods\nWe counted."
    assert "La goutte" in sources.paragraphs(document, "")


def test_the_catalogue_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "note.txt").write_text("Gout.", encoding="utf-8")
    assert read(paths=("data:text/note.txt",)) == [("note", "Gout.")]
    with pytest.raises(InputError, match="BIOGLOSS_DATA"):
        read(paths=("data:text/letter.txt",))
