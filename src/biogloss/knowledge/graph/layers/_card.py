"""What is known about a curated layer, in one frozen record, and the statements of its rows.

made(CARD, Node("OMIM:619340", ...), "biolink:has_phenotype", Node("HP:0011097", ...), reference="PMID:31675180")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from biogloss.knowledge.graph.biolink import oriented
from biogloss.knowledge.graph.statement import BY_LAYER, CURATED, Evidence, Node, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biogloss.knowledge.sources import Pin


@dataclass(frozen=True)
class Card:
    """Source, licence and size of a layer.

    Args:
        name: the module's name.
        title: as its makers call it.
        version: of its content, not of the package that carries it.
        licence: SPDX or the licence's own name.
        url: where it is published.
        citation: the paper or the makers.
        infores: Biolink's name for the source, as KGX wants it.
        predicates: what it states.
        pins: the files it is read from.
        counts: ``statements`` and ``edges`` as read from the pins.
    """

    name: str
    title: str
    version: str
    licence: str
    url: str
    citation: str
    infores: str
    predicates: tuple[str, ...]
    pins: tuple[Pin, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


def named(identifier: str, name: str, category: str) -> Node:
    """A node whose name a layer knows."""
    return Node(identifier, name, category, BY_LAYER)


def made(card: Card, subject: Node, predicate: str, object_: Node, **evidence: Any) -> Statement:  # noqa: ANN401 - passed on
    """A statement of a layer; ``evidence`` are fields of :class:`Evidence`."""
    first, second = oriented(predicate, subject, object_)
    return Statement(first, predicate, second, Evidence(card.name, CURATED, **evidence))
