"""What every recipe that ships reaches, beside what others have published: docs/results.md.

    python benchmarks/results.py                              the page, from the runs in benchmarks/results/
    python benchmarks/results.py relations-cdr --work runs    trains what is missing of a recipe, then the page
    python benchmarks/results.py --all --work runs [--full]   every recipe, for a day or two; --full: 10 folds

`results.toml` says which score of which part of which corpus is told. A finished recipe is one file of
`benchmarks/results/`, with the key of what decided it: recipe, weights of the encoder, documents. A run that was
stopped goes on, one whose key still holds is not repeated, and the page marks what an older recipe has reached.
Minutes are those of one processor; of a run that was stopped and went on, those on the clock.

Of several runs the score is their mean, and the interval is that of the mean, by drawing documents again (95 %).
The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import _machine
from biogloss import corpora, recipes
from biogloss.documents.jsonl import to_line
from biogloss.evaluation.bootstrap import Measure, Name, estimates
from biogloss.evaluation.overall import CLASSES
from biogloss.recipes.toml import to_toml
from biogloss.training.recipe import PREFIX, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from biogloss.documents import Document
    from biogloss.evaluation.overall import Evaluation

PLACE = _machine.ROOT / "benchmarks" / "results"
PAGE = _machine.ROOT / "docs" / "results.md"
PACKAGES = ("biogloss", "torch", "transformers")
ENCODER = "biogloss-encoder-en"
FOLDS, FULL_FOLDS, FULL_SEEDS = 5, 10, 5


@dataclass(frozen=True, kw_only=True)
class Published:
    """A score of others, in percent; what their protocol has that ours has not, or the other way round."""

    system: str
    score: float
    source: str
    differs: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the page; see ``results.toml``."""

    recipe: str
    title: str
    part: str
    kind: str
    label: str
    seeds: int = 1
    rule: str = ""
    metric: str = "f1"
    published: tuple[Published, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """The file."""

    rows: tuple[Row, ...]


def main() -> None:
    """Train what is asked for and missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    rows = recipes.load(PLACE.with_suffix(".toml"), Table, prefix="").rows
    names = list(dict.fromkeys(row.recipe for row in rows))
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help=", ".join(names))
    parser.add_argument("--all", action="store_true", help="every recipe")
    parser.add_argument("--work", type=Path, help="folder of the runs")
    parser.add_argument("--jobs", type=int, default=1, help="folds at once")
    parser.add_argument("--full", action="store_true", help=f"{FULL_FOLDS} folds, {FULL_SEEDS} seeds")
    parser.add_argument("--encoder", default="", help="another than the recipes'")
    options = parser.parse_args()
    if unknown := set(options.recipes) - set(names):
        parser.error(f"no rows for {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    wanted = names if options.all else options.recipes
    if wanted and options.work is None:
        parser.error("--work FOLDER is needed for the runs")
    _machine.data_folder()
    for name in wanted:
        finish(name, [row for row in rows if row.recipe == name], options)
    found = [(row, json.loads(path.read_text("utf-8"))) for row in rows if (path := place(row.recipe)).exists()]
    PAGE.write_text(page(found), encoding="utf-8")
    print(f"{PAGE.relative_to(_machine.ROOT)}: {len(found)} of {len(rows)} rows")
    print(json.dumps({"rows": [{"title": row.title, **said["scores"][row.title]} for row, said in found]}))


def place(recipe: str) -> Path:
    """The file of a recipe's results."""
    return PLACE / f"{recipe}.json"


# --- runs


def finish(name: str, rows: Sequence[Row], options: argparse.Namespace) -> None:
    """Run every seed of a recipe that is not there yet, and write its file."""
    recipe = recipes.load(name, Recipe, prefix=PREFIX)
    recipe = replace(recipe, encoder=options.encoder or recipe.encoder)
    key = key_of(recipe)
    seeds = FULL_SEEDS if options.full else rows[0].seeds
    folds = 0 if rows[0].part != "folds" else FULL_FOLDS if options.full else FOLDS
    if place(name).exists():
        known = json.loads(place(name).read_text("utf-8"))
        if (known["key"], known["folds"], len(known["minutes"])) == (key, folds, seeds):
            return
    work = options.work / f"{name}-{key}{'-full' if options.full else ''}"
    evaluations, minutes = [], []
    for seed in range(1, seeds + 1):
        run = work / f"seed-{seed}"
        started = None if run.exists() else processor_seconds()
        own = replace(recipe, seed=seed)
        evaluations.append(crossvalidated(own, run, folds, options.jobs) if folds else on_part(own, rows[0].part, run))
        minutes.append(spent(run, started))
    said = {
        "key": key,
        "encoder": recipe.encoder,
        "part": rows[0].part,
        "folds": folds,
        "minutes": minutes,
        "machine": _machine.describe(PACKAGES),
        "recipe": to_toml(recipe),
        "scores": {row.title: score(row, evaluations) for row in rows},
    }
    PLACE.mkdir(exist_ok=True)
    place(name).write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def spent(run: Path, started: float | None) -> float:
    """Minutes of training, kept beside the run, so that one that is only read again does not count as quick.

    Of a run that an earlier call began, those on the clock, as its logs have them.
    """
    path = run / "minutes"
    if not path.exists():
        seconds = on_the_clock(run) if started is None else processor_seconds() - started
        path.write_text(f"{seconds / 60:.1f}\n", encoding="utf-8")
    return float(path.read_text("utf-8"))


def on_the_clock(run: Path) -> float:
    """Seconds by the logs of a run, which begin at 0 each time that training goes on."""
    total = 0.0
    for log in run.rglob("log.jsonl"):
        events = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        follow = [*events[1:], {"seconds": 0.0}]
        total += sum(
            own["seconds"] for own, after in zip(events, follow, strict=True) if after["seconds"] < own["seconds"]
        )
    return total


def processor_seconds() -> float:
    """Of this process and its children: what else the machine does, or that it is paused, does not count."""
    own = os.times()
    return own.user + own.system + own.children_user + own.children_system


def crossvalidated(recipe: Recipe, run: Path, folds: int, jobs: int) -> Evaluation:
    """A model for each fold, and the score of all of them."""
    from biogloss.training import memory  # noqa: PLC0415 - torch, and the page needs none
    from biogloss.training.crossvalidate import crossvalidate  # noqa: PLC0415
    from biogloss.training.turns import Plan  # noqa: PLC0415

    memory.keep_freed()
    return crossvalidate(recipe, run, Plan(folds=folds, jobs=jobs))


def on_part(recipe: Recipe, part: str, run: Path) -> Evaluation:
    """Fine-tune, and score a part that the corpus holds out."""
    from biogloss.evaluation import overall  # noqa: PLC0415
    from biogloss.training import memory, predict  # noqa: PLC0415
    from biogloss.training.finetune import finetune  # noqa: PLC0415
    from biogloss.training.turns import kind_of, scored_as  # noqa: PLC0415

    memory.keep_freed()
    model = run / "model"
    if not (run / "finished").exists():
        finetune(recipe, run)
        (run / "finished").touch()
    (corpus,) = recipe.corpora
    gold = list(documents(recipe, corpus, part))
    predicted = predict.by_folder(model, gold, recipe.task)
    choices = scored_as(recipe, gold)
    scored = overall.scored(gold, predicted, [kind_of(recipe)], choices)
    return overall.Evaluation({"gold": corpus, "predicted": recipe.name}, gold, predicted, scored, choices)


def documents(recipe: Recipe, corpus: str, part: str) -> Iterator[Document]:
    """Those of a part as the recipe learns them."""
    return (corpora.labelled if recipe.has_heads else corpora.documents)(corpus, part)


def key_of(recipe: Recipe) -> str:
    """Of everything that decides a result: the recipe but its seed, the encoder's weights, the documents, its files."""
    from biogloss.models.encoder import encoder_folder  # noqa: PLC0415 - torch

    digest = hashlib.sha256(to_toml(replace(recipe, seed=1)).encode())
    digest.update((Path(encoder_folder(recipe.encoder)) / "model.safetensors").read_bytes())
    for corpus in recipe.corpora:
        for part in corpora.card(corpus).counts:
            for document in documents(recipe, corpus, part):
                digest.update(to_line(document).encode())
    for paths in recipe.files.values():
        for path in paths:
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:12]


def score(row: Row, evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """The mean over seeds with its interval, and each seed's score, in percent."""
    name = Name(row.label, row.metric)
    measures = [
        one.measure for found in evaluations for one in found.scored if (one.kind, one.rule) == (row.kind, row.rule)
    ]
    columns = [measure.names.index(name) for measure in measures]

    def mean(times: Any) -> Any:
        each = [one.values(times)[..., column] for one, column in zip(measures, columns, strict=True)]
        return np.mean(each, axis=0)[..., None]

    found = estimates(Measure((name,), measures[0].documents, mean))[name]
    each = [float(one.of_all()[column]) for one, column in zip(measures, columns, strict=True)]
    shown = {key: round(100 * value, 2) for key, value in asdict(found).items()}
    if row.kind == CLASSES:
        classes = Counter(label for document in evaluations[0].gold for label in document.labels)
        shown["commonest"] = round(100 * max(classes.values()) / len(evaluations[0].gold), 2)
    return {**shown, "seeds": [round(100 * value, 2) for value in each], "documents": measures[0].documents}


# --- the page


HEAD = """# What the recipes reach

`python benchmarks/results.py` writes this page from the runs in `benchmarks/results/`, whose files hold each recipe,
the machine and every seed's score. A small encoder (six layers, width 384) learns one corpus: `biogloss-encoder-en`,
or another that is named beside the recipe, whose own minutes are not counted. In brackets the 95 % interval over
documents, of the mean where there are several seeds; that of ChemProt draws the sentences of an abstract one by one,
and is too narrow. *dev* and *test* are parts that the corpus holds out; *folds* are parts of its
training documents, grouped by source, each scored by a model that has not seen it. Some keys of the recipes of
CDR, AIMed and ADE were chosen by one to three of the five folds that they are scored on ([decision
10](decisions/0010-tasks-on-shared-states.md)); nothing else was chosen by what is scored.
The figures of others are as they printed them, most of larger models; their protocol differs where it says so.

| corpus | recipe | part | score | seeds | minutes | published |
|---|---|---|---|---|---:|---|
"""


def page(found: Sequence[tuple[Row, Mapping[str, Any]]]) -> str:
    """The page, in Markdown."""
    lines = [line(row, said) for row, said in found]
    machines = sorted({said["machine"] for _, said in found})
    return (
        HEAD
        + "".join(lines)
        + "\nMinutes are those of one run on one core; of an interrupted one on the clock, other work included:\n\n"
        + "".join(f"* {one}\n" for one in machines)
    )


def line(row: Row, said: Mapping[str, Any]) -> str:
    """A row of the table."""
    own = said["scores"][row.title]
    metric = row.metric.upper() if row.metric == "f1" else row.metric
    now = to_toml(replace(recipes.load(row.recipe, Recipe, prefix=PREFIX), encoder=said["encoder"]))
    note = ("" if said["encoder"] == ENCODER else f" from `{said['encoder']}`") + (
        "" if now == said["recipe"] else ", an older one"
    )
    cells = (
        row.title,
        f"`{row.recipe}`{note}",
        f"{said['folds']} folds" if said["folds"] else said["part"],
        f"{metric} **{own['value']:.1f}** ({own['low']:.1f}-{own['high']:.1f})" + beside(row, own),
        " ".join(f"{one:.1f}" for one in own["seeds"]) if len(own["seeds"]) > 1 else "1",
        f"{np.mean(said['minutes']):.0f}",
        "; ".join(map(told, row.published)),
    )
    return f"| {' | '.join(cells)} |\n"


def beside(row: Row, own: Mapping[str, Any]) -> str:
    """What an accuracy is to be held against."""
    told = row.metric == "accuracy" and "commonest" in own
    return f"; the commonest class alone {own['commonest']:.1f}" if told else ""


def told(one: Published) -> str:
    """What others have published."""
    about = ", ".join(filter(None, (one.source, one.differs)))
    return f"{one.system} {one.score:g} ({about})"


if __name__ == "__main__":
    main()
