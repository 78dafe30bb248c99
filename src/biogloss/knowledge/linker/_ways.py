"""How concepts are reached from a mention: by name or long form, over another vocabulary, by part, noun or likeness.

    Way("long", Hit("MESH:D001172", ..., name="rheumatoid arthritis"), 1.0)

First the names as they stand are asked for, many mentions at once. Only of mentions that no name settles are the other
ways tried, which cost a hundred times as much.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from biogloss.knowledge.linker import _forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from biogloss.knowledge.linker.mention import Mention
    from biogloss.knowledge.linker.wanted import Wanted
    from biogloss.knowledge.terms import Hit, Terms

SIMILAR = 8
"""How many names that look alike are candidates."""
_BRIDGES = 3
_NAMES_OF_BRIDGE = 16
_MIN_BRIDGE_CHARACTERS = 4  # shorter names of a drug or disease are names of others too


class Way(NamedTuple):
    """One way from a mention to an identifier; ``value`` in [0, 1] says how straight it is."""

    how: str
    hit: Hit
    value: float = 1.0


class Ways:
    """Asks an index. Threads may share it."""

    def __init__(self, terms: Terms, wanted: Wanted) -> None:
        self._terms = terms
        self._wanted = wanted

    def by_name(self, mentions: Iterable[Mention]) -> dict[Mention, list[Way]]:
        """The concepts that have a mention's text, or its long form, as a name."""
        found: dict[Mention, list[Way]] = {mention: [] for mention in mentions}
        by_label: defaultdict[str, list[Mention]] = defaultdict(list)
        for mention in found:
            by_label[mention.label].append(mention)
        for label, own in by_label.items():
            texts = {text for mention in own for text in (mention.text, mention.long) if text}
            hits = self._find(texts, label)
            for mention in own:
                found[mention] += [Way("name", hit) for hit in hits.get(mention.text, ())]
                found[mention] += [Way("long", hit) for hit in hits.get(mention.long, ())]
        return found

    def settled(self, mention: Mention, ways: Sequence[Way]) -> bool:
        """Whether names alone lead to a wanted vocabulary: that of the long form, where there is one."""
        how = "long" if mention.long else "name"
        return any(way.how == how and self.takes(mention, way) for way in ways)

    def takes(self, mention: Mention, way: Way) -> bool:
        """Whether a way leads to a wanted vocabulary, or to a term of the user's where none was named."""
        own = way.hit.own and self._wanted.others
        return own or self._wanted.has(mention.label, way.hit.id)

    def otherwise(self, mention: Mention, ways: Sequence[Way]) -> list[Way]:
        """What a mention may stand for where no name settles it."""
        text = mention.long or mention.text
        found = list(self._over_names(mention, ways))
        if found and mention.label != "Gene":
            return found
        found += self._made("part", _forms.parts(text), mention.label)
        found += self._made("noun", dict.fromkeys(_forms.nouns(text), 1.0), mention.label)
        if mention.label == "Gene":
            found += self._made("prefix", dict.fromkeys(_forms.without_species(text), 1.0), mention.label)
        return found + [Way("similar", hit, _cosine(hit)) for hit in self._similar(text, mention.label)]

    def taxon(self, gene: str) -> str:
        """The species of a gene, where the index knows it."""
        same = self._terms.same([gene])[gene]
        concepts = map(self._terms.concept, (gene, *same))
        return next((concept.taxon for concept in concepts if concept and concept.taxon), "")

    def _over_names(self, mention: Mention, ways: Sequence[Way]) -> Iterator[Way]:
        """Of concepts that only other vocabularies have: what their other names are names of in a wanted one."""
        strays = [way.hit for way in ways if not self.takes(mention, way)]
        for hit in strays[:_BRIDGES]:
            concept = self._terms.concept(hit.concept)
            names = [text for text, _ in concept.names()] if concept else []
            names = [name for name in names if len(name) >= _MIN_BRIDGE_CHARACTERS][:_NAMES_OF_BRIDGE]
            votes: defaultdict[str, list[Hit]] = defaultdict(list)
            for hits in self._find(names, mention.label, strict=True).values():
                if hits:
                    votes[hits[0].id].append(hits[0])
            total = sum(map(len, votes.values()))
            for identifier, voters in votes.items():
                yield Way("bridge", replace(hit, id=identifier, type=voters[0].type), len(voters) / total)

    def _made(self, how: str, texts: Mapping[str, float], label: str) -> list[Way]:
        found = self._find(texts, label)
        return [Way(how, hit, texts[text]) for text, hits in found.items() for hit in hits]

    def _find(self, texts: Iterable[str], label: str, *, strict: bool = False) -> dict[str, tuple[Hit, ...]]:
        wanted = self._wanted
        return self._terms.find(
            texts,
            types=wanted.types(label),
            namespaces=wanted.ids(label),
            taxa=wanted.taxa if label == "Gene" else (),
            others=not strict,
        )

    def _similar(self, text: str, label: str) -> tuple[Hit, ...]:
        wanted = self._wanted
        return self._terms.similar(
            text,
            limit=SIMILAR,
            types=wanted.types(label),
            namespaces=wanted.ids(label),
            taxa=wanted.taxa if label == "Gene" else (),
        )


def _cosine(hit: Hit) -> float:
    return hit.score
