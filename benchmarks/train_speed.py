"""How fast Biogloss fine-tunes, beside ``transformers.Trainer`` on the same sentences, in one run.

    python benchmarks/train_speed.py [--encoder FOLDER, HUB NAME OR WHEEL] [--quick]

Sides, each training one encoder with one head of three tags (Disease) on the sentences of NCBI disease, train part,
with the same pieces and tags (without the data catalogue: the sentences of examples/, repeated and without entities):

biogloss       the loop of `biogloss finetune` at its defaults: batches of nearly equal length under a budget of 1,024
               pieces, dropout 0.1 of hidden states and none of attention weights, fused AdamW, clipping
Trainer        transformers.Trainer at its defaults (AdamW, clipping), batches of 32 sentences cut at 128 pieces as
               run_ner has them, padded to 128 or to the longest of the batch (dynamic); at its own dropout (0.1 of
               hidden states and of attention weights) and at that of Biogloss

Each side has its turn in every round, with one and with two PyTorch threads; a turn's first step is not counted.
Speeds are real pieces a second (special tokens counted, padding not) by the clock on the wall, reading and collating
included, medians over rounds. What stands beside the clock in a real run (evaluation, checkpoints) is in no side.
Waiting threads sleep (OMP_WAIT_POLICY=PASSIVE, as `biogloss finetune` sets it), for all sides.

"of ceiling" is 6 operations for each weight of the encoder and each real piece, and attention and head, in a second,
over the fastest float32 matrix product of the machine on as many threads; embeddings, norms and the optimiser are not
counted. The last line is one JSON object, with two threads: `vs_padded` and `vs_dynamic` are Biogloss over Trainer,
each at its default; `peak_share` is the share of the ceiling of Biogloss.

Measure on a quiet machine: what others took of it is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import _machine
from _machine import ROOT, Load, Shape
from biogloss import corpora
from biogloss.documents import Document, entity_at, numbered
from biogloss.errors import InputError
from biogloss.formats import pubmed_xml
from biogloss.pipeline import gloss
from biogloss.pipeline.steps.sentences import sentences
from biogloss.tasks.ner import TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from biogloss.tasks._examples import Example

    Key = tuple[str, int]

PACKAGES = ("biogloss", "torch", "transformers", "accelerate", "numpy")
MINILM = Shape(layers=6, width=384, inner=1536)
BIOGLOSS, PADDED, DYNAMIC = "biogloss", "Trainer, padded to 128", "Trainer, dynamic padding"
EQUAL = ", equal dropout"
CEILING = "ceiling"


class Plan(NamedTuple):
    """Threads, rounds, and counted steps of a turn of each side (1,024 pieces; 32 sentences)."""

    threads: tuple[int, ...]
    rounds: int
    steps: int
    trainer_steps: int


FULL = Plan(threads=(1, 2), rounds=3, steps=24, trainer_steps=4)
QUICK = Plan(threads=(2,), rounds=1, steps=4, trainer_steps=1)


def main() -> None:
    """Print the table and the JSON line."""
    options = _options()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch is imported
    if find_spec("accelerate") is None:
        sys.exit("transformers.Trainer needs the package accelerate: pip install 'biogloss[dev]'")
    plan = QUICK if options.quick else FULL
    print(_machine.describe(PACKAGES), flush=True)
    documents = list(_sentences())
    with TemporaryDirectory(ignore_cleanup_errors=True) as place:
        speeds, load, operations = _measure(options.encoder, documents, plan, Path(place))
    ceilings = {threads: max(speeds.pop((CEILING, threads))) for threads in plan.threads}
    print(_table(speeds, ceilings, operations))
    shown = ", ".join(f"{threads} threads {ceiling:.0f}" for threads, ceiling in ceilings.items())
    print(f"ceiling, float32 matrix product, GFLOP/s: {shown}; {load}")
    print(json.dumps(_summary(speeds, ceilings, operations, max(plan.threads))))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="", help="default: MiniLM-L6's shape with random weights (as fast)")
    parser.add_argument("--quick", action="store_true", help="under a minute: few steps, one round; only a smoke test")
    return parser.parse_args()


def _sentences() -> Iterator[Document]:
    _machine.data_folder()
    try:
        documents = list(corpora.labelled("ncbi_disease", "train"))
        print(f"sentences: NCBI disease, train part, {len(documents)} abstracts")
    except InputError:
        sample = ROOT / "examples" / "pubmed_sample.xml"
        documents = [document for document in pubmed_xml.read(sample) if isinstance(document, Document)] * 50
        print(f"sentences: {sample.name}, repeated (no data catalogue)")
    for number, document in enumerate(documents):
        yield from _cut(document, f"{number}")


def _cut(document: Document, name: str) -> Iterator[Document]:
    """A document for each sentence, with the entities that lie inside it."""
    for number, span in enumerate(sentences(document.text)):
        text = document.text[span.start : span.end]
        inside = [
            entity_at(text, [own.shift(-span.start) for own in entity.spans], entity.label)
            for entity in document.entities
            if span.start <= entity.start and entity.end <= span.end
        ]
        yield Document(f"{name}.{number}", text, entities=numbered(inside))


def _measure(
    encoder: str, documents: Sequence[Document], plan: Plan, place: Path
) -> tuple[dict[Key, list[float]], Load, float]:
    """Speeds of each side, GFLOP/s of the ceiling, what others took, and useful operations for each piece."""
    import _trainers  # noqa: PLC0415 - imports torch, which reads the environment only once

    start = _trainers.encoder_folder(encoder) if encoder else _random(place / "start")
    ours = _trainers.Ours(start, documents, place)
    examples = ours.examples(documents)
    print(_described(examples, encoder))
    sides: dict[str, tuple[Callable[[int], float], int]] = {BIOGLOSS: (ours.speed, plan.steps)}
    for name, padded in ((PADDED, True), (DYNAMIC, False)):
        for suffix, dropout in (("", 0.1), (EQUAL, 0.0)):
            side = _trainers.Theirs(
                start, ours.tokenizer_file, examples, padded=padded, attention_dropout=dropout, place=place
            )
            sides[name + suffix] = (side.speed, plan.trainer_steps)
    turns: dict[Key, Callable[[], float]] = {}
    for threads in plan.threads:
        for name, (speed, steps) in sides.items():
            turns[name, threads] = partial(_trainers.with_threads, threads, speed, steps)
        turns[CEILING, threads] = partial(_machine.ceiling, threads)
    with Load() as load:
        speeds = _machine.rounds(turns, plan.rounds)
    ours.close()
    return speeds, load, _operations(examples, ours.shape)


def _random(place: Path) -> Path:
    from _trainers import random_encoder  # noqa: PLC0415 - as above

    return random_encoder(MINILM, gloss.folder(gloss.EMBEDDED) / "tokenizer.json", place)


def _described(examples: Sequence[Example], encoder: str) -> str:
    lengths = [example.pieces for example in examples]
    return (
        f"{len(lengths):,} sentences, pieces in the mean {mean(lengths):.1f}, at most {max(lengths)}; "
        f"encoder: {encoder or 'random weights in the shape of MiniLM-L6'}"
    )


def _operations(examples: Sequence[Example], shape: Shape) -> float:
    """Useful operations of a training step for each real piece: the backward pass costs twice the forward one."""
    lengths = [example.pieces for example in examples]
    head = 2 * shape.width * TAGS
    return 3 * (sum(shape.operations(length) for length in lengths) / sum(lengths) + head)


def _table(speeds: dict[Key, list[float]], ceilings: dict[int, float], operations: float) -> str:
    rows = [
        (
            name,
            str(threads),
            f"{median(found):,.0f}",
            " ".join(f"{speed:,.0f}" for speed in sorted(found)),
            f"{median(found) * operations / 1e9 / ceilings[threads]:.2f}",
            f"{median(speeds[BIOGLOSS, threads]) / median(found):.2f} x" if name != BIOGLOSS else "",
        )
        for (name, threads), found in speeds.items()
    ]
    return _machine.table(("", "threads", "pieces/s", "all rounds", "of ceiling", "biogloss is"), rows)


def _summary(
    speeds: dict[Key, list[float]], ceilings: dict[int, float], operations: float, threads: int
) -> dict[str, float]:
    speed = {name: median(found) for (name, number), found in speeds.items() if number == threads}
    return {
        "vs_padded": round(speed[BIOGLOSS] / speed[PADDED], 2),
        "vs_dynamic": round(speed[BIOGLOSS] / speed[DYNAMIC], 2),
        "peak_share": round(speed[BIOGLOSS] * operations / 1e9 / ceilings[threads], 2),
    }


if __name__ == "__main__":
    main()
