"""OBO files, as the OBO Foundry's ontologies come: a stanza a term.

[Term]
id: HP:0000003
name: Multicystic kidney dysplasia
synonym: "Multicystic kidneys" EXACT []
xref: UMLS:C3714581
is_a: HP:0000107 ! Renal cyst

Terms that are obsolete are left out; stanzas of other kinds are not looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.knowledge.concept import MAX_DEFINITION_CHARACTERS, Concept, clean, synonyms
from biogloss.knowledge.curies import curie
from biogloss.knowledge.readers._text import lines
from biogloss.knowledge.readers.kinds import kind_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from biogloss.knowledge.readers._reading import Reading

_SYNONYM = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(\w+)?(?:\s+([\w-]+))?')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_KINDS = {"EXACT": "exact", "NARROW": "narrow", "BROAD": "broad", "RELATED": "related"}

Stanza = list[tuple[str, str]]


def concepts(path: Path, reading: Reading, report: Counter[str]) -> Iterator[tuple[str, Concept]]:
    """(place, concept) of each term that is not obsolete; errors as :func:`from_lines`."""
    return from_lines(lines(path, reading.encoding), str(path), reading, report)


def from_lines(
    numbered: Iterable[tuple[int, str]], file: str, reading: Reading, report: Counter[str]
) -> Iterator[tuple[str, Concept]]:
    """The same from lines that are open already.

    Raises:
        FormatError: no term at all, or a stanza without id or with a wrong one; the message names its line.
    """
    count = 0
    for line, stanza in _stanzas(numbered):
        count += 1
        try:
            found = _concept(stanza, reading, report)
        except ValueError as error:
            raise FormatError(str(error), file=file, place=f"the term at line {line:,}") from error
        if found is not None:
            yield f"line {line:,}", found
    if not count:
        raise FormatError("no [Term] in it", file=file, expected="an OBO file")


def _stanzas(numbered: Iterable[tuple[int, str]]) -> Iterator[tuple[int, Stanza]]:
    start, kind, stanza = 0, "", Stanza()
    for number, line in numbered:
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            if kind == "[Term]":
                yield start, stanza
            start, kind, stanza = number, text, []
        elif kind == "[Term]" and (parts := text.partition(": "))[1]:
            stanza.append((parts[0], parts[2]))
    if kind == "[Term]":
        yield start, stanza


def _concept(stanza: Stanza, reading: Reading, report: Counter[str]) -> Concept | None:
    tags: dict[str, list[str]] = {}
    for tag, value in stanza:
        tags.setdefault(tag, []).append(value)
    if "id" not in tags:
        raise ValueError("a term without id; expected a line 'id: PREFIX:NUMBER'")
    name = clean(_plain(tags.get("name", [""])[0].partition(" ! ")[0]))
    if tags.get("is_obsolete") == ["true"] or not name:
        report["obsolete term left out"] += 1
        return None
    identifier = curie(_first(tags["id"][0]))
    kind = reading.type_of(identifier)
    return Concept(
        identifier,
        kind,
        name,
        source=reading.source,
        version=reading.version,
        synonyms=synonyms(name, [_synonym(value, name) for value in tags.get("synonym", ())]),
        definition=_definition(tags.get("def", [""])[0]),
        parents=_curies(tags.get("is_a", ()), identifier, report, "parent"),
        xrefs=_curies(tags.get("xref", ()), identifier, report, "cross-reference"),
    )


def _first(value: str) -> str:
    return value.split(" ", 1)[0].split("{", 1)[0]


def _synonym(value: str, name: str) -> tuple[str, str]:
    match = _SYNONYM.match(value)
    if not match:
        raise ValueError(f"the synonym {value[:40]!r} is not in quotes")
    text = clean(_plain(match[1]))
    if (match[3] or "").lower().startswith("abbreviation"):
        return text, "abbreviation"
    return text, kind_of(text, name, _KINDS.get(match[2] or "", "related"))


def _definition(value: str) -> str:
    match = _QUOTED.match(value)
    return clean(_plain(match[1]))[:MAX_DEFINITION_CHARACTERS] if match else ""


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _curies(values: Iterable[str], own: str, report: Counter[str], what: str) -> tuple[str, ...]:
    """Those of the identifiers that are CURIEs; web pages and free words are counted and left out."""
    found: dict[str, None] = {}
    for value in values:
        try:
            identifier = curie(_plain(_first(value)))
        except ValueError:
            report[f"{what} that is no identifier left out"] += 1
            continue
        if not value.startswith("http") and identifier != own:
            found[identifier] = None
    return tuple(found)
