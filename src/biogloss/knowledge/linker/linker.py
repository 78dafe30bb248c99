"""From mentions to identifiers: candidates by every way that reaches one, ranked, each with its reason.

    with Terms.open("my.terms") as terms:
        Linker(terms).choices(Mention("NIDDM", "Disease"))
    (Choice("MESH:D003924", 0.97, "NIDDM", "abbreviation, exact", "mondo", "MONDO:0005148", "Disease"), ...)

What a mention may stand for does not depend on its document and is kept; what its document adds (species, what else is
spoken of) is added each time, which costs little.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from biogloss.knowledge.linker import _features, learned, nearness, ranker
from biogloss.knowledge.linker._ways import Way, Ways
from biogloss.knowledge.linker.mention import NOWHERE, Choice
from biogloss.knowledge.linker.wanted import Wanted, wanted
from biogloss.knowledge.terms import Hit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from biogloss.knowledge.linker.learned import Learned
    from biogloss.knowledge.linker.mention import Mention, Surroundings
    from biogloss.knowledge.linker.nearness import Nearness
    from biogloss.knowledge.linker.ranker import Ranker
    from biogloss.knowledge.terms import Terms

KEPT = 10_000
"""Mentions whose candidates are kept, those asked about last: some kilobytes each, and processes run for months."""
ANNOTATORS = "annotated corpora"
"""The source of an identifier that annotators gave to the mention."""
_STRENGTH = ("learned", "long", "name", "bridge", "noun", "prefix", "part", "similar")


class Learnt(NamedTuple):
    """What the linker has learned from annotated documents; what ships where it is left out.

    Args:
        weights: of features.
        annotated: what annotators chose.
        nearness: an encoder's opinion with weights of its own, asked about mentions that are not clear.
    """

    weights: Ranker | None = None
    annotated: Learned | None = None
    nearness: Nearness | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a mention may stand for: a hit and the features of each identifier, and the ways to it in words."""

    hits: Mapping[str, Hit]
    features: Mapping[str, Mapping[str, float]]
    ways: Mapping[str, str]
    taxa: Mapping[str, str]


class Linker:
    """Asks an index for the identifiers of mentions. Threads may share it.

    Args:
        terms: an opened index.
        what: which concepts and vocabularies.
        learnt: from annotated documents.
    """

    def __init__(self, terms: Terms, what: Wanted | None = None, learnt: Learnt | None = None) -> None:
        self.terms = terms
        self.wanted = wanted((), (), terms.types()) if what is None else what
        learnt = Learnt() if learnt is None else learnt
        self._ranker = learnt.weights or ranker.Ranker.shipped()
        self._learned = learned.shipped() if learnt.annotated is None else learnt.annotated
        self._nearness = learnt.nearness
        self.ways = Ways(terms, self.wanted)
        self._kept: OrderedDict[Mention, Candidates] = OrderedDict()
        self._taxon: dict[str, str] = {}
        self._lock = threading.Lock()

    def candidates(self, mentions: Iterable[Mention]) -> dict[Mention, Candidates]:
        """What each mention may stand for; those that are not known yet are looked up together."""
        distinct = dict.fromkeys(mentions)
        with self._lock:
            found = {mention: self._kept[mention] for mention in distinct if mention in self._kept}
            for mention in found:
                self._kept.move_to_end(mention)
        new = [mention for mention in distinct if mention not in found and self.wanted.takes(mention.label)]
        for mention, ways in self.ways.by_name(new).items():
            found[mention] = self._gathered(mention, ways)
        with self._lock:
            self._kept.update((mention, found[mention]) for mention in new)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def choices(self, mention: Mention, around: Surroundings = NOWHERE) -> tuple[Choice, ...]:
        """The identifiers that a mention may have, best first, with probabilities; none where nothing is found."""
        return self.all_choices([(mention, around)])[0]

    def all_choices(self, mentions: Sequence[tuple[Mention, Surroundings]]) -> list[tuple[Choice, ...]]:
        """The choices of each mention in its surroundings; many at once are faster than one by one."""
        found = self.candidates(mention for mention, _ in mentions)
        asked = {place: pair for place, pair in enumerate(mentions) if pair[0] in found}
        features = {place: _with_document(found[mention], around) for place, (mention, around) in asked.items()}
        scores = {place: self._ranker.scores(asked[place][0].label, own) for place, own in features.items()}
        if self._nearness is not None:
            unclear = {place: nearness.best(own) for place, own in scores.items() if nearness.is_unclear(own)}
            names = {name: self.name(name) for own in unclear.values() for name in own}
            self._nearness.prepare([asked[place][0] for place in unclear], names.values())
            for place, own in unclear.items():
                few = {name: features[place][name] for name in own}
                scores[place] = self._nearness.scores(asked[place][0], few, names)
        return [
            _ordered(found[mention], scores[place]) if place in scores else ()
            for place, (mention, _) in enumerate(mentions)
        ]

    def _gathered(self, mention: Mention, ways: list[Way]) -> Candidates:
        counts = self.annotated(mention)
        is_settled = bool(counts) or self.ways.settled(mention, ways)
        if not is_settled:
            ways = [*ways, *self.ways.otherwise(mention, ways)]
        if is_settled or not self.wanted.others or any(way.how == "bridge" for way in ways):
            ways = [way for way in ways if self.ways.takes(mention, way)]
        return self.assembled(mention, ways, counts)

    def annotated(self, mention: Mention) -> dict[str, int]:
        """How often annotators gave each identifier to a mention, or to its long form where it has one."""
        counts = self._learned.counts(mention.label, mention.long or mention.text)
        counts = {name: count for name, count in counts.items() if self.wanted.has(mention.label, name)}
        if not self.wanted.taxa or mention.label != "Gene":
            return counts
        return {name: count for name, count in counts.items() if self._taxon_of(name) in self.wanted.taxa}

    def assembled(self, mention: Mention, ways: Sequence[Way], counts: Mapping[str, int]) -> Candidates:
        """Candidates from the ways to them and from what annotators chose; the user's own names win."""
        ways = [way for way in ways if way.hit.own] or list(ways)
        if ways and ways[0].hit.own:
            counts = {}
        hits: dict[str, Hit] = {}
        hows: dict[str, list[str]] = {}
        for identifier in counts:
            hits[identifier] = Hit(
                identifier, mention.label, mention.long or mention.text, "", "", 1.0, ANNOTATORS, identifier
            )
            hows[identifier] = ["learned"]
        for way in sorted(ways, key=lambda way: _STRENGTH.index(way.how)):
            if hits.setdefault(way.hit.id, way.hit).source == ANNOTATORS:
                hits[way.hit.id] = way.hit
            hows.setdefault(way.hit.id, []).append(way.how)
        features = _features.of(mention, ways, counts, self.wanted.ids(mention.label))
        taxa = self._taxa(hits) if mention.label == "Gene" else {}
        ways_in_words = {
            name: ", ".join(said(way, hits[name]) for way in dict.fromkeys(how)) for name, how in hows.items()
        }
        return Candidates(hits, features, ways_in_words, taxa)

    def _taxa(self, hits: Mapping[str, Hit]) -> dict[str, str]:
        found = {identifier: hit.taxon or self._taxon_of(identifier) for identifier, hit in hits.items()}
        return {identifier: taxon for identifier, taxon in found.items() if taxon}

    def _taxon_of(self, gene: str) -> str:
        if gene not in self._taxon:
            self._taxon[gene] = self.ways.taxon(gene)
        return self._taxon[gene]

    def name(self, identifier: str) -> str:
        """The preferred name of a concept, or of one that is the same in another vocabulary; nothing where none is."""
        same = (identifier, *self.terms.same([identifier])[identifier])
        return next((concept.name for concept in map(self.terms.concept, same) if concept), "")


def _with_document(found: Candidates, around: Surroundings) -> dict[str, dict[str, float]]:
    added = _features.in_document(found.hits, found.taxa, around)
    return {identifier: {**own, **added[identifier]} for identifier, own in found.features.items()}


def _ordered(found: Candidates, scores: Mapping[str, float]) -> tuple[Choice, ...]:
    ordered = sorted(scores, key=lambda identifier: (-scores[identifier], identifier))
    return tuple(_choice(found, identifier, scores[identifier]) for identifier in ordered)


def _choice(found: Candidates, identifier: str, score: float) -> Choice:
    hit = found.hits[identifier]
    how, taxon = found.ways[identifier], found.taxa.get(identifier, "")
    return Choice(identifier, round(score, 4), hit.name, how, hit.source, hit.concept, hit.type, taxon)


def said(way: str, hit: Hit) -> str:
    """A way in words."""
    return {
        "learned": "as annotators chose",
        "name": f"{hit.kind} name, {hit.level}",
        "long": f"{hit.kind} name of the long form, {hit.level}",
        "bridge": "other names of the same concept",
        "noun": "noun of the adjective",
        "prefix": "symbol without the letter of the species",
        "part": "part of the mention",
        "similar": "looks alike",
    }[way]
