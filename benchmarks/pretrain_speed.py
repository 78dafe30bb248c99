"""How fast Biogloss pre-trains, beside ``transformers`` as ``run_mlm`` uses it, on the same texts in one run.

    python benchmarks/pretrain_speed.py [--encoder FOLDER OR WHEEL] [--corpus FOLDER] [--quick]

Sides, each training one encoder to find hidden pieces (15 %) in full rows of 128, in float32:

biogloss       the loop of `biogloss pretrain` at its defaults after the stage of the head: steps of 4,096 pieces in two
               passes, whole words, the head at hidden places alone, dropout 0.1 of hidden states and none of attention
               weights, fused AdamW, clipping; also with the dropout of the other side, and also at precision `auto`
run_mlm        transformers.Trainer at its defaults (8 rows a step, AdamW, clipping, dropout 0.1 of hidden states and
               of attention weights), DataCollatorForLanguageModeling, rows as its group_texts makes them
whole words    the same with whole_word_mask, which replaced DataCollatorForWholeWordMask in transformers 5

The corpus is built for the occasion from abstracts of the data catalogue (without it: of examples/), or given. Each
side has its turn in every round; a turn's first step is not counted. Speeds are pieces a second by the clock on the
wall, reading and hiding included, medians over rounds; no row has padding. Waiting threads sleep, for all sides.

"of ceiling" is the useful operations of a piece (6 for each weight of the layers, attention, and the head at the hidden
places) in a second, over the fastest matrix product of the machine on as many threads in the same precision.

"two processes" is the same run by `torchrun`, two processes of one thread (gloo), over one process of one thread. The
last line is one JSON object, all of it with one thread a process: `vs_transformers` and `vs_whole_word` are Biogloss
over the others, each at its default, which is precision `auto` here and float32 there; `peak_share` the share of the
ceiling of Biogloss in float32.

Measure on a quiet machine: what others took of it is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import _machine
from _machine import ROOT, Load, Shape
from biogloss.documents import Document
from biogloss.errors import InputError
from biogloss.formats import pubmed_xml
from biogloss.pipeline import gloss
from biogloss.preparation.build import build
from biogloss.preparation.recipe import Recipe, Source
from biogloss.preparation.sources import Text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Key = tuple[str, int]

PACKAGES = ("biogloss", "torch", "transformers", "accelerate", "numpy")
MINILM = Shape(layers=6, width=384, inner=1536)
BIOGLOSS, EQUAL, AUTO = "biogloss", "biogloss, equal dropout", "biogloss, precision auto"
RUN_MLM, WHOLE_WORDS = "run_mlm", "run_mlm, whole words"
CEILING, CEILING_AUTO = "ceiling, float32", "ceiling, auto"


class Plan(NamedTuple):
    """Threads, rounds, counted steps of a turn of ours and of theirs, documents, and pieces of our steps and passes."""

    threads: tuple[int, ...]
    rounds: int
    steps: int
    their_steps: int
    documents: int
    batch_pieces: int = 4096
    budget_pieces: int = 2048


FULL = Plan(threads=(1,), rounds=3, steps=4, their_steps=8, documents=2000)
QUICK = Plan(threads=(1,), rounds=1, steps=1, their_steps=1, documents=100, batch_pieces=1024, budget_pieces=512)


def main() -> None:
    """Print the table and the JSON line."""
    options = _options()
    os.environ |= {"OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}  # before torch is imported
    if find_spec("accelerate") is None:
        sys.exit("transformers.Trainer needs the package accelerate: pip install 'biogloss[dev]'")
    plan = QUICK if options.quick else FULL
    print(_machine.describe(PACKAGES), flush=True)
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        place = Path(name)
        start = _start(options.encoder, place)
        corpus = Path(options.corpus) if options.corpus else _corpus(plan, place, start / "tokenizer.json")
        recipe = _recipe(start, corpus, plan)
        with Load() as load:
            speeds, operations = _measure(recipe, start, plan, place)
        alone, together = _processes(recipe, plan, place)
    ceilings = {key: max(speeds.pop(key)) for key in list(speeds) if key[0] in {CEILING, CEILING_AUTO}}
    print(_table(speeds, ceilings, operations))
    shown = ", ".join(f"{name} {threads} threads {found:.0f}" for (name, threads), found in ceilings.items())
    print(f"GFLOP/s: {shown}; {load}")
    print(
        f"one process {alone:,.0f} pieces/s, two processes {together:,.0f}, one thread each: {together / alone:.2f} x"
    )
    print(json.dumps(_summary(speeds, ceilings, operations) | {"two_processes": round(together / alone, 2)}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="", help="default: MiniLM-L6's shape with random weights (as fast)")
    parser.add_argument("--corpus", default="", help="a folder of `biogloss corpora build`, cut with its vocabulary")
    parser.add_argument("--quick", action="store_true", help="two minutes: few small steps; only a smoke test")
    return parser.parse_args()


def _start(encoder: str, place: Path) -> Path:
    """The folder of the encoder that all sides begin with."""
    import _trainers  # noqa: PLC0415 - imports torch, which reads the environment only once

    if encoder:
        return _trainers.encoder_folder(encoder)
    return _trainers.random_encoder(MINILM, gloss.folder(gloss.EMBEDDED) / "tokenizer.json", place / "start")


def _corpus(plan: Plan, place: Path, tokenizer: Path) -> Path:
    """A small corpus, cut with the encoder's vocabulary."""
    file = place / "texts.jsonl"
    found = [{"id": str(number), "text": text} for number, text in enumerate(islice(_texts(), plan.documents))]
    file.write_text("".join(json.dumps(record) + "\n" for record in found), encoding="utf-8")
    source = Source(name="texts", paths=(str(file),), fields=("text",))
    build(Recipe(sources=(source,), near_duplicates=False), place / "corpus", tokenizer=tokenizer)
    return place / "corpus"


def _texts() -> Iterator[str]:
    _machine.data_folder()
    source = Source(name="abstracts", paths=("data:text/abstracts.jsonl.xz",), fields=("title", "abstract"))
    try:
        yield from (found.text for _, found in texts(Recipe(sources=(source,))) if isinstance(found, Text))
    except InputError:
        sample = ROOT / "examples" / "pubmed_sample.xml"
        yield from (document.text for document in pubmed_xml.read(sample) if isinstance(document, Document))


def _recipe(start: Path, corpus: Path, plan: Plan) -> dict[str, Any]:
    return {
        "encoder": str(start),
        "corpus": str(corpus),
        "pieces": 100_000_000,
        "head_pieces": 0,
        "batch_pieces": plan.batch_pieces,
        "budget_pieces": plan.budget_pieces,
        "precision": "float32",
    }


def _measure(recipe: dict[str, Any], start: Path, plan: Plan, place: Path) -> tuple[dict[Key, list[float]], float]:
    """Speeds of each side, GFLOP/s of the ceilings, and useful operations for each piece."""
    import _pretrainers  # noqa: PLC0415 - as above
    from biogloss.training.precision import resolve  # noqa: PLC0415
    from biogloss.training.pretrain_recipe import Recipe as PretrainRecipe  # noqa: PLC0415

    plain, fast = PretrainRecipe(**recipe), PretrainRecipe(**recipe | {"precision": resolve("auto")})
    ours = {
        BIOGLOSS: _pretrainers.Ours(plain, place / "plain"),
        EQUAL: _pretrainers.Ours(plain, place / "equal", attention_dropout=_pretrainers.DROPOUT),
        AUTO: _pretrainers.Ours(fast, place / "auto"),
    }
    theirs = {
        name: _pretrainers.Theirs(start, Path(plain.corpus), whole_words=name == WHOLE_WORDS, place=place)
        for name in (RUN_MLM, WHOLE_WORDS)
    }
    turns: dict[Key, Callable[[], float]] = {}
    for threads in plan.threads:
        for name, our in ours.items():
            turns[name, threads] = partial(_pretrainers.with_threads, threads, our, plan.steps)
        for name, their in theirs.items():
            turns[name, threads] = partial(_pretrainers.with_threads, threads, their, plan.their_steps)
        turns[CEILING, threads] = partial(_pretrainers.ceiling, threads, "float32")
        turns[CEILING_AUTO, threads] = partial(_pretrainers.ceiling, threads, "auto")
    speeds = _machine.rounds(turns, plan.rounds)
    for side in ours.values():
        side.close()
    return speeds, ours[BIOGLOSS].operations


def _processes(recipe: dict[str, Any], plan: Plan, place: Path) -> tuple[float, float]:
    """Pieces a second of one process and of two, one thread each, over the same steps; medians over rounds."""
    file = place / "recipe.json"
    file.write_text(json.dumps(recipe), encoding="utf-8")
    turns = {count: partial(_processes_once, count, file, place, plan.steps) for count in (1, 2)}
    speeds = _machine.rounds(turns, plan.rounds)
    return median(speeds[1]), median(speeds[2])


def _processes_once(count: int, recipe: Path, place: Path, steps: int) -> float:
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"] if count > 1 else []
    script = [str(ROOT / "benchmarks" / "_pretrainers.py"), str(recipe), str(place / f"team-{count}"), str(steps)]
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    done = subprocess.run(
        [sys.executable, *torchrun, *script], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(json.loads(done.stdout.splitlines()[-1])["pieces_per_second"])


def _table(speeds: dict[Key, list[float]], ceilings: dict[Key, float], operations: float) -> str:
    rows = [
        (
            name,
            str(threads),
            f"{median(found):,.0f}",
            " ".join(f"{speed:,.0f}" for speed in sorted(found)),
            f"{median(found) * operations / 1e9 / ceilings[CEILING_AUTO if name == AUTO else CEILING, threads]:.2f}",
            f"{median(speeds[BIOGLOSS, threads]) / median(found):.2f} x" if name != BIOGLOSS else "",
            f"{median(speeds[EQUAL, threads]) / median(found):.2f} x" if name in {RUN_MLM, WHOLE_WORDS} else "",
        )
        for (name, threads), found in speeds.items()
    ]
    header = ("", "threads", "pieces/s", "all rounds", "of ceiling", "biogloss is", "at equal dropout")
    return _machine.table(header, rows)


def _summary(speeds: dict[Key, list[float]], ceilings: dict[Key, float], operations: float) -> dict[str, float]:
    speed = {name: median(found) for (name, threads), found in speeds.items() if threads == 1}
    return {
        "vs_transformers": round(speed[AUTO] / speed[RUN_MLM], 2),
        "vs_whole_word": round(speed[AUTO] / speed[WHOLE_WORDS], 2),
        "peak_share": round(speed[BIOGLOSS] * operations / 1e9 / ceilings[CEILING, 1], 2),
    }


if __name__ == "__main__":
    main()
