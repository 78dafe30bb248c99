"""Ontologies as the CELLxGENE ontology guide carries them: a JSON object a term, compressed with Zstandard.

    "MONDO:0005148": {"ancestors": {"MONDO:0005015": 1, ...}, "label": "type 2 diabetes mellitus", "synonyms": [...],
                      "description": "A type of diabetes ...", "deprecated": false}

Synonyms come without their kind and cross-references are left out: other sources have those.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from biogloss.errors import FormatError, MissingExtra
from biogloss.knowledge.concept import Concept, clean, synonyms
from biogloss.knowledge.readers.kinds import kind_of
from biogloss.knowledge.sources._card import MAX_MEMBER_BYTES, Card, Pin, content

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

PIN = Pin(
    "cellxgene_ontology_guide-1.11.1-py3-none-any.whl",
    "621276831bc021aab348f4d6119fad033282dff3126a8f2dbe8b293fbce68aca",
    "cellxgene-ontology-guide==1.11.1",
)
_FOLDER = "cellxgene_ontology_guide/data/"
_MAX_JSON_BYTES = 4 * MAX_MEMBER_BYTES


def terms(path: Path, name: str) -> dict[str, dict[str, Any]]:
    """The terms of one ontology, ``name`` is its file without ending.

    Raises:
        MissingExtra: the package that decompresses is not installed.
        InputError, FormatError: the wheel is not there or damaged.
    """
    try:
        import zstandard  # noqa: PLC0415 - the extra `terms`
    except ImportError as error:
        raise MissingExtra("zstandard", "terms", "reading this source from its wheel") from error
    packed = content(path, PIN, f"{_FOLDER}{name}.json.zst")
    try:
        found = json.loads(zstandard.ZstdDecompressor().decompress(packed, max_output_size=_MAX_JSON_BYTES))
    except (zstandard.ZstdError, ValueError) as error:
        raise FormatError(f"{name} cannot be read ({error})", file=str(path)) from error
    return dict(found)


def of_one_type(path: Path, card: Card, name: str, report: Counter[str]) -> Iterator[Concept]:
    """The concepts of an ontology all of whose terms are of the one type of its card; ``name`` as in :func:`terms`."""
    source = card.name, card.version
    return concepts(terms(path, name), source=source, type_of=lambda _, __: card.types[0], xrefs={}, report=report)


def concepts(
    found: Mapping[str, Mapping[str, Any]],
    *,
    source: tuple[str, str],
    type_of: Callable[[str, Mapping[str, Any]], str],
    xrefs: Mapping[str, tuple[str, ...]],
    report: Counter[str],
) -> Iterator[Concept]:
    """The terms as concepts, in the order of their identifiers; ``source`` is name and version.

    ``type_of`` gives the type of a term, or nothing to leave it out.
    """
    for identifier in sorted(found):
        term = found[identifier]
        label = clean(term.get("label", ""))
        if term.get("deprecated") or not label:
            report["obsolete term left out"] += 1
        elif kind := type_of(identifier, term):
            yield Concept(
                identifier,
                kind,
                label,
                source=source[0],
                version=source[1],
                synonyms=synonyms(label, [(text, kind_of(text, label)) for text in term.get("synonyms", ())]),
                definition=clean(term.get("description", "")),
                parents=tuple(sorted(parent for parent, steps in term["ancestors"].items() if steps == 1)),
                xrefs=xrefs.get(identifier, ()),
            )
