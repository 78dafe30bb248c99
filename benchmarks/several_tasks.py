"""What a model of several tasks gives away against a model for each of them.

    python benchmarks/several_tasks.py --runs runs/several              more than an hour on two cores
    python benchmarks/several_tasks.py --runs runs/quick --quick        one epoch of few passes: a smoke test

The recipe `ner-relations-roles` is trained as it is, and once for each of its tasks alone by the same passes over the
same documents: what one task holds out none learns from, so it is held out where a task is alone, too. A fifth of
every training part is held out for the scores. In brackets the 95 % interval of the difference, together minus alone,
over documents (paired bootstrap). Interrupted, the same command goes on. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import _machine
from biogloss import recipes
from biogloss.evaluation import overall, paired
from biogloss.evaluation.bootstrap import Name
from biogloss.training.recipe import PREFIX, Recipe

if TYPE_CHECKING:
    from biogloss.documents import Document
    from biogloss.evaluation.bootstrap import Measure
    from biogloss.training.learned import Learned

    Both = tuple[list[Document], list[Document]]  # gold and predicted

RECIPE = "ner-relations-roles"
SCORES = {
    "ner": ("entities", "strict", Name("micro", "f1")),
    "relations": ("relations", "concept level", Name("micro", "f1")),
    "roles": ("sentence roles", "", Name("all", "accuracy")),
}
"""Of each task: kind, rule and score of `evaluation.overall`."""
NEVER = 1e-9
"""Passes over a corpus of which none comes to a document."""
PACKAGES = ("biogloss", "torch", "transformers")


@dataclass(frozen=True)
class Job:
    """A recipe, where its run is, and the heads that learn something."""

    recipe: Recipe
    run: Path
    heads: tuple[str, ...]


def main() -> None:
    """Train, score, print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--encoder", default="", help="another than the recipe's")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    _machine.data_folder()
    print(_machine.describe(PACKAGES), flush=True)
    several = together(options.encoder, quick=options.quick)
    jobs = [Job(several, options.runs / several.name, tuple(own.head for own in several.tasks))]
    for own in several.tasks:
        one = alone(several, own)
        jobs.append(Job(one, options.runs / one.name, (own.head,)))
    with ProcessPoolExecutor(_machine.CORES, mp_context=get_context("spawn")) as pool:
        first, *others = pool.map(trained_and_asked, jobs)
    rows = [row(task, both, first[task]) for other in others for task, both in other.items()]
    print(_machine.table(["task", "score", "alone", "together", "difference"], [_shown(one) for one in rows]))
    print(json.dumps({"rows": rows, "mean_difference": round(float(np.mean([one["difference"] for one in rows])), 2)}))


def together(encoder: str, *, quick: bool) -> Recipe:
    """The recipe, a fifth of what it learns from held out."""
    found = recipes.load(RECIPE, Recipe, prefix=PREFIX)
    found = replace(found, encoder=encoder or found.encoder, test_fold=(1, 5))
    if not quick:
        return found
    few = [replace(own, corpora={name: passes / 20 for name, passes in own.corpora.items()}) for own in found.tasks]
    return replace(found, tasks=tuple(few), epochs=1, evaluate_every=1)


def alone(several: Recipe, own: Learned) -> Recipe:
    """The same with nothing to learn but one task; the others only hold out what they hold out."""
    tasks = (
        other if other == own else replace(other, corpora=dict.fromkeys(other.corpora, NEVER))
        for other in several.tasks
    )
    return replace(several, name=f"{several.name}-{own.head}", tasks=tuple(tasks))


def trained_and_asked(job: Job) -> dict[str, Both]:
    """Task -> documents that were held out, and as the model says; a process of its own, one thread."""
    import torch  # noqa: PLC0415

    from biogloss.training import lesson, memory, predict  # noqa: PLC0415
    from biogloss.training.finetune import finetune  # noqa: PLC0415
    from biogloss.training.turns import held_out, only  # noqa: PLC0415

    torch.set_num_threads(1)
    memory.keep_freed()
    finished = job.run / "finished"
    if not finished.exists():
        finetune(job.recipe, job.run)
        finished.touch()
    found: dict[str, Both] = {}
    for one in (one for one in lesson.lessons(job.recipe) if one.name in job.heads):
        sources, documents = zip(*held_out(one), strict=True)
        said = predict.by_folder(job.run / "model", documents, one.name)
        gold, predicted = (
            [only(document, one, source) for source, document in zip(sources, side, strict=True)]
            for side in (documents, said)
        )
        found[one.name] = (gold, predicted)
    return found


def row(task: str, before: Both, after: Both) -> dict[str, Any]:
    """How the second model does against the first, in percent."""
    difference = paired.differences(measure(task, before), measure(task, after))[SCORES[task][-1]]
    found = {key: round(100 * value, 2) for key, value in asdict(difference).items()}
    return {"task": task, **found, "difference": round(found["after"] - found["before"], 2)}


def measure(task: str, both: Both) -> Measure:
    """The scores of one model."""
    kind, rule, _ = SCORES[task]
    gold, predicted = both
    symmetric = frozenset(relation.label for document in gold for relation in document.relations)
    scored = overall.scored(gold, predicted, [kind], overall.Choices(symmetric=symmetric))
    return next(one.measure for one in scored if one.rule == rule)


def _shown(one: dict[str, Any]) -> list[str]:
    kind, rule, score = SCORES[one["task"]]
    difference = f"{one['difference']:+.1f} ({one['low']:+.1f} to {one['high']:+.1f})"
    named = ", ".join(filter(None, (kind, rule, score.metric)))
    return [one["task"], named, f"{one['before']:.1f}", f"{one['after']:.1f}", difference]


if __name__ == "__main__":
    main()
