"""Nodes and edges in the fields of KGX, the Knowledge Graph Exchange of the Biolink world.

edge: id, subject, predicate, object, category, knowledge_level, agent_type, primary_knowledge_source, publications ...

KGX takes a bar in a cell of a table for two values, and any word in ``negated`` for yes: so bars in identifiers are
written ``%7C``, and what is not negated has no such field.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from biogloss.knowledge.graph import layers
from biogloss.knowledge.graph.statement import CURATED, READING

if TYPE_CHECKING:
    from biogloss.knowledge.graph.exports._rows import Summary
    from biogloss.knowledge.graph.query import Concept

NODE = ("id", "category", "name", "degree")
EDGE = (
    *("id", "subject", "predicate", "object", "category", "knowledge_level", "agent_type"),
    *("primary_knowledge_source", "publications", "negated", "belief", "evidence_count", "source", "first_year"),
    "last_year",
)
OURS = "infores:biogloss"


def node(concept: Concept) -> dict[str, Any]:
    """A node; fields with several values are lists."""
    return {
        "id": _plain(concept.id),
        "category": [concept.category],
        "name": concept.name or concept.id,
        "degree": concept.degree,
    }


def edge(found: Summary) -> dict[str, Any]:
    """An edge; what is not known is left out."""
    one = found.edge
    level, agent = _level(found)
    fields = {
        "id": _plain(found.identifier),
        "subject": _plain(one.subject.id),
        "predicate": one.predicate,
        "object": _plain(one.object.id),
        "category": ["biolink:Association"],
        "knowledge_level": level,
        "agent_type": agent,
        "primary_knowledge_source": _infores(found),
        "publications": [*map(_publication, found.documents), *found.references],
        "negated": found.is_negated or None,
        "belief": round(one.belief, 6),
        "evidence_count": one.pieces,
        "source": list(found.sources),
        "first_year": one.first_year,
        "last_year": one.last_year,
    }
    return {name: value for name, value in fields.items() if value not in (None, [], "")}


def _plain(identifier: str) -> str:
    return identifier.replace("|", "%7C")


def _level(found: Summary) -> tuple[str, str]:
    """Biolink's level of knowledge and kind of agent, of the best evidence."""
    if CURATED in found.kinds:
        return "knowledge_assertion", "manual_agent"
    return ("not_provided" if READING in found.kinds else "text_co_occurrence"), "text_mining_agent"


def _infores(found: Summary) -> str:
    return next(filter(None, map(_of_layer, found.sources)), OURS)


@cache
def _of_layer(source: str) -> str:
    """What Biolink calls a source that is a layer; nothing for a corpus or a model."""
    return layers.card(source).infores if source in layers.names() else ""


def _publication(document: str) -> str:
    """A PubMed identifier as a CURIE; another document as it is called."""
    return f"PMID:{document}" if document.isdigit() and len(document) <= 8 else document
