"""Annotated documents beside the running text of pre-training: windows with their entities and relations.

    annotated = Annotated.of(recipe, tokenizer)
    windows = annotated.take(96, 16)         the windows from number 96 on, counted over all passes over the corpora

Corpora take turns as often as the recipe says, each document as often as the others of its corpus, and each time
another of its windows. All of it is a function of seed and number.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from biogloss import corpora
from biogloss.errors import ConfigError
from biogloss.tasks._examples import Coverage, cut
from biogloss.tasks.ner import Ner
from biogloss.training import material
from biogloss.training.learned import FILES
from biogloss.training.objectives import relations
from biogloss.training.objectives.relations import Stated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.documents import Document
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.tasks._examples import Example
    from biogloss.training.material import Batch, Source
    from biogloss.training.objectives.relations import Pair, Pairs
    from biogloss.training.pretrain_recipe import Recipe

SPECIAL_PIECES = 2
_EPOCHS = range(1, 1 << 40)
_SAYS_SOMETHING = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of annotated documents: ids and tags in ``batch``, and the ``pairs`` of mentions in them."""

    batch: Batch
    pairs: Pairs


class Annotated:
    """The annotated documents of a run.

    Args:
        sources: where they come from, in which shares.
        tokenizer: of the encoder.
        length: of a window at most, special tokens included.
        objectives: which of ``entities`` and ``relations`` are learned.
        seed: of order and windows.

    Raises:
        ConfigError: there are no documents, or none with what an objective learns.
    """

    def __init__(
        self, sources: Sequence[Source], tokenizer: Tokenizer, *, length: int, objectives: Sequence[str], seed: int
    ) -> None:
        self.sources = [replace(source, train=tuple(filter(_has_words, source.train))) for source in sources]
        if not any(source.train for source in self.sources):
            raise ConfigError("annotated, silver: no training document that shares no text with held-out parts")
        self._tokenizer = tokenizer
        self._seed = seed
        types = {label for source in self.sources for label in source.coverage.exhaustive | source.coverage.positives}
        self.task = Ner(tuple(sorted(types)) if "entities" in objectives else (), length - SPECIAL_PIECES, overlap=0)
        self._stated = [Stated.by(source.train if "relations" in objectives else ()) for source in self.sources]
        self.relations = tuple(sorted({label for stated in self._stated for label in stated.labels}))
        for objective, found in (("entities", self.task.labels), ("relations", self.relations)):
            if objective in objectives and not found:
                raise ConfigError(f"annotated, silver: no {objective} in them to learn from; leave out the objective")
        self._round: tuple[int, list[tuple[int, Document]]] = (-1, [])

    @classmethod
    def of(cls, recipe: Recipe, tokenizer: Tokenizer) -> Annotated:
        """What a recipe names; documents that share text with a held-out part of its corpora are left out.

        Raises:
            ConfigError: no such corpus, no documents, or none with what an objective learns.
            InputError: a corpus is not there.
            FormatError: a silver file is damaged.
        """
        parts = {name: material.read(name) for name in recipe.annotated}
        cards = {name: corpora.card(name) for name in recipe.annotated}
        coverages = {name: Coverage(card.exhaustive, card.positives) for name, card in cards.items()}
        if recipe.silver:
            silver = tuple(material.documents(recipe.silver))
            parts[FILES] = {"train": silver}
            types = {entity.label for document in silver for entity in document.entities}
            coverages[FILES] = Coverage(frozenset(types))
        found = material.without_leaks(parts, coverages, recipe.annotated, material.held_out(parts))
        return cls(found, tokenizer, length=recipe.length, objectives=tuple(recipe.objectives), seed=recipe.seed)

    def take(self, start: int, count: int) -> Windows:
        """``count`` windows from number ``start``, counted over all passes over the corpora."""
        found = [self._window(number) for number in range(start, start + count)]
        batch = material.collate([example for example, _, _ in found], self._tokenizer.padding)
        return Windows(batch, relations.collate([(pairs, stated) for _, pairs, stated in found], self.relations))

    def _window(self, number: int) -> tuple[Example, list[Pair], Stated]:
        source, document = self._document(number)
        rng = np.random.default_rng([self._seed, number])
        pieces = self._tokenizer.pieces(document.text)
        (whole,) = self.task.examples(document, pieces, self._tokenizer, self.sources[source].coverage)
        examples = cut(whole)
        chosen = int(rng.integers(len(examples)))
        example = examples[chosen]
        stated = self._stated[source]
        if not stated.labels:
            return example, [], stated
        first = sum(len(before.targets) for before in examples[:chosen])
        where = relations.places(document, pieces, (first, first + len(example.targets)))
        return example, relations.pairs(document, where, stated, rng), stated

    def _document(self, number: int) -> tuple[int, Document]:
        """The document of a window, and the number of its source."""
        epoch = bisect_right(_EPOCHS, number, key=self._drawn_before)
        if self._round[0] != epoch:
            self._round = epoch, self._drawn(epoch)
        return self._round[1][number - self._drawn_before(epoch)]

    def _drawn_before(self, epoch: int) -> int:
        return sum(round(len(source.train) * source.passes * epoch) for source in self.sources)

    def _drawn(self, epoch: int) -> list[tuple[int, Document]]:
        rng = random.Random(f"{self._seed} {epoch}")  # noqa: S311 - shuffling, not a secret
        found = [
            (number, document)
            for number, source in enumerate(self.sources)
            for document in material.drawn(source, rng, epoch)
        ]
        rng.shuffle(found)
        return found


def _has_words(document: Document) -> bool:
    return bool(_SAYS_SOMETHING.search(document.text))
