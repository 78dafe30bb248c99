"""Bodies to documents and back, by their media types: all formats of :mod:`biogloss.formats` that are one file.

    Content-Type: text/plain                        one document
    Content-Type: application/json                  {"documents": [{"text": "Gout hurts."}]}, or one of them alone
    Content-Type: application/xml                   PubMed, PMC or BioC, whichever it is
    Accept: application/vnd.biogloss.pubtator       any format by its name

A body is decompressed once, up to a limit; what is still compressed then is refused.
"""

from __future__ import annotations

import codecs
import io
import json
import zlib
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

from biogloss import formats, plugins
from biogloss.apps.rest.problems import Problem, invalid, of_error
from biogloss.documents import Document
from biogloss.documents._json_fields import ShapeError
from biogloss.documents.jsonl import VERSION_KEY, from_json, to_line
from biogloss.errors import BioglossError, Failure, InputError
from biogloss.formats import _detect
from biogloss.formats._source import Held, Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from biogloss.apps.rest.settings import Limits
    from biogloss.formats._source import File

JSON = "application/json"
OURS = "application/vnd.biogloss."
NO_BODIES = frozenset({"brat", "parquet"})
"""Formats that are several files, or bytes in which a few can claim to be many: not taken from who is not known."""
_USUAL = {"text/plain": "text", "text/csv": "csv", "text/tab-separated-values": "tsv", "text/html": "html"}
_LINES = {"application/jsonl": "jsonl", "application/x-ndjson": "jsonl"}
_ANY = ("application/octet-stream", "application/gzip", "application/xml", "text/xml", *_LINES)
_ENCODINGS = frozenset(
    (
        *("ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "iso8859-15", "cp1252"),
        *("gb2312", "gbk", "gb18030", "big5", "hz"),
    )
)
"""Those in which texts are; Python knows codecs that are none of characters, or slow."""
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a ``Content-Type`` says: a format (``json`` is a request in JSON, ``auto`` is told by the content)."""

    format: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Read:
    """Documents, failures in their places, and what the reader left out, with counts."""

    documents: list[Document | Failure]
    left_out: Mapping[str, int]


@cache
def written() -> dict[str, str]:
    """Media type -> the format that is written for it, of all that can be asked for."""
    names = [name for name in plugins.names(formats) if hasattr(plugins.load(formats, name), "write")]
    own = {OURS + name.replace("_", "-"): name for name in names if name not in NO_BODIES}
    return {JSON: "json", **_LINES, **{media: name for media, name in _USUAL.items() if name != "text"}, **own}


@cache
def read() -> dict[str, str]:
    """Media type -> the format that it is read as."""
    names = [name for name in plugins.names(formats) if hasattr(plugins.load(formats, name), "read")]
    own = {OURS + name.replace("_", "-"): name for name in names if name not in NO_BODIES}
    usual = {media: name for media, name in _USUAL.items() if name in names}
    return {JSON: "json", **dict.fromkeys(_ANY, _detect.AUTO), **usual, **own}


def by_name() -> dict[str, str]:
    """Media type -> name of each format that can be read by its name, in their order."""
    return {media: media.removeprefix(OURS) for media in sorted(read()) if media.startswith(OURS)}


def kind_of(content_type: str) -> Kind:
    """What a body is.

    Raises:
        Problem: 415, with what there is.
    """
    media, _, parameters = content_type.partition(";")
    name = read().get(media.strip().lower())
    if name is None:
        raise Problem(415, "unknown-media-type", f"the Content-Type is not one of: {', '.join(read())}")
    given = dict(part.strip().lower().partition("=")[::2] for part in parameters.split(";") if "=" in part)
    return Kind(name, _encoding(given.get("charset", "utf-8").strip('"')))


def _encoding(name: str) -> str:
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = ""
    if known not in _ENCODINGS:
        raise Problem(415, "unknown-charset", f"the charset is not one of: {', '.join(sorted(_ENCODINGS))}")
    return known


def wanted(accept: str) -> tuple[str, str]:
    """The media type that is answered with, and its format: of those accepted the one liked most.

    Raises:
        Problem: 406, with what there is.
    """
    best = max((_liking(part) for part in (accept or "*/*").split(",")), key=lambda one: one[0], default=(0.0, ""))
    liked = [media for media, name in written().items() if best[0] > 0 and _fits(media, best[1])]
    if not liked:
        raise Problem(406, "not-acceptable", f"what Accept names is not one of: {', '.join(written())}")
    return liked[0], written()[liked[0]]


def _liking(part: str) -> tuple[float, str]:
    """(quality, media range); a range that nothing fits has no quality."""
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    try:
        liking = float(quality)
    except ValueError:
        liking = 0.0
    return (liking if any(_fits(one, media) for one in written()) else 0.0), media


def _fits(media: str, wanted: str) -> bool:
    return wanted in ("*/*", media) or (wanted.endswith("/*") and media.startswith(wanted[:-1]))


def decompressed(content: bytes, limit: int) -> bytes:
    """What was compressed with gzip, told by its first bytes; anything else as it is.

    Raises:
        Problem: 413 beyond the limit, 422 where it is damaged or compressed twice.
    """
    if not content.startswith(GZIP):
        return content
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(content, limit + 1)
    except zlib.error:
        raise Problem(422, "damaged", "the gzip stream is damaged; compress the body again") from None
    if len(plain) > limit:
        raise too_large(f"more than {limit:,} bytes when it is decompressed")
    if not unpacker.eof or unpacker.unused_data:
        raise Problem(422, "damaged", "the gzip stream is cut short, or has something after it; send one whole stream")
    if plain.startswith(GZIP):
        raise Problem(422, "compressed-twice", "the body is compressed twice; compress it once")
    return plain


def too_large(what: str) -> Problem:
    """A request beyond the limits."""
    return Problem(413, "too-large", f"{what}; send less at a time, or all of it as a job to /v1/jobs")


def documents(content: bytes, kind: Kind, limits: Limits) -> Read:
    """The documents in a body.

    Raises:
        Problem: 413 beyond the limits, 422 where it is not what it should be.
        InputError: it cannot be read as its format at all.
    """
    content = decompressed(content, limits.body_bytes)
    report = Report()
    if kind.format == "json":
        found: list[Document | Failure] = [_document(*one) for one in _objects(content, limits.documents)]
    else:
        held = Held("text" if kind.format == "text" else "body", content)
        check_format(held, kind)
        opened = _detect.open_documents(held, format=kind.format, encoding=kind.encoding, report=report)
        found = list(islice(opened, limits.documents + 1))
    if len(found) > limits.documents:
        raise too_large(f"more than {limits.documents:,} documents")
    if sum(len(one.text) for one in found if isinstance(one, Document)) > limits.characters:
        raise too_large(f"more than {limits.characters:,} characters")
    return Read(found, dict(report))


def check_format(file: File, kind: Kind) -> None:
    """Check that what is told by its content is of a format that a body may have.

    Raises:
        Problem: 415, it is not.
    """
    if kind.format == _detect.AUTO and (found := _detect.detect(file, encoding=kind.encoding)) in NO_BODIES:
        raise Problem(415, "unknown-media-type", f"{found} is not taken over HTTP; use `biogloss annotate`")


def _objects(content: bytes, most: int) -> list[tuple[str, Any]]:
    """(place, object) of each document of a request in JSON."""
    found = parsed(content)
    if not isinstance(found, dict):
        raise invalid([("body", "expected an object")])
    if "documents" not in found:
        return [("body", found)]
    many = found["documents"]
    if len(found) > 1 or not isinstance(many, list) or not many:
        raise invalid([("documents", "expected a list of one or more documents, and nothing beside it")])
    if len(many) > most:
        raise too_large(f"{len(many):,} documents; the limit is {most:,}")
    return [(f"documents.{number}", one) for number, one in enumerate(many)]


def parsed(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The JSON in a body.

    Raises:
        Problem: 422, it is none.
    """
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise invalid([("body", f"byte {error.start:,} is not UTF-8")]) from None
    except (ValueError, RecursionError) as error:
        at = f"character {error.pos:,}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "not JSON"
        raise invalid([("body", at)]) from None


def _no_constant(_: str) -> NoReturn:
    raise ValueError


_SHORT = {"text", "id", "language"}


def _document(place: str, found: Any) -> Document | Failure:  # noqa: ANN401 - any JSON
    """A document in full, as the schema has it, or a text with perhaps an id and a language."""
    name = found.get("id", place) if isinstance(found, dict) else place
    try:
        return from_json(_whole(found, place))
    except ShapeError as error:
        raise invalid([(place, str(error))]) from None
    except ValueError as error:
        return Failure(name if isinstance(name, str) else place, "read", InputError(str(error)))


def _whole(found: Any, place: str) -> Any:  # noqa: ANN401 - any JSON
    """A text as a document; a document as it is."""
    if not isinstance(found, dict) or VERSION_KEY in found:
        return found
    if found.keys() - _SHORT or not isinstance(found.get("text"), str):
        raise ShapeError(f"expected text, and perhaps id and language; or a document with {VERSION_KEY!r}: 1")
    return {VERSION_KEY: 1, "id": place, **found}


def failed(failure: Failure) -> dict[str, str]:
    """A failure in JSON; what is unexpected is only named, as nobody knows what its message shows."""
    error = failure.error
    said = of_error(error).detail if isinstance(error, BioglossError) else f"unexpected {type(error).__name__}"
    return {"id": failure.document_id, "step": failure.step, "error": said}


def as_json(results: Sequence[Document | Failure], left_out: Mapping[str, int]) -> bytes:
    """Documents in their order, and beside them what failed and what was left out, as a response in JSON."""
    lines: list[str] = []
    failures = []
    for place, result in enumerate(results):
        if isinstance(result, Failure):
            failures.append({"place": place, **failed(result)})
        else:
            lines.append(to_line(result))
    rest = json.dumps({"failures": failures, "left_out": dict(left_out)})
    return f'{{"documents":[{",".join(lines)}],{rest[1:]}'.encode()


def as_format(results: Sequence[Document | Failure], name: str) -> bytes:
    """Documents in a format that has no place for failures.

    Raises:
        Problem: 422, a document failed.
        CannotHold: the format has no place for something in a document.
    """
    if failures := [one for one in results if isinstance(one, Failure)]:
        errors = [(one["id"], f"{one['step']}: {one['error']}") for one in map(failed, failures[:20])]
        what = f"{len(failures):,} of {len(results):,} documents failed; ask for {JSON} to get the others"
        raise Problem(422, "failed-documents", what, errors=errors)
    return written_as((one for one in results if isinstance(one, Document)), name)


def written_as(documents: Iterable[Document], name: str) -> bytes:
    """Documents in a format."""
    stream = io.StringIO(newline="")
    _detect.writer(name)(documents, stream)
    return stream.getvalue().encode("utf-8")
