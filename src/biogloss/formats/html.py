"""A web page to read: one self-contained file with the entities in colour. Written only.

    <span class="e c1 l0 first last" data-label="Disease" title="Disease: Gout&#10;MESH:D006073 ...">Gout</span>

Overlapping entities draw their lines below one another, pieces of a discontinuous one are dotted and end in an
ellipsis. The legend counts the types and hides them one by one; pointing at an entity, or reaching it with the Tab key,
shows its identifiers, score, source and what is asserted of it; what is absent has a line through it. Relations are
arcs over the text, and a list below it. The page is written document by document, so a big file needs little memory.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING, TextIO

from biogloss.documents import Span
from biogloss.documents.kinds import INSIDE
from biogloss.formats import FEATURES
from biogloss.formats._arcs import Arcs
from biogloss.formats._holds import check
from biogloss.formats._page import head, items, tail
from biogloss.markup import attribute, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from biogloss.documents import Document, Entity, Link, Relation
    from biogloss.formats._source import Report

DROPS = frozenset({"parts", "citation", "composition"})
HOLDS = frozenset(FEATURES) - DROPS
"""What the page shows; it is never read back. Of the marks it shows those that make headings and paragraphs."""
SUFFIXES = (".html", ".htm")
RECORDS = False

# Types keep their colour from page to page; others take the colours that are left, in the order they come.
_KNOWN = ("Chemical", "Disease", "Gene", "Species", "CellLine", "CellType", "Variant", "Anatomy", "DNA", "RNA")
_COLOURS = 16
_RELATIONS_FROM = 5
_MAX_AT_ONE_PLACE = 12
_MAX_QUOTE = 300
_BLANKS = " \t\r\n"
_NO_NOTES: Mapping[str, Sequence[str]] = MappingProxyType({})


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
    """Write the page; nothing is refused.

    Of the bibliographic record it shows PubMed's number, journal and date; ``report`` counts the documents that have
    more. Where more than twelve entities share one character, the page draws twelve and says how many it does not.
    """
    legend = _Legend()
    stream.write(head())
    number = 0
    for number, document in enumerate(documents, 1):
        check(document, HOLDS, DROPS, "html", report)
        stream.write(_article(document, number, legend))
    stream.write(tail(legend.counts, legend.colours, number))


@dataclass(frozen=True, slots=True)
class Parts:
    """Documents as parts of another page: their articles, the items of the legend, and how many entities there are."""

    articles: tuple[str, ...]
    legend: str
    entities: int


@dataclass(frozen=True, slots=True)
class Words:
    """What an article says beside its document's own words, in the language of the page."""

    relation: str = "{:,} relation"
    relations: str = "{:,} relations"
    hidden: str = "{:,} more entities stand where {} others do."


_ENGLISH = Words()


def parts(documents: Iterable[tuple[Document, Mapping[str, Sequence[str]]]], say: Words = _ENGLISH) -> Parts:
    """Documents as parts of another page, whose style and script begin with those of :mod:`biogloss.formats._page`.

    Beside each document stands what else is shown of its entities: lines of text, by the entity's id.
    """
    legend = _Legend()
    articles = [_article(one, number, legend, notes, say) for number, (one, notes) in enumerate(documents, 1)]
    return Parts(tuple(articles), items(legend.counts, legend.colours), sum(legend.counts.values()))


@dataclass(slots=True)
class _Legend:
    """The types met so far: how many entities of each, and their colours."""

    counts: Counter[str] = field(default_factory=Counter)
    colours: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    relations: dict[str, int] = field(default_factory=dict)

    def add(self, label: str) -> None:
        self.counts[label] += 1
        if label not in self.colours:
            self.places[label] = len(self.colours)
            others = len(self.colours.keys() - set(_KNOWN))
            after = len(_KNOWN) + others
            self.colours[label] = _KNOWN.index(label) if label in _KNOWN else after % _COLOURS

    def relation(self, label: str) -> int:
        """The colour of a type of relations; they begin behind those of entities that texts have most."""
        return (self.relations.setdefault(label, len(self.relations)) + _RELATIONS_FROM) % _COLOURS


@dataclass(frozen=True, slots=True)
class _Piece:
    """One span of an entity: ``lane`` keeps the lines of overlapping pieces apart, ``place`` counts the pieces."""

    span: Span
    lane: int
    place: int
    pieces: int
    colour: int
    attributes: str
    asserted: str = ""


def _article(
    document: Document,
    number: int,
    legend: _Legend,
    notes: Mapping[str, Sequence[str]] = _NO_NOTES,
    say: Words = _ENGLISH,
) -> str:
    for entity in document.entities:
        legend.add(entity.label)
    pieces, hidden = _pieces(document, legend, notes)
    blocks = list(_blocks(document))
    marked = _marked_blocks(document.text, [span for span, _ in blocks], pieces)
    title = next((at for at, (_, kind) in enumerate(blocks) if kind == "title"), None)
    heading = safe(document.id) if title is None else marked[title]
    place = "" if title is None else f' data-s="{blocks[title][0].start}"'
    found = [f'<article id="d{number}" lang="{attribute(document.language)}">', f'<h2 dir="auto"{place}>{heading}</h2>']
    found.append(_about(document, number, titled=title is not None))
    found += [
        _block(span, kind, words)
        for at, ((span, kind), words) in enumerate(zip(blocks, marked, strict=True))
        if at != title
    ]
    if hidden:
        found.append(f'<p class="about">{safe(say.hidden.format(hidden, _MAX_AT_ONE_PLACE))}</p>')
    return "\n".join([*found, *_relations(document, legend, say), "</article>\n"])


def _about(document: Document, number: int, *, titled: bool) -> str:
    """The line below the title: id, journal, date, labels."""
    citation = document.citation
    shown = [f'<a href="#d{number}">{safe(document.id) if titled else f"#{number}"}</a>']
    if citation is not None:
        if re.fullmatch(r"[0-9]{1,9}", citation.pmid):
            shown.append(f'<a href="https://pubmed.ncbi.nlm.nih.gov/{citation.pmid}/" rel="noopener">PubMed</a>')
        shown += [safe(words) for words in (citation.journal, dict(citation.dates).get("published", "")) if words]
        if citation.retracted:
            shown.append('<span class="badge warn">Retracted</span>')
    shown += _classes(document)
    return f'<p class="about">{" · ".join(shown)}</p>'


def _classes(document: Document) -> Iterator[str]:
    """The labels with their probabilities; then, quietly, the other classes that the model knows."""
    scores = dict(document.label_scores)
    for label in document.labels:
        score = f" {scores[label]:.3f}" if label in scores else ""
        yield f'<span class="badge">{safe(label)}{score}</span>'
    others = [f"{safe(name)} {score:.3f}" for name, score in scores.items() if name not in document.labels]
    if others:
        yield f'<span class="quiet">{", ".join(others)}</span>'


def _block(span: Span, kind: str, words: str) -> str:
    tag = "h3" if kind in {"title", "heading"} else "p"
    caption = ' class="caption"' if kind in {"caption", "table"} else ""
    return f'<{tag} dir="auto" data-s="{span.start}"{caption}>{words}</{tag}>'


def _blocks(document: Document) -> Iterator[tuple[Span, str]]:
    """The text cut where a title, section or caption starts or ends, in order, each with its innermost mark's kind."""
    marks = [mark for mark in document.marks if mark.kind not in INSIDE]
    edges = {0, len(document.text)} | {edge for mark in marks for edge in (mark.span.start, mark.span.end)}
    waiting = sorted(marks, key=lambda mark: (mark.span.start, -mark.span.end), reverse=True)
    active: list[tuple[int, str]] = []
    for start, end in pairwise(sorted(edges)):
        while waiting and waiting[-1].span.start <= start:
            mark = waiting.pop()
            active.append((mark.span.end, mark.kind))
        while active and active[-1][0] <= start:
            active.pop()
        words = document.text[start:end]
        if words.strip(_BLANKS):
            trimmed = Span(end - len(words.lstrip(_BLANKS)), start + len(words.rstrip(_BLANKS)))
            yield trimmed, active[-1][1] if active else ""


def _pieces(document: Document, legend: _Legend, notes: Mapping[str, Sequence[str]]) -> tuple[list[_Piece], int]:
    """The pieces in reading order, outer before inner, each on a free lane; and how many entities found none."""
    spans = [(span, place, entity) for entity in document.entities for place, span in enumerate(entity.spans)]
    spans.sort(key=lambda item: (item[0].start, -item[0].end))
    pieces: list[_Piece] = []
    ends = [0] * _MAX_AT_ONE_PLACE
    hidden = set[str]()
    for span, place, entity in spans:
        lane = next((lane for lane, end in enumerate(ends) if end <= span.start), None)
        if lane is None:
            hidden.add(entity.id)
            continue
        ends[lane] = span.end
        attributes = _attributes(entity, legend.places[entity.label], notes.get(entity.id, ()))
        colour = legend.colours[entity.label]
        pieces.append(_Piece(span, lane, place, len(entity.spans), colour, attributes, _asserted(entity)))
    return pieces, len(hidden)


def _attributes(entity: Entity, type_place: int, notes: Sequence[str]) -> str:
    concept = f' data-k="{attribute(entity.concept)}"' if entity.concept else ""
    return (
        f' data-t="{type_place}" data-e="{attribute(entity.id)}"{concept}'
        f' data-label="{attribute(entity.label)}" title="{attribute(_details(entity, notes))}"'
    )


def _asserted(entity: Entity) -> str:
    """The classes that show what is asserted: absent, not certain or not actual, past or another person's."""
    said = dict(entity.attributes)
    shown = {
        " not": said.get("negation") == "negated",
        " may": said.get("certainty") == "possible" or said.get("condition") in {"hypothetical", "conditional"},
        " far": said.get("temporality") == "historical" or said.get("experiencer") in {"family", "other"},
    }
    return "".join(name for name, shows in shown.items() if shows)


def _details(entity: Entity, notes: Sequence[str]) -> str:
    """What pointing at an entity shows: label and words, then a line for each identifier, note and attribute."""
    found = [f"{entity.label}: {_shortened(entity.text, 80)}"]
    found += [_scored(link.id, link) for link in entity.links]
    found += notes
    found += [f"{name}: {value}" for name, value in entity.attributes]
    return "\n".join([*found, _scored(entity.id, entity)])


def _scored(name: str, made: Entity | Link | Relation) -> str:
    score = None if made.score is None else f"score {made.score:.3f}"
    return " · ".join(filter(None, (name, score, made.source)))


def _marked_blocks(text: str, blocks: Sequence[Span], pieces: Sequence[_Piece]) -> list[str]:
    """The words of each block with the tags of the pieces that reach into it."""
    inside: list[list[_Piece]] = [[] for _ in blocks]
    ends = [block.end for block in blocks]
    for piece in pieces:
        at = bisect_right(ends, piece.span.start)
        while at < len(blocks) and blocks[at].start < piece.span.end:
            inside[at].append(piece)
            at += 1
    return ["".join(_marked(text, block, here)) for block, here in zip(blocks, inside, strict=True)]


def _marked(text: str, block: Span, pieces: Sequence[_Piece]) -> Iterator[str]:
    """The words between tags. Where a piece ends inside a later one, the later one is closed and opened again."""
    edges = {edge for piece in pieces for edge in (piece.span.start, piece.span.end) if block.start < edge < block.end}
    waiting = list(reversed(pieces))
    opened: list[_Piece] = []
    for start, end in pairwise(sorted(edges | {block.start, block.end})):
        wanted = [piece for piece in opened if piece.span.end > start]
        while waiting and waiting[-1].span.start <= start:
            wanted.append(waiting.pop())
        same = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], zip(opened, wanted, strict=False)))
        yield "</span>" * (len(opened) - same)
        for depth in range(same, len(wanted)):
            until = min(block.end, *(piece.span.end for piece in wanted[: depth + 1]))
            yield _start_tag(wanted[depth], start, until)
        opened = wanted
        yield safe(text[start:end])
    yield "</span>" * len(opened)


def _start_tag(piece: _Piece, start: int, end: int) -> str:
    """The tag of the part of a piece that lies in ``[start, end)``: only its first part takes the focus."""
    names = f"e c{piece.colour} l{min(piece.lane, 5)}{piece.asserted}"
    focus = ""
    if piece.pieces > 1:
        names += " gap"
    if start == piece.span.start:
        names += " from" if piece.place else " first"
        focus = "" if piece.place else ' tabindex="0"'
    if end == piece.span.end:
        names += " last" if piece.place == piece.pieces - 1 else " on"
    return f'<span class="{names}"{piece.attributes}{focus}>'


def _relations(document: Document, legend: _Legend, say: Words) -> Iterator[str]:
    """The list of the relations; what is drawn of each in the text stands in its ``data-arcs``."""
    if not document.relations:
        return
    arcs = Arcs(document)
    words = {entity.concept or entity.id: entity.text for entity in reversed(document.entities)}
    words |= {entity.id: entity.text for entity in document.entities}
    count = len(document.relations)
    summary = (say.relation if count == 1 else say.relations).format(count)
    yield f"<details><summary>{safe(summary)}</summary><ul>"
    for relation in document.relations:
        arguments = " → ".join(
            f'<span class="role">{safe(role)}</span> {safe(_shortened(words.get(reference, reference), 80))}'
            for role, reference in relation.arguments
        )
        quotes = "".join(
            f'<q dir="auto">{safe(_shortened(document.text[span.start : span.end], _MAX_QUOTE))}</q>'
            for span in relation.evidence
        )
        made = safe(_scored("", relation))
        ends = attribute(json.dumps([reference for _, reference in relation.arguments]))
        drawn = arcs.of(relation)
        pairs = f' data-arcs="{attribute(json.dumps(drawn))}"' if drawn else ""
        label = f'<b class="r c{legend.relation(relation.label)}">{safe(relation.label)}</b>'
        said = f'{label} {arguments} <span class="quiet">{made}</span>{quotes}'
        yield f'<li tabindex="0" data-ends="{ends}"{pairs}>{said}</li>'
    yield "</ul></details>"


def _shortened(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
