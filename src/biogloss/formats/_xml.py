"""XML one record at a time: safe, in constant memory, and past a damaged record to the next one.

    for record in records("pubmed21n1298.xml.gz", ("PubmedArticle",), step="pubmed_xml"):
        ...  # Record(number=1, line=4, element=<Element PubmedArticle>), or a Failure for a record that does not parse

The bytes are first cut into records by a scanner that knows comments, CDATA and processing instructions, then each
record is parsed on its own. So memory is bounded by one record, a broken record costs only itself, and the parser never
sees a DOCTYPE: nothing is fetched and no entity can be declared. A file that declares entities is refused all the same,
because its text would be wrong without them. Records do not nest: one that starts inside another ends the broken one.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lxml import etree

from biogloss.errors import NAME_ENCODING, EncodingError, Failure, FormatError, InputError, UnsafeInputError
from biogloss.formats._source import open_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.formats._source import File

BLOCK_BYTES = 1 << 18
MAX_RECORD_BYTES = 32_000_000
MAX_RECORD_TAGS = 2_000_000  # libxml2 spends some 120 bytes on each
MAX_PROLOGUE_BYTES = 65_536
_MARGIN = 128  # longer than any token of the scanner
_ANGLE = re.compile(rb"[<>]")
_ENDS = {b"!--": b"-->", b"![CDATA[": b"]]>", b"?": b"?>"}
_COMMENTS = re.compile(rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)  # \Z: linear where many never end
_DECLARED_ENCODING = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_NAMESPACE = re.compile(rb"""\sxmlns(?::[\w.-]{1,64})?\s*=\s*(?:"[^"<]*"|'[^'<]*')""")
_ROOT = re.compile(rb"<([^\W\d][\w.:-]{0,200})")
_REPAIR = "Download the file again, or repair the record; the others are read"
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Record:
    """One parsed record: its number among the records of its tag (from 1), the line it starts at, and its element."""

    number: int
    line: int
    element: etree._Element

    @property
    def place(self) -> str:
        """Where it is, for messages: ``record 7,000, line 1,204,311``."""
        return _place(self.number, self.line)


def records(path: File, tags: Sequence[str], *, step: str, encoding: str = "utf-8") -> Iterator[Record | Failure]:
    """The elements with one of these tags, wherever they stand in the file; a ``Failure`` for each that is damaged.

    ``encoding`` other than UTF-8 overrules what the file declares. Tags match with any namespace prefix.

    Raises:
        InputError: the file cannot be opened.
        FormatError: no such element in the file; a gzip stream cut short (after the records before the cut).
        EncodingError: an encoding that Python does not know, or bytes not in it (for UTF-8, a ``Failure`` instead).
        UnsafeInputError: the file declares entities.
    """
    name, numbers = str(path), Counter[str]()
    with open_bytes(path) as stream:
        splitter = _Splitter(_in_utf8(stream, encoding, name), tags, file=name)
        parser = _Parser(splitter, file=name, step=step)
        for piece in splitter:
            numbers[piece.tag] += 1
            yield parser.record(piece, numbers[piece.tag])
        if not numbers:
            raise FormatError(
                "there is no <" + "> or <".join(tags) + "> in it",
                file=name,
                expected="XML of this format",
                todo="Name its real format with --from, or check the download",
            )
        if missing := splitter.missing_end():
            error = FormatError(f"the file ends before </{missing}>", file=name, todo="Download or copy it again")
            yield Failure("end of file", step, error)


def root_name(head: bytes) -> str:
    """The local name of the first element of an XML file that starts so, or an empty string."""
    plain = _COMMENTS.sub(b"", _decoded_head(head))
    if not plain.lstrip().startswith(b"<"):
        return ""
    found = _ROOT.search(plain)
    return found[1].decode("utf-8", "replace").rpartition(":")[2] if found else ""


def local_name(element: etree._Element) -> str:
    """The element's tag without namespace or prefix; empty for what is not an element (an entity reference)."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def _place(number: int, line: int) -> str:
    return f"record {number:,}, line {line:,}"


class _Bytes(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Transcoded:
    """A stream in another encoding, read as UTF-8."""

    def __init__(self, first: bytes, stream: _Bytes, encoding: str, file: str) -> None:
        self._first, self._stream, self._encoding, self._file = first, stream, encoding, file
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def read(self, size: int, /) -> bytes:
        while True:
            block, self._first = self._first or self._stream.read(size), b""
            try:
                text = self._decoder.decode(block, final=not block)
            except UnicodeError as error:
                raise EncodingError(
                    f"the bytes are not {self._encoding} ({_reason(error)})",
                    file=self._file,
                    expected=f"XML in {self._encoding}",
                    todo=NAME_ENCODING,
                ) from error
            if text or not block:
                return text.encode("utf-8", "replace")


def _reason(error: UnicodeError) -> str:
    """Without the bytes around the fault, which may be a patient's words."""
    if isinstance(error, UnicodeDecodeError):
        return f"{error.object[error.start : error.start + 4].hex(' ')}: {error.reason}"
    return str(error)[:100]


class _Prefixed:
    """A stream with the bytes that were already read from it put back."""

    def __init__(self, first: bytes, stream: _Bytes) -> None:
        self._first, self._stream = first, stream

    def read(self, size: int, /) -> bytes:
        block, self._first = self._first or self._stream.read(size), b""
        return block


def _in_utf8(stream: _Bytes, encoding: str, file: str) -> _Bytes:
    first = stream.read(BLOCK_BYTES)
    try:
        name = codecs.lookup(encoding).name
        if name == "utf-8":
            name = codecs.lookup(_own_encoding(first)).name
        io.TextIOWrapper(
            io.BytesIO(), encoding=name
        )  # LookupError for the codecs that are no text encoding (zlib, hex ...)
        if name in {"utf-8", "ascii"}:
            return _Prefixed(first.removeprefix(codecs.BOM_UTF8), stream)
        return _Transcoded(first, stream, name, file)
    except LookupError as error:
        raise EncodingError(
            str(error), file=file, expected="a Python codec name such as utf-8", todo="Use --encoding"
        ) from error


def _own_encoding(first: bytes) -> str:
    """What the file says of itself: byte-order mark, then declaration, then the default of XML."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if first.startswith(mark):
            return encoding
    if first[:4] in {b"<\x00?\x00", b"\x00<\x00?"}:
        return "utf-16-le" if first[0] else "utf-16-be"
    declared = _DECLARED_ENCODING.match(first)
    return declared[1].decode("ascii", "replace") if declared else "utf-8"


def _decoded_head(head: bytes) -> bytes:
    try:
        return head.decode(_own_encoding(head), "ignore").encode().removeprefix(codecs.BOM_UTF8)
    except LookupError:
        return head


class _Piece(NamedTuple):
    tag: str
    line: int
    content: bytes
    problem: str = ""


class _Splitter:
    """Cuts a stream into the pieces between ``<tag`` and ``</tag>``, holding one piece and one block at a time."""

    def __init__(self, stream: _Bytes, tags: Sequence[str], *, file: str) -> None:
        names = "|".join(map(re.escape, tags))
        # The possessive ++ spares a walk back through the name of every other tag.
        token = rf"<(?:(!--|!\[CDATA\[|\?|!ENTITY)|(/?)(?:[\w.-]++:)?({names})(?=[\s/>]))"
        self._token = re.compile(token.encode())
        self._stream, self._file = stream, file
        self._bytes, self._origin = b"", 0  # what is held, and where in the stream it starts
        self._cursor, self._kept = 0, 0  # indices: where to look on, and from where on bytes are wanted
        self._line, self._counted = 1, 0
        self._tag = ""  # of the record the cursor is in
        self._given_up = False  # the record was damaged and its end is still to come
        self._absent: dict[bytes, int] = {}  # terminator -> stream position before which there is none
        self._root_end: bytes | None = None
        self._root_closed = False
        self.prologue: bytes | None = None

    def __iter__(self) -> Iterator[_Piece]:
        while True:
            token = self._token.search(self._bytes, self._cursor)
            if token:
                yield from self._step(token)
                continue
            self._cursor = max(self._cursor, len(self._bytes) - _MARGIN)
            if self._tag and len(self._bytes) - self._kept > MAX_RECORD_BYTES:
                yield self._damaged(self._cursor, f"it is longer than {MAX_RECORD_BYTES:,} bytes")
            if not self._tag:
                self._kept = self._cursor
            if not self._more():
                break
        if self._tag:
            yield self._damaged(len(self._bytes), "the file ends inside it")

    def missing_end(self) -> str:
        """The root element's name where the file, read to its end, does not close it."""
        if not self._root_end or self._root_closed or self._root_end in self._bytes:
            return ""
        return self._root_end[2:].decode("utf-8", "replace")

    def _step(self, token: re.Match[bytes]) -> Iterator[_Piece]:
        kind, slash, name = token.groups()
        self._cursor = token.end()
        if kind:
            yield from self._skip(kind)
        elif slash:
            yield from self._end(name.decode(), token.start())
        else:
            yield from self._start(name.decode(), token.start())

    def _start(self, tag: str, at: int) -> Iterator[_Piece]:
        if self._tag:
            yield self._damaged(at, "it has no end: the next record starts inside it")
        self._remember_prologue(at)
        self._tag, self._kept, self._given_up = tag, at, False
        end = self._tag_end()
        if self._bytes[end - 2 : end] == b"/>":
            yield self._piece(end)

    def _end(self, tag: str, at: int) -> Iterator[_Piece]:
        if self._given_up:
            self._given_up = False
        elif self._tag:
            yield self._piece(self._tag_end())
        else:
            self._remember_prologue(at)
            self._tag, self._kept = tag, at
            yield self._piece(self._tag_end(), f"</{tag}> without its <{tag}>")

    def _skip(self, kind: bytes) -> Iterator[_Piece]:
        """Over a comment, CDATA section or instruction; one that never ends is damage, and is stepped into."""
        if kind == b"!ENTITY":
            if not self._tag:
                self._refuse_entities()
            return
        if not self._tag:
            self._kept = self._cursor
        if not self._find(_ENDS[kind]) and self._tag:
            yield self._damaged(self._cursor, f"a <{kind.decode()} in it does not end")

    def _refuse_entities(self) -> None:
        raise UnsafeInputError(
            "the file declares entities (<!ENTITY), which could expand without limit or read other files",
            file=self._file,
            place=f"line {self._line_at(self._cursor):,}",
            expected="XML without an internal DTD subset",
            todo="If you trust the file, expand them first: xmllint --noent FILE",
        )

    def _damaged(self, end: int, problem: str) -> _Piece:
        self._given_up = True
        return self._piece(end, problem)

    def _piece(self, end: int, problem: str = "") -> _Piece:
        """What was kept up to ``end``, which leaves the record."""
        content = b"" if problem else self._bytes[self._kept : end]
        piece = _Piece(self._tag, self._line_at(self._kept), content, problem)
        self._tag, self._kept = "", end
        return piece

    def _tag_end(self) -> int:
        """After the ``>`` of the tag the cursor is in, or before a ``<`` that comes first."""
        while not (found := _ANGLE.search(self._bytes, self._cursor)):
            if len(self._bytes) - self._cursor > MAX_PROLOGUE_BYTES or not self._more():
                return self._cursor
        self._cursor = found.end() if found[0] == b">" else found.start()
        return self._cursor

    def _find(self, terminator: bytes) -> bool:
        """Whether the terminator follows within the limit; the cursor is then behind it, else where it was."""
        while True:
            known = self._absent.get(terminator, 0) - self._origin - len(terminator)
            at = self._bytes.find(terminator, max(self._cursor, known))
            if at >= 0:
                self._cursor = at + len(terminator)
                return True
            self._absent[terminator] = self._origin + len(self._bytes)
            if len(self._bytes) - self._kept > MAX_RECORD_BYTES or not self._more():
                return False

    def _more(self) -> bool:
        """Read a block, and let go of what is no longer wanted."""
        block = self._stream.read(BLOCK_BYTES)
        if not block:
            return False
        drop = self._kept
        self._line_at(drop)
        if self._origin == 0 and drop:
            self._remember_prologue(min(drop, MAX_PROLOGUE_BYTES))
        if self._root_end and self._root_end in self._bytes[:drop]:
            self._root_closed = True
        self._bytes = self._bytes[drop:] + block
        self._origin += drop
        self._cursor, self._kept, self._counted = self._cursor - drop, 0, 0
        return True

    def _remember_prologue(self, end: int) -> None:
        """Keep what stands before the first record: it may declare namespaces, and opens the root."""
        if self.prologue is None:
            self.prologue = self._bytes[:end]
            root = _ROOT.search(_COMMENTS.sub(b"", self.prologue))
            self._root_end = b"</" + root[1] if root else b""

    def _line_at(self, index: int) -> int:
        self._line += self._bytes.count(b"\n", self._counted, index)
        self._counted = index
        return self._line


class _Parser:
    """Makes elements of pieces."""

    def __init__(self, splitter: _Splitter, *, file: str, step: str) -> None:
        self._splitter, self._file, self._step = splitter, file, step
        self._wrap: tuple[bytes, bytes] | None = None
        self._parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )

    def record(self, piece: _Piece, number: int) -> Record | Failure:
        try:
            return Record(number, piece.line, self._element(piece, number))
        except InputError as error:
            return Failure(f"record {number:,}", self._step, error)

    def _element(self, piece: _Piece, number: int) -> etree._Element:
        place = _place(number, piece.line)
        if piece.problem:
            raise FormatError(f"the record is damaged: {piece.problem}", file=self._file, place=place, todo=_REPAIR)
        if piece.content.count(b"<") > MAX_RECORD_TAGS:
            raise UnsafeInputError(f"more than {MAX_RECORD_TAGS:,} tags in one record", file=self._file, place=place)
        try:
            return self._parsed(piece.content)
        except etree.XMLSyntaxError as error:
            what = str(error.msg).split(", line ", 1)[0][:200]
            if "XML_PARSE_HUGE" in what or "huge" in what:
                raise UnsafeInputError(
                    f"the record is nested too deeply or holds too long a text ({what})", file=self._file, place=place
                ) from None
            line = piece.line + max((error.lineno or 1) - 1, 0)
            raise FormatError(
                f"the XML is malformed ({what})", file=self._file, place=_place(number, line), todo=_REPAIR
            ) from None

    def _parsed(self, content: bytes) -> etree._Element:
        if self._wrap is None:
            self._wrap = _wrapping(self._splitter.prologue or b"")
        before, after = self._wrap
        root = etree.fromstring(before + content + after, self._parser)
        return root[0] if before else root


def _wrapping(prologue: bytes) -> tuple[bytes, bytes]:
    """Start and end tag of an element that declares the namespaces declared before the first record."""
    declared = {found[0].split(b"=", 1)[0].strip(): found[0] for found in _NAMESPACE.finditer(prologue)}
    if not declared:
        return b"", b""
    return b"<records" + b"".join(declared.values()) + b">", b"</records>"
