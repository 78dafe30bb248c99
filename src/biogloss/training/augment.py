"""Training documents a little changed, each time in another way; what is said about them stays true to the letter.

    augmenter = Augmenter.of({"replace_mentions": 0.2, "delete": 0.05}, documents, seed=1)
    augmenter(document, epoch=3)        "Gout hurts."  ->  "Asthma hurts.", the entity follows

Each kind has a probability:

* ``replace_mentions``: of each name in a document, that all its mentions become another name of the same type from
  training documents; identifiers stay, so relations between concepts still hold. Names that overlap others stay.
* ``synonyms``: of each mention of a form that the document itself defines ("heart rate (HR)"), that the short form
  becomes the long one, or the other way round.
* ``delete``: of each word outside entities, that it goes; the first word of every sentence, section and part stays, and
  the first behind an entity.
* ``noise``: of each word of four letters or more outside entities, that two inner letters change places, one goes, or
  one is doubled.

Everything is drawn from the seed, the epoch and the document's id.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from biogloss.documents import Document, Edit, Span, apply
from biogloss.documents.abbreviations import abbreviations, first_definitions, mentions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from biogloss.documents import Entity

    Change = Callable[[Document, float, random.Random], Iterable[Edit]]

KINDS = ("replace_mentions", "synonyms", "delete", "noise")
SHORTEST = 4  # letters of a word that noise may meet
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")  # a Chinese character is a word


@dataclass(frozen=True)
class Augmenter:
    """Changes documents.

    Args:
        shares: kind -> probability; kinds that are not named change nothing.
        names: type -> what its mentions are called, each name once.
        seed: of every draw.
    """

    shares: Mapping[str, float]
    names: Mapping[str, Sequence[str]]
    seed: int

    @classmethod
    def of(cls, shares: Mapping[str, float], documents: Iterable[Document], seed: int) -> Augmenter:
        """With the names of training documents."""
        found: dict[str, set[str]] = {}
        for entity in chain.from_iterable(document.entities for document in documents):
            if len(entity.spans) == 1:
                found.setdefault(entity.label, set()).add(entity.text)
        return cls(shares, {label: sorted(names) for label, names in found.items()}, seed)

    def many(self, documents: Sequence[Document], epoch: int) -> list[Document]:
        """The documents of an epoch; one that comes twice is changed in two ways."""
        times = Counter[str]()
        made = []
        for document in documents:
            made.append(self(document, epoch, times[document.id]))
            times[document.id] += 1
        return made

    def __call__(self, document: Document, epoch: int, time: int = 0) -> Document:
        """A document as it is read in an epoch.

        Args:
            document: left as it is.
            epoch: from 0.
            time: how often it has come in this epoch before.
        """
        changes: Mapping[str, Change] = {
            "replace_mentions": self._other_names,
            "synonyms": _synonyms,
            "delete": _deletions,
            "noise": _noise,
        }
        for kind in KINDS:
            if share := self.shares.get(kind):
                rng = random.Random(f"{self.seed} {epoch} {time} {kind} {document.id}")  # noqa: S311 - no secret
                document = apply(document, changes[kind](document, share, rng)).document
        return document

    def _other_names(self, document: Document, share: float, rng: random.Random) -> Iterator[Edit]:
        chosen: dict[tuple[str, str], str] = {}
        for entity in _alone(document.entities):
            name = entity.label, entity.text
            if name not in chosen:
                others = self.names.get(entity.label, ())
                chosen[name] = rng.choice(others) if others and rng.random() < share else entity.text
            if chosen[name] != entity.text:
                yield Edit(entity.start, entity.end, chosen[name])


def _alone(entities: Sequence[Entity]) -> Iterator[Entity]:
    """Those of one span that share no character with another."""
    reached, ordered = 0, sorted(entities, key=lambda entity: entity.start)
    for place, entity in enumerate(ordered):
        is_last = place + 1 == len(ordered)
        if len(entity.spans) == 1 and entity.start >= reached and (is_last or ordered[place + 1].start >= entity.end):
            yield entity
        reached = max(reached, entity.end)


def _synonyms(document: Document, share: float, rng: random.Random) -> Iterator[Edit]:
    text = document.text
    pairs = abbreviations(text)
    taken = [Span(min(pair.short.start, pair.long.start), max(pair.short.end, pair.long.end)) for pair in pairs]
    bounds = _bounds(document)
    for pair in first_definitions(text, pairs):
        forms = [text[span.start : span.end] for span in (pair.short, pair.long)]
        for words, other in (forms, forms[::-1]):
            for at in mentions(text, words):
                is_whole = not any(at.start < bound < at.end for bound in bounds)
                if is_whole and not any(at.overlaps(span) for span in taken) and rng.random() < share:
                    taken.append(at)
                    yield Edit(at.start, at.end, other)


def _bounds(document: Document) -> set[int]:
    """Where something that is said of the text begins or ends."""
    spans = [span for entity in document.entities for span in entity.spans]
    spans += [mark.span for mark in document.marks] + [span for _, span in document.parts]
    return {bound for span in spans for bound in (span.start, span.end)}


def _deletions(document: Document, share: float, rng: random.Random) -> Iterator[Edit]:
    text, bounds = document.text, _bounds(document)
    words = [Span(*found.span()) for found in _WORD.finditer(text)]
    firsts = (bisect_right(words, start, key=attrgetter("end")) for start in {0, *bounds})
    kept = {words[first] for first in firsts if first < len(words)}
    for word in _free(words, document):
        if word not in kept and rng.random() < share:
            has_blank = text.startswith(" ", word.end) and word.end not in bounds
            yield Edit(word.start, word.end + has_blank, "")


def _noise(document: Document, share: float, rng: random.Random) -> Iterator[Edit]:
    words = (Span(*found.span()) for found in _WORD.finditer(document.text))
    for word in _free(words, document):
        letters = document.text[word.start : word.end]
        if len(letters) < SHORTEST or not letters.isalpha() or rng.random() >= share:
            continue
        place = rng.randrange(1, len(letters) - 2)
        one, next_one = letters[place], letters[place + 1]
        changed = rng.choice((next_one + one, next_one, one + one + next_one))
        yield Edit(word.start + place, word.start + place + 2, changed)


def _free(words: Iterable[Span], document: Document) -> Iterator[Span]:
    """Those that share no character with an entity, or with what is between its spans."""
    taken = bytearray(len(document.text))
    for entity in document.entities:
        taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
    return (word for word in words if not any(taken[word.start : word.end]))
