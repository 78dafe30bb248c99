"""Objects cut out of a JSON stream of any size, one at a time.

    objects_with("passages", "collection.json")    each {... "passages": [...] ...}, wherever in the file it stands

The text is cut by its brackets and strings, and only the piece between an object's braces is parsed. Memory is bounded
by one object, and a piece that is no JSON costs only itself.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biogloss.errors import NAME_ENCODING, EncodingError, FormatError, UnsafeInputError
from biogloss.formats._source import in_fact, open_bytes, start_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_OBJECT_CHARACTERS = 32_000_000
MAX_DEPTH = 200
_BLOCK_BYTES = 1 << 18

# A string that does not end in what was read so far is only its quotation mark.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"(\s*+:)?|[\[\]{}]|"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one object, and at which character of the file it starts."""

    offset: int
    text: str
    complete: bool = True

    def content(self) -> dict[str, object]:
        """The object parsed.

        Raises:
            FormatError: it is no JSON, is cut short, or holds lone surrogates.
        """
        try:
            content = json.loads(self.text)
            if "\\ud" in self.text.lower():
                json.dumps(content, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            what = "the file ends inside it" if not self.complete else f"no valid JSON ({str(error)[:80]})"
            raise FormatError(what, expected="a complete JSON object", todo="Download the file again") from error
        if not isinstance(content, dict):
            raise FormatError("no JSON object", expected="a JSON object")
        return content


def objects_with(key: str, path: Path | str, *, encoding: str = "utf-8") -> Iterator[Piece]:
    """The outermost objects that have this key, in the order of the file.

    Raises:
        InputError: the file cannot be read.
        EncodingError: it is not in the encoding.
        FormatError: no such object in it.
        UnsafeInputError: an object of more than ``MAX_OBJECT_CHARACTERS``, or brackets more than ``MAX_DEPTH`` deep.
    """
    cutter, found = _Cutter(key, str(path)), False
    for block in _blocks(path, encoding):
        for piece in cutter.feed(block):
            found = True
            yield piece
    if (last := cutter.rest()) is not None:
        found = True
        yield last
    if not found:
        raise FormatError(
            f"no object with {key!r} in it",
            file=str(path),
            expected="JSON of this format",
            todo="Name the file's real format with --from",
        )


def _blocks(path: Path | str, encoding: str) -> Iterator[str]:
    with open_bytes(path) as stream:
        encoding = in_fact(start_of(stream), encoding)
        decoder = _decoder(encoding)
        place, first = 0, True
        while True:
            block = stream.read(_BLOCK_BYTES)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeError as error:
                raise EncodingError(
                    f"bytes that are not {encoding}",
                    file=str(path),
                    place=f"after byte {place:,}",
                    expected=f"text in {encoding}",
                    todo=NAME_ENCODING,
                ) from error
            yield text.removeprefix("\ufeff") if first else text
            place, first = place + len(block), False
            if not block:
                return


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        "".encode(encoding)  # which refuses the codecs that are not of texts
        return codecs.getincrementaldecoder(encoding)()
    except (LookupError, UnicodeError) as error:
        raise EncodingError(f"unknown encoding {encoding!r}", expected="a Python codec name such as utf-8") from error


class _Cutter:
    """Finds the objects in text that comes in blocks; holds on to an object from its brace until it is told apart."""

    def __init__(self, key: str, file: str) -> None:
        self._key, self._file = json.dumps(key), file
        self._text, self._origin, self._cursor = "", 0, 0
        self._open: list[int] = []  # where each open bracket stands in the file; -1 for what is no object we want
        self._wanted = -1  # how many brackets are open outside the wanted object, once its key was seen

    def feed(self, block: str) -> Iterator[Piece]:
        self._text += block
        while token := _TOKEN.search(self._text, self._cursor):
            if token[0][0] == '"' and not token[1] and (token[0] == '"' or not self._text[token.end() :].strip()):
                self._cursor = token.start()  # the rest of the string, or the colon after it, may still come
                break
            self._cursor = token.end()
            if token[0] in "[{":
                self._start(token)
            elif token[0] in "]}":
                yield from self._end()
            elif token[1] and self._wanted < 0 and token[0][: -len(token[1])] == self._key:
                self._want()
        else:
            self._cursor = len(self._text)
        self._let_go()

    def rest(self) -> Piece | None:
        """What is left of a wanted object when the file ends inside it."""
        if self._wanted < 0:
            return None
        start = self._open[self._wanted]
        return Piece(start, self._text[start - self._origin :], complete=False)

    def _start(self, token: re.Match[str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise UnsafeInputError(
                f"brackets more than {MAX_DEPTH} deep",
                file=self._file,
                place=f"character {self._origin + token.start():,}",
                expected="JSON of this format",
            )
        self._open.append(self._origin + token.start() if token[0] == "{" else -1)

    def _want(self) -> None:
        """The innermost open object has the key: it is wanted, and nothing around it."""
        if self._open and self._open[-1] >= 0:
            self._wanted = len(self._open) - 1
            self._open[:-1] = [-1] * self._wanted

    def _end(self) -> Iterator[Piece]:
        if not self._open:
            return
        start = self._open.pop()
        if len(self._open) == self._wanted:
            self._wanted = -1
            yield Piece(start, self._text[start - self._origin : self._cursor])

    def _let_go(self) -> None:
        """Forget the text before the first object that may still be wanted."""
        kept = min((start for start in self._open if start >= 0), default=self._origin + self._cursor)
        if self._origin + len(self._text) - kept > MAX_OBJECT_CHARACTERS:
            raise UnsafeInputError(
                f"more than {MAX_OBJECT_CHARACTERS:,} characters without an object that ends and has {self._key}",
                file=self._file,
                place=f"character {kept:,}",
                expected="JSON of this format",
                todo="Name the file's real format with --from, or split its documents",
            )
        self._text, self._cursor = self._text[kept - self._origin :], self._cursor - (kept - self._origin)
        self._origin = kept
