"""Marks the sections of clinical notes, and of papers that come as plain text, by their headings.

    HPI: cough.                       Mark(Span(0, 11), "present_illness", "HPI")
    FAMILY HISTORY - none             Mark(Span(12, 33), "family_history", "FAMILY HISTORY")
    【家族史】无                       Mark(Span(34, 40), "family_history", "家族史")

A section reaches from its heading to the next one. ``Mark.kind`` is one of :data:`biogloss.documents.kinds.SECTIONS`,
``Mark.label`` the heading as written. Headings are lists in ``rules/sections-*.toml``, which a user's file may extend.
A heading stands at the beginning of a line, numbered or not, before a colon or dash, in capitals, or alone; in running
text it needs its capital and its colon. Unknown words in capitals with a colon begin a section of kind ``section``.
"""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from biogloss.documents import Document, Mark, Span
from biogloss.documents.kinds import SECTION, STRUCTURE
from biogloss.pipeline.steps import _rules
from biogloss.pipeline.steps._phrases import CJK, Phrases
from biogloss.pipeline.steps._rules import LANGUAGES, phrases_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from biogloss.pipeline.steps._phrases import Phrase
    from biogloss.pipeline.steps._rules import RuleFile

MAX_HEADING_CHARACTERS = 70
MAX_HEADING_WORDS = 8

_NUMBER = r"(?:\(?(?:\d{1,2}(?:\.\d{1,2}){0,2}|[ivxIVX]{1,4}|[A-Za-z])[.)]?(?<![A-Za-z])[ \t]+)?"
_LABEL = rf"(?P<label>[^\W\d_{CJK}][^\n:\uff1a{CJK}]{{0,{MAX_HEADING_CHARACTERS}}}?)"
_LINE = re.compile(
    rf"^(?P<lead>[ \t>#*\u2022-]*{_NUMBER}[*_]{{0,2}}){_LABEL}[ \t*_]*(?P<close>[:\uff1a]|[-\u2013\u2014]+(?=\s)|\r?$)",
    re.MULTILINE,
)
_CAPITALS = re.compile(r"^(?P<lead>[ \t]*)(?P<label>[A-Z]{3,}(?:[ \t]+(?:[A-Z]{2,}|&|/))+)(?=[ \t]+\S)", re.MULTILINE)
_INLINE_BREAK = re.compile(r"[.;,!?)\]](?=\s|[A-Z])|\s{2,}")
_CHINESE = re.compile(
    # A run of blanks is tried at its beginning only, or a text of nothing else would take the square of its length.
    r"(?P<lead>(?:^|(?<=[\r\u3002\uff1b;!?\uff01\uff1f\u3011])|(?<=\S)(?=[ \t\u3000]))[ \t\u3000]*+"
    r"(?:[\uff08(]?[一二三四五六七八九十\d]{1,3}[\uff09)、.\uff0e][ \t]*)?)"
    rf"(?P<open>[【\[]?)(?P<label>[{CJK}][{CJK} A-Z\u3000]{{1,11}}?)"
    r"(?P<close>[】\]][ \t]*[:\uff1a]?|[ \t]*[:\uff1a]|(?=[ \t]*\r?$)|(?=[ \t\u3000]))",
    re.MULTILINE,
)
_HAS_CHINESE = re.compile(f"[{CJK}]")


class _Heading(NamedTuple):
    """A heading found: where its section starts, where its words do, and its kind; empty for a part of a section."""

    start: int
    at: int
    label: str
    kind: str


def step(*, rules: Path | str | None = None) -> Callable[[Document], Document]:
    """The step that marks sections.

    A document that has marks of structure keeps them and gets no others; where there are only a title and an abstract,
    the abstract is searched.

    Args:
        rules: a file with the user's own headings, which go before those that ship.

    Raises:
        InputError: no such file.
        ConfigError: it is not of that form, or names a kind that does not exist.
    """
    return partial(_annotated, known(rules))


def sections(text: str, headings: Phrases[str] | None = None) -> list[Mark]:
    """The sections of a text, in order; they do not overlap, and what stands before the first heading is in none.

    Args:
        text: any text, English or Chinese.
        headings: as :func:`known` reads them; those that ship where it is None.
    """
    headings = known() if headings is None else headings
    once: dict[int, _Heading] = {}
    for heading in _headings(text, headings):
        once.setdefault(heading.at, heading)
    found = sorted(once.values())
    if not any(heading.kind and heading.kind != SECTION for heading in found):
        return []
    starts = [heading for heading in found if heading.kind]
    ends = [*(heading.start for heading in starts[1:]), len(text)]
    marks = []
    for heading, end in zip(starts, ends, strict=True):
        start = heading.start
        words = text[start:end]
        marks.append(Mark(Span(start, start + len(words.rstrip())), heading.kind, heading.label))
    return marks


def kind_of(mark: Mark) -> str:
    """What a section is about: one of ``SECTIONS``, also where a file of PubMed or PMC gives only its label."""
    return (known().whole(mark.label) or SECTION) if mark.kind == SECTION else mark.kind


def known(rules: Path | str | None = None) -> Phrases[str]:
    """The headings that ship, and a user's own before them, with their kinds; none for parts of sections.

    Raises:
        InputError: no such file.
        ConfigError: it is not of that form, or names a kind that does not exist.
    """
    if rules is None:
        return _shipped()
    own = _rules.read(rules)
    names = [f"sections-{one}" for one in LANGUAGES if not (own.replace and own.headings and own.language == one)]
    listed = [(own, str(rules)), *((_rules.shipped(name), name) for name in names)]
    return Phrases(heading for file, name in listed for heading in _listed(file, name))


@cache
def _shipped() -> Phrases[str]:
    names = [f"sections-{language}" for language in LANGUAGES]
    return Phrases(heading for name in names for heading in _listed(_rules.shipped(name), name))


def _listed(file: RuleFile, name: str) -> Iterator[tuple[Phrase, str]]:
    for number, one in enumerate(file.headings, 1):
        yield from ((phrase, one.kind) for phrase in phrases_of(one.phrases, f"{name}, [[headings]] {number}"))
    yield from ((phrase, "") for phrase in phrases_of(file.inside, f"{name}, inside"))


def _headings(text: str, known: Phrases[str]) -> Iterator[_Heading]:
    for match in _LINE.finditer(text):
        yield from _at_line(match, known)
    if "\n" in text:
        yield from _in_capitals(text, known)
    if ":" in text:
        yield from _in_line(text, known)
    if not text.isascii() and _HAS_CHINESE.search(text):
        yield from _chinese(text, known)


def _at_line(match: re.Match[str], known: Phrases[str]) -> Iterator[_Heading]:
    """A heading at the beginning of a line: known, or in capitals before a colon."""
    label, close = match["label"].rstrip(), match["close"]
    if close not in {":", "\uff1a"} and not label[0].isupper():
        return
    kind = known.whole(label)
    if kind is None and close in {":", "\uff1a"} and _is_capitals(label):
        kind = SECTION
    if kind is not None:
        yield _Heading(match.start(), match.start("label"), label, kind)


def _is_capitals(label: str) -> bool:
    return label.isupper() and len(label) > 3 and len(label.split()) <= 6


def _in_capitals(text: str, known: Phrases[str]) -> Iterator[_Heading]:
    """Several words in capitals at the beginning of a line, without a colon: "PAST MEDICAL HISTORY Gout"."""
    for match in _CAPITALS.finditer(text):
        words = match["label"].split()
        for count in range(min(len(words), MAX_HEADING_WORDS), 1, -1):
            if kind := known.whole(" ".join(words[:count])):
                at = match.start("label")
                yield _Heading(at, at, " ".join(words[:count]), kind)
                break


def _in_line(text: str, known: Phrases[str]) -> Iterator[_Heading]:
    """Headings in running text: "... no edema. Family history: gout.", and ".,ALLERGIES:, None" as MTSamples has it."""
    at = text.find(":")
    while at >= 0:
        if heading := _before_colon(text, at, known):
            yield heading
        at = text.find(":", at + 1)


def _before_colon(text: str, colon: int, known: Phrases[str]) -> _Heading | None:
    floor = max(text.rfind("\n", 0, colon) + 1, colon - MAX_HEADING_CHARACTERS)
    breaks = [match.end() for match in _INLINE_BREAK.finditer(text, floor, colon)]
    for start in breaks:
        label = text[start:colon].strip()
        if not label or not label[0].isupper():
            continue
        kind = known.whole(label)
        if kind is None and text[colon : colon + 2] == ":," and _is_capitals(label):
            kind = SECTION
        if kind is not None:
            at = start + _blank(text[start:colon])
            return _Heading(at, at, label, kind)
    return None


def _chinese(text: str, known: Phrases[str]) -> Iterator[_Heading]:
    for match in _CHINESE.finditer(text):
        is_line = match.start() == 0 or text[match.start() - 1] in "\r\n"
        closed = bool(match["close"].strip())
        if not closed and not is_line:
            continue
        if kind := known.whole(match["label"]):
            yield _Heading(match.start() + _blank(match["lead"]), match.start("label"), match["label"].strip(), kind)


def _blank(lead: str) -> int:
    """How many characters of white space a text begins with."""
    return len(lead) - len(lead.lstrip())


def _annotated(known: Phrases[str], document: Document) -> Document:
    kinds = {mark.kind for mark in document.marks} & STRUCTURE
    if not document.text or kinds - {"title", "abstract"}:
        return document
    spans = [mark.span for mark in document.marks if mark.kind == "abstract"]
    spans = spans if kinds else [Span(0, len(document.text))]
    return document.with_marks([*document.marks, *_inside(document.text, spans, known)])


def _inside(text: str, spans: Iterable[Span], known: Phrases[str]) -> Iterator[Mark]:
    for span in spans:
        for mark in sections(text[span.start : span.end], known):
            yield Mark(mark.span.shift(span.start), mark.kind, mark.label)
