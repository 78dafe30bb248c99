"""Sentences of biomedical text, English and Chinese, by rules that know where a full stop is not one.

    "S. aureus grew (Fig. 2; p < .05). Dr. Wu gave 5 mg i.v. The fever fell."
    -> "S. aureus grew (Fig. 2; p < .05)."  "Dr. Wu gave 5 mg i.v."  "The fever fell."

Every place that may end a sentence is found by one regular expression; the word before and the word after decide. The
result is ordered, disjoint, free of white space at its ends, and covers every other character of the text.
"""
# ruff: noqa: RUF001, RUF002, RUF003 - Chinese and typographic punctuation is what this file is about

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from biogloss.documents._sentence_words import (
    ABBREVIATIONS,
    BEFORE_LETTER,
    CONTINUES_LINE,
    NEVER_LAST,
    NUMBERED,
    STARTERS,
    WORDS_TOO,
)
from biogloss.documents.kinds import STRUCTURE
from biogloss.documents.model import Mark
from biogloss.documents.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents.model import Document

SENTENCE = "sentence"
"""The kind of marks that say where sentences are."""

_WORD_CHARACTERS = 30  # enough of the neighbouring word to decide; keeps hostile text without spaces linear
_BRACKET_CHARACTERS = 200  # how far back a semicolon looks for an open Chinese bracket
_OPENERS = "([{\"'“‘«<*†‡§¶?"  # "?PE" asks for it, in notes
_CLOSERS = r"[)\]}\"'”’»*]*+"
_CJK = "\u3400-\u9fff\uf900-\ufaff"
_NEWLINE = r"\r\n|[\n\r\v\f\x85\u2028\u2029]"
# A stop that closes a sentence may carry its references: "cells.1,2 The", "cells.[3] The", "cells. [3] The"
_CITED = r"(?:(?<=[a-z)\]%”\"]\.)\d{1,3}(?:[,–-] ?\d{1,3})*+|\s?\[\d{1,3}(?:[,;–-] ?\d{1,3})*+\])?"
_GLUED = (
    r"(?<=[a-z)\]%]\.)(?=(?:The|We|This|These|In|It|Our|However|Here|Thus|There|Results|Conclusions?|Methods?)\s"
    r"|[A-Z]{5}[A-Z /&]{0,40}:)"
)
_FULL_WIDTH = r"(?:[。！？][。！？.!?…]*+[”’』」》）)】］]*+)"
_CHINESE = rf"(?:[。！？；…]++|(?<=[{_CJK}”）])[!?;]++(?=[{_CJK}“（\s]))[。！？.!?…]*+[”’』」》）)】］]*+"


def _boundaries(full_width: str) -> re.Pattern[str]:
    stop = rf"(?P<stop>(?<![.!?…])[.!?…]++)(?:(?P<close>{_CLOSERS}){_CITED}(?P<gap>\s++)|(?P<glued>{_GLUED}))"
    return re.compile(rf"(?P<full>{full_width})|{stop}|(?P<line>(?:{_NEWLINE})\s*+)")


_FIRST = re.compile(r"[.!?;…。！？；\n\r\v\f\x85\u2028\u2029]")
_ENGLISH_BOUNDARY = _boundaries(_FULL_WIDTH)
_CHINESE_BOUNDARY = _boundaries(_CHINESE)
_BLANK_LINE = re.compile(rf"(?:{_NEWLINE})[ \t]*+(?:{_NEWLINE})")
_LINE_END = re.compile(_NEWLINE)
_ENUMERATOR = re.compile(r"\s*[(\[]?(?:\d{1,2}|[ivxIVX]{1,4}|[A-Za-z])[)\]]?\s*")
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]{1,2}|(?:[A-Za-z]{1,3}\.){2,}|Ph\.D|M\.Sc|B\.Sc")
# Lower-case names that open sentences: p53, mTOR, miR-21, c-Myc, c-kit, α-synuclein, beta-catenin, hERG
_SYMBOL = re.compile(r"[a-z]{1,5}[A-Z0-9]|[a-z]{1,4}-[A-Z0-9]|[α-ω]|[cnv]-[a-z]{3}|(?:alpha|beta|gamma|delta|kappa)-")
_CLOSED_NUMBER = re.compile(r"\d+%?[),;]")
_COMPARISON = re.compile(r"[=<>≤≥≈~]\s*\d+$")
_LIST_BULLETS = frozenset("•·●○◦▪")  # never a dash or star inside a line
_BULLETS = _LIST_BULLETS | set("-–—*")


def sentences(text: str, language: str = "en") -> list[Span]:
    """The sentences of a text, in order.

    A blank line always ends a sentence; a single line end does, unless the line visibly goes on.

    Args:
        text: any text; headings ("METHODS: We ...") stay with the sentence they open.
        language: BCP 47. ``zh`` also ends sentences at ``；`` and ``…`` and at ``!?;`` between Chinese characters.
    """
    pattern = _CHINESE_BOUNDARY if language.lower().startswith("zh") else _ENGLISH_BOUNDARY
    spans, start = [], 0
    for end in _ends(text, pattern):
        if span := _trimmed(text, start, end):
            spans.append(span)
        start = end
    if span := _trimmed(text, start, len(text)):
        spans.append(span)
    return spans


def spans(document: Document) -> list[Span]:
    """The sentences of a document in order: those that are marked, or else as they are told.

    None that is told crosses a title, section or caption.
    """
    if marked := document.marked(SENTENCE):
        return sorted(mark.span for mark in marked)
    edges = {edge for mark in document.marks if mark.kind in STRUCTURE for edge in (mark.span.start, mark.span.end)}
    cuts = sorted(edges | {0, len(document.text)})
    return [
        span.shift(start)
        for start, end in pairwise(cuts)
        for span in sentences(document.text[start:end], document.language)
    ]


def marked(document: Document) -> Document:
    """The document with a mark for each sentence; with its own where it has any."""
    if any(mark.kind == SENTENCE for mark in document.marks):
        return document
    return document.with_marks((*document.marks, *(Mark(span, SENTENCE) for span in spans(document))))


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    if not (core := piece.strip()):
        return None
    start += len(piece) - len(piece.lstrip())
    return Span(start, start + len(core))


def _ends(text: str, pattern: re.Pattern[str]) -> Iterator[int]:
    """Where sentences end, white space after them included."""
    start = 0
    for match in _matches(text, pattern):
        if match.lastgroup == "full":
            ends = not _in_chinese_bracket(text, start, match)
        elif match.lastgroup == "line":
            ends = _line_ends(text, start, match)
        elif match.lastgroup == "glued":
            ends = _word_before(text, match.start()).lower() not in ABBREVIATIONS
        else:
            ends = _stop_ends(text, start, match) or _gap_ends(text, start, match)
        if ends:
            start = match.end()
            yield start


def _matches(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """``pattern.finditer``, three times as fast: only where a character stands that a boundary can begin with."""
    end = 0
    for hit in _FIRST.finditer(text):
        if hit.start() >= end and (match := pattern.match(text, hit.start())):
            end = match.end()
            yield match


def _in_chinese_bracket(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a Chinese semicolon or ellipsis only separates items inside a bracket."""
    if match.group()[0] not in "；;…":
        return False
    start = max(start, match.start() - _BRACKET_CHARACTERS)
    inside = text[start : match.start()]
    return inside.rfind("（") > inside.rfind("）")


def _gap_ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the white space after a stop that ends nothing holds a line end that does."""
    line = _LINE_END.search(text, match.start("gap"), match.end())
    return line is not None and _line_ends(text, start, match, line.start())


def _line_ends(text: str, start: int, match: re.Match[str], line_start: int | None = None) -> bool:
    """Whether a line end closes a sentence: not where the next line goes on in lower case or this one is unfinished."""
    line_start = match.start() if line_start is None else line_start
    if _BLANK_LINE.match(text, line_start):
        return True
    before = text[max(start, line_start - _WORD_CHARACTERS) : line_start].rstrip()
    after = text[match.end() : match.end() + 1]
    if not before or not after or after in _BULLETS:
        return True
    if after.islower() or not (after.isalnum() or after in "\"“‘'「『《【"):
        return False
    word = before.split()[-1]
    return before[-1] not in ",-–(/[、，" and word.lower() not in CONTINUES_LINE


def _stop_ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a full stop, question or exclamation mark before white space ends the sentence."""
    following = text[match.end() : match.end() + _WORD_CHARACTERS].split(None, 1)
    if not following:
        return False
    after = following[0].lstrip(_OPENERS)
    word = _word_before(text, match.start())
    if not after[:1].isalnum():
        return after[:1] in _LIST_BULLETS if after else len(following) > 1
    if after[0].islower():
        return bool(_SYMBOL.match(after)) and _is_plain(word)
    if match["stop"][-1] in "?!":
        return True
    if _ENUMERATOR.fullmatch(text, start, match.start()):
        return False
    before = text[max(0, match.start() - 2 * _WORD_CHARACTERS) : match.start()]
    return len(match["stop"]) > 1 or _word_ends(word, after, match["close"], before)


def _word_before(text: str, end: int) -> str:
    """The last word before ``end`` without its brackets and quotes; empty after white space."""
    piece = text[max(0, end - _WORD_CHARACTERS) : end]
    words = piece.split()
    return words[-1].lstrip(_OPENERS) if words and not piece[-1].isspace() else ""


def _is_plain(word: str) -> bool:
    """Whether it is an ordinary word, number or bracketed text rather than an abbreviation or initial."""
    return (len(word) > 2 or word.isdigit()) and not _is_abbreviation(word)


def _is_abbreviation(word: str) -> bool:
    """Whether the word ends sentences rarely; in capitals ("BV", "MAX") it is more likely a name of its own."""
    return (word.lower() in ABBREVIATIONS and not (word.isupper() and "." not in word)) or bool(_DOTTED.fullmatch(word))


def _word_ends(word: str, after: str, close: str, before: str) -> bool:
    """Whether ``word.`` ends a sentence before a capitalised or numeric ``after``."""
    lower = word.lower()
    numeric = after[0].isdigit()
    starter = after.rstrip(",:;") in STARTERS
    if lower in NEVER_LAST or word.endswith(tuple("=<>≤≥~")):
        return False
    if len(word) == 1 and word.isupper():
        return _letter_ends(after, starter=starter, before=before)
    if lower in NUMBERED:
        return not numeric and (starter or (lower in WORDS_TOO and len(after) > 2))
    if _is_abbreviation(word):
        return starter and not (")" in close or "]" in close)
    return not (numeric and word.isdigit() and not close and _is_decimal(word, after, before))


def _is_decimal(word: str, after: str, before: str) -> bool:
    """Whether "0. 05", "= 3. 7" or "(2. 5%)" is one number, spaced as some old records are."""
    return word == "0" or bool(_COMPARISON.search(before)) or (len(word) < 4 and bool(_CLOSED_NUMBER.match(after)))


def _letter_ends(after: str, *, starter: bool, before: str) -> bool:
    """Whether a single capital before the stop is a name's last word ("vitamin C. Patients") rather than an initial."""
    if starter:
        return True
    words = before.split()
    named = len(words) > 1 and words[-2].lower() in BEFORE_LETTER
    return named and not after.rstrip(",").endswith(".")
