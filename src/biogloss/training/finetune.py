"""Fine-tune an encoder by a recipe; resumable to the step, a resumed run equals an uninterrupted one.

    finetune(recipes.load("ner-en", Recipe, prefix="ner-"), Path("runs/ner-en"))

The run folder holds ``recipe.json``, ``log.jsonl``, ``checkpoint.safetensors`` and, at the end, ``model/`` with the
weights that did best on development data, and the thresholds that did best with them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from biogloss.errors import ConfigError
from biogloss.models import encoder, folder
from biogloss.models.encoder import TokenModel
from biogloss.models.tokenizer import SPECIAL_PIECES, Tokenizer
from biogloss.tasks.ner import Ner
from biogloss.training import checkpoint, material, precision
from biogloss.training.development import development
from biogloss.training.log import RunLog
from biogloss.training.optimizer import schedule, set_rate
from biogloss.training.run_folder import claim

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from biogloss.training.recipe import Recipe

CHECKPOINT = "checkpoint.safetensors"


def finetune(recipe: Recipe, run: Path, *, stop_after: int | None = None) -> Path:
    """Train and return the model folder, ``run/model``.

    Args:
        recipe: what to do.
        run: the run's folder; where it holds a checkpoint of the same recipe, the run goes on from there.
        stop_after: end after so many steps of this call, as an interruption would, with a checkpoint (for tests).

    Raises:
        ConfigError: the folder holds a run of another recipe, or a corpus has no label of the recipe.
        ModelError: the encoder or the checkpoint cannot be loaded.
    """
    recipe = replace(recipe, precision=precision.resolve(recipe.precision))
    claim(run, recipe.as_dict(), CHECKPOINT)
    torch.manual_seed(recipe.seed)
    np.random.seed(recipe.seed)  # noqa: NPY002 - transformers draws from it
    training = _Training(recipe, run)
    try:
        training.go(stop_after)
    finally:
        training.log.close()
    return run / "model"


class _Training:
    """The state of one run."""

    def __init__(self, recipe: Recipe, run: Path) -> None:
        start = encoder.encoder_folder(recipe.encoder)
        self.recipe = recipe
        self.run = run
        self.tokenizer_file = encoder.tokenizer_file(start)
        self.tokenizer = Tokenizer(self.tokenizer_file)
        self.task = Ner(recipe.labels, max_pieces=recipe.max_pieces, overlap=recipe.overlap)
        self.model = _model(str(start), self.task, recipe)
        precision.prepare(self.model.encoder, recipe.precision)
        self.optimizer = _optimizer(self.model, recipe)
        self.sources = material.sources(recipe)
        self.position: dict[str, Any] = {"epoch": 0, "batch": 0, "step": 0, "best": -1.0, "worse": 0, "done": 0}
        per_epoch = sum(len(e.ids) for batch in self._batches(0) for e in batch)
        self.log = RunLog(run / "log.jsonl", per_epoch * recipe.epochs)
        self._saved = 0.0

    def go(self, stop_after: int | None) -> None:
        if (self.run / CHECKPOINT).exists():
            self.position = checkpoint.load(self.run / CHECKPOINT, self.model, self.optimizer)
            self.log.event("resumed", **self.position)
        else:
            self.log.event("started", corpora=material.summary(self.sources))
        first = self.position["step"]
        while self.position["epoch"] < self.recipe.epochs and not self._patience_is_over():
            for batch in (batches := self._batches(self.position["epoch"]))[self.position["batch"] :]:
                self._step(material.collate(batch, self.tokenizer.padding), len(batches))
                if stop_after is not None and self.position["step"] - first >= stop_after:
                    self._save()
                    return
                if self.log.seconds - self._saved > 60 * self.recipe.checkpoint_minutes:
                    self._save()
            self.position |= {"epoch": self.position["epoch"] + 1, "batch": 0}
            if self.position["epoch"] % self.recipe.evaluate_every == 0 or self.position["epoch"] == self.recipe.epochs:
                self._evaluate()
            self._save()

    def _batches(self, epoch: int) -> list[list[Any]]:
        return material.epoch_batches(self.sources, self.task, self.tokenizer, self.recipe, epoch)

    def _step(self, batch: material.Batch, batches: int) -> None:
        progress = (self.position["epoch"] + self.position["batch"] / batches) / self.recipe.epochs
        set_rate(self.optimizer, self.recipe.learning_rate * schedule(progress, self.recipe.warmup))
        self.model.train()
        mask = None if batch.mask is None else torch.from_numpy(batch.mask)
        with precision.multiplied(self.recipe.precision):
            logits = self.model(torch.from_numpy(batch.ids), mask)
        loss = self.task.loss(logits.float(), torch.from_numpy(batch.targets))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        for key, more in (("batch", 1), ("step", 1), ("done", batch.pieces)):
            self.position[key] += more
        self.log.step(self.position["step"], loss.item(), batch.pieces, self.position["done"])

    def _evaluate(self) -> None:
        """Score every corpus on its development part; keep the weights of the best mean."""
        state = torch.get_rng_state()
        reached = development(self.sources, self.model, self.task, self.tokenizer, self.recipe.thresholds)
        torch.set_rng_state(state)
        mean = float(np.mean(list(reached.f1.values()))) if reached.f1 else 0.0
        better = mean > self.position["best"] or not reached.f1
        self.position |= {
            "best": max(mean, self.position["best"]),
            "worse": 0 if better else self.position["worse"] + 1,
        }
        shown = {name: round(100 * f1, 2) for name, f1 in reached.f1.items()}
        self.log.event("evaluated", epoch=self.position["epoch"], mean=round(100 * mean, 2), f1=shown)
        if better:
            self._write_model(shown, reached.thresholds)

    def _write_model(self, f1: Mapping[str, float], thresholds: Mapping[str, float]) -> None:
        target = self.run / "model"
        encoder.save(target, self.model, self.tokenizer_file)
        card = {"development_f1": f1, "recipe": self.recipe.as_dict()}
        (target / "README.md").write_text(f"```json\n{json.dumps(card, indent=2)}\n```\n", encoding="utf-8")
        settings = folder.Settings(
            kind=folder.TRAINABLE,
            task="ner",
            name=self.recipe.name,
            labels=self.task.labels,
            max_pieces=self.task.max_pieces,
            overlap=self.task.overlap,
            thresholds=thresholds,
        )
        folder.seal(target, settings)

    def _patience_is_over(self) -> bool:
        return bool(self.recipe.patience) and self.position["worse"] >= self.recipe.patience

    def _save(self) -> None:
        checkpoint.save(self.run / CHECKPOINT, self.model, self.optimizer, self.position)
        self._saved = self.log.seconds


def _model(name: str, task: Ner, recipe: Recipe) -> TokenModel:
    loaded = encoder.load_encoder(name)
    positions = encoder.longest(loaded.config)
    if recipe.max_pieces + SPECIAL_PIECES > positions:
        msg = (
            f"recipe {recipe.name}: max_pieces = {recipe.max_pieces}, but {name} reads at most "
            f"{positions - SPECIAL_PIECES} pieces at once; lower it, longer texts are read in overlapping windows"
        )
        raise ConfigError(msg)
    model = TokenModel(loaded, task.head(loaded.config.hidden_size))
    encoder.set_dropout(model, recipe.dropout)
    return model


def _optimizer(model: TokenModel, recipe: Recipe) -> torch.optim.AdamW:
    parameters = list(model.parameters())
    return torch.optim.AdamW(parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True)
