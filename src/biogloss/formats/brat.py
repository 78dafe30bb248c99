"""brat standoff: a folder of pairs, ``x.txt`` with the text and ``x.ann`` with what is said about it.

    T1	Chemical 0 8	Naloxone
    T2	Disease 30 40;51 63	high blood pressure
    R1	treats Arg1:T1 Arg2:T2
    A1	Negation T2
    N1	Reference T1 MESH:D009270	Naloxone

The form is https://brat.nlplab.org/standoff.html. Offsets count characters of the text; a span of several stretches is
discontinuous. ``N`` lines are links; ``A`` and ``M`` lines are attributes (without value: ``true``). Events (``E``),
notes (``#``) and equivalences (``*``) are left out and counted.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, NoReturn, TextIO
from urllib.parse import quote, unquote

from biogloss.documents import Document, Entity, Link, Relation, Span, span_text
from biogloss.errors import CannotHold, Failure, FormatError, InputError, OutputError
from biogloss.formats._arcs import placed
from biogloss.formats._holds import ROLES, check
from biogloss.formats._source import WRONG_OFFSETS, Report, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HOLDS = frozenset(
    {"id", "text", "controls", "entities", "discontinuous", "overlapping", "links", "attributes"}
    | {"relations", "mention_relations", "roles"}
)
DROPS = frozenset(
    {"language", "title", "marks", "sources", "scores", "link_scores", "label_scores", "evidence"}
    | {"concept_relations", "citation", "composition"}
)
SUFFIXES = (".ann",)
RECORDS = False

_SPANS = re.compile(r"(\S+) ([0-9]{1,9} [0-9]{1,9}(?:;[0-9]{1,9} [0-9]{1,9})*)")
_CELL = str.maketrans("\t\r\n", "   ")
_FILE_NAME_SAFE = " !#$&'()+,;=@[]^`{}~"  # what every file system takes, besides letters, digits and _.-
_MAX_NAME = 200
_BINARY = "true"  # the value of an attribute that has none
_LEFT_OUT = {"E": "event", "#": "note", "*": "equivalence"}
_EXPECTED = "brat standoff, such as: T1, tab, Chemical 0 8, tab, Naloxone"


def sniff(head: bytes) -> bool:
    """Whether the first line is one of an ``.ann`` file."""
    return re.match(rb"(?:\xef\xbb\xbf)?T[0-9]+\t\S+ [0-9]+ [0-9]+[;\t ]", head) is not None


def read(path: Path | str, *, encoding: str = "utf-8", report: Report | None = None) -> Iterator[Document | Failure]:
    """The documents of a folder and the folders in it, sorted by name; or of one ``.txt`` or ``.ann`` and its partner.

    Ids are the file names without ``.txt``, relative to the folder. A pair with a damaged line, or without its text, is
    a ``Failure``; a mention whose words are not those at its offsets is left out and counted in ``report``.

    Raises:
        InputError: no such folder or file, or no pair in it.
    """
    report = Report() if report is None else report
    path = Path(path)
    if not path.is_dir():
        yield _pair(path.with_suffix(".txt") if path.suffix == ".ann" else path, path.stem, encoding, report)
        return
    texts = sorted({one.with_suffix(".txt") for end in ("txt", "ann") for one in path.rglob(f"*.{end}")})
    if not texts:
        raise InputError("neither .txt nor .ann in the folder", file=str(path), expected="pairs of them")
    for text in texts:
        name = unquote(text.relative_to(path).with_suffix("").as_posix())
        try:
            yield _pair(text, name, encoding, report)
        except InputError as error:
            yield Failure(name, "brat", error)


def parse(name: str, text: str, annotations: str, *, report: Report | None = None, file: str = "") -> Document:
    """One document from its text and the lines of its ``.ann``, for collections that keep them in other files.

    Raises:
        FormatError: a damaged line, or an id of two mentions.
    """
    report = Report() if report is None else report
    parsed = _Parsed()
    for number, line in enumerate(re.split(r"\r?\n", annotations), 1):
        if line.strip() and (fault := _add(parsed, line, text, report)):
            raise FormatError(fault, file=file, place=f"{name[:60]}, line {number:,}", expected=_EXPECTED)
    return _document(parsed, name, text, report)


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> NoReturn:
    """Refused: brat is a folder.

    Raises:
        CannotHold: always; see :func:`write_folder`.
    """
    del documents, stream, report
    raise CannotHold("brat is a folder of .txt and .ann files, not one stream: name a folder as the output")


def write_folder(
    documents: Iterable[Document], folder: Path | str, report: Report | None = None, *, overwrite: bool = False
) -> None:
    """Write a pair of files for each document; each file is complete or not there.

    Characters of an id that a file name cannot have are percent-encoded. Relations between concepts are drawn between
    the nearest mentions that state them; one without two mentions is left out.

    Raises:
        CannotHold: n-ary relations, labels with spaces, an id twice ...
        OutputError: a file exists already and ``overwrite`` is not set, or cannot be written.
    """
    folder, written = Path(folder), set[str]()
    for given in documents:
        document = placed(given, report)
        check(document, HOLDS, DROPS, "brat", report)
        stem, rows = _stem(document.id), _rows(document)
        if stem.casefold() in written:
            raise CannotHold(
                f"two documents have the id {document.id[:60]!r} but for its case: brat keeps one file of each name"
            )
        written.add(stem.casefold())
        target = folder / f"{stem}.txt"
        if target.exists() and not overwrite:
            raise OutputError(f"{target} exists already. Choose another folder, or overwrite it with --force")
        # The text last: it is what makes a pair, so that no interruption leaves a text without its annotations.
        _put(folder / f"{stem}.ann", rows)
        mark = "\ufeff" if document.text.startswith("\ufeff") else ""  # else the reader takes it for a byte-order mark
        _put(target, mark + document.text)


def write_zip(documents: Iterable[Document], stream: BinaryIO, report: Report | None = None) -> None:
    """Write the pairs of files as a zip archive, for who is sent one file; unpacked it is a folder that is read.

    Raises:
        CannotHold: as :func:`write_folder`.
    """
    with TemporaryDirectory() as held, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        write_folder(documents, held, report)
        for path in sorted(Path(held).iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)  # of no date


def _pair(text: Path, name: str, encoding: str, report: Report) -> Document:
    content = _content(text, encoding)
    partner = text.with_suffix(".ann")
    if not partner.exists():
        report.note("brat: no .ann beside a .txt, read as a text without annotations")
        return parse(name, content, "", report=report)
    return parse(name, content, _content(partner, encoding), report=report, file=str(partner))


def _content(path: Path, encoding: str) -> str:
    """The text of a file; an empty one is nothing said, not an error as elsewhere."""
    return "" if path.is_file() and not path.stat().st_size else read_text(path, encoding=encoding)


@dataclass(slots=True)
class _Parsed:
    """What the lines of one ``.ann`` say; attributes and links by the id of their mention."""

    entities: dict[str, Entity] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    attributes: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    links: defaultdict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))


def _add(parsed: _Parsed, line: str, text: str, report: Report) -> str:
    """Sort one line in; what is wrong with it, or nothing."""
    key, _, rest = line.partition("\t")
    kind = key[:1]
    if kind in _LEFT_OUT:
        report.note(f"brat: {_LEFT_OUT[kind]} ({kind} line) left out")
        return ""
    add = _ADD.get(kind)
    if add and add(parsed, key, rest):
        return ""
    if kind == "T":
        return _add_entity(parsed, key, rest, text, report)
    return f"damaged or unknown line {line[:60]!r}"


def _add_entity(parsed: _Parsed, key: str, rest: str, text: str, report: Report) -> str:
    place, _, words = rest.partition("\t")
    match = _SPANS.fullmatch(place)
    if not match:
        return f"damaged mention {rest[:60]!r}"
    if key in parsed.entities:
        return f"a second {key[:20]}"
    stretches = sorted((int(start), int(end)) for start, end in map(str.split, match[2].split(";")))
    try:
        spans = tuple(Span(start, end) for start, end in stretches)
        entity = Entity(key, spans, match[1], span_text(text, spans))
    except ValueError:  # empty or overlapping stretches, which no words can agree with
        entity = None
    if entity is None or entity.end > len(text) or entity.text.translate(_CELL) != words.translate(_CELL):
        report.note(f"brat: mention {WRONG_OFFSETS}")
    else:
        parsed.entities[key] = entity
    return ""


def _add_relation(parsed: _Parsed, key: str, rest: str) -> bool:
    label, *cells = rest.split() or [""]
    arguments = tuple((role, reference) for role, _, reference in (cell.partition(":") for cell in cells))
    parsed.relations.append(Relation(key, label, arguments))
    return len(arguments) == len(ROLES) and all(role and reference for role, reference in arguments)


def _add_attribute(parsed: _Parsed, _: str, rest: str) -> bool:
    name, target, value = (*rest.strip().split(" ", 2), "", "")[:3]
    parsed.attributes[target].append((name, value or _BINARY))
    return bool(name and target)


def _add_link(parsed: _Parsed, _: str, rest: str) -> bool:
    _, target, concept = (*rest.partition("\t")[0].split(" ", 2), "", "")[:3]
    parsed.links[target].append(Link(concept))
    return bool(target and concept)


_ADD = {"R": _add_relation, "A": _add_attribute, "M": _add_attribute, "N": _add_link}


def _document(parsed: _Parsed, name: str, text: str, report: Report) -> Document:
    """Everything put together; what speaks of an event or of a left-out mention is left out with it."""
    for target in [*parsed.attributes, *parsed.links]:
        if target not in parsed.entities:
            report.note("brat: attribute or reference of an event or of a left-out mention, left out")
    entities = tuple(
        replace(entity, attributes=tuple(sorted(parsed.attributes[key])), links=tuple(parsed.links[key]))
        for key, entity in parsed.entities.items()
    )
    relations = []
    for relation in parsed.relations:
        if all(reference in parsed.entities for _, reference in relation.arguments):
            relations.append(relation)
        else:
            report.note("brat: relation of an event or of a left-out mention, left out")
    return Document(name, text, entities=entities, relations=tuple(relations))


def _rows(document: Document) -> str:
    """The lines of the ``.ann``; mentions are numbered anew in the order of the document."""
    _check_words(document)
    ids = {entity.id: f"T{number}" for number, entity in enumerate(document.entities, 1)}
    rows, others = list[str](), list[str]()
    for entity in document.entities:
        key, spans = ids[entity.id], ";".join(f"{span.start} {span.end}" for span in entity.spans)
        words = entity.text.translate(_CELL)
        rows.append(f"{key}\t{entity.label} {spans}\t{words}")
        others += [f"{name} {key}" + (f" {value}" if value != _BINARY else "") for name, value in entity.attributes]
    for number, relation in enumerate(document.relations, 1):
        arguments = " ".join(f"{role}:{ids[reference]}" for role, reference in relation.arguments)
        rows.append(f"R{number}\t{relation.label} {arguments}")
    rows += [f"A{number}\t{line}" for number, line in enumerate(others, 1)]
    references = [(ids[entity.id], link.id, entity) for entity in document.entities for link in entity.links]
    rows += [
        f"N{number}\tReference {key} {concept}\t{entity.text.translate(_CELL)}"
        for number, (key, concept, entity) in enumerate(references, 1)
    ]
    return "".join(f"{row}\n" for row in rows)


def _check_words(document: Document) -> None:
    """Refuse what would break a line or read back as something else."""
    words = [entity.label for entity in document.entities] + [relation.label for relation in document.relations]
    words += [role for relation in document.relations for role, _ in relation.arguments]
    words += [name for entity in document.entities for name, _ in entity.attributes]
    words += [link.id for entity in document.entities for link in entity.links]
    values = [value for entity in document.entities for _, value in entity.attributes]
    faults = [word for word in words if not re.fullmatch(r"\S+", word)]
    faults += [value for value in values if value != value.strip() or not re.fullmatch(r"[^\t\r\n]+", value)]
    faults += [role for relation in document.relations for role, _ in relation.arguments if ":" in role]
    if faults:
        raise CannotHold(
            f"document {document.id[:60]}: brat has no place for the label, role, value or id {faults[0][:60]!r}, "
            "which is empty or holds white space or a colon where brat puts its own"
        )


def _stem(document_id: str) -> str:
    """A file name for every system; :func:`read` undoes the encoding."""
    stem = quote(document_id, safe=_FILE_NAME_SAFE)
    edges = {0, len(stem) - 1}
    stem = "".join(f"%{ord(c):02X}" if at in edges and c in ". " else c for at, c in enumerate(stem))
    if not stem or len(stem) > _MAX_NAME:
        raise CannotHold(f"the id {document_id[:60]!r} makes no file name: brat needs 1 to {_MAX_NAME} characters")
    return stem


def _put(path: Path, content: str) -> None:
    """Write a whole file or none: beside its place first, then renamed."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(content, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written ({error.strerror})") from error
