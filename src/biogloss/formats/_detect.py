"""Which format a file is of, told by its content; and the one door through which documents come in.

    detect("pubmed21n1298.xml.gz")            "pubmed_xml"
    open_documents("notes/")                  a document for each .txt in the folder

Each format's ``sniff`` sees the first bytes, decompressed and in UTF-8. The file's name only decides where the content
leaves a choice: between formats that both fit, or for texts and tables, which have no mark of their own.
"""

from __future__ import annotations

import codecs
import inspect
import re
import sys
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from biogloss import formats, plugins
from biogloss.errors import NAME_ENCODING, ConfigError, Failure, FormatError, InputError
from biogloss.formats._source import HEAD_BYTES, STANDARD, Held, as_utf8, head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader
    from types import ModuleType

    from biogloss.documents import Document
    from biogloss.formats._source import File, Report

AUTO = "auto"

# Text and tables have no mark of their own: they are believed by their names, and text where nothing else is said.
_BY_NAME = ("csv", "tsv", "text")
_STRUCTURED = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*[\[{\"]|<\?xml|<!doctype|<html)", re.IGNORECASE)
"""JSON, XML and HTML: text too, but not one to annotate brackets and all. A title may start with ``[``."""
_BINARY = {
    b"%PDF": "a PDF; extract its text first",
    b"PK\x03\x04": "a zip archive, as .docx, .xlsx and .zip are; unpack it, or save it as text",
    b"\xd0\xcf\x11\xe0": "an old Office file; save it as text",
    b"\xfd7zXZ": "an xz archive; unpack it first",
    b"BZh": "a bzip2 archive; unpack it first",
    b"\x28\xb5\x2f\xfd": "a zstd archive; unpack it first",
}


class Writer(Protocol):
    """The ``write`` of a format: the documents to a text stream, what is left out counted in ``report``."""

    def __call__(self, documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
        """Write the documents."""


def detect(path: File, *, encoding: str = "utf-8") -> str:
    """The format's name, as ``plugins.load`` takes it, of a file whose characters are in ``encoding``.

    Raises:
        InputError: no such file, empty, or a folder with nothing in it that a format reads.
        FormatError: of no known format, of several, or compressed and cut short.
    """
    if (folder := _folder(path)) is not None:
        return _detect_folder(folder)
    given = _head(path)
    start = as_utf8(given, encoding)
    readers = _with("read")
    named = [name for name, module in readers.items() if _has_suffix(path, module)]
    starts = {start, given}  # mostly one; XML and what is no text are known as they came
    fitting = [name for name, module in readers.items() if name != "text" and any(map(module.sniff, starts))]
    if len(fitting) > 1:
        fitting = [name for name in fitting if name in named] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise _unknown(path, f"the content may be {' or '.join(fitting)}", "Say which with --from")
    is_binary = given.startswith(tuple(_BINARY))
    if not is_binary and _is_text(start) and (not named or named[0] in _BY_NAME):
        return named[0] if named else "text"
    raise _unknown(path, *_guess(given if is_binary else start, named))


def open_documents(
    path: File,
    *,
    format: str = AUTO,  # noqa: A002 - the word users know
    encoding: str = "utf-8",
    report: Report | None = None,
    **options: Any,  # noqa: ANN401 - passed on to the format's reader
) -> Iterator[Document | Failure]:
    """The documents of a file, of standard input (``-``) or of a folder; a bad one is a ``Failure`` in the stream.

    Args:
        path: a file, plain or ``.gz``, on disk or held in memory; ``-``; or a folder of brat pairs, of texts, or of
            files of any format, in the order of their names.
        format: a format's name; ``auto`` tells it by the content.
        encoding: of the characters, where the format does not say it itself.
        report: counts what the readers leave out.
        options: of that format only, such as ``text_column``.

    Raises:
        InputError: raised at once for a missing or empty file or an unknown format, and from the iterator where the
            rest of a file cannot be read.
        ConfigError: no such format, one that is only written, or an option that it does not have.
    """
    folder = _folder(path)
    if folder is not None and (files := members(folder, format)):
        return _each(files, format=format, encoding=encoding, report=report, **options)
    name = detect(path, encoding=encoding) if format == AUTO else format.replace("-", "_")
    module = _module(name)
    if not hasattr(module, "read"):
        raise ConfigError(f"the format {name} is only written; those that are read: {', '.join(_with('read'))}")
    known = set(inspect.signature(module.read).parameters) - {"path", "encoding", "report"}
    if unknown := sorted(options.keys() - known):
        has = ", ".join(sorted(known)) or "none"
        is_guess = format == AUTO and name == "text"
        todo = ". Where it is a table after all, name it with --from csv or --from tsv" if is_guess else ""
        raise ConfigError(f"the format {name} has no option {unknown[0]!r}; its options: {has}{todo}")
    if str(path) != STANDARD and folder is None:
        head(path)  # a missing, unreadable or empty file is refused now, not when the first document is asked for
    return cast("Iterator[Document | Failure]", module.read(path, encoding=encoding, report=report, **options))


def writer(name: str) -> Writer:
    """The function that writes a format.

    Raises:
        ConfigError: no such format, or one that is only read.
    """
    module = _module(name)
    if not hasattr(module, "write"):
        raise ConfigError(f"the format {name} is only read; those that are written: {', '.join(_with('write'))}")
    return cast("Writer", module.write)


def by_name(path: Path | str) -> str:
    """The format in which a file of this name is written; jsonl where its ending is that of none."""
    return next((name for name, module in _with("write").items() if _has_suffix(path, module)), "jsonl")


@cache
def _module(name: str) -> ModuleType:
    # Kept, because looking through the installed distributions takes longer than reading a small file.
    return plugins.load(formats, name)


@cache
def _with(function: str) -> dict[str, ModuleType]:
    """The formats that have ``read`` or ``write``, by name."""
    modules = {name: _module(name) for name in plugins.names(formats)}
    return {name: module for name, module in modules.items() if hasattr(module, function)}


def _is_text(start: bytes) -> bool:
    return bool(_module("text").sniff(start)) and not _STRUCTURED.match(start)


def _folder(path: File) -> Path | None:
    """The folder that is named, if it is one."""
    named = None if isinstance(path, Held) or str(path) == STANDARD else Path(path)
    return named if named is not None and named.is_dir() else None


def _has_suffix(path: File, module: ModuleType) -> bool:
    name = Path(str(path)).name.lower().removesuffix(".gz")
    return name.endswith(tuple(suffix.lower().removesuffix(".gz") for suffix in module.SUFFIXES))


def _head(path: File) -> bytes:
    """The first bytes; those of standard input are left there for the reader."""
    if str(path) != STANDARD:
        return head(path)
    start = cast("BufferedReader", sys.stdin.buffer).peek(HEAD_BYTES)
    if not start:
        raise InputError("standard input is empty", todo="Pipe a file into it, or name one")
    if not start.startswith(b"\x1f\x8b"):
        return start[:HEAD_BYTES]
    try:
        return zlib.decompressobj(wbits=31).decompress(start, HEAD_BYTES)
    except zlib.error as error:
        raise FormatError(f"the gzip stream is damaged ({error})", file="standard input") from None


def _detect_folder(folder: Path) -> str:
    if any(folder.rglob("*.ann")):
        return "brat"
    if _has_texts(folder):
        return "text"
    raise InputError(
        "a folder with no file of a known name",
        file=str(folder),
        expected="brat's .txt and .ann, texts, or files of one of " + ", ".join(_with("read")),
        todo="Name the files themselves, with --from if their names say nothing",
    )


def _has_texts(folder: Path) -> bool:
    text = _module("text")
    return any(_has_suffix(entry, text) for entry in folder.iterdir())


def members(folder: Path, name: str) -> list[Path]:
    """The files of a folder that are read one by one, by name; none where brat or text reads the folder as a whole."""
    if name in {"brat", "text"} or (name == AUTO and (any(folder.rglob("*.ann")) or _has_texts(folder))):
        return []
    modules = list(_with("read").values()) if name == AUTO else [_module(name)]
    files = [entry for entry in sorted(folder.iterdir()) if entry.is_file()]
    return [file for file in files if any(_has_suffix(file, module) for module in modules)]


def _each(files: list[Path], **settings: Any) -> Iterator[Document | Failure]:  # noqa: ANN401 - passed on
    """The documents of each file; one that cannot be read is a ``Failure``, and the next follows."""
    for file in files:
        try:
            yield from open_documents(file, **settings)
        except InputError as error:
            yield Failure(file.name, "read", error)


def _guess(start: bytes, named: list[str]) -> tuple[str, str]:
    """What the bytes are, for the message, and what to do."""
    for signature, meaning in _BINARY.items():
        if start.startswith(signature):
            what, _, todo = meaning.partition("; ")
            return f"this is {what}", todo[0].upper() + todo[1:]
    if b"\x00" in start:
        return "the file is not text", "Check that this is the file you mean; text in UTF-16 needs --encoding utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError as error:
        what = f"bytes {start[error.start : error.start + 4].hex(' ')} at byte {error.start:,} are not UTF-8"
        return what, NAME_ENCODING
    what = f"the file starts with {start[:40].decode('utf-8', 'replace')!r}"
    if "jsonl" in named:
        return what, 'JSON lines need a "text" on each; name another key with --from records --text-column KEY'
    return what, "Name its format with --from, or convert it to one of these"


def _unknown(path: File, what: str, todo: str) -> FormatError:
    name = "standard input" if str(path) == STANDARD else str(path)
    return FormatError(what, file=name, expected=f"one of {', '.join(_with('read'))}", todo=todo)
