"""Did pre-training help? The encoder before against the encoder after, on what neither has learned from.

    probe(Path("run/base"), Path("run/encoder"), Path("corpus-en"), Path("run/probe"), PROBES["quick"])

Nats per hidden word of held-out text; pieces per word; and what each reaches when it is fine-tuned on a few abstracts
and scored on a development part. Each difference has a paired-bootstrap interval, over windows of text or documents;
one that covers zero is called what it is.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss import corpora
from biogloss.documents.jsonl import to_line
from biogloss.errors import ConfigError, InputError
from biogloss.evaluation import paired
from biogloss.evaluation.entities import counts
from biogloss.models import encoder
from biogloss.models import folder as folders
from biogloss.models.tokenizer import SPECIAL_PIECES, Tokenizer
from biogloss.preparation.corpus import Corpus
from biogloss.tasks.ner import Ner
from biogloss.training import held_out, learner, predict, roles
from biogloss.training.finetune import finetune
from biogloss.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.training.held_out import HeldOut, Word

TOKENIZER = "tokenizer.json"
NO_GAIN = "no measurable gain"
ABSENT = "not measured: its files are not there"
LOWER, HIGHER = "lower is better", "higher is better"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is fine-tuned: corpora of entities, training documents of each, epochs, seeds.

    ``abstracts`` are those of PubMed whose sections' roles are learned and, behind them, scored; none leaves that out.
    """

    corpora: tuple[str, ...]
    documents: int
    epochs: int
    seeds: tuple[int, ...]
    abstracts: tuple[int, int] | None = None


PROBES: Mapping[str, Plan] = {
    "none": Plan((), 0, 0, ()),
    "quick": Plan(("ncbi_disease",), 150, 6, (1,)),
    "full": Plan(("ncbi_disease", "bc5cdr"), 300, 6, (1, 2, 3), abstracts=(150, 250)),
}


def plan(name: str) -> Plan:
    """One of :data:`PROBES`.

    Raises:
        ConfigError: no such probe.
    """
    if name not in PROBES:
        raise ConfigError(f"no probe {name!r}; there are: {', '.join(PROBES)}")
    return PROBES[name]


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison; the interval is that of the difference. ``note`` says why there is none."""

    what: str
    direction: str
    before: float
    after: float
    low: float = 0.0
    high: float = 0.0
    note: str = ""

    @property
    def verdict(self) -> str:
        """In words: ``better``, ``worse`` or ``no measurable gain``; nothing where nothing was measured."""
        if self.note:
            return ""
        if self.low <= 0 <= self.high:
            return NO_GAIN
        return "better" if (self.low > 0) == (self.direction == HIGHER) else "worse"


def probe(before: Path, after: Path, corpus: Path, work: Path, plan: Plan) -> list[Finding]:
    """Compare two encoders.

    Args:
        before: a folder with a masked language model, such as ``base/`` of a run.
        after: another one; its vocabulary may be another, if both are WordPiece.
        corpus: held-out documents of this one are guessed.
        work: a folder for the fine-tuning runs, which go on where they were interrupted; ``probe.json`` is written.
        plan: what is fine-tuned.

    Raises:
        ModelError: an encoder cannot be loaded.
        FormatError: the corpus is not whole.
        ConfigError: the corpus was cut with the vocabulary of neither, or has no document held out.
    """
    work.mkdir(parents=True, exist_ok=True)
    language_model = language(before, after, Corpus(corpus))
    findings = [*language_model, *_entities(before, after, work, plan), *_section_roles(before, after, plan)]
    record = [asdict(finding) | {"verdict": finding.verdict} for finding in findings]
    (work / "probe.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return findings


# --- the language-model loss


def language(before: Path, after: Path, corpus: Corpus) -> Iterator[Finding]:
    """Nats per hidden word, and pieces per word, on the held-out documents of a corpus; arguments as in ``probe``."""
    own = Tokenizer(corpus.folder / TOKENIZER)
    loaded = [learner.load(folder) for folder in (before, after)]
    longest = min(encoder.longest(model.body.config) for model in loaded)
    windows = held_out.HeldOut.of(corpus, own.unknown, longest=longest)
    if not windows.hidden_words:
        raise ConfigError(f"{corpus.folder}: no document is held out; build it with held_out above 0")
    sides = [_side(windows, corpus, folder, model) for folder, model in zip((before, after), loaded, strict=True)]
    for what, place in (("nats per hidden word, held-out text", 0), ("pieces per word, held-out text", 1)):
        difference = paired.compared(paired.mean, [(sides[0][place], sides[1][place])])
        yield Finding(what, LOWER, difference.before, difference.after, difference.low, difference.high)


def _side(windows: HeldOut, corpus: Corpus, folder: Path, model: learner.Learner) -> tuple[Any, Any]:
    """For each window the nats and the number of its hidden words; and the pieces and the number of its words."""
    again = _again(corpus, folder)
    nats = windows.losses(model, Tokenizer(folder / TOKENIZER), again)
    number, count = windows.window_of(), len(windows.windows)
    hidden = np.stack([np.bincount(number, nats, minlength=count), np.bincount(number, minlength=count)], axis=1)
    cut: Callable[[Word], Word] = again or (lambda word: word)
    words = [(sum(len(cut(word)) for word in window.words), len(window.words)) for window in windows.windows]
    return hidden, np.array(words, dtype=np.float64)


def _again(corpus: Corpus, folder: Path) -> Callable[[Word], Word] | None:
    file = folder / TOKENIZER
    if folders.checksum(file) == corpus.manifest["tokenizer"]:
        return None
    return held_out.recut(corpus.folder / TOKENIZER, file)


# --- fine-tuning


def _entities(before: Path, after: Path, work: Path, plan: Plan) -> Iterator[Finding]:
    sets = []
    for name in plan.corpora:
        try:
            train, dev = (list(corpora.labelled(name, split)) for split in ("train", "dev"))
        except InputError:
            yield Finding(f"F1 of entities, {name}", HIGHER, 0.0, 0.0, note=ABSENT)
            continue
        labels = tuple(sorted(corpora.card(name).exhaustive))
        parts = [
            _reached(folder, work / f"{name}-{side}", labels, (train, dev), plan)
            for side, folder in (("before", before), ("after", after))
        ]
        sets.append((parts[0], parts[1]))
        yield _found(f"F1 of entities, {name} ({plan.documents} documents, {len(plan.seeds)} seeds)", sets[-1:])
    if len(sets) > 1:
        yield _found("F1 of entities, mean", sets)


def _section_roles(before: Path, after: Path, plan: Plan) -> Iterator[Finding]:
    if not plan.abstracts or not plan.seeds:
        return
    try:
        train, dev = roles.split(roles.documents(), train=plan.abstracts[0], dev=plan.abstracts[1])
    except InputError:
        yield Finding("accuracy of section roles", HIGHER, 0.0, 0.0, note=ABSENT)
        return
    one, other = (
        np.sum([roles.rights(folder, train, dev, roles.Learning(seed=seed)) for seed in plan.seeds], axis=0)
        for folder in (before, after)
    )
    what = f"accuracy of section roles ({sum(map(len, train))} sections, {len(plan.seeds)} seeds)"
    yield _found(what, [(one, other)], paired.mean)


def _found(
    what: str,
    sets: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]] = paired.f1,
) -> Finding:
    difference = paired.compared(value, sets)
    return Finding(what, HIGHER, difference.before, difference.after, difference.low, difference.high)


def _reached(
    folder: Path,
    run: Path,
    labels: tuple[str, ...],
    parts: tuple[Sequence[Document], Sequence[Document]],
    plan: Plan,
) -> NDArray[np.float64]:
    """(documents, 4 x seeds): found, right, gold and predicted mentions of each development document."""
    train, dev = parts
    run.mkdir(exist_ok=True)
    file = run / "train.jsonl"
    file.write_text("".join(to_line(document) + "\n" for document in train[: plan.documents]), encoding="utf-8")
    room = min(254, encoder.longest(encoder.configuration(folder)) - SPECIAL_PIECES)
    columns = []
    for seed in plan.seeds:
        recipe = Recipe(
            name=run.name,
            encoder=str(folder),
            labels=labels,
            files={"train": [str(file)]},
            epochs=plan.epochs,
            max_pieces=room,
            overlap=min(32, room // 2),
            cuts=tuple(min(cut, room) for cut in (64, 128, 254)),
            precision="auto",
            seed=seed,
        )
        documents = annotated(finetune(recipe, run / f"seed-{seed}"), dev)
        rows = counts(dev, documents, labels=labels)
        columns.append([(row.found, row.right, row.gold, row.predicted) for row in rows])
    return np.concatenate([np.array(column, dtype=np.float64) for column in columns], axis=1)


def annotated(model: Path, documents: Sequence[Document]) -> list[Document]:
    """The documents as a trainable folder annotates them, every entity that is decoded, whatever its score."""
    settings = folders.settings(model)
    head = settings.head("ner")
    task = Ner(head.labels, settings.max_pieces, settings.overlap)
    restored = encoder.restore(model, {head.name: task.head})
    return predict.annotate(documents, restored, task, Tokenizer(model / TOKENIZER), head=head.name)
