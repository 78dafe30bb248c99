"""Genetic variants by pattern: dbSNP numbers, HGVS names and the free forms that texts use.

    "BRAF V600E (rs113488022)"  -> Variant "V600E", HGVS:p.Val600Glu; Variant "rs113488022", DBSNP:rs113488022

Of matches that overlap the longest counts. ``rs`` numbers get a ``DBSNP`` link; what names its position and
change gets an ``HGVS`` link, a name in HGVS style that is the same for "V600E", "Val600Glu" and "p.(Val600Glu)". The
reference sequence is not known, so such a name says nothing of a gene or transcript.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.documents import Document, Entity, Link, Span, entity_at
from biogloss.pipeline.steps._entities import with_new
from biogloss.pipeline.steps._variant_patterns import FALSE_FRIENDS, PATTERNS, THREE_LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LABEL = "Variant"
SOURCE = "variants"

_HINTS = tuple(dict.fromkeys(pattern.hint for pattern in PATTERNS))
_HINTED = tuple((pattern, _HINTS.index(pattern.hint)) for pattern in PATTERNS)
_SPACE = re.compile(r"\s+")
_ARROWS = re.compile(r"-*>|→|/")
_AMBIGUOUS = re.compile(r"[ACGT]\d+[ACGT]")  # A1298C is a change of bases or of residues: only the gene tells
_RESIDUE = re.compile(r"[A-Z][a-z]{2}|[A-Z*](?![a-z])")


def step() -> Callable[[Document], Document]:
    """The step that adds the variants of a text, except where a ``Variant`` stands already."""
    return _annotated


def variants(text: str) -> list[Entity]:
    """The variants of a text in reading order, none overlapping another; their ids are empty.

    Args:
        text: any text. Positions are as written: no sequence is looked up.
    """
    found = [(match, family) for family, matches in _matches(text) for match in matches if _is_variant(match, family)]
    found.sort(key=lambda pair: (pair[0].start() - pair[0].end(), pair[0].start()))
    taken, chosen = bytearray(len(text)), []
    for match, family in found:
        if not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
            chosen.append(_entity(text, match, family))
    return sorted(chosen, key=lambda entity: entity.start)


def _annotated(document: Document) -> Document:
    known = [entity for entity in document.entities if entity.label == LABEL]
    taken = bytearray(len(document.text))
    for entity in known:
        taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
    new = [entity for entity in variants(document.text) if not any(taken[entity.start : entity.end])]
    return document.with_entities(with_new(document.entities, new))


def _matches(text: str) -> Iterator[tuple[str, Iterator[re.Match[str]]]]:
    hinted = [hint.search(text) is not None for hint in _HINTS]
    return ((pattern.family, pattern.regex.finditer(text)) for pattern, hint in _HINTED if hinted[hint])


def _is_variant(match: re.Match[str], family: str) -> bool:
    """Whether the match is no cell line, temperature or empty change."""
    words = match.group()
    if words in FALSE_FRIENDS:
        return False
    if family == "protein" and match["change"] is None:
        return words.startswith("p.")
    return True


def _entity(text: str, match: re.Match[str], family: str) -> Entity:
    span = _trimmed(text, match.start(), match.end())
    if family == "dbsnp":
        return entity_at(text, span, LABEL, links=(Link(f"DBSNP:rs{match['id']}", source=SOURCE),), source=SOURCE)
    name = _hgvs(match, family)
    links = (Link(f"HGVS:{name}", source=SOURCE),) if name else ()
    return entity_at(text, span, LABEL, links=links, source=SOURCE)


def _trimmed(text: str, start: int, end: int) -> Span:
    """Without a closing bracket whose opening one is outside."""
    piece = text[start:end]
    if piece[-1] in ")]" and piece.count(piece[-1]) > piece.count("(" if piece[-1] == ")" else "["):
        end -= 1
    return Span(start, end)


def _hgvs(match: re.Match[str], family: str) -> str:
    """A name in HGVS style, or nothing where the text does not say position and change."""
    if family in {"hgvs", "nucleotide"}:
        kind = match["kind"] if family == "hgvs" else "c"
        rest = _ARROWS.sub(">", _SPACE.sub("", match["rest"])).replace("−", "-").replace("–", "-")  # noqa: RUF001
        rest = rest.rstrip(")") if rest.count(")") > rest.count("(") else rest
        return f"{kind}.{_position_first(rest)}" if any(map(str.isdigit, rest)) else ""
    if family == "deletion":
        return f"p.{_three(match['first'])}{match['at']}del"
    if family in {"protein", "words"}:
        return _protein(match)
    return ""


def _position_first(rest: str) -> str:
    """Write "C677T" as "677C>T"; anything else stays as it is."""
    if swapped := re.fullmatch(r"([ACGTU])([+-]?)\(?([+-]?\d+)\)?>?([ACGTU])", rest):
        before, sign, at, after = swapped.groups()
        return f"{sign}{at}{before}>{after}"
    return rest


def _protein(match: re.Match[str]) -> str:
    if _AMBIGUOUS.fullmatch(match.group()):
        return ""
    first, at, change = _three(match["first"]), match["at"] or match["inner"], match["change"] or ""
    last = match.groupdict().get("last")
    if last:
        at += "_" + _RESIDUE.sub(lambda residue: _three(residue.group()), last)
    if " for " in match.group().lower() and " for " not in change:  # "arginine for glycine at position 71"
        first, change = _three(change), first
    words = re.sub(r"^(?:.*\s)?(?:to|by|for|with)\s(?:an?\s)?|^[\s/>→-]+|^premature\s", "", change, flags=re.IGNORECASE)
    if words.lower() in THREE_LETTERS:
        return f"p.{first}{at}{_three(words)}"
    return f"p.{first}{at}" + _RESIDUE.sub(lambda residue: _three(residue.group()), _SPACE.sub("", words))


def _three(name: str) -> str:
    """Three letters of an amino acid, however it is written."""
    return THREE_LETTERS.get(name.lower(), name)
