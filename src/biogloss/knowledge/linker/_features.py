"""What speaks for and against each candidate, in numbers that a logistic model weighs.

    {"MESH:D001172": {"candidate": 1, "long": 1, "long_spelling": 0.99, "preferred": 1, "agreeing": 1.1}, ...}

Only what is not zero is there. A mention without a document has the features that do not look at one.
"""

from __future__ import annotations

import re
from math import log1p
from typing import TYPE_CHECKING

from biogloss.knowledge.curies import prefix_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biogloss.knowledge.linker._ways import Way
    from biogloss.knowledge.linker.mention import Mention, Surroundings
    from biogloss.knowledge.terms import Hit

    Features = dict[str, float]

HUMAN = "NCBITaxon:9606"
_MAX_SHORT_CHARACTERS = 6
_SHORT = re.compile(rf"(?=.*[A-Z].*[A-Z])\S{{2,{_MAX_SHORT_CHARACTERS}}}")
_KINDS = {"preferred": "preferred", "exact": "", "abbreviation": "abbreviation"}
_BY_NAME = frozenset({"name", "long"})


def is_short(text: str) -> bool:
    """Whether a text looks like a short form: it may stand for many things."""
    return _SHORT.fullmatch(text) is not None


def of(mention: Mention, ways: Sequence[Way], counts: Mapping[str, int], ids: Sequence[str]) -> dict[str, Features]:
    """The features of each candidate that do not look at the document.

    Args:
        mention: what is linked.
        ways: to candidates.
        counts: how often annotators gave an identifier to the mention, or to its long form.
        ids: the vocabularies that are wanted, the preferred first.
    """
    found: dict[str, Features] = {}
    for way in ways:
        _add(found.setdefault(way.hit.id, {"candidate": 1.0}), way, mention)
    total = sum(counts.values())
    for identifier, count in counts.items():
        own = found.setdefault(identifier, {"candidate": 1.0})
        own |= {"learned": count / total, "learned_often": log1p(count)}
    named = sum("name" in own or "long" in own for own in found.values())
    for identifier, own in found.items():
        if prefix_of(identifier) in ids[1:]:
            own["second_vocabulary"] = 1.0
        if total and identifier not in counts:
            own["learned_others"] = log1p(total)
        if ("name" in own or "long" in own) and named > 1:
            own["rivals"] = log1p(named - 1)
    return found


def _add(own: Features, way: Way, mention: Mention) -> None:
    hit = way.hit
    if way.how in _BY_NAME:
        own[way.how] = 1.0
        _raise(own, f"{way.how}_{hit.level}", 1.0)
        if way.how == "name" and is_short(mention.text):
            own["short_defined" if mention.long else "short_undefined"] = 1.0
        _kind(own, hit)
    else:
        _raise(own, way.how, way.value)
    _raise(own, "agreeing", log1p(hit.sources - 1))
    if hit.type == "Other":
        own["other_type"] = 1.0


def _kind(own: Features, hit: Hit) -> None:
    if hit.own:
        own["own"] = 1.0
    if kind := _KINDS.get(hit.kind, "inexact"):
        own[kind] = 1.0
    if hit.id != hit.concept:
        own["referred"] = 1.0
    else:
        own["direct"] = 1.0


def _raise(own: Features, name: str, value: float) -> None:
    if value > own.get(name, 0.0):
        own[name] = value


def in_document(hits: Mapping[str, Hit], taxa: Mapping[str, str], around: Surroundings) -> dict[str, Features]:
    """What the document adds to each candidate; ``taxa`` are the species of those that are genes."""
    found: dict[str, Features] = {}
    for identifier in hits:
        own: Features = {}
        if identifier in around.companions:
            own["companion"] = 1.0
        if taxon := taxa.get(identifier):
            own |= _species(taxon, around)
        found[identifier] = own
    return found


def _species(taxon: str, around: Surroundings) -> Features:
    own = {"human": 1.0} if taxon == HUMAN else {}
    if around.species:
        own["species" if taxon == around.species else "species_other"] = 1.0
        if taxon == around.main_species:
            own["species_main"] = 1.0
        if taxon in around.all_species:
            own["species_mentioned"] = 1.0
    elif taxon == HUMAN:
        own["human_alone"] = 1.0
    return own
