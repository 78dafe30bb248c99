"""What a run learns from: documents of each corpus without leaks, and the batches of each epoch.

Everything here is a function of the recipe and its seed, so a resumed run meets the batches it would have met.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from biogloss import corpora
from biogloss.errors import ConfigError, Failure, FormatError
from biogloss.evaluation.splits import leaks
from biogloss.formats import _detect
from biogloss.models.batches import by_budget
from biogloss.tasks.ner import UNKNOWN, Coverage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.tasks.ner import Example, Ner
    from biogloss.training.recipe import Recipe

FILES = "files"  # the source of a recipe's own files


@dataclass(frozen=True)
class Source:
    """One corpus of a run."""

    name: str
    coverage: Coverage
    train: tuple[Document, ...]
    dev: tuple[Document, ...]
    passes: float
    leaked: int


@dataclass(frozen=True)
class Batch:
    """Windows padded to the longest of them.

    ``ids`` (batch, seq) int64, ``mask`` (batch, seq) bool or None when no row is padded, ``targets`` (batch, seq,
    heads) int64, ``pieces`` how many are real.
    """

    ids: NDArray[np.int64]
    mask: NDArray[np.bool_] | None
    targets: NDArray[np.int64]
    pieces: int


def sources(recipe: Recipe) -> list[Source]:
    """The corpora of a recipe; training documents that share text with any held-out part of them are left out."""
    coverages = {name: _coverage(name, recipe) for name in recipe.corpora}
    parts = {name: _all_learned(read(name)) if name in recipe.with_dev else read(name) for name in recipe.corpora}
    if recipe.files:
        coverages[FILES] = Coverage(frozenset(recipe.labels))
        parts[FILES] = {split: tuple(documents(paths)) for split, paths in recipe.files.items()}
    return without_leaks(parts, coverages, recipe.corpora)


def without_leaks(
    parts: Mapping[str, Mapping[str, tuple[Document, ...]]],
    coverages: Mapping[str, Coverage],
    passes: Mapping[str, float],
) -> list[Source]:
    """Corpora without the training documents that share text with any held-out part of them.

    Args:
        parts: corpus -> split -> documents.
        coverages: what each corpus says.
        passes: how often each is drawn; once where nothing is said.
    """
    held_out = [document for part in parts.values() for split in ("dev", "test") for document in part.get(split, ())]
    found = []
    for name, part in parts.items():
        leaked = {id(document) for document in leaks(part["train"], held_out)}
        train = tuple(document for document in part["train"] if id(document) not in leaked)
        own = coverages[name], train, part.get("dev", ()), passes.get(name, 1.0)
        found.append(Source(name, *own, len(leaked)))
    return found


def _coverage(name: str, recipe: Recipe) -> Coverage:
    card = corpora.card(name)
    if not (card.exhaustive | card.positives) & set(recipe.labels):
        has = ", ".join(sorted(card.exhaustive | card.positives))
        msg = f"corpus {name} has none of the labels {', '.join(recipe.labels)}; it has: {has}"
        raise ConfigError(msg)
    return Coverage(card.exhaustive, card.positives)


def read(name: str) -> dict[str, tuple[Document, ...]]:
    """The documents of each split of a corpus, with the heads of its card."""
    return {split: tuple(corpora.labelled(name, split)) for split in corpora.card(name).counts}


def _all_learned(part: Mapping[str, tuple[Document, ...]]) -> dict[str, tuple[Document, ...]]:
    """The splits of a corpus with its development part among what is learned from."""
    return {**part, "train": part["train"] + part.get("dev", ()), "dev": ()}


def documents(paths: Sequence[str]) -> Iterator[Document]:
    """The documents of files of any format.

    Raises:
        FormatError: a record is damaged.
    """
    for path in paths:
        for document in _detect.open_documents(Path(path)):
            if isinstance(document, Failure):
                raise FormatError(str(document), file=path, todo="Training needs every record; repair or remove it")
            yield document


def epoch_batches(
    found: Sequence[Source], task: Ner, tokenizer: Tokenizer, recipe: Recipe, epoch: int
) -> list[list[Example]]:
    """The batches of one epoch in order: nearly equal lengths within a batch, batches shuffled."""
    rng = random.Random(f"{recipe.seed} {epoch}")  # noqa: S311 - shuffling, not a secret
    examples: list[Example] = []
    for source in found:
        for document in drawn(source, rng, epoch):
            longest = rng.choice(recipe.cuts)
            cut = replace(task, max_pieces=longest, overlap=0)
            examples += cut.examples(document, tokenizer, source.coverage)
    rng.shuffle(examples)  # so that windows of one length differ in company from epoch to epoch
    groups = by_budget([len(example.ids) for example in examples], budget=recipe.budget_pieces)
    batches = [[examples[index] for index in group] for group in groups]
    rng.shuffle(batches)
    return batches


def drawn(source: Source, rng: random.Random, epoch: int) -> list[Document]:
    """This epoch's documents: successive slices of a shuffled order, so that every document comes equally often."""
    order = list(source.train)
    random.Random(source.name).shuffle(order)  # noqa: S311
    begin, end = (round(len(order) * source.passes * number) for number in (epoch, epoch + 1))
    found = [order[index % len(order)] for index in range(begin, end)] if order else []
    rng.shuffle(found)
    return found


def collate(examples: Sequence[Example], padding: int) -> Batch:
    """Windows to arrays."""
    longest = max(len(example.ids) for example in examples)
    heads = examples[0].targets.shape[1]
    ids = np.full((len(examples), longest), padding, dtype=np.int64)
    targets = np.full((len(examples), longest, heads), UNKNOWN, dtype=np.int64)
    for row, example in enumerate(examples):
        ids[row, : len(example.ids)] = example.ids
        targets[row, : len(example.ids)] = example.targets
    lengths = np.array([len(example.ids) for example in examples])
    pieces = int(lengths.sum())
    mask = None if pieces == ids.size else np.arange(longest)[None, :] < lengths[:, None]
    return Batch(ids, mask, targets, pieces)


def summary(found: Sequence[Source]) -> Mapping[str, dict[str, int | float]]:
    """Counts for the run log and the model card."""
    return {
        source.name: {
            "train": len(source.train),
            "dev": len(source.dev),
            "left_out_for_leaks": source.leaked,
            "passes": source.passes,
        }
        for source in found
    }
