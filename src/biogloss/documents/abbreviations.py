"""Abbreviations that a text defines, after Schwartz & Hearst (2003).

    "Heart rate (HR) rose; HR-matched dogs ..."  -> Abbreviation(short=Span(12, 14), long=Span(0, 10))

The candidates are theirs: what stands in brackets after its long form, or before it. Their long form is the
shortest whose letters allow the short one; ours is the best aligned: letters at word starts rather than inside words,
words used rather than skipped.
"""
# ruff: noqa: RUF001 - typographic quotes and primes are matched on purpose

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from biogloss.documents._alignment import aligned
from biogloss.documents.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_SHORT_CHARACTERS = 12
MAX_SHORT_WORDS = 2
MAX_LONG_CHARACTERS = 160

_BRACKET = re.compile(r"(?<=[^\s(\[])\s{0,2}[(\[]")
_CLOSE = {"(": ")", "[": "]"}
_MAX_INSIDE_CHARACTERS = 200
_LEAD = re.compile(
    r"(?:(?:also |here)?(?:abbreviated|termed|called|named|designated|known|referred to)(?: as)?|i\.e\.,?|or|the|=|,)"
    r"\s+",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[;,:=]\s|\s(?:or|and|in|of|for|is|are|vs|versus|from|with|by|to|at|see|n)\s|\s?[=<>]\s?")
_NOT_SHORT = re.compile(
    r"(?:(?i:fig|figs|figure|table|tables|ref|refs|see|groups?|grade|stage|type|days?|phase|treatment)|p|n|vs|e\.g|i\.e|ie|eg|"
    r"(?:[Oo]r|[Aa]nd|[Tt]he|[Ii]n|[Oo]f|mean|range|median|total|left|right|I{2,3}|I?V|VI{1,3}|IX))\b\.?(?:\s.*)?"
    r"|\d[\d.,\s-]*(?:%.*|[a-z]*)|[^A-Za-z]*"
)
_LOCANTS = re.compile(  # possessive: the alternatives overlap, and a long token must not be tried in every way
    r"(?:[\d,.'′’()\[\]+±-]|[α-ω]"
    r"|(?:alpha|beta|gamma|delta|omega|trans|ortho|meta|para|tert|sec|cis|tri|di|[A-Z]{1,2})(?=[\d,'-]))*+",
    re.IGNORECASE,
)
_QUOTES = " \"'“”‘’"
_COMPARISONS = "=<>"
_WORD_END = re.compile(r"\S+\Z")
_SENTENCE_EDGE = re.compile(r"[.?!;:]\s|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A definition: where the short form is introduced, and the long form it stands for."""

    short: Span
    long: Span


def abbreviations(text: str) -> list[Abbreviation]:
    """The definitions in a text, in the order of their short forms.

    Args:
        text: any text; long forms are looked for inside one sentence only.
    """
    found = []
    for match in _BRACKET.finditer(text):
        if inside := _inside(text, match.end() - 1):
            before = match.start()
            pair = (
                _short_inside(text, before, inside) or _long_inside(text, before, inside) or _both_inside(text, inside)
            )
            if pair:
                found.append(pair)
    return found


def first_definitions(text: str, pairs: Sequence[Abbreviation]) -> list[Abbreviation]:
    """Of each short form the definition that comes first, which counts."""
    first: dict[str, Abbreviation] = {}
    for pair in pairs:
        first.setdefault(text[pair.short.start : pair.short.end], pair)
    return list(first.values())


def mentions(text: str, words: str, start: int = 0) -> Iterator[Span]:
    """Where a short or long form stands as words of its own, from ``start`` on."""
    pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    return (Span(match.start(), match.end()) for match in pattern.finditer(text, start))


def _inside(text: str, bracket: int) -> Span | None:
    """What stands between the bracket and its partner, brackets inside counted; None where it is not closed."""
    opening, closing, depth = text[bracket], _CLOSE[text[bracket]], 0
    for position in range(bracket, min(len(text), bracket + _MAX_INSIDE_CHARACTERS)):
        if text[position] == opening:
            depth += 1
        elif text[position] == closing:
            depth -= 1
            if depth == 0:
                return Span(bracket + 1, position) if position > bracket + 1 else None
    return None


def _short_inside(text: str, before: int, inside: Span) -> Abbreviation | None:
    """The definition in "long form (SF)", "long form (SF; more)" or "long form (or SF)"."""
    content = text[inside.start : inside.end]
    start = inside.start + len(content) - len(content.lstrip(_QUOTES))
    if lead := _LEAD.match(text, start, inside.end):
        start = lead.end()
    separator = _SEPARATOR.search(text, start, inside.end)
    end = separator.start() if separator else inside.end
    short = text[start:end].rstrip(_QUOTES + ",;")
    if separator and len(short) == 1 and separator.group().strip() in _COMPARISONS:
        return None  # "(n = 5)"
    return _pair(text, Span(start, start + len(short)), _window_start(text, before), before) if short else None


def _pair(text: str, short: Span, window_start: int, long_end: int) -> Abbreviation | None:
    """The definition whose long form ends at ``long_end``, where there is one."""
    words = text[short.start : short.end]
    if not _is_short(words) or (offset := aligned(words, text[window_start:long_end])) is None:
        return None
    start = _with_locants(text, window_start, window_start + offset)
    long = text[start:long_end]
    if long.count("(") != long.count(")") or long.count("[") != long.count("]"):
        return None
    return Abbreviation(short, Span(start, long_end))


def _with_locants(text: str, window_start: int, start: int) -> int:
    """Take in what only places the name's first part: the "2,6-" of "2,6-diaminopurine"."""
    token = max(text.rfind(" ", window_start, start) + 1, window_start)
    while token < start and _is_unclosed(text[token:start]):
        token += 1  # the bracket that the definition stands in
    return token if _LOCANTS.fullmatch(text, token, start) else start


def _is_unclosed(piece: str) -> bool:
    return piece[0] in _CLOSE and piece.count(piece[0]) > piece.count(_CLOSE[piece[0]])


def _window_start(text: str, end: int) -> int:
    start = max(0, end - MAX_LONG_CHARACTERS)
    for edge in _SENTENCE_EDGE.finditer(text, start, end):
        start = edge.end()
    return start


def _long_inside(text: str, before: int, inside: Span) -> Abbreviation | None:
    """The definition in "SF (long form)": the long form is all of the bracket up to a comma."""
    word = _WORD_END.search(text, max(0, before - MAX_SHORT_CHARACTERS - 1), before)
    if not word or not any(map(str.isupper, short := word.group().lstrip(_QUOTES + "(["))):
        return None
    long = re.split(r"[;,:]\s", text[inside.start : inside.end], maxsplit=1)[0].rstrip()
    if len(long) <= len(short) + 2:
        return None
    end = inside.start + len(long)
    pair = _pair(text, Span(before - len(short), before), inside.start, end)
    return pair if pair and pair.long.start == inside.start else None


def _both_inside(text: str, inside: Span) -> Abbreviation | None:
    """The definition in "(long form, SF)"."""
    separator = max(text.rfind(", ", inside.start, inside.end), text.rfind("; ", inside.start, inside.end))
    if separator < 0 or separator + 2 == inside.end:
        return None
    pair = _pair(text, Span(separator + 2, inside.end), inside.start, separator)
    return pair if pair and pair.long.start == inside.start else None


@lru_cache(maxsize=4096)
def _is_short(short: str) -> bool:
    """Whether it may be a short form: short, few words, with a letter, not a number, figure or list word."""
    if not 1 <= len(short) <= MAX_SHORT_CHARACTERS or len(short.split()) > MAX_SHORT_WORDS:
        return False
    if _NOT_SHORT.fullmatch(short) or not (short[0].isalnum() or short[0] in "(["):
        return False
    if len(short) == 1:
        return short.isupper()
    return any(map(str.isalpha, short))
