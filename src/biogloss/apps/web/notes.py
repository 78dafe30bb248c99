"""What is shown of an entity beside what its document says: the concept's name, meaning and other names, and why it.

notes(service, document, words("en"))["T1"]    ->    ["Arthritis, Rheumatoid", "A chronic ...", "why: ..."]
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biogloss.apps.rest.service import Service
    from biogloss.documents import Document, Entity
    from biogloss.knowledge.linker import Choice
    from biogloss.pipeline.steps.linking import Linking

MOST_CHARACTERS = 280
MOST_NAMES = 5
MOST_ENTITIES = 2_000
"""In a document with more of them, entities are shown with what the document itself says."""


def notes(service: Service, document: Document, say: Mapping[str, str]) -> dict[str, list[str]]:
    """Lines to show of each entity that has an identifier, by the entity's id; none without an index of terms."""
    linked = [entity for entity in document.entities if entity.links]
    if service.names is None or not linked or len(document.entities) > MOST_ENTITIES:
        return {}
    step = service.names.step
    bare = document.with_entities(replace(entity, links=()) for entity in document.entities)
    choices = step.choices(bare)
    return {entity.id: _lines(step, entity, choices.get(entity.id, ()), say) for entity in linked}


def _lines(step: Linking, entity: Entity, choices: tuple[Choice, ...], say: Mapping[str, str]) -> list[str]:
    identifier = entity.links[0].id
    chosen = next((one for one in choices if one.id == identifier), None)
    terms = step.linker.terms
    concept = terms.concept(identifier) or (terms.concept(chosen.concept) if chosen else None)
    found = []
    if concept is not None:
        others = "; ".join(synonym.text for synonym in concept.synonyms[:MOST_NAMES])
        also = f"{say['note.also']}: {others}" if others else ""
        found += [_shortened(words) for words in (concept.name, concept.definition, also) if words]
    if chosen is not None:
        found.append(f"{say['note.why']}: {_shortened(chosen.reason())}")
    return found


def _shortened(words: str) -> str:
    return words if len(words) <= MOST_CHARACTERS else words[: MOST_CHARACTERS - 1] + "…"
