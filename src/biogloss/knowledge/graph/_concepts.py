"""Which nodes a mention stands for.

Entity("T1", ..., "SequenceVariant", "Pro75Ala", links=(Link("rs74805019"),))    DBSNP:rs74805019, a SequenceVariant

Identifiers are written as :mod:`biogloss.knowledge.curies` writes them; numbers of dbSNP and tmVar's forms of variants,
which files write without prefix, get one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.knowledge.concept import clean
from biogloss.knowledge.curies import MAX_CHARACTERS, curie
from biogloss.knowledge.graph.biolink import category
from biogloss.knowledge.graph.statement import Node
from biogloss.knowledge.normalise import normalise

if TYPE_CHECKING:
    from collections import Counter

    from biogloss.documents import Entity

NAMES = "name"
"""The prefix of nodes that have no identifier but their normalised name: ``name:disease/brain_fog``."""
_DBSNP = re.compile(r"rs\d+", re.IGNORECASE)
_TMVAR = re.compile(r"[cgpmnr]\|\S+")


class Concepts:
    """The concepts of mentions; what has none is counted in ``report``."""

    def __init__(self, report: Counter[str], *, unlinked: bool) -> None:
        self._report, self._unlinked = report, unlinked

    def of(self, entity: Entity) -> list[tuple[str, Node]]:
        """(identifier as the document writes it, node) of each identifier, best first; none where there is none."""
        found = []
        for link in entity.links:
            if identifier := node_id(link.id):
                name = clean(entity.text)
                found.append((link.id, Node(identifier, name, category(entity.label, identifier))))
            else:
                self._report["identifier without a prefix left out"] += 1
        if not found and self._unlinked and (words := normalise(entity.text)):
            found.append(("", _unlinked(entity, words)))
            self._report["mention without identifier under its own name"] += 1
        elif not found:
            self._report["mention without identifier left out"] += 1
        return found


def node_id(text: str) -> str:
    """The CURIE of an identifier, or nothing where it is none."""
    if _DBSNP.fullmatch(text):
        return f"DBSNP:{text.lower()}"
    if _TMVAR.fullmatch(text):
        return f"tmVar:{text}"
    try:
        return curie(text)
    except ValueError:
        return ""


def _unlinked(entity: Entity, words: str) -> Node:
    kind = category(entity.label)
    local = f"{kind.removeprefix('biolink:').lower()}/{words.replace(' ', '_')}"
    return Node(f"{NAMES}:{local}"[:MAX_CHARACTERS], clean(entity.text), kind)
