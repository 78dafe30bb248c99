"""How fast Biogloss annotates, beside the Hugging Face pipelines that a user would otherwise run, in one run.

    python benchmarks/annotate_speed.py [--model FOLDER] [--weights FOLDER] [--quick]

Sides, each on two cores, from text to entities with offsets:

biogloss       the inference model (int8), two workers: all steps of `biogloss annotate --workers 2`, or the entities
               step alone
same weights   transformers.pipeline("token-classification") in float32: the encoder of --weights under the head of ONE
               of its entity types. Biogloss finds all types in that one pass, so this side has less to do
BERT-base      the same pipeline with 12 layers of width 768, BioBERT's architecture, one entity type; random weights
               (its speed does not depend on them) that call every piece O, which spares it putting entities together

The pipelines run with aggregation "simple" and two PyTorch threads, at batch size 1 (their default) and at the best of
several, found on the texts that are measured. All sides use the model's tokenizer, so a piece is a piece everywhere.

Inputs: titles with abstracts from PubMed (every tenth record that has an abstract; without the data catalogue the
records of examples/, repeated) and single sentences of them. The slower sides read some of the texts, evenly spaced by
length, so that the lengths are alike. Speeds are real pieces a second by the clock on the wall, medians over rounds in
which each side has its turn. A pipeline cuts a text off after 510 pieces and is credited with what it reads; Biogloss
reads long texts in overlapping windows and is credited with each piece once.

The last line is one JSON object. `speedup_sentences`: entities step over same weights at batch 1; `speedup_abstracts`
and `vs_bert_base`: over the best batch; `documents_per_second` and `peak_mb` (in a process of its own with its
children): all steps, abstracts. `ceiling_share`: the encoder's useful operations in a second, entities step, abstracts,
over the fastest float32 matrix product of the machine; int8 products may be faster than float32, so it may exceed 1.

The time to the first result is a fresh process's, from its start, with its files in the disk cache. Measure on a quiet
machine: what others took of it is printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import psutil

import _machine
from _machine import ROOT, Load, Shape
from biogloss.documents import Document
from biogloss.errors import Failure
from biogloss.formats import pubmed_xml
from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline import gloss
from biogloss.pipeline.steps import model
from biogloss.pipeline.steps.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from _pipelines import Pipeline

    Key = tuple[str, str, int]
    Times = dict[Key, list[float]]
    Reader = Callable[[Sequence[str], int], object]

PACKAGES = ("biogloss", "ctranslate2", "tokenizers", "numpy", "torch", "transformers")
THREADS = 2
EVERY_RECORD = 10
MOST_PIECES = 510  # what a BERT encoder reads of a text, without its two special tokens
MINILM, BERT_BASE = Shape(layers=6, width=384, inner=1536), Shape(layers=12, width=768, inner=3072)
STEPS, ALONE, SAME, BASE = "biogloss, all steps", "biogloss, entities step", "same weights", "BERT-base"
OURS = (STEPS, ALONE)
FIRST_RESULT = """
import sys, biogloss
biogloss.load(sys.argv[1])("Metformin lowers glucose in type 2 diabetes.")
print("torch" in sys.modules, flush=True)
"""
WHOLE_RUN = f"""
import json, sys, biogloss
texts = json.load(open(sys.argv[2], encoding="utf-8"))
for document in biogloss.load(sys.argv[1], workers={THREADS}).pipe(texts, workers={THREADS}):
    pass
"""


class Plan(NamedTuple):
    """How much is measured: how many texts each side reads, rounds, batch sizes to choose from, fresh processes."""

    texts: dict[str, dict[str, int]]
    rounds: int
    batches: tuple[int, ...]
    starts: int


FULL = Plan(
    {
        "sentences": {STEPS: 2000, ALONE: 2000, SAME: 256, BASE: 64},
        "abstracts": {STEPS: 500, ALONE: 500, SAME: 100, BASE: 25},
    },
    rounds=3,
    batches=(1, 8, 32),
    starts=5,
)
QUICK = Plan(
    {
        "sentences": {STEPS: 256, ALONE: 256, SAME: 32, BASE: 8},
        "abstracts": {STEPS: 96, ALONE: 96, SAME: 8, BASE: 2},
    },
    rounds=1,
    batches=(1, 4),
    starts=1,
)


@dataclass(frozen=True)
class Side:
    """One row: who reads which texts with which batch size (0: its own choice); ``pieces`` are the real ones."""

    name: str
    kind: str
    batch: int
    texts: Sequence[str]
    pieces: int
    reader: Reader

    @property
    def key(self) -> Key:
        """Unique among the rows."""
        return self.kind, self.name, self.batch

    def seconds(self) -> float:
        """Wall time of annotating all texts once."""
        started = time.perf_counter()
        self.reader(self.texts, self.batch)
        return time.perf_counter() - started


def main() -> None:
    """Print the table and the JSON line."""
    options = _options()
    plan = QUICK if options.quick else FULL
    print(_machine.describe(PACKAGES), flush=True)
    texts = inputs(plan)
    started, saw_torch = first_result(options.model, plan.starts)
    peak = peak_megabytes(options.model, texts["abstracts"])
    readers, shape = _readers(options, texts["sentences"][:100])
    sides = list(_sides(texts, plan, readers, Tokenizer(gloss.folder(options.model) / "tokenizer.json")))
    turns: dict[Key, Callable[[], float]] = {side.key: side.seconds for side in sides}
    turns["ceiling", "", 0] = lambda: _machine.ceiling(THREADS)
    with Load() as load:
        times = _machine.rounds(turns, plan.rounds)
    ceiling = max(times.pop(("ceiling", "", 0)))
    print(_table(sides, times, shape, ceiling))
    print(f"ceiling: {ceiling:.0f} GFLOP/s, float32 matrix product, {THREADS} threads; {load}")
    print(f"first result {started:.2f} s after a process starts (median of {plan.starts}); torch imported: {saw_torch}")
    print(json.dumps(_summary(sides, times, shape, ceiling) | {"peak_mb": round(peak)}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=gloss.EMBEDDED, help="an inference folder; default: the embedded model")
    parser.add_argument(
        "--weights",
        type=Path,
        default=_machine.trainable(),
        help="the trainable folder of the same model; default: the one in packages/, or else random weights in the "
        "shape of MiniLM-L6 (as fast)",
    )
    parser.add_argument("--quick", action="store_true", help="under a minute: few texts, one round; only a smoke test")
    return parser.parse_args()


def inputs(plan: Plan) -> dict[str, list[str]]:
    """Texts of both kinds, as many as the side that reads most of them takes."""
    abstracts = list(islice(_abstracts(), max(plan.texts["abstracts"].values())))
    split = [text[span.start : span.end] for text in abstracts for span in sentences(text)]
    return {"sentences": spread(split, max(plan.texts["sentences"].values())), "abstracts": abstracts}


def _abstracts() -> Iterator[str]:
    catalogue = _machine.data_folder() / "pubmed" / "pubmed21n1298.xml.gz"
    if catalogue.exists():
        print(f"texts: {catalogue.name}")
        yield from islice(_read(catalogue), 0, None, EVERY_RECORD)
    else:
        sample = ROOT / "examples" / "pubmed_sample.xml"
        print(f"texts: {sample.name}, repeated (no data catalogue)")
        yield from cycle(list(_read(sample)))


def _read(path: Path) -> Iterator[str]:
    for document in pubmed_xml.read(path):
        if isinstance(document, Document) and document.marked("abstract"):
            yield document.text


def spread(texts: Sequence[str], count: int) -> list[str]:
    """``count`` of the texts, evenly spaced by length, in their own order."""
    by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    count = min(count, len(texts))
    return [texts[index] for index in sorted(by_length[(2 * n + 1) * len(texts) // (2 * count)] for n in range(count))]


def first_result(model: str, starts: int) -> tuple[float, bool]:
    """Seconds from the start of a process to its first annotated text, and whether it imported torch."""
    seconds, answer = [], ""
    for _ in range(starts + 1):  # the first one fills the disk cache
        before = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", FIRST_RESULT, model], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            answer = process.stdout.readline().strip()
            seconds.append(time.perf_counter() - before)
        _check(process.returncode, model)
    return median(seconds[1:]), answer == "True"


def peak_megabytes(model: str, texts: Sequence[str]) -> float:
    """The most resident memory, in 1e6 bytes, of a process that annotates the texts, its children included."""
    with TemporaryDirectory() as place:
        file = Path(place) / "texts.json"
        file.write_text(json.dumps(texts), encoding="utf-8")
        process = psutil.Popen([sys.executable, "-c", WHOLE_RUN, model, str(file)])
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(_resident, [process, *process.children(recursive=True)])))
            time.sleep(0.01)
        _check(process.returncode, model)
    return peak / 1e6


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:  # it ended between two looks
        return 0


def _check(code: int, model: str) -> None:
    if code:
        sys.exit(f"the process that annotates with {model} alone ended with exit code {code}; its message is above")


def _readers(options: argparse.Namespace, sample: Sequence[str]) -> tuple[dict[str, Reader], Shape]:
    """What annotates, for each name, and the shape of the encoder."""
    import _pipelines  # noqa: PLC0415 - torch and transformers take seconds

    folder = gloss.folder(options.model)
    pieces = folder / "tokenizer.json"
    steps = gloss.load(options.model, workers=THREADS)
    alone = gloss.Gloss([model.step(folder, workers=THREADS)])
    base = _pipelines.random_weights(BERT_BASE, pieces, THREADS)
    if options.weights is None:
        same = _pipelines.random_weights(MINILM, pieces, THREADS)
        print("same weights: no trainable folder, so random ones in the shape of MiniLM-L6")
    else:
        same = _pipelines.same_weights(options.weights, pieces, THREADS)
        f1 = agreement(gloss.Gloss([model.step(folder, threshold=0.0, workers=THREADS)]), same, sample)
        print(
            f"same weights: head {same.label}; its mentions in {len(sample)} sentences agree with Biogloss, F1 {f1:.2f}"
        )
    return {
        STEPS: lambda texts, _: _annotated(steps, texts),
        ALONE: lambda texts, _: _annotated(alone, texts),
        SAME: same.read,
        BASE: base.read,
    }, same.shape


def agreement(own: gloss.Gloss, other: Pipeline, texts: Sequence[str]) -> float:
    """F1 between the mentions of the pipeline's type that both find: a check that the weights are indeed the same."""
    ours = {
        (number, entity.start, entity.end)
        for number, document in enumerate(_annotated(own, texts))
        for entity in document.entities
        if entity.label == other.label
    }
    theirs = {(number, e["start"], e["end"]) for number, found in enumerate(other.read(texts, 1)) for e in found}
    return 2 * len(ours & theirs) / max(1, len(ours) + len(theirs))


def _annotated(own: gloss.Gloss, texts: Sequence[str]) -> list[Document]:
    found = list(own.pipe(texts, workers=THREADS))
    if failed := next((result for result in found if isinstance(result, Failure)), None):
        sys.exit(f"not measured: {failed}")
    return [result for result in found if isinstance(result, Document)]


def _sides(texts: dict[str, list[str]], plan: Plan, readers: dict[str, Reader], tokenizer: Tokenizer) -> Iterator[Side]:
    """The rows: each side warmed up, each pipeline at batch size 1 and at its best."""
    for kind, all_texts in texts.items():
        for name, reader in readers.items():
            chosen = spread(all_texts, plan.texts[kind][name])
            limit = None if name in OURS else MOST_PIECES
            pieces = sum(min(len(own), limit or len(own)) for own in tokenizer.many(chosen))
            reader(chosen[:THREADS], 1)
            tried = [Side(name, kind, batch, chosen, pieces, reader) for batch in plan.batches]
            if name in OURS:
                yield Side(name, kind, 0, chosen, pieces, reader)
                continue
            best = min(tried, key=Side.seconds)
            yield from {1: tried[0], best.batch: best}.values()


def _table(sides: Sequence[Side], times: Times, shape: Shape, ceiling: float) -> str:
    header = ("", "batch", "threads", "texts", "pieces/s", "texts/s", "seconds, all rounds", "of ceiling", "ours is")
    return _machine.table(header, [_row(side, sides, times, shape, ceiling) for side in sides])


def _row(side: Side, sides: Sequence[Side], times: Times, shape: Shape, ceiling: float) -> tuple[str, ...]:
    seconds = times[side.key]
    rate = side.pieces / median(seconds)
    own_shape = BERT_BASE if side.name == BASE else shape
    ours = next(_rate(other, times) for other in sides if (other.name, other.kind) == (ALONE, side.kind))
    return (
        f"{side.kind}: {side.name}",
        str(side.batch or "-"),
        f"{THREADS} workers" if side.name in OURS else f"torch {THREADS}",
        f"{len(side.texts):,}",
        f"{rate:,.0f}",
        f"{len(side.texts) / median(seconds):,.1f}",
        " ".join(f"{second:.2f}" for second in sorted(seconds)),
        f"{_share(side, seconds, own_shape, ceiling):.2f}",
        "" if side.name in OURS else f"{ours / rate:.1f} x",
    )


def _summary(sides: Sequence[Side], times: Times, shape: Shape, ceiling: float) -> dict[str, float]:
    rates = {side.key: _rate(side, times) for side in sides}

    def best(kind: str, name: str) -> float:
        return max(rate for (row_kind, row_name, _), rate in rates.items() if (row_kind, row_name) == (kind, name))

    ours = rates["abstracts", ALONE, 0]
    rows = {side.key: side for side in sides}
    whole, alone = rows["abstracts", STEPS, 0], rows["abstracts", ALONE, 0]
    return {
        "speedup_sentences": round(rates["sentences", ALONE, 0] / rates["sentences", SAME, 1], 2),
        "speedup_abstracts": round(ours / best("abstracts", SAME), 2),
        "vs_bert_base": round(ours / best("abstracts", BASE), 2),
        "ceiling_share": round(_share(alone, times[alone.key], shape, ceiling), 2),
        "documents_per_second": round(len(whole.texts) / median(times[whole.key]), 1),
    }


def _rate(side: Side, times: Times) -> float:
    return side.pieces / median(times[side.key])


def _share(side: Side, seconds: Sequence[float], shape: Shape, ceiling: float) -> float:
    """Useful operations of the encoder in a second over the ceiling; every text as long as the mean."""
    operations = len(side.texts) * shape.operations(side.pieces / len(side.texts))
    return operations / median(seconds) / 1e9 / ceiling


if __name__ == "__main__":
    main()
