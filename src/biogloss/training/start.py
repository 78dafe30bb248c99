"""The doors to training for those who do not import torch themselves: they say which extra is missing.

finetune("ner-en", Path("runs/ner-en"), encoder="minilm.whl")
"""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from biogloss import recipes
from biogloss.errors import MissingExtra
from biogloss.training.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path


def finetune(recipe: str, run: Path, *, encoder: str = "", threads: int = 1) -> Path:
    """Read the recipe, train, and return the model folder; see ``training.finetune``.

    Raises:
        MissingExtra: torch or transformers is not installed.
    """
    _need("fine-tuning")
    # Waiting threads must sleep: spinning ones starve everything else on a small machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch  # noqa: PLC0415 - the extra `train`

    from biogloss.training import finetune as loop  # noqa: PLC0415

    torch.set_num_threads(threads)
    chosen = recipes.load(recipe, Recipe, prefix="ner-")
    return loop.finetune(replace(chosen, encoder=encoder) if encoder else chosen, run)


def pretrain(recipe: str, run: Path, *, threads: int = 1, tensorboard: bool = False) -> Path:
    """Read the recipe, pre-train, and return the encoder's folder; see ``training.pretrain``.

    Raises:
        MissingExtra: torch or transformers is not installed, or tensorboard where it is asked for.
    """
    _need("pre-training")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch  # noqa: PLC0415 - the extra `train`

    from biogloss.training import pretrain as loop  # noqa: PLC0415
    from biogloss.training.pretrain_recipe import PREFIX as PRETRAIN  # noqa: PLC0415
    from biogloss.training.pretrain_recipe import Recipe as PretrainRecipe  # noqa: PLC0415

    torch.set_num_threads(threads)
    return loop.pretrain(recipes.load(recipe, PretrainRecipe, prefix=PRETRAIN), run, tensorboard=tensorboard)


def export(model: Path, target: Path, *, runtime: str = "ctranslate2", precision: str = "int8") -> Path:
    """See ``models.export``.

    Raises:
        MissingExtra: torch or transformers is not installed.
    """
    _need("export")
    from biogloss.models.export import export as exported  # noqa: PLC0415

    return exported(model, target, runtime=runtime, precision=precision)


def _need(what: str) -> None:
    for package in ("torch", "transformers"):
        if find_spec(package) is None:
            raise MissingExtra(package, "train", what)
