"""The document and what is said about it. Everything is frozen; a change makes a new document.

    Document("7", "Gout is painful.", entities=(Entity("T1", (Span(0, 4),), "Disease", "Gout"),))

Annotations are standoff: they point at characters of the raw text and are checked against it when the document is
built, so a wrong offset cannot travel.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from biogloss.documents.spans import Span, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class OffsetError(ValueError):
    """An annotation disagrees with the text at its offsets, or lies outside it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of text that structures it; ``kind`` is ``title``, ``section``, ``sentence``, ``caption`` ...

    Kinds with a meaning for every reader are in :mod:`biogloss.documents.kinds`.

    ``label`` is what the source calls it ("METHODS"); ``language`` is set only where it differs from the document's.
    """

    span: Span
    kind: str
    label: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One identifier a mention may stand for: a CURIE such as ``MESH:D006073``, a score in [0, 1] and its maker."""

    id: str
    score: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A mention: one or more spans (several when discontinuous) with a type.

    Args:
        id: unique in its document.
        spans: in order, not overlapping one another.
        label: the type, in PubTator's words (``Chemical``, ``Disease``, ``Gene`` ...).
        text: the words at the spans, joined by one space; checked by the document. :func:`entity_at` fills it in.
        links: identifiers, best first.
        attributes: what is asserted of it (``negation: negated``), sorted pairs of name and value.
        source: what made it: a step, a corpus, an annotator.
        score: in [0, 1], or None where the source gives none.

    Raises:
        ValueError: no span, or spans out of order or overlapping.
    """

    id: str
    spans: tuple[Span, ...]
    label: str
    text: str
    links: tuple[Link, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    source: str = ""
    score: float | None = None

    def __post_init__(self) -> None:
        if not self.spans:
            msg = f"entity {self.id!r} has no span"
            raise ValueError(msg)
        for before, after in zip(self.spans, self.spans[1:], strict=False):
            if after.start < before.end:
                msg = f"entity {self.id!r}: spans must be in order and apart, found {before} then {after}"
                raise ValueError(msg)

    @property
    def start(self) -> int:
        """Where the first span starts."""
        return self.spans[0].start

    @property
    def end(self) -> int:
        """Where the last span ends."""
        return self.spans[-1].end

    @property
    def concept(self) -> str | None:
        """The best identifier, or None."""
        return self.links[0].id if self.links else None


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed link between mentions or concepts.

    ``arguments`` are (role, reference) pairs; a reference is an entity id of the same document or a CURIE, so mention
    level, concept level and n-ary relations all fit. ``evidence`` are the spans that say it.
    """

    id: str
    label: str
    arguments: tuple[tuple[str, str], ...]
    evidence: tuple[Span, ...] = ()
    source: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class MeshHeading:
    """A MeSH heading of a citation: descriptor, optional qualifiers as (UI, name), and whether it is a major topic."""

    id: str
    name: str
    major: bool = False
    qualifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """The bibliographic record, as PubMed gives it. Empty values mean the source does not say.

    ``dates`` maps a kind (``published``, ``revised``, ``completed``) to ISO 8601, as precise as the source is.
    ``chemicals`` are (CURIE or registry number, name); ``corrections`` are (kind, PMID or reference), retractions
    among them. ``languages`` (BCP 47) are those of the article; the document's is that of its text, which PubMed
    gives in English.
    """

    pmid: str = ""
    pmcid: str = ""
    doi: str = ""
    journal: str = ""
    issn: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    dates: tuple[tuple[str, str], ...] = ()
    authors: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    mesh: tuple[MeshHeading, ...] = ()
    keywords: tuple[str, ...] = ()
    chemicals: tuple[tuple[str, str], ...] = ()
    references: tuple[str, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    retracted: bool = False
    licence: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A text and everything said about it.

    Args:
        id: names the document in its collection; a PMID for PubMed.
        text: raw, never normalised; lone surrogates are refused.
        language: BCP 47 (``en``, ``zh``).
        marks: sections, sentences, captions.
        entities: mentions; they may overlap.
        relations: between entities or concepts.
        labels: classes of the whole document.
        parts: named spans, for pairs and questions, as sorted (name, span) pairs.
        citation: the bibliographic record.
        composition: the rule, with its version, by which ``text`` was put together from its source ("pubmed-1").
        label_scores: the probability of each class that a model knows, in [0, 1], as (name, probability) pairs sorted
            by name; ``labels`` are those that it chose.

    Raises:
        OffsetError: a span outside the text, or an entity whose words are not those at its spans.
        ValueError: an id used twice, a lone surrogate in the text, or probabilities out of order or range.
    """

    id: str
    text: str
    language: str = "en"
    marks: tuple[Mark, ...] = ()
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    labels: tuple[str, ...] = ()
    parts: tuple[tuple[str, Span], ...] = ()
    citation: Citation | None = None
    composition: str = field(default="", kw_only=True)
    label_scores: tuple[tuple[str, float], ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        _check_text(self.id, self.text)
        _check_entities(self)
        _check_spans(self)
        _check_label_scores(self)

    def with_entities(self, entities: Iterable[Entity]) -> Document:
        """The same document with these entities instead."""
        return replace(self, entities=tuple(entities))

    def with_marks(self, marks: Iterable[Mark]) -> Document:
        """The same document with these marks instead."""
        return replace(self, marks=tuple(marks))

    def marked(self, kind: str) -> tuple[Mark, ...]:
        """The marks of one kind, in the order of the document."""
        return tuple(mark for mark in self.marks if mark.kind == kind)

    def evidence(self, entity: Entity) -> Span:
        """The sentence that holds the entity's first character, or the entity's own extent where none is marked."""
        for mark in self.marks:
            if mark.kind == "sentence" and mark.span.start <= entity.start < mark.span.end:
                return mark.span
        return Span(entity.start, entity.end)


def entity_at(text: str, spans: Sequence[Span] | Span, label: str, **fields: Any) -> Entity:  # noqa: ANN401 - passed on
    """An entity whose words are read from the text; ``id`` and the other fields as :class:`Entity` has them."""
    spans = (spans,) if isinstance(spans, Span) else tuple(spans)
    return Entity(fields.pop("id", ""), spans, label, span_text(text, spans), **fields)


def numbered(entities: Iterable[Entity], prefix: str = "T") -> tuple[Entity, ...]:
    """The entities in reading order with ids ``T1``, ``T2``, ..."""
    ordered = sorted(entities, key=lambda entity: (entity.start, entity.end, entity.label))
    return tuple(replace(entity, id=f"{prefix}{number}") for number, entity in enumerate(ordered, 1))


def attributes_of(entity: Entity) -> Mapping[str, str]:
    """The entity's attributes as a mapping."""
    return dict(entity.attributes)


def _check_text(document_id: str, text: str) -> None:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            msg = (
                f"document {document_id}: lone surrogate at character {error.start}; "
                "decode the text again from its bytes"
            )
            raise ValueError(msg) from None


def _check_entities(document: Document) -> None:
    text, length, seen = document.text, len(document.text), set[str]()
    for entity in document.entities:
        if entity.id in seen:
            msg = f"document {document.id}: two entities have the id {entity.id!r}"
            raise ValueError(msg)
        seen.add(entity.id)
        found = span_text(text, entity.spans)
        if entity.end > length or found != entity.text:
            msg = (
                f"document {document.id}, {entity.label} at characters {entity.start}-{entity.end}: "
                f"the annotation says {_short(entity.text)}, the text has {_short(found)} (byte or UTF-16 offsets?)"
            )
            raise OffsetError(msg)


def _check_spans(document: Document) -> None:
    length = len(document.text)
    named = [(mark.kind, mark.span) for mark in document.marks]
    named += [("part " + name, span) for name, span in document.parts]
    named += [("evidence", span) for relation in document.relations for span in relation.evidence]
    for name, span in named:
        if span.end > length:
            msg = (
                f"document {document.id}: {name} {span.start}-{span.end} ends after the text, "
                f"which has {length} characters"
            )
            raise OffsetError(msg)


def _check_label_scores(document: Document) -> None:
    for name, score in document.label_scores:
        if not 0 <= score <= 1:  # NaN is neither
            msg = f"document {document.id}: the score of the class {_short(name)} is {score}; expected one in [0, 1]"
            raise ValueError(msg)
    names = [name for name, _ in document.label_scores]
    for before, after in pairwise(names):
        if before >= after:
            msg = (
                f"document {document.id}: scores of the classes {_short(before)} then {_short(after)}; "
                "expected each class once, sorted by name"
            )
            raise ValueError(msg)


def _short(words: str) -> str:
    """At most sixty characters, quoted: messages reach logs, and the words may be a patient's."""
    return repr(words if len(words) <= 60 else words[:57] + "...")
