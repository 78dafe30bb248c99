"""What a run learns from: documents of each corpus without leaks, and the batches of each epoch.

Everything here is a function of the recipe and its seed, so a resumed run meets the batches it would have met.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from biogloss import corpora
from biogloss.documents import sentences
from biogloss.errors import ConfigError, Failure, FormatError
from biogloss.evaluation.folds import folds
from biogloss.evaluation.splits import leaks
from biogloss.formats import _detect
from biogloss.formats._source import Report
from biogloss.models.batches import by_budget
from biogloss.models.heads import joined
from biogloss.tasks._candidates import MENTION
from biogloss.tasks._examples import Coverage, cut
from biogloss.tasks.ner import Ner
from biogloss.training.augment import Augmenter
from biogloss.training.learned import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.models.heads import Pooling
    from biogloss.models.tokenizer import Pieces, Tokenizer
    from biogloss.tasks import Task
    from biogloss.tasks._examples import Example
    from biogloss.training.learned import Learned
    from biogloss.training.recipe import Recipe

    Part = Mapping[str, tuple[Document, ...]]  # split -> documents

NER = "ner"
TELLING = 20  # characters: the fifth sentence of two files may be "Results." by chance
TRAIN, DEV, TEST = "train", "dev", "test"
ASIDE = "aside"
"""Where test parts are while others stand in for them: training keeps away from them as before."""


@dataclass(frozen=True)
class Source:
    """One corpus of a run.

    Args:
        name: what it is called.
        coverage: what it says.
        train: what is learned from.
        dev: what chooses.
        passes: over ``train`` in one epoch.
        leaked: ids of the training documents that are left out because they share text with what is held out.
        test: what neither teaches nor chooses.
        notes: of files, what their reader left out, in words, and how often.
    """

    name: str
    coverage: Coverage
    train: tuple[Document, ...]
    dev: tuple[Document, ...]
    passes: float
    leaked: tuple[str, ...] = ()
    test: tuple[Document, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Examples of one task, their windows padded to the longest of them.

    ``ids`` (windows, seq) int64, ``mask`` (windows, seq) bool or None when no row is padded, ``places`` (pieces,)
    int64, ``row * seq + column`` of each piece, ``targets`` and ``pooling`` as examples have them, one behind the
    other, ``pieces`` how many the encoder reads, padding left out.
    """

    ids: NDArray[np.int64]
    mask: NDArray[np.bool_] | None
    places: NDArray[np.int64]
    targets: NDArray[np.int64] | NDArray[np.float32]
    pooling: Pooling | None
    pieces: int


def sources(recipe: Recipe) -> list[tuple[Source, ...]]:
    """The corpora of each task; training documents that share text with a held-out part of any of them are left out.

    One encoder learns every task, so what one holds out another may not show.

    Raises:
        ConfigError: a corpus has nothing of what is learned, too few documents for so many folds, or a document is in
            two parts of the files.
        InputError: a corpus is not there.
        FormatError: a record of a file is damaged.
    """
    coverages = [_coverages(learned) for learned in recipe.learned]
    reports = [Report() for _ in recipe.learned]
    parts = [_parts(learned, recipe, report) for learned, report in zip(recipe.learned, reports, strict=True)]
    away = [document for own in parts for document in held_out(own)]
    return [
        tuple(
            replace(one, notes=dict(report)) if one.name == FILES else one
            for one in without_leaks(own, said, learned.corpora, away)
        )
        for own, said, learned, report in zip(parts, coverages, recipe.learned, reports, strict=True)
    ]


def _coverages(learned: Learned) -> dict[str, Coverage]:
    found = {name: _coverage(name, learned) for name in learned.corpora}
    return found | ({FILES: Coverage(frozenset(learned.labels))} if learned.files else {})


def _parts(learned: Learned, recipe: Recipe, report: Report) -> dict[str, Part]:
    """The splits of each corpus of a task, folds and tested corpora in the places of those that they stand in for."""
    parts = {name: _splits(name, learned) for name in learned.corpora}
    if learned.files:
        parts[FILES] = {split: tuple(_read(learned, paths, report)) for split, paths in learned.files.items()}
        _refuse_twice(parts[FILES])
    if recipe.test_fold or recipe.test_corpora:
        parts = {name: {**part, TEST: (), ASIDE: part.get(TEST, ())} for name, part in parts.items()}
    parts |= {name: _all_tested(parts[name]) for name in recipe.test_corpora if name in parts}
    for split, own in ((TEST, recipe.test_fold), (DEV, recipe.fold)):
        if own:
            parts |= {name: _folded(name, part, split, own) for name, part in parts.items() if part[TRAIN]}
    return parts


def _read(learned: Learned, paths: Sequence[str], report: Report) -> Iterator[Document]:
    """Documents of files; with sentences where a task relates what one sentence mentions, as annotating has them."""
    found = documents(paths, report)
    return map(sentences.marked, found) if learned.level == MENTION else found


def _splits(name: str, learned: Learned) -> Part:
    found = read(name, heads=learned.has_heads)
    return _all_learned(found) if name in learned.with_dev else found


def _refuse_twice(part: Part) -> None:
    """Files that hold one document in two parts are a mistake; published corpora are as they are."""
    seen: dict[tuple[str, str], str] = {}
    for split, own in part.items():
        for document in own:
            if len(document.text) < TELLING:
                continue
            before = seen.setdefault((document.id, document.text), split)
            if before != split:
                raise ConfigError(
                    f"files: document {document.id} is in {before} and in {split}; what is learned from must not be "
                    "scored: take it out of one of them"
                )


def without_leaks(
    parts: Mapping[str, Part],
    coverages: Mapping[str, Coverage],
    passes: Mapping[str, float],
    away: Sequence[Document],
) -> list[Source]:
    """Corpora without the training documents that share text with what is held out.

    Args:
        parts: corpus -> split -> documents.
        coverages: what each corpus says.
        passes: how often each is drawn; once where nothing is said.
        away: what is held out, of these and of others.
    """
    found = []
    for name, part in parts.items():
        leaked = {id(document): document.id for document in leaks(part[TRAIN], away)}
        train = tuple(document for document in part[TRAIN] if id(document) not in leaked)
        own = coverages[name], train, part.get(DEV, ()), passes.get(name, 1.0)
        found.append(Source(name, *own, tuple(leaked.values()), part.get(TEST, ())))
    return found


def held_out(parts: Mapping[str, Part]) -> list[Document]:
    """All that is in another split than the one to learn from."""
    return [document for part in parts.values() for split, own in part.items() if split != TRAIN for document in own]


def _coverage(name: str, learned: Learned) -> Coverage:
    card = corpora.card(name)
    found = Coverage(frozenset(card.heads)) if learned.native else Coverage(card.exhaustive, card.positives)
    has = found.exhaustive | found.positives
    if learned.task == NER and not has & set(learned.labels):
        msg = f"corpus {name} has none of the labels {', '.join(learned.labels)}; it has: {', '.join(sorted(has))}"
        raise ConfigError(msg)
    return found


def read(name: str, *, heads: bool = True) -> Part:
    """The documents of each split of a corpus, their entities with the heads of its card or with its own types."""
    found = corpora.labelled if heads else corpora.documents
    return {split: tuple(found(name, split)) for split in corpora.card(name).counts}


def _all_learned(part: Part) -> Part:
    """The splits of a corpus with its development part among what is learned from."""
    return {**part, TRAIN: part[TRAIN] + part.get(DEV, ()), DEV: ()}


def _all_tested(part: Part) -> Part:
    """The splits of a corpus with all that teaches or chooses for a test part."""
    return {**part, TRAIN: (), DEV: (), TEST: part[TRAIN] + part.get(DEV, ())}


def _folded(name: str, part: Part, split: str, fold: Sequence[int]) -> Part:
    """The splits of a corpus with a fold of its training documents in place of another.

    The folds are the same for every recipe, so that runs over all of them score each document once.
    """
    number, of = fold
    try:
        held_out = folds(part[TRAIN], of)[number - 1]
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error
    is_held_out = set(map(id, held_out))
    train = tuple(document for document in part[TRAIN] if id(document) not in is_held_out)
    return {**part, TRAIN: train, split: tuple(held_out)}


def documents(paths: Sequence[str], report: Report | None = None) -> Iterator[Document]:
    """The documents of files of any format.

    Args:
        paths: of the files.
        report: where readers count what they leave out.

    Raises:
        FormatError: a record is damaged.
    """
    for path in paths:
        for document in _detect.open_documents(Path(path), report=report):
            if isinstance(document, Failure):
                raise FormatError(str(document), file=path, todo="Training needs every record; repair or remove it")
            yield document


def epoch_batches(
    found: Sequence[Source], task: Task, tokenizer: Tokenizer, recipe: Recipe, epoch: int
) -> list[list[Example]]:
    """The batches of one epoch in order: nearly equal lengths within a batch, batches shuffled.

    Raises:
        FormatError: a document that the task cannot read.
    """
    rng = random.Random(f"{recipe.seed} {epoch}")  # noqa: S311 - shuffling, not a secret
    examples: list[Example] = []
    for source in found:
        chosen = drawn(source, rng, epoch)
        if recipe.augment:
            chosen = Augmenter.of(recipe.augment, source.train, recipe.seed).many(chosen, epoch)
        for document, pieces in zip(chosen, tokenizer.many([one.text for one in chosen]), strict=True):
            longest = rng.choice(recipe.cuts)
            examples += _examples(document, pieces, tokenizer, task, source.coverage, longest)
    rng.shuffle(examples)  # so that texts of one length differ in company from epoch to epoch
    groups = by_budget([example.pieces for example in examples], budget=recipe.budget_pieces)
    batches = [[examples[index] for index in group] for group in groups]
    rng.shuffle(batches)
    return batches


def _examples(
    document: Document, pieces: Pieces, tokenizer: Tokenizer, task: Task, coverage: Coverage, longest: int
) -> list[Example]:
    """A document's examples; of a task on the pieces of one text its windows, each by itself."""
    if not isinstance(task, Ner):
        return task.examples(document, pieces, tokenizer, coverage)
    wholes = replace(task, max_pieces=longest, overlap=0).examples(document, pieces, tokenizer, coverage)
    return [window for whole in wholes for window in cut(whole)]  # none of a blank text


def drawn(source: Source, rng: random.Random, epoch: int) -> list[Document]:
    """This epoch's documents: successive slices of a shuffled order, so that every document comes equally often."""
    order = list(source.train)
    random.Random(source.name).shuffle(order)  # noqa: S311
    begin, end = (round(len(order) * source.passes * number) for number in (epoch, epoch + 1))
    found = [order[index % len(order)] for index in range(begin, end)] if order else []
    rng.shuffle(found)
    return found


def collate(examples: Sequence[Example], padding: int) -> Batch:
    """Examples to arrays."""
    windows = [window for example in examples for window in example.reading.windows]
    lengths = np.array([len(window) for window in windows])
    longest, pieces = int(lengths.max()), int(lengths.sum())
    ids = np.full((len(windows), longest), padding, dtype=np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
    mask = None if pieces == ids.size else np.arange(longest)[None, :] < lengths[:, None]
    before = np.cumsum([0, *(len(example.reading.windows) for example in examples)])
    places = [
        (example.reading.places[:, 0].astype(np.int64) + first) * longest + example.reading.places[:, 1]
        for example, first in zip(examples, before, strict=False)
    ]
    targets = np.concatenate([example.targets for example in examples])
    return Batch(
        ids,
        mask,
        np.concatenate(places),
        targets if targets.dtype == np.float32 else targets.astype(np.int64),
        _pooling(examples),
        pieces,
    )


def _pooling(examples: Sequence[Example]) -> Pooling | None:
    poolings = [example.pooling for example in examples if example.pooling is not None]
    return joined(poolings, [len(example.reading.places) for example in examples]) if poolings else None


def summary(found: Sequence[Source]) -> Mapping[str, dict[str, int | float]]:
    """Counts for the run log and the model card."""
    return {
        source.name: {
            "train": len(source.train),
            "dev": len(source.dev),
            "left_out_for_leaks": len(source.leaked),
            "passes": source.passes,
        }
        for source in found
    }
