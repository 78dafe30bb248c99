"""JATS, the full text of articles as PubMed Central gives it: one article or a ``pmc-articleset``; read only.

    <article xml:lang="en"><front>...<article-title>Intensive therapy for aphasia</article-title>...</front>
      <body><sec><title>Methods</title><p>They were <italic>randomised</italic> [<xref>7</xref>].</p></sec></body> ...

The text (composition ``jats-1``) has one line for each title, paragraph, list item, footnote and table row: title and
subtitle, abstracts, body, back matter, floats, then the same of each sub-article. Cells are parted by tabs; figures and
tables inside a paragraph follow it; inline markup is flattened in order, white space runs become one space, and a
reference number set against a word gets a space before it. Marks: ``title``, ``abstract``, ``section`` (label: its
title; nested as the source nests), ``table`` (caption, rows and notes) and ``caption`` (figures, supplements), labelled
as the source numbers them. Elements: https://jats.nlm.nih.gov/archiving/tag-library/.

References become identifiers in the citation. What is left out is counted in ``report``, tag by tag.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from biogloss.documents import Document, Mark, Span
from biogloss.errors import Failure
from biogloss.formats._jats_front import citation, language, plain
from biogloss.formats._source import Report
from biogloss.formats._xml import local_name, records, root_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

HOLDS = frozenset({"id", "text", "language", "title", "marks", "citation", "composition"})
DROPS: frozenset[str] = frozenset()
SUFFIXES = (".nxml", ".xml")
RECORDS = False
COMPOSITION = "jats-1"

_SIGNS = (b"JATS", b"//NLM//DTD", b"article-type=", b"dtd-version=", b"<front", b"jats.nlm.nih.gov")
# Elements that stand on lines of their own; all others are inline, so that no unknown one cuts a sentence.
_BLOCKS = frozenset(
    re.findall(
        r"\S+",
        "abstract ack alt-text answer app app-group array attrib back bio body boxed-text caption def def-item "
        "def-list disp-quote explanation fig fig-group floats-group fn fn-group glossary list "
        "list-item long-desc media notes p preformat question sec sig-block speech statement subtitle "
        "supplementary-material table table-wrap table-wrap-foot table-wrap-group term title tr trans-abstract "
        "verse-group verse-line",
    )
)
_SPACED = frozenset({"break", "disp-formula", "disp-formula-group", "chem-struct-wrap", "hr"})
_CELLS = frozenset({"td", "th"})
_STRUCTURE = _BLOCKS | _CELLS | {"label", "thead", "tbody", "tfoot", "colgroup", "col", "break", "hr"}
_KINDS = {
    **dict.fromkeys(("sec", "ack", "app", "glossary", "notes", "fn-group", "boxed-text", "bio"), "section"),
    **dict.fromkeys(("fig", "supplementary-material"), "caption"),
    "table-wrap": "table",
}
_FLOATS = frozenset({"table-wrap", "table-wrap-group", "fig", "fig-group", "boxed-text", "supplementary-material"})
_IMAGES = frozenset({"graphic", "inline-graphic", "media", "inline-supplementary-material"})
_LEFT_OUT = frozenset({"ref-list", "email", "object-id", "permissions"})
_ELSEWHERE = frozenset({"sub-article", "response"})  # each is read as a part of its own
_CELL = "\0"  # cannot occur in XML; becomes a tab when its line is done
_WHITE = re.compile(r"[ \t\r\n]+")


def sniff(head: bytes) -> bool:
    """Whether the root is an ``article`` of JATS or its forerunner, or a ``pmc-articleset``."""
    name = root_name(head)
    plain_head = head.replace(b"\0", b"")
    return name == "pmc-articleset" or (name == "article" and any(sign in plain_head for sign in _SIGNS))


def read(path: Path | str, *, encoding: str = "utf-8", report: Report | None = None) -> Iterator[Document | Failure]:
    """The articles of a file, in its order; a damaged one is a ``Failure``, and the rest goes on.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: no ``article`` in it; a gzip stream cut short.
        UnsafeInputError: the file declares entities.
    """
    report = Report() if report is None else report
    for record in records(path, ("article",), step="jats", encoding=encoding):
        if isinstance(record, Failure):
            yield record
        else:
            yield _document(record.element, f"{Path(str(path)).stem}-{record.number}", report)


def _document(article: Element, fallback_id: str, report: Report) -> Document:
    for element in article.iter(etree.Element):
        element.tag = local_name(element)
    page = _Page(report)
    for part in (article, *article.iter("sub-article", "response")):
        _add_article(page, part)
    found = citation(article, report)
    return Document(
        found.pmcid or found.pmid or found.doi or fallback_id,
        page.text(),
        language(article) or "en",
        marks=tuple(sorted(page.marks, key=lambda mark: (mark.span.start, -mark.span.end))),
        citation=found,
        composition=COMPOSITION,
    )


def _add_article(page: _Page, article: Element) -> None:
    """Front matter with text, body, back matter and floats of an article or sub-article."""
    for meta in (*article.iterfind("front/article-meta"), *article.iterfind("front-stub")):
        for title in meta.iterfind("title-group/*"):
            if title.tag in {"article-title", "subtitle"}:
                page.add(title, "title")
        for title in meta.iterfind("title-group/trans-title-group/*"):
            page.add(title, "title", in_language=language(title) or language(title.getparent()))
        for abstract in _children(meta, "abstract", "trans-abstract"):
            label = abstract.get("abstract-type") or plain(abstract.find("title"))
            page.add(abstract, "abstract", label, language(abstract))
    for part in _children(article, "body", "back", "floats-group"):
        page.add(part)


def _children(parent: Element, *tags: str) -> list[Element]:
    return [child for child in parent if child.tag in tags]


class _Page:
    """The text so far and the marks on it; walks elements into lines."""

    def __init__(self, report: Report) -> None:
        self.marks: list[Mark] = []
        self._report = report
        self._lines: list[str] = []
        self._end = 0  # characters of the finished lines, each with its line break
        self._line: list[str] = []  # pieces of the line at work, none empty
        self._label_only = False  # a label waits on the line for the words it numbers
        self._row_begins = False
        self._cells = 0  # how many cells the walk is in: they hold no lines of their own
        self._paragraphs = 0
        self._floats: list[Element] = []  # found in a paragraph, to follow it
        self._open_marks: list[tuple[Element, int]] = []

    def text(self) -> str:
        return "\n".join(self._lines)

    def add(self, element: Element, kind: str = "", label: str = "", in_language: str = "") -> None:
        """Walk the element; mark all of it where a kind is given."""
        start = self._end
        self._walk(element)
        self._break()
        if kind:
            self._mark(start, kind, label, in_language)

    def _walk(self, root: Element) -> None:
        walk = etree.iterwalk(root, events=("start", "end"))
        skipped = None
        for event, part in walk:
            if event == "start" and self._skips(part, root):
                skipped = part
                walk.skip_subtree()
            elif event == "start":
                if part is not root:
                    self._count(part)
                self._open(part)
            else:
                if part is not skipped:
                    self._close(part)
                if part is not root:
                    self._say(part.tail)

    def _skips(self, part: Element, root: Element) -> bool:
        """Whether the part is not walked here: left out and counted, or kept for after the paragraph."""
        if part is root or part.tag in _ELSEWHERE:
            return part is not root
        if part.tag in _LEFT_OUT or _has_twin(part):
            self._report.note(f"jats: <{part.tag}> left out")
            return True
        if part.tag in _FLOATS and self._paragraphs and not self._cells:
            self._floats.append(part)
            return True
        return False

    def _open(self, part: Element) -> None:
        if part.tag in _CELLS:
            self._open_cell()
        elif part.tag in _BLOCKS and not self._cells:
            self._open_block(part)
        elif part.tag in _BLOCKS or part.tag in _SPACED:
            self._say(" ")
        elif part.get("ref-type") == "bibr" and self._line and self._line[-1][-1].isalnum():
            self._say(" ")  # "survival<sup>12</sup>" is the word survival, not survival12
        self._say(part.text)

    def _open_cell(self) -> None:
        if self._cells:
            self._say(" ")
        elif not self._row_begins:
            self._line.append(_CELL)
        self._row_begins = False
        self._cells += 1

    def _open_block(self, part: Element) -> None:
        if not self._label_only:
            self._break()
        self._row_begins = part.tag == "tr"
        self._paragraphs += part.tag == "p"
        if part.tag in _KINDS:
            self._open_marks.append((part, self._end))

    def _close(self, part: Element) -> None:
        if part.tag in _CELLS:
            self._cells -= 1
        elif part.tag == "label":
            self._say(" ")
            self._label_only = not self._cells
        elif part.tag in _BLOCKS and not self._cells:
            self._close_block(part)
        elif part.tag in _BLOCKS or part.tag in _SPACED:
            self._say(" ")

    def _close_block(self, part: Element) -> None:
        self._break()
        self._paragraphs -= part.tag == "p"
        if not self._paragraphs:
            floats, self._floats = self._floats, []
            for found in floats:
                self._walk(found)
        if self._open_marks and self._open_marks[-1][0] is part:
            _, start = self._open_marks.pop()
            self._mark(start, _KINDS[part.tag], _label(part), language(part))

    def _count(self, part: Element) -> None:
        if part.tag in _IMAGES:
            self._report.note(f"jats: <{part.tag}> itself left out, the words in it kept")
        elif part.tag not in _STRUCTURE:
            self._report.note(f"jats: <{part.tag}> kept as its plain text")

    def _say(self, words: str | None) -> None:
        if words:
            self._line.append(words)
            if not words.isspace():
                self._label_only = False

    def _break(self) -> None:
        """Finish the line at work: white space runs are one space, cells are parted by tabs."""
        cells = _WHITE.sub(" ", "".join(self._line)).split(_CELL)
        line = "\t".join(cell.strip(" ") for cell in cells)
        self._line, self._label_only = [], False
        if line.strip("\t"):
            self._lines.append(line)
            self._end += len(line) + 1

    def _mark(self, start: int, kind: str, label: str, in_language: str) -> None:
        """On all lines since ``start``, their last line break excepted."""
        if self._end - 1 > start:
            self.marks.append(Mark(Span(start, self._end - 1), kind, label, in_language))


def _has_twin(part: Element) -> bool:
    """Whether the part is a formula in TeX that stands beside the same one in MathML."""
    if part.tag != "tex-math":
        return False
    # A few each way are enough, and keep a row of a million formulas from being searched a million times.
    near = chain(islice(part.itersiblings(), 4), islice(part.itersiblings(preceding=True), 4))
    return any(sibling.tag == "math" for sibling in near)


def _label(part: Element) -> str:
    """Its title where it has one, else its number; else what kind of section it is."""
    if part.tag not in {"sec", "ack", "app", "glossary", "notes", "fn-group", "boxed-text", "bio"}:
        return plain(part.find("label"))
    return plain(part.find("title")) or plain(part.find("caption/title")) or part.get("sec-type") or ""
