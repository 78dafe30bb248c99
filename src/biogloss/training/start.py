"""The doors to training for those who do not import torch themselves: they say which extra is missing.

finetune("ner-bc5cdr", Path("runs/ner-bc5cdr"), changes=['encoder = "minilm.whl"'])
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

from biogloss import recipes
from biogloss.models._extras import need, need_torch
from biogloss.training import memory, search
from biogloss.training.recipe import PREFIX, Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biogloss.evaluation.learning_curve import Point
    from biogloss.evaluation.overall import Evaluation
    from biogloss.training.probe import Finding
    from biogloss.training.study import Row
    from biogloss.training.tune import Found
    from biogloss.training.turns import Plan


def finetune(
    recipe: Recipe | str, run: Path, *, changes: Sequence[str] = (), threads: int = 1, stream: IO[str] | None = None
) -> Path:
    """Read the recipe, where it is not read yet, train, and return the model folder; see ``training.finetune``.

    Args:
        recipe: itself, a file, or the name of a shipped one.
        run: the run's folder.
        changes: of the recipe; see ``recipes.load``.
        threads: of torch.
        stream: where progress is written; standard error where left out.

    Raises:
        MissingExtra: torch or transformers is not installed.
    """
    _prepare("fine-tuning", threads)
    from biogloss.training import finetune as loop  # noqa: PLC0415

    if not isinstance(recipe, Recipe):
        recipe = recipes.load(recipe, Recipe, prefix=PREFIX, changes=changes)
    return loop.finetune(recipe, run, stream=stream)


def tune(
    recipe: str,
    folder: Path,
    *,
    space: Path | None = None,
    changes: Sequence[str] = (),
    budget: search.Budget,
    seen: Callable[[Row], None] | None = None,
) -> Found:
    """Read the recipe and what is searched, and search; see ``training.tune``.

    Args:
        recipe: a file, or the name of a shipped one.
        folder: of the search.
        space: a file with the table ``search``; None searches the usual fields.
        changes: of the recipe; see ``recipes.load``.
        budget: how much may be spent.
        seen: called after each evaluation and each trial.

    Raises:
        MissingExtra: torch, transformers or optuna is not installed.
    """
    need("tune", "searching for a recipe", "optuna")
    _prepare("searching for a recipe", budget.threads)
    from biogloss.training import tune as loop  # noqa: PLC0415

    chosen = recipes.load(recipe, Recipe, prefix=PREFIX, changes=changes)
    searched = search.load(space, chosen) if space else search.usual(chosen)
    return loop.tune(chosen, searched, folder, budget, seen)


def crossvalidate(
    recipe: str, run: Path, *, changes: Sequence[str] = (), plan: Plan, seen: Callable[[str, int], None] | None = None
) -> Evaluation:
    """Read the recipe, and cross-validate it; see ``training.crossvalidate``.

    Args:
        recipe: a file, or the name of a shipped one.
        run: the folder of its runs.
        changes: of the recipe; see ``recipes.load``.
        plan: what is left out.
        seen: told the folder of each part that is done, and how many documents it has.

    Raises:
        MissingExtra: torch or transformers is not installed.
    """
    _prepare("cross-validation", plan.threads)
    from biogloss.training import crossvalidate as loop  # noqa: PLC0415

    return loop.crossvalidate(recipes.load(recipe, Recipe, prefix=PREFIX, changes=changes), run, plan, seen)


def learning_curve(
    recipe: str,
    run: Path,
    shares: Sequence[float],
    *,
    changes: Sequence[str] = (),
    plan: Plan,
    seen: Callable[[str, int], None] | None = None,
) -> list[Point]:
    """Read the recipe, and see what it reaches with shares of its documents; see ``training.learning_curve``.

    Args:
        recipe: a file, or the name of a shipped one.
        run: the folder of its runs.
        shares: of the training documents.
        changes: of the recipe; see ``recipes.load``.
        plan: what is left out.
        seen: told the folder of each part that is done, and how many documents it has.

    Raises:
        MissingExtra: torch or transformers is not installed.
    """
    _prepare("a learning curve", plan.threads)
    from biogloss.training import learning_curve as loop  # noqa: PLC0415

    return loop.learning_curve(recipes.load(recipe, Recipe, prefix=PREFIX, changes=changes), run, shares, plan, seen)


def pretrain(
    recipe: str,
    run: Path,
    *,
    changes: Sequence[str] = (),
    probe: str = "quick",
    threads: int = 1,
    tensorboard: bool = False,
) -> tuple[Path, list[Finding] | None]:
    """Read the recipe, pre-train, and compare the encoder with what it was; see ``training.pretrain`` and ``probe``.

    Args:
        recipe: a file, or the name of a shipped one.
        run: the run's folder.
        changes: of the recipe; see ``recipes.load``.
        probe: one of ``probe.PLANS``.
        threads: of torch, in each process.
        tensorboard: whether losses are written for it too.

    Returns:
        The encoder's folder, and what the probe found: None in processes of a team that do not lead it, and where there
        is no base to compare with.

    Raises:
        MissingExtra: torch or transformers is not installed, or tensorboard where it is asked for.
        ConfigError: no such probe, or what the recipe says cannot be.
    """
    _prepare("pre-training", threads)
    from biogloss.training import pretrain as loop  # noqa: PLC0415
    from biogloss.training import probe as probing  # noqa: PLC0415
    from biogloss.training.pretrain_recipe import PREFIX as PRETRAIN  # noqa: PLC0415
    from biogloss.training.pretrain_recipe import Recipe as PretrainRecipe  # noqa: PLC0415

    plan = probing.plan(probe)
    chosen = recipes.load(recipe, PretrainRecipe, prefix=PRETRAIN, changes=changes)
    encoder = loop.pretrain(chosen, run, tensorboard=tensorboard)
    if os.environ.get("RANK", "0") != "0" or not (run / loop.BASE).exists():
        return encoder, None
    return encoder, probing.probe(run / loop.BASE, encoder, Path(chosen.corpus), run / "probe", plan)


def probe(
    before: Path, after: Path, corpus: Path, work: Path, *, probe: str = "quick", threads: int = 1
) -> list[Finding]:
    """See ``training.probe``.

    Raises:
        MissingExtra: torch or transformers is not installed.
        ConfigError: no such probe.
    """
    _prepare("probing", threads)
    from biogloss.training import probe as probing  # noqa: PLC0415

    return probing.probe(before, after, corpus, work, probing.plan(probe))


def export(model: Path, target: Path, *, runtime: str = "ctranslate2", precision: str = "int8") -> Path:
    """See ``models.export``.

    Raises:
        MissingExtra: torch or transformers is not installed.
    """
    need_torch("export")
    from biogloss.models.export import export as exported  # noqa: PLC0415

    return exported(model, target, runtime=runtime, precision=precision)


def _prepare(what: str, threads: int) -> None:
    need_torch(what)
    # Waiting threads must sleep: spinning ones starve everything else on a small machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch  # noqa: PLC0415 - the extra `train`

    torch.set_num_threads(threads)
    memory.keep_freed()
