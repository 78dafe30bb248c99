"""From a list of names to a list of identifiers: what ``biogloss link`` does, without finding entities.

    text          type     context                            text  type     id            score  name   why
    RA            Disease  Rheumatoid arthritis (RA) hurts.   RA    Disease  MESH:D001172  0.98   ...

A name a line, or a table with a header. Only ``text`` is needed; ``context`` is a sentence or a whole text around the
name, which tells what it abbreviates and which species its genes are of.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from biogloss.documents import Document, Span, entity_at
from biogloss.errors import ConfigError, FormatError, InputError, OutputError
from biogloss.formats._source import STANDARD, lines
from biogloss.knowledge.concept import MAX_NAME_CHARACTERS
from biogloss.knowledge.linker import Mention
from biogloss.pipeline import arrays
from biogloss.pipeline.steps import linking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from biogloss.knowledge.linker import Choice

COLUMNS = ("text", "type", "context")
WRITTEN = ("text", "type", "id", "score", "name", "concept_type", "why")
FORMS = ("tsv", "jsonl", "table")
_AT_ONCE = 1000


class Name(NamedTuple):
    """A name to link, its type and what stands around it, both perhaps empty."""

    text: str
    type: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be linked.

    Args:
        source: a file, or ``-``.
        encoding: of the file.
        types: what a name without a type may be; none for anything.
        top: how many identifiers are given of each name at most.
    """

    source: str
    encoding: str = "utf-8"
    types: tuple[str, ...] = ()
    top: int = 1


def link(
    asked: Asked, step: linking.Linking, output: str, *, write_as: str = "tsv", force: bool = False
) -> tuple[int, int]:
    """Link the names of a file and write what they are; returns how many have an identifier, and how many there are.

    Raises:
        InputError: the file cannot be read, or is empty.
        FormatError: a table without the column ``text``, or a name that is too long; nothing is written.
        ConfigError: no such form of output, or a type that cannot be linked.
        OutputError: the output exists, or cannot be written.
    """
    if write_as not in FORMS:
        raise ConfigError(f"no form of output {write_as!r}; there are: {', '.join(FORMS)}")
    check(step, asked.types)
    known = total = 0
    with _opened(output, force=force) as stream:
        if write_as != "jsonl":
            _line(stream, WRITTEN, write_as)
        rows = iter(read(asked.source, asked.encoding))
        while part := list(islice(rows, _AT_ONCE)):
            for name, choices in zip(part, linked(part, step, asked.types), strict=True):
                kept = step.likely(choices)[: asked.top]
                known += bool(kept)
                _write(stream, name, kept, write_as)
            total += len(part)
    return known, total


def check(step: linking.Linking, types: Iterable[str]) -> None:
    """Check that mentions of these types can be linked.

    Raises:
        ConfigError: one cannot; the message lists those that can.
    """
    if unknown := [label for label in types if not step.linker.wanted.takes(label)]:
        has = ", ".join(sorted(step.linker.wanted.known))
        raise ConfigError(f"the index has no concept for mentions of type {unknown[0][:40]!r}; it has: {has}")


def linked(names: Sequence[Name], step: linking.Linking, types: Sequence[str] = ()) -> list[tuple[Choice, ...]]:
    """What each name may stand for, best first; of a name without a type the best of the types it may be."""
    plain = {
        (place, label): Mention(name.text, label)
        for place, name in enumerate(names)
        if not name.context
        for label in ((name.type,) if name.type else types or ("",))
    }
    found: list[tuple[Choice, ...]] = [()] * len(names)
    resolved = step.linker.all_choices([(mention, linking.NOWHERE) for mention in plain.values()])
    for (place, _), choices in zip(plain, resolved, strict=True):
        found[place] = _better(found[place], choices)
    for place, name in enumerate(names):
        for label in ((name.type,) if name.type else types or ("",)) if name.context else ():
            document = _document(name, label)
            found[place] = _better(found[place], step.choices(document)["T1"])
    return found


def _better(one: tuple[Choice, ...], other: tuple[Choice, ...]) -> tuple[Choice, ...]:
    return max(one, other, key=lambda choices: choices[0].score if choices else 0.0)


def _document(name: Name, label: str) -> Document:
    """The context as a document with the name as its one entity; below it, where the context does not have it."""
    start = name.context.find(name.text)
    text = name.context if start >= 0 else f"{name.context}\n{name.text}"
    start = start if start >= 0 else len(text) - len(name.text)
    entity = entity_at(text, Span(start, start + len(name.text)), label, id="T1")
    return Document("name", text, entities=(entity,))


def read(source: str, encoding: str = "utf-8") -> Iterator[Name]:
    """The names of a file; empty lines are left out.

    Raises:
        InputError: it cannot be read, or is empty.
        FormatError: a table that is damaged or a name that is too long; the message names the line.
    """
    rows = lines(source, encoding=encoding)
    first = next(rows, None)
    if first is None:
        raise InputError("no names", file=source, expected="a name a line, or a table with a column text")
    head = first[1].rstrip("\r\n")
    delimiter = "\t" if "\t" in head else ","
    columns = [cell.strip().lower() for cell in head.split(delimiter)]
    if "text" in columns and set(columns) <= set(COLUMNS):
        yield from _table(source, rows, columns, delimiter)
        return
    if delimiter == "\t":
        expected = f"columns out of {', '.join(COLUMNS)}, text among them"
        raise FormatError(f"the header is {head[:60]!r}", file=source, place="line 1", expected=expected)
    yield from _plain(source, first, rows)


def _plain(source: str, first: tuple[int, str], rows: Iterable[tuple[int, str]]) -> Iterator[Name]:
    for number, line in (first, *rows):
        if text := line.strip():
            yield Name(_checked(text, source, number))


def _table(source: str, rows: Iterable[tuple[int, str]], columns: Sequence[str], delimiter: str) -> Iterator[Name]:
    reader = csv.reader((line for _, line in rows), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if not any(map(str.strip, cells)):
                continue
            number = reader.line_num + 1
            if len(cells) != len(columns):
                what = f"{len(cells)} cells"
                expected = f"{len(columns)}, as the header has"
                raise FormatError(what, file=source, place=f"line {number:,}", expected=expected)
            row = dict(zip(columns, map(str.strip, cells), strict=True))
            if row["text"]:
                yield Name(_checked(row["text"], source, number), row.get("type", ""), row.get("context", ""))
    except csv.Error as error:
        place = f"line {reader.line_num + 1:,}"
        raise FormatError(f"the table is damaged ({error})", file=source, place=place) from error


def _checked(text: str, source: str, number: int) -> str:
    if len(text) > MAX_NAME_CHARACTERS:
        what = f"a name of {len(text):,} characters"
        expected = f"{MAX_NAME_CHARACTERS:,} at most"
        raise FormatError(what, file=source, place=f"line {number:,}", expected=expected, todo="Put texts into context")
    return text


@contextmanager
def _opened(output: str, *, force: bool) -> Iterator[IO[str]]:
    """Standard output, or a file that is there only when all of it is written."""
    if output == STANDARD:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        try:
            yield sys.stdout
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            what = f"standard output cannot be written ({error.strerror or error}); write to a file with -o"
            raise OutputError(what) from error
        return
    with arrays.new_file(Path(output), force=force) as raw:
        stream = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        yield stream
        stream.flush()
        stream.detach()


def _write(stream: IO[str], name: Name, choices: Sequence[Choice], write_as: str) -> None:
    if write_as == "jsonl":
        found = [
            {"id": c.id, "score": c.score, "name": c.name, "type": c.type, "source": c.source, "why": c.reason()}
            for c in choices
        ]
        stream.write(json.dumps({"text": name.text, "type": name.type, "ids": found}, ensure_ascii=False) + "\n")
        return
    for choice in choices or (None,):
        said = ("", "", "", "", "")
        if choice is not None:
            said = (choice.id, f"{choice.score:.3f}", choice.name, choice.type, choice.reason())
        _line(stream, (name.text, name.type, *said), write_as)


_WIDTHS = (30, 10, 18, 6, 34, 10)


def _line(stream: IO[str], cells: Sequence[str], write_as: str) -> None:
    cells = [" ".join(cell.split()) for cell in cells]
    if write_as == "table":
        cells = [cell.ljust(width) for cell, width in zip(cells, (*_WIDTHS, 0), strict=True)]
        stream.write("  ".join(cells).rstrip() + "\n")
        return
    stream.write("\t".join(cells) + "\n")
