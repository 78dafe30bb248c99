"""The user's table of terms: tab- or comma-separated, with a header.

    term            label     id              case_sensitive   whole_word
    covid 19        Disease   MESH:D000086382
    正中神经         Anatomy
    pattern         label                                      <- or a column of regular expressions

Columns: ``term`` or ``pattern`` or both (one of them filled a row), ``label``; ``id``, ``case_sensitive`` and
``whole_word`` may be left out or empty. Every mistake is an error that names file and line.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.formats._source import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("term", "pattern", "label", "id", "case_sensitive", "whole_word")
MAX_TERM_CHARACTERS = 1000
SHORT_CAPITALS_CHARACTERS = 5

_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": None}


@dataclass(frozen=True, slots=True)
class Term:
    """One row: what to find and what it is.

    Args:
        text: the words, or a regular expression where ``is_pattern``.
        label: the entity type.
        id: an identifier such as ``MESH:D003924``, or empty.
        case_sensitive: whether capitals must agree; None lets terms of at most five characters in capitals ("ALS"),
            and regular expressions be sensitive, and other terms not.
        whole_word: whether no letter or digit may touch it; None means yes for terms and no for regular expressions.
            Chinese characters are words of their own.
        is_pattern: whether ``text`` is a regular expression of Python's ``re``.

    Raises:
        ValueError: an empty text or label, a text beyond ``MAX_TERM_CHARACTERS``, a regular expression that is wrong
            or that matches nothing at all, a term without a letter or digit.
    """

    text: str
    label: str
    id: str = ""
    case_sensitive: bool | None = None
    whole_word: bool | None = None
    is_pattern: bool = False

    def __post_init__(self) -> None:
        if not self.text or not self.label:
            raise ValueError("the term or the label is empty")
        if len(self.text) > MAX_TERM_CHARACTERS:
            raise ValueError(f"the term has {len(self.text):,} characters, more than {MAX_TERM_CHARACTERS:,}")
        if self.is_pattern:
            _check_pattern(self.text)
        elif not any(map(str.isalnum, self.text)):
            raise ValueError(f"the term {self.text[:40]!r} has no letter or digit")

    @property
    def minds_case(self) -> bool:
        """Whether capitals must agree."""
        if self.case_sensitive is not None:
            return self.case_sensitive
        letters = filter(str.isalpha, self.text)  # Chinese characters are no capitals
        return self.is_pattern or (len(self.text) <= SHORT_CAPITALS_CHARACTERS and all(map(str.isupper, letters)))

    @property
    def minds_words(self) -> bool:
        """Whether it must stand alone."""
        return not self.is_pattern if self.whole_word is None else self.whole_word


def _check_pattern(pattern: str) -> None:
    try:
        compiled = re.compile(pattern)
        re.compile(f"(?:{pattern})")  # as it is used: flags for all of it ("(?i)") have to be written "(?i:...)"
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the regular expression {pattern[:40]!r} is wrong: {error}") from error
    if compiled.match(""):
        raise ValueError(f"the regular expression {pattern[:40]!r} matches the empty text")


def read_terms(path: Path | str, *, encoding: str = "utf-8") -> Iterator[Term]:
    """The rows of a table, in its order; empty lines are skipped.

    Raises:
        InputError: the file cannot be read or is empty.
        FormatError: no header, a column that does not exist, or a row that is wrong; the message names the line.
    """
    file = str(path)
    text = read_text(path, encoding=encoding)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not columns:
                columns = _header(cells, file, rows.line_num)
            else:
                yield _term(columns, cells, file, rows.line_num)
    except csv.Error as error:
        raise FormatError(f"the table is damaged ({error})", file=file, place=f"line {rows.line_num:,}") from error


def _header(cells: list[str], file: str, line: int) -> list[str]:
    columns = [cell.lower().replace(" ", "_").replace("-", "_") for cell in cells]
    unknown = [column for column in columns if column not in COLUMNS]
    if unknown or "label" not in columns or not {"term", "pattern"} & set(columns) or len(set(columns)) < len(columns):
        raise FormatError(
            f"the header is {', '.join(cells)[:60]!r}",
            file=file,
            place=f"line {line:,}",
            expected="the columns term (or pattern) and label, and perhaps id, case_sensitive, whole_word",
            todo="Name each column once in the first line, separated by tabs or commas",
        )
    return columns


def _term(columns: list[str], cells: list[str], file: str, line: int) -> Term:
    place = f"line {line:,}"
    if len(cells) > len(columns):
        raise FormatError(f"{len(cells)} cells", file=file, place=place, expected=f"{len(columns)}, as the header has")
    row = dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=False))
    if bool(row["term"]) == bool(row["pattern"]):
        raise FormatError(
            "term and pattern are both empty or both given", file=file, place=place, expected="one of them"
        )
    try:
        return Term(
            row["term"] or row["pattern"],
            row["label"],
            row["id"],
            _flag("case_sensitive", row),
            _flag("whole_word", row),
            is_pattern=bool(row["pattern"]),
        )
    except ValueError as error:
        raise FormatError(str(error), file=file, place=place) from error


def _flag(column: str, row: dict[str, str]) -> bool | None:
    if (value := row[column].lower()) not in _FLAGS:
        raise ValueError(f"{column} is {row[column][:20]!r}; expected yes, no or nothing")
    return _FLAGS[value]
