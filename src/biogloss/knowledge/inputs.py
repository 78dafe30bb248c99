"""What the commands do: an index from names of sources, own copies of them and files of terms; and questions to it.

batches(["mesh", "hpo=hp-2026-10.obo", "lab.csv"], wheels=Path("wheels"), reading=Reading(type="Disease"))

A file of the user's own wins over every source.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError, InputError
from biogloss.knowledge import _build, readers, shipped, sources
from biogloss.knowledge._build import Batch, Manifest
from biogloss.knowledge._schema import FORMAT
from biogloss.knowledge.sources._card import located
from biogloss.knowledge.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.knowledge.concept import Concept
    from biogloss.knowledge.readers import Reading
    from biogloss.knowledge.terms import Hit

SHIPPED = (
    *("mesh", "mondo", "hpo", "disease_ontology", "drugs", "hgnc", "ncbi_taxonomy", "cell_ontology", "uberon"),
    "biomappings",
)
"""The sources of the index that comes with the package, in the order of preference; all of them may be given away."""
READERS = 1
"""Raised when a reader reads the same file in another way, so that an index does not take it for known."""
_BLOCK_BYTES = 1 << 20


def batches(
    inputs: Sequence[str], *, wheels: Path, reading: Reading, report: Counter[str] | None = None
) -> list[Batch]:
    """The sources to build from, none read yet; what their readers leave out is counted in ``report``.

    An input is the name of a source, whose pinned files are in the folder ``wheels``; a name and a file
    (``hpo=hp.obo``) for the user's own copy of it; or a file of terms, which is the user's and wins over all others.

    Raises:
        ConfigError: no such source, and no file of that name.
        InputError: a file that is not there, or another one than is pinned.
    """
    counted = Counter[str]() if report is None else report
    return [_batch(text, wheels, reading, counted) for text in inputs]


def _batch(text: str, wheels: Path, reading: Reading, report: Counter[str]) -> Batch:
    name, equals, path = text.partition("=")
    if name.replace("-", "_") in sources.names():
        return _source(name.replace("-", "_"), Path(path) if equals else wheels, report, own=bool(equals))
    if not Path(text).is_file():
        msg = f"{text}: neither a file nor a source; there are: {', '.join(sources.names())}"
        raise ConfigError(msg)
    return _file(Path(text), reading, report)


def _source(name: str, path: Path, report: Counter[str], *, own: bool) -> Batch:
    card = sources.card(name)
    if own and not card.own:
        msg = f"the source {name} reads no file of your own, only its pinned ones: name it without ="
        raise ConfigError(msg)
    if own:
        digest, version = _joined(_sha256(path)), f"own copy: {path.name}"
    else:
        for pin in card.pins:
            located(path, pin)
        digest, version = _joined(*(pin.sha256 for pin in card.pins)), card.version
    manifest = Manifest(
        name,
        digest,
        ship=card.ship and not own,
        title=card.title,
        version=version,
        licence=card.licence,
        url=card.url,
    )
    return Batch(manifest, sources.read(name, path, report))


def _file(path: Path, reading: Reading, report: Counter[str]) -> Batch:
    name = reading.source or path.name.partition(".")[0]
    named = replace(reading, source=name)
    digest = _joined(_sha256(path), repr(named))
    manifest = Manifest(name, digest, own=True, title=path.name, version=reading.version, licence="the user's own")
    return Batch(manifest, readers.read(path, named, report))


def _joined(*parts: str) -> str:
    """One checksum of files and options, and of how they are read."""
    return hashlib.sha256("\n".join((str(FORMAT), str(READERS), *parts)).encode()).hexdigest()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=str(path), todo="Check the path") from error
    return digest.hexdigest()


def build(target: Path, found: Sequence[Batch], *, base: str = "", force: bool = False) -> None:
    """Write an index of these sources, on top of another one where ``base`` names it (``shipped``, or a file).

    Raises:
        KnowledgeError: the target exists and ``force`` is not given; there is no such base.
        OutputError: it cannot be written; nothing was changed.
    """
    start = _located(base) if base else None
    _build.build(target, found, base=start, force=force)


def add(target: Path, found: Sequence[Batch]) -> list[str]:
    """Add sources to an index; returns the names of those that it did not have in this form.

    Raises:
        KnowledgeError: no index, or a damaged one.
        OutputError: it cannot be written; nothing was changed.
    """
    return _build.add(target, found)


def opened(index: str) -> Terms:
    """The index in a file, or the shipped one where none is named.

    Raises:
        KnowledgeError: no index, one of another version, or a damaged one.
    """
    return Terms.open(_located(index))


def concept(terms: Terms, identifier: str) -> Concept:
    """The concept of an identifier.

    Raises:
        ConfigError: it is no identifier, or the index does not have it.
    """
    if (found := terms.concept(identifier)) is None:
        msg = f"{terms.path} has no concept {identifier}; `biogloss terms sources --index` lists what it is made of"
        raise ConfigError(msg)
    return found


def search(
    terms: Terms, names: Sequence[str], *, types: Sequence[str], namespaces: Sequence[str], limit: int
) -> dict[str, tuple[Hit, ...]]:
    """What each name may stand for, at most ``limit`` ids; where one is not known, what looks most like it.

    Raises:
        ConfigError: the index has no concept of such a type.
    """
    if unknown := sorted(set(types) - set(terms.types())):
        msg = f"the index has no concept of type {unknown[0]!r}; there are: {', '.join(terms.types())}"
        raise ConfigError(msg)
    found = terms.find(names, types=types, namespaces=namespaces)
    return {
        name: hits[:limit] or terms.similar(name, limit=limit, types=types, namespaces=namespaces)
        for name, hits in found.items()
    }


def _located(index: str) -> Path:
    return shipped.located("" if index == "shipped" else index)
