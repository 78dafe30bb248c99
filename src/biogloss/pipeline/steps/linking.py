"""Which concept each entity is: an identifier where the index of terms has one that is likely enough, with its reason.

    "RA was induced in mice."    RA -> MESH:D001172, 0.97: name of the long form, exact: 'rheumatoid arthritis' (mesh)

A mention is looked up by its own words and by the long form that the document gives for it; a gene as one of the
species that the document speaks of there; and what other mentions of the document are for certain speaks for it too. An
entity that has identifiers keeps them. :meth:`Linking.explain` says why one was chosen, and what else might have been.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss.documents import Document, Entity, Link
from biogloss.errors import ConfigError
from biogloss.knowledge import shipped
from biogloss.knowledge.linker import (
    NOWHERE,
    Learnt,
    Linker,
    Mention,
    Surroundings,
    is_short,
    nearness,
    species,
    wanted,
)
from biogloss.knowledge.terms import Terms
from biogloss.pipeline import embed
from biogloss.pipeline.steps import abbreviations, sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from biogloss.knowledge.linker import Choice

__all__ = ["NOWHERE", "SOURCE", "THRESHOLD", "Linking", "mentions", "step", "surroundings"]

SOURCE = "linking"
THRESHOLD = 0.3
"""The least probability of an identifier that is given."""
SURE = 0.9
"""From this probability on, a mention speaks for others of its document."""


def step(
    *,
    index: Path | str = "",
    ids: Iterable[str] = (),
    taxa: Iterable[str] = (),
    threshold: float = THRESHOLD,
    rerank: Path | str = "",
) -> Linking:
    """The step that gives entities identifiers.

    Args:
        index: an index of terms; left out, the one that comes with the package.
        ids: vocabularies that ids are wanted of, the preferred first; left out, those usual for each type.
        taxa: the species that genes are of; left out, those that each document speaks of.
        threshold: the least probability in [0, 1] of an identifier.
        rerank: an inference folder with ``linker.toml``, whose encoder ranks what names do not settle.

    Raises:
        KnowledgeError: no index, or a damaged one.
        OutputError: the one that ships cannot be unpacked into the cache.
        ConfigError: a species that is no identifier, or a threshold out of range.
        ModelError: the folder is no whole model, or has no weights for ranking.
    """
    if not 0 <= threshold <= 1:
        raise ConfigError(f"threshold {threshold} is outside 0 to 1")
    learnt = Learnt(nearness=_nearness(Path(rerank))) if rerank else Learnt()
    terms = Terms.open(shipped.located(str(index)))
    linker = Linker(terms, wanted(ids, taxa, terms.types()), learnt)
    return Linking(linker, threshold, rerank=str(rerank))


def _nearness(folder: Path) -> nearness.Nearness:
    weights = nearness.weights_of(folder)
    return nearness.Nearness(partial(embed.embed, model=embed.load(folder)), weights)


class Linking:
    """The step; ``many`` looks up the mentions of several documents together."""

    name = SOURCE

    def __init__(self, linker: Linker, threshold: float = THRESHOLD, *, rerank: str = "") -> None:
        self.linker = linker
        self._threshold = threshold
        self._rerank = rerank

    def identity(self) -> list[str]:
        """What decides the identifiers, to compare when a run is resumed: the content of the index and the options."""
        content = [f"{source.name} {source.content}" for source in self.linker.terms.sources()]
        what = self.linker.wanted
        return [*content, *what.vocabularies, *sorted(what.taxa), str(self._threshold), self._rerank]

    def __call__(self, document: Document) -> Document:
        """The document with identifiers for the entities that have none."""
        return self._linked(document, mentions(document))

    def many(self, documents: Sequence[Document]) -> list[Document]:
        """Each document as alone."""
        found = [mentions(document) for document in documents]
        self.linker.candidates(mention for own in found for mention in own.values())
        return [self._linked(document, own) for document, own in zip(documents, found, strict=True)]

    def choices(self, document: Document) -> dict[str, tuple[Choice, ...]]:
        """What each entity of a document may be, by its id; best first, whether likely enough or not."""
        return self._choices(document, mentions(document))

    def _choices(self, document: Document, own: Mapping[str, Mention]) -> dict[str, tuple[Choice, ...]]:
        around = surroundings(document)
        first = self.linker.all_choices([(own[name], around[name]) for name in own])
        sure: defaultdict[str, set[Mention]] = defaultdict(set)
        for mention, choices in zip(own.values(), first, strict=True):
            if choices and choices[0].score >= SURE and (mention.long or not is_short(mention.text)):
                sure[choices[0].id].add(mention)
        accompanied = {name: others for name in own if (others := _others(sure, own[name]))}
        asked = [(own[name], replace(around[name], companions=others)) for name, others in accompanied.items()]
        again = zip(accompanied, self.linker.all_choices(asked), strict=True)
        return dict(zip(own, first, strict=True)) | dict(again)

    def likely(self, choices: Sequence[Choice]) -> Sequence[Choice]:
        """The choices, where the best of them is likely enough; else none."""
        return choices if choices and choices[0].score >= self._threshold else ()

    def explain(self, document: Document, entity: Entity) -> tuple[Choice, ...]:
        """Why an entity of a document has its identifier: the choices there were, best first."""
        bare = replace(entity, links=())
        others = (bare if other.id == entity.id else other for other in document.entities)
        return self.choices(document.with_entities(others)).get(entity.id, ())

    def _linked(self, document: Document, own: Mapping[str, Mention]) -> Document:
        if all(entity.links for entity in document.entities):
            return document
        choices = self._choices(document, own)
        found = {name: likely[0] for name, some in choices.items() if (likely := self.likely(some))}
        return document.with_entities(
            entity if entity.links or entity.id not in found else replace(entity, links=(_link(found[entity.id]),))
            for entity in document.entities
        )


def _others(sure: Mapping[str, set[Mention]], mention: Mention) -> frozenset[str]:
    """The ids that mentions other than this one have for certain."""
    return frozenset(identifier for identifier, own in sure.items() if own - {mention})


def _link(choice: Choice) -> Link:
    return Link(choice.id, round(choice.score, 3), f"{SOURCE}:{choice.source}")


def mentions(document: Document) -> dict[str, Mention]:
    """What is looked up for each entity, by its id: its words with the long form that the document gives for them.

    Where the document defines no long form for a short one, another entity of the type does whose words begin with its
    letters.
    """
    longs = abbreviations.expansions(document)
    if not longs and not document.marked(abbreviations.KIND):
        longs = abbreviations.expansions(abbreviations.step()(document.with_entities(())))
    spelled = {(entity.label, initials(entity.text)): entity.text for entity in reversed(document.entities)}
    found = {}
    for entity in document.entities:
        long = longs.get(entity.text) or longs.get(entity.text.removesuffix("s")) or ""
        if not long and is_short(entity.text):
            long = spelled.get((entity.label, entity.text.lower()), "")
        found[entity.id] = Mention(entity.text, entity.label, long)
    return found


def initials(text: str) -> str:
    """The first letters of the words, where there are several."""
    words = text.replace("-", " ").split()
    return "".join(word[0] for word in words).lower() if len(words) > 1 else ""


def surroundings(document: Document) -> dict[str, Surroundings]:
    """What the document adds to each entity, by its id."""
    if not any(entity.label == "Gene" for entity in document.entities):
        return dict.fromkeys((entity.id for entity in document.entities), Surroundings())
    places = species.places(document)
    everywhere, main = frozenset(place.taxon for place in places), species.most_frequent(places)
    spans = sentences.spans(document)
    found = {}
    for entity in document.entities:
        sentence = next((span for span in spans if span.start <= entity.start < span.end), None)
        near = species.nearest(places, entity.start, entity.end, sentence) if sentence else ""
        found[entity.id] = Surroundings(near, main, everywhere)
    return found
