"""What a document uses, against what a format has a place for: one check, called by every writer.

    check(document, HOLDS, DROPS, "pubtator", report)

A writer either keeps a thing, leaves it out because its format conventionally does (and counts it), or refuses the
document by the name of the thing. Nothing is lost in silence.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from biogloss.documents import Citation
from biogloss.errors import CannotHold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from biogloss.documents import Document, Entity, Link, Relation
    from biogloss.formats._source import Report

ROLES = ("Arg1", "Arg2")
"""The roles of a relation whose format names none; brat's words."""

TITLE_KINDS = frozenset({"title", "abstract"})
"""The marks that even plain formats show by their layout."""

# What XML 1.0 cannot hold: the C0 controls but tab, line feed and carriage return, and two non-characters.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def check(
    document: Document,
    holds: frozenset[str],
    drops: frozenset[str],
    format_name: str,
    report: Report | None = None,
) -> None:
    """Count in ``report`` what the format conventionally leaves out; refuse what it has no place for.

    Args:
        document: to be written.
        holds: features the format keeps.
        drops: features it leaves out as its users expect; each is counted once a document.
        format_name: as the user names it, for the message.
        report: where to count; None counts nowhere.

    Raises:
        CannotHold: the document uses a feature that is in neither set.
    """
    used = [name for name, uses in _USES.items() if name not in holds and uses(document)]
    if refused := [_WORDS[name] for name in used if name not in drops]:
        raise CannotHold(
            f"document {document.id[:60]}: the format {format_name} has no place for {', '.join(refused)}. "
            "Write jsonl, which keeps everything, or take them out first"
        )
    if report is not None:
        for name in used:
            report.note(f"{format_name} has no place for {_WORDS[name]}: left out")


def _overlapping(document: Document) -> bool:
    spans = sorted(span for entity in document.entities for span in entity.spans)
    return any(after.start < before.end for before, after in pairwise(spans))


def _made(document: Document) -> Iterator[Entity | Relation]:
    """Everything that can carry a source and a score, but links."""
    yield from document.relations
    yield from document.entities


def _links(document: Document) -> Iterator[Link]:
    return (link for entity in document.entities for link in entity.links)


def _has_citation(document: Document) -> bool:
    """Whether there is more than the PMID that the document's id says anyway."""
    citation = document.citation
    return citation is not None and citation != Citation(pmid=document.id)


def _arguments(document: Document) -> Iterator[tuple[Relation, bool]]:
    """Each argument of each relation, and whether it is an entity of the document."""
    ids = {entity.id for entity in document.entities}
    return ((relation, reference in ids) for relation in document.relations for _, reference in relation.arguments)


# Feature by feature: how a message calls it, and whether a document uses it.
_FEATURES: Mapping[str, tuple[str, Callable[[Document], bool]]] = {
    "controls": ("control characters in the text", lambda d: CONTROLS.search(d.text) is not None),
    "language": ("a language other than English", lambda d: d.language != "en"),
    "title": ("title and abstract marks", lambda d: any(mark.kind in TITLE_KINDS for mark in d.marks)),
    "marks": ("marks (sections, sentences, captions)", lambda d: any(mark.kind not in TITLE_KINDS for mark in d.marks)),
    "entities": ("entities", lambda d: bool(d.entities)),
    "discontinuous": ("discontinuous entities", lambda d: any(len(entity.spans) > 1 for entity in d.entities)),
    "overlapping": ("overlapping entities", _overlapping),
    "links": ("identifiers of entities", lambda d: any(entity.links for entity in d.entities)),
    "attributes": ("attributes of entities", lambda d: any(entity.attributes for entity in d.entities)),
    "sources": ("sources of annotations", lambda d: any(part.source for part in _made(d))),
    "scores": ("scores", lambda d: any(part.score is not None for part in _made(d))),
    "link_scores": (
        "scores and sources of identifiers",
        lambda d: any(link.source or link.score is not None for link in _links(d)),
    ),
    "relations": ("relations", lambda d: bool(d.relations)),
    "mention_relations": ("relations between mentions", lambda d: any(mention for _, mention in _arguments(d))),
    "concept_relations": ("relations between concepts", lambda d: not all(mention for _, mention in _arguments(d))),
    "nary_relations": (
        "relations of other than two arguments",
        lambda d: any(len(r.arguments) != len(ROLES) for r in d.relations),
    ),
    "roles": (
        "roles of relation arguments",
        lambda d: any(tuple(role for role, _ in r.arguments) != ROLES[: len(r.arguments)] for r in d.relations),
    ),
    "evidence": ("evidence of relations", lambda d: any(relation.evidence for relation in d.relations)),
    "labels": ("labels of the document", lambda d: bool(d.labels)),
    "label_scores": ("probabilities of classes", lambda d: bool(d.label_scores)),
    "parts": ("named parts of the document", lambda d: bool(d.parts)),
    "citation": ("the bibliographic record", _has_citation),
    "composition": ("the composition rule of the text", lambda d: bool(d.composition)),
}
_WORDS = {name: words for name, (words, _) in _FEATURES.items()}
_USES = {name: uses for name, (_, uses) in _FEATURES.items()}
NO_LABELS = f"has no place for {_WORDS['labels']}"
"""How the note of a loss of classes goes on, whatever the format."""
