"""BioC: passages at offsets, with annotations and relations; what its XML and its JSON form share.

    Passage(offset=0, text="Gout hurts.", infons={"type": "title"},
            annotations=[Annotation("T1", {"type": "Disease", "identifier": "MESH:D006073"}, [(0, 4)], "Gout")])

The form is http://bioc.sourceforge.net (doi:10.1093/database/bat064). Offsets count characters of the whole document.
A passage is a mark: infon ``type`` its kind, ``section_type`` its label. Infons of an annotation are its label
(``type``), links (``identifier``, or a database's name), score and source; any other is an attribute. A relation has
nodes that name annotations, or, where it joins concepts, infons of role and identifier (as in BC5CDR).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from biogloss.documents import Citation, Document, Entity, Link, Mark, Relation, Span, span_text
from biogloss.documents.kinds import INSIDE
from biogloss.errors import CannotHold, FormatError
from biogloss.formats._holds import TITLE_KINDS, check
from biogloss.formats._identifiers import column, curie, split
from biogloss.formats._source import WRONG_OFFSETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from biogloss.formats._source import Report

HOLDS = frozenset(
    {"id", "text", "language", "title", "entities", "discontinuous", "overlapping", "links", "attributes"}
    | {"sources", "scores", "relations", "mention_relations", "concept_relations", "nary_relations", "roles"}
)
DROPS = frozenset({"marks", "link_scores", "label_scores", "evidence", "citation", "composition"})
MAX_GAP_CHARACTERS = 100_000

_DATABASES = ("identifier", "MESH", "OMIM", "NCBI GENE", "NCBI Gene", "NCBIGene", "Taxonomy", "NCBI Taxonomy")
_ENTITY_INFONS = frozenset({"type", "score", "source", *_DATABASES})
_RELATION_INFONS = frozenset({"type", "relation", "score", "source"})
_PASSAGE_INFONS = frozenset({"type", "section_type", "language"})


@dataclass(slots=True)
class Annotation:
    """A mention: its stretches are (offset, length)."""

    id: str
    infons: dict[str, str]
    locations: list[tuple[int, int]]
    text: str = ""


@dataclass(slots=True)
class Linked:
    """A relation: its nodes are (refid, role)."""

    id: str
    infons: dict[str, str]
    nodes: list[tuple[str, str]]


@dataclass(slots=True)
class Passage:
    """A passage or a sentence of one."""

    offset: int
    text: str = ""
    infons: dict[str, str] = field(default_factory=dict)
    sentences: list[Passage] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    relations: list[Linked] = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """A document as BioC has it."""

    id: str
    infons: dict[str, str]
    passages: list[Passage]
    annotations: list[Annotation] = field(default_factory=list)
    relations: list[Linked] = field(default_factory=list)


def to_document(source: Source, report: Report) -> Document:
    """The document a source stands for; what is left out is counted.

    Raises:
        FormatError: no id, or passages that overlap or lie far apart.
    """
    if not source.id:
        raise FormatError("a document without id", expected="an id")
    text, marks = _text(source, report)
    entities = _entities(source, text, report)
    _count_infons(source, report)
    return Document(
        source.id,
        text,
        language=source.infons.get("language", "en"),
        marks=marks,
        entities=tuple(entity for _, entity in entities),
        relations=tuple(_relations(source, entities, report)),
        citation=Citation(pmid=source.id) if re.fullmatch(r"[0-9]+", source.id) else None,
    )


def to_source(document: Document, holds: frozenset[str], format_name: str, report: Report | None) -> Source:
    """The document as BioC: a passage for each title, abstract or section mark, and for the text between them.

    Raises:
        CannotHold: what the format does not hold; two attributes of one name, an attribute named as BioC's own infons,
            identifiers with separators, an empty id.
    """
    check(document, holds | {"marks"}, DROPS, format_name, report)
    if not document.id:
        raise CannotHold(f"{format_name} has no place for a document without id")
    if report is not None and len(_flat(document.marks)) < len(document.marks):
        report.note(f"{format_name} has no place for sentences, abbreviations, cues, or marks inside others: left out")
    passages = list(_passages(document))
    for entity in document.entities:
        home = next((passage for passage in reversed(passages) if passage.offset <= entity.start), passages[0])
        home.annotations.append(_annotation(entity, document.id, format_name))
    infons = {"language": document.language} if document.language != "en" else {}
    ids = {entity.id for entity in document.entities}
    relations = [_linked(relation, ids, document.id, format_name) for relation in document.relations]
    return Source(document.id, infons, passages, relations=relations)


def _text(source: Source, report: Report) -> tuple[str, tuple[Mark, ...]]:
    """The passages at their offsets; a gap becomes line breaks, so that what follows is where its offset says."""
    pieces, marks, end = list[str](), list[Mark](), 0
    for passage in source.passages:
        stretches = [passage] if passage.text else passage.sentences
        for stretch in filter(lambda one: one.text, stretches):
            pieces += ["\n" * _gap(stretch.offset - end, source.id, stretch.offset, report), stretch.text]
            end = stretch.offset + len(stretch.text)
        first = min((one.offset for one in stretches if one.text), default=end)
        if first < end and (kind := passage.infons.get("type")):
            label, language = passage.infons.get("section_type", ""), passage.infons.get("language", "")
            marks.append(Mark(Span(first, end), kind, label, language))
        marks += [_sentence(one) for one in passage.sentences if one.text]
    return "".join(pieces), tuple(mark for mark in marks if mark.span.end <= end)


def _sentence(sentence: Passage) -> Mark:
    return Mark(Span(sentence.offset, sentence.offset + len(sentence.text)), "sentence")


def _gap(characters: int, name: str, offset: int, report: Report) -> int:
    if not 0 <= characters <= MAX_GAP_CHARACTERS:
        what = "starts inside the one before it" if characters < 0 else f"leaves a gap of {characters:,} characters"
        raise FormatError(
            f"document {name[:60]}: the passage or sentence at offset {offset} {what}",
            expected="offsets that count characters of the whole document",
            todo="Offsets in bytes or UTF-16 units must be converted first",
        )
    if characters > 1:
        report.note("bioc: gap of several characters between passages filled with line breaks")
    return characters


def _entities(source: Source, text: str, report: Report) -> list[tuple[str, Entity]]:
    """The entities with the id the file gives them; one that stands twice is made unique."""
    found: list[tuple[str, Entity]] = []
    used = set[str]()
    for annotation in _annotations(source):
        spans = _spans(annotation, text)
        if not spans:
            report.note(f"bioc: annotation {WRONG_OFFSETS}")
            continue
        name, number = annotation.id, len(found)
        while not name or name in used:
            name, number = f"{annotation.id}#{number}", number + 1
        used.add(name)
        found.append((annotation.id, _entity(name, span_text(text, spans), annotation, spans, report)))
    return found


def _annotations(source: Source) -> Iterator[Annotation]:
    for passage in source.passages:
        yield from passage.annotations
        for sentence in passage.sentences:
            yield from sentence.annotations
    yield from source.annotations


def _spans(annotation: Annotation, text: str) -> tuple[Span, ...]:
    """Where it is, or nothing where that cannot be or the words there are others."""
    stretches = sorted((offset, offset + length) for offset, length in annotation.locations)
    position = 0
    for start, end in stretches:
        if not position <= start < end <= len(text):
            return ()
        position = end
    spans = tuple(Span(start, end) for start, end in stretches)
    if not spans or not annotation.text:
        return spans
    # Writers join the stretches of a discontinuous mention in different ways, or give all the words between.
    readings = {span_text(text, spans), text[spans[0].start : spans[-1].end]}
    return spans if "".join(annotation.text.split()) in {"".join(words.split()) for words in readings} else ()


def _entity(name: str, words: str, annotation: Annotation, spans: tuple[Span, ...], report: Report) -> Entity:
    infons = annotation.infons
    label = infons.get("type") or "Entity"
    concepts = [found for key in _DATABASES if key in infons for _, found in split(infons[key], label)]
    return Entity(
        name,
        spans,
        label,
        words,
        links=tuple(Link(found) for found in dict.fromkeys(concepts)),
        attributes=tuple(sorted((key, value) for key, value in infons.items() if key not in _ENTITY_INFONS)),
        source=infons.get("source", ""),
        score=_score(infons, report),
    )


def _score(infons: dict[str, str], report: Report) -> float | None:
    if "score" not in infons:
        return None
    try:
        score = float(infons["score"])
    except ValueError:
        score = -1.0
    if 0 <= score <= 1:
        return score
    report.note("bioc: score that is no number from 0 to 1 left out")
    return None


def _relations(source: Source, entities: list[tuple[str, Entity]], report: Report) -> Iterator[Relation]:
    blocks = [*source.passages, *chain.from_iterable(passage.sentences for passage in source.passages)]
    linked = [*chain.from_iterable(block.relations for block in blocks), *source.relations]
    ids = {key: entity.id for key, entity in reversed(entities) if key}
    # A node that names neither is a concept; one that names what was left out, or a relation, has nothing to point at.
    lost = {annotation.id for annotation in _annotations(source)}.union(one.id for one in linked) - ids.keys()
    for number, one in enumerate(linked, 1):
        arguments = _arguments(one, ids, report)
        label = one.infons.get("type") or one.infons.get("relation", "")
        if not label or not arguments or any(not found or found in lost for _, found in arguments):
            report.note("bioc: relation without type, or of something left out or of another relation, left out")
            continue
        score, maker = _score(one.infons, report), one.infons.get("source", "")
        yield Relation(one.id or f"R{number}", label, tuple(arguments), source=maker, score=score)


def _arguments(linked: Linked, ids: dict[str, str], report: Report) -> list[tuple[str, str]]:
    roles = [
        key for key in linked.infons if re.fullmatch("role[0-9]", key)
    ]  # PubTator 3, whose nodes name no annotation
    if not linked.nodes or roles:
        return [(key, curie(value, key)) for key, value in linked.infons.items() if key not in _RELATION_INFONS]
    if linked.infons.keys() - _RELATION_INFONS:
        report.note("bioc: infons of a relation other than type, score and source left out")
    return [(role or f"Arg{at}", ids.get(found, found)) for at, (found, role) in enumerate(linked.nodes, 1)]


def _count_infons(source: Source, report: Report) -> None:
    if source.infons.keys() - {"language"}:
        report.note("bioc: infons of a document other than language left out")
    for passage in source.passages:
        if passage.infons.keys() - _PASSAGE_INFONS:
            report.note("bioc: infons of a passage other than type, section_type and language left out")


def _passages(document: Document) -> Iterator[Passage]:
    """Passages that cover the text but for single line breaks between them, which reading puts back."""
    position, text = 0, document.text
    for mark in _flat(document.marks):
        start, end = mark.span.start, mark.span.end
        if text[position:start] != ("\n" if position else ""):
            yield from _untyped(text, position, start)
        infons = {"type": mark.kind, "section_type": mark.label, "language": mark.language}
        yield Passage(start, text[start:end], {key: value for key, value in infons.items() if value})
        position = end
    if position < len(text) or not text:
        yield Passage(position, text[position:])


def _untyped(text: str, start: int, end: int) -> Iterator[Passage]:
    if start < end:
        yield Passage(start, text[start:end])


def _flat(marks: Iterable[Mark]) -> list[Mark]:
    """Marks that do not overlap: title and abstract first, then the widest; none that stand inside passages."""
    chosen: list[Mark] = []
    wanted = [mark for mark in marks if mark.kind and mark.kind not in INSIDE]
    for mark in sorted(wanted, key=lambda mark: (mark.kind not in TITLE_KINDS, -len(mark.span), mark.span)):
        if not any(mark.span.overlaps(other.span) for other in chosen):
            chosen.append(mark)
    return sorted(chosen, key=lambda mark: mark.span)


def _annotation(entity: Entity, document_id: str, format_name: str) -> Annotation:
    infons = {"type": entity.label}
    if entity.links:
        infons["identifier"] = column(entity, format_name)
    names = [name for name, _ in entity.attributes]
    if len(names) != len(set(names)) or not _ENTITY_INFONS.isdisjoint(names) or not entity.label:
        raise CannotHold(
            f"document {document_id[:60]}: {format_name} has no place for an entity without label, two attributes of "
            f"one name, or one named as BioC's own infons ({', '.join(names)[:60]})"
        )
    infons |= {**dict(entity.attributes), **_made(entity)}
    return Annotation(entity.id, infons, [(span.start, len(span)) for span in entity.spans], entity.text)


def _made(part: Entity | Relation) -> dict[str, str]:
    made = {"source": part.source} if part.source else {}
    return made if part.score is None else {**made, "score": repr(part.score)}


def _linked(relation: Relation, ids: set[str], document_id: str, format_name: str) -> Linked:
    infons = {"type": relation.label, **_made(relation)}
    if not relation.label or not relation.arguments or not all(map(all, relation.arguments)):
        raise CannotHold(
            f"document {document_id[:60]}: {format_name} has no place for a relation without label or arguments"
        )
    as_infons = {role: found for role, found in relation.arguments if found not in ids and curie(found, role) == found}
    if len(as_infons) == len(relation.arguments) and _RELATION_INFONS.isdisjoint(as_infons):
        return Linked(relation.id, infons | as_infons, [])
    return Linked(relation.id, infons, [(reference, role) for role, reference in relation.arguments])
