"""Fine-tune an encoder by a recipe; resumable to the step, a resumed run equals an uninterrupted one.

    finetune(recipes.load("ner-bc5cdr", Recipe, prefix="ner-"), Path("runs/ner-bc5cdr"))

The run folder holds ``recipe.json``, ``log.jsonl``, ``checkpoint.safetensors`` and, at the end, ``model/`` with the
weights that did best on development data, and the thresholds that did best with them.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel

from biogloss.errors import ConfigError, TrainingError
from biogloss.models import encoder, folder, lora
from biogloss.models.encoder import HeadedModel
from biogloss.models.tokenizer import Tokenizer
from biogloss.training import checkpoint, lesson, linear_probe, material, passes, precision, prototypes
from biogloss.training.development import development
from biogloss.training.doubts import doubts
from biogloss.training.dropout import set_dropout
from biogloss.training.freezing import Learning
from biogloss.training.log import RunLog
from biogloss.training.optimizer import adamw, schedule, set_rate, shrink
from biogloss.training.run_folder import claim, decided, refuse_others

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import IO

    from biogloss.tasks._examples import Example
    from biogloss.training.lesson import Lesson
    from biogloss.training.recipe import Recipe

CHECKPOINT = "checkpoint.safetensors"
LOG = "log.jsonl"
OUT_OF_MEMORY = "out_of_memory"
"""The event of its log when a batch is read in parts."""


def finetune(
    recipe: Recipe,
    run: Path,
    *,
    stop_after: int | None = None,
    watch: Callable[[int, float], bool] | None = None,
    stream: IO[str] | None = None,
) -> Path:
    """Train and return the model folder, ``run/model``.

    Args:
        recipe: what to do.
        run: the run's folder; where it holds a checkpoint of the same recipe, the run goes on from there.
        stop_after: end after so many steps of this call, as an interruption would, with a checkpoint (for tests).
        watch: called after each evaluation with the epochs that are done and the mean of development scores in [0, 1];
            where it says true the run ends.
        stream: where a person reads how it goes; standard error by default.

    Raises:
        ConfigError: the folder holds a run of another recipe, a corpus has no label of the recipe, or there is nothing
            to watch: no task has a development part.
        ModelError: the encoder or the checkpoint cannot be loaded.
        TrainingError: the loss or its gradient is no number, or there is no memory for a single window.
    """
    recipe = replace(recipe, precision=precision.resolve(recipe.precision))
    if all(learned.prototypes for learned in recipe.learned):
        recipe = replace(recipe, epochs=1)  # nothing is trained, so another epoch would change nothing
    refuse_others(run)
    claim(run, decided(recipe), CHECKPOINT)
    torch.manual_seed(recipe.seed)
    np.random.seed(recipe.seed)  # noqa: NPY002 - transformers draws from it
    training = _Training(recipe, run, stream)
    try:
        if watch and not any(source.dev for one in training.lessons for source in one.sources):
            raise ConfigError(
                f"recipe {recipe.name}: no development part to choose by; name corpora or files that have one"
            )
        training.go(stop_after, watch or (lambda *_: False))
    finally:
        training.log.close()
    return run / "model"


class _Training:
    """The state of one run."""

    def __init__(self, recipe: Recipe, run: Path, stream: IO[str] | None = None) -> None:
        start = encoder.encoder_folder(recipe.encoder)
        self.recipe = recipe
        self.run = run
        self.tokenizer_file = encoder.tokenizer_file(start)
        self.tokenizer = Tokenizer(self.tokenizer_file)
        self.lessons = lesson.lessons(recipe)
        self.doubts = list(doubts(self.lessons))
        self.model = _model(str(start), self.lessons, recipe)
        self.base = _base(recipe)
        precision.prepare(self.model.encoder, recipe.precision)
        self.learning = Learning(self.model, frozen_layers=recipe.frozen_layers, gradual=recipe.gradual)
        self.optimizer = adamw(
            self.model, rate=recipe.learning_rate, weight_decay=recipe.weight_decay, layer_decay=recipe.layer_decay
        )
        self.averaged = AveragedModel(self.model) if recipe.average else None
        self.position: dict[str, Any] = {"epoch": 0, "batch": 0, "step": 0, "best": -1.0, "worse": 0, "done": 0}
        per_epoch = sum(example.pieces for _, batch in self._batches(0) for example in batch)
        self.log = RunLog(run / LOG, per_epoch * recipe.epochs, stream)
        self._saved = 0.0

    def go(self, stop_after: int | None, watch: Callable[[int, float], bool]) -> None:
        if (self.run / CHECKPOINT).exists():
            self.position = checkpoint.load(self.run / CHECKPOINT, self.model, self.optimizer, self.averaged)
            self.log.event("resumed", **self.position)
        else:
            self._start()
        first = self.position["step"]
        while self.position["epoch"] < self.recipe.epochs and not self._patience_is_over():
            batches = self._batches(self.position["epoch"])
            self.learning.enter(self.position["epoch"])
            for number, batch in batches[self.position["batch"] :]:
                self._step(self.lessons[number], material.collate(batch, self.tokenizer.padding), len(batches))
                if stop_after is not None and self.position["step"] - first >= stop_after:
                    self._save()
                    return
                if self.log.seconds - self._saved > 60 * self.recipe.checkpoint_minutes:
                    self._save()
            self._refuse_no_number(batches[-1:])
            self.position |= {"epoch": self.position["epoch"] + 1, "batch": 0}
            is_over = self._is_due() and watch(self.position["epoch"], self._evaluate())
            self._save()
            if is_over:
                self.log.event("stopped", epoch=self.position["epoch"])
                return

    def _start(self) -> None:
        self.log.event("started", corpora=self._summary())
        for doubt in self.doubts:
            self.log.event("warning", what=doubt)
        if fitted := [one.name for one in self.lessons if one.learned.linear_probe]:
            self.log.event("fitting", heads=fitted, what="to the encoder as it is; it reads all documents first")
            linear_probe.fit(self.lessons, self.model, self.tokenizer, self.recipe.precision)

    def _is_due(self) -> bool:
        """Whether this is the end of an epoch after which development parts are scored."""
        epoch: int = self.position["epoch"]
        return epoch % self.recipe.evaluate_every == 0 or epoch == self.recipe.epochs

    def _summary(self) -> Mapping[str, Any]:
        """Counts of the corpora; of several tasks by task."""
        counts = {one.name: material.summary(one.sources) for one in self.lessons}
        return counts if len(counts) > 1 else next(iter(counts.values()))

    def _batches(self, epoch: int) -> list[tuple[int, list[Example]]]:
        """Those of an epoch in order, each with the number of its lesson."""
        found = [
            (number, batch)
            for number, one in enumerate(self.lessons)
            if not one.learned.prototypes
            for batch in material.epoch_batches(one.sources, one.task, self.tokenizer, self.recipe, epoch)
        ]
        if len(self.lessons) > 1:
            random.Random(f"{self.recipe.seed} {epoch} tasks").shuffle(found)  # noqa: S311 - shuffling, not a secret
        return found

    def _step(self, one: Lesson, batch: material.Batch, batches: int) -> None:
        progress = (self.position["epoch"] + self.position["batch"] / batches) / self.recipe.epochs
        set_rate(self.optimizer, self.recipe.learning_rate * schedule(progress, self.recipe.warmup))
        self.model.train()
        loss = passes.within_memory(
            lambda parts: self._gradients(one, batch, parts), most=len(batch.ids), told=self._begin_again
        )
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip_norm)
        if not torch.isfinite(loss + norm):  # before the step, so that no checkpoint holds what comes of it
            raise self._no_number("the loss or its gradient is")
        self.optimizer.step()
        if self.recipe.l1:
            shrink(self.optimizer, self.recipe.l1)
        self.optimizer.zero_grad()
        for key, more in (("batch", 1), ("step", 1), ("done", batch.pieces)):
            self.position[key] += more
        if self.averaged and progress >= 1 - self.recipe.average:
            self.averaged.update_parameters(self.model)
        self.log.step(self.position["step"], loss.item(), batch.pieces, self.position["done"])

    def _no_number(self, what: str) -> TrainingError:
        kept = "; the checkpoint is kept" if (self.run / CHECKPOINT).exists() else ""
        self.log.event("failed", step=self.position["step"], what=f"{what} no number")
        return TrainingError(
            f"{self.run}: {what} no number at step {self.position['step']}; lower learning_rate or clip_norm, or set "
            f"precision to float32, in another folder{kept}"
        )

    def _refuse_no_number(self, last: Sequence[tuple[int, list[Example]]]) -> None:
        """Read the last batch of an epoch once more: nothing else looks at what its step has made.

        Raises:
            TrainingError: its loss is no number.
        """
        self.model.eval()
        for number, batch in last:
            read = material.collate(batch[:1], self.tokenizer.padding)
            with torch.no_grad():
                found = passes.states(self.model, read, self.recipe.precision)
                loss = self._loss(self.lessons[number], read, [found, found] if self.recipe.rdrop else [found])
            if not torch.isfinite(loss):
                raise self._no_number("the loss is")

    def _gradients(self, one: Lesson, batch: material.Batch, parts: int) -> torch.Tensor:
        return passes.gradients(
            self.model,
            batch,
            lambda states: self._loss(one, batch, states),
            passes=2 if self.recipe.rdrop else 1,
            precision=self.recipe.precision,
            parts=parts,
        )

    def _loss(self, one: Lesson, batch: material.Batch, states: Sequence[torch.Tensor]) -> torch.Tensor:
        """That of one pass; of two the mean of both, and how far they are from each other."""
        with precision.multiplied(self.recipe.precision):
            logits = [self.model.heads[one.name](own, batch.pooling) for own in states]
        targets = torch.from_numpy(batch.targets)
        losses = [one.task.loss(own.float(), targets) for own in logits]
        loss = sum(losses[1:], losses[0]) / len(losses)
        if self.recipe.rdrop:
            loss = loss + self.recipe.rdrop * one.task.divergence(*(own.float() for own in logits))
        return one.learned.weight * loss

    def _begin_again(self, parts: int) -> None:
        """Undo an attempt at a batch for which there was no memory."""
        self.optimizer.zero_grad()
        self.log.event(OUT_OF_MEMORY, step=self.position["step"], parts=parts, todo="lower budget_pieces to be faster")

    def _evaluate(self) -> float:
        """Score every corpus on its development part; keep the weights of the best mean, tasks counting alike."""
        state = torch.get_rng_state()
        prototypes.fit(self.lessons, self._kept, self.tokenizer)
        reached = {one.name: development(one, self._kept, self.tokenizer) for one in self.lessons}
        torch.set_rng_state(state)
        means = [float(np.mean(list(found.f1.values()))) for found in reached.values() if found.f1]
        mean = float(np.mean(means)) if means else 0.0
        better = mean > self.position["best"] or not means
        self.position |= {
            "best": max(mean, self.position["best"]),
            "worse": 0 if better else self.position["worse"] + 1,
        }
        shown = {
            name if len(self.lessons) == 1 else f"{head}: {name}": round(100 * f1, 2)
            for head, found in reached.items()
            for name, f1 in found.f1.items()
        }
        if means:
            self.log.event("evaluated", epoch=self.position["epoch"], mean=round(100 * mean, 2), f1=shown)
        else:
            self.log.event("kept", epoch=self.position["epoch"], what="these weights; no development part to choose by")
        if better:
            self._write_model(shown, {name: found.thresholds for name, found in reached.items()})
        return mean

    @property
    def _kept(self) -> HeadedModel:
        """The weights that are scored and written: the average, from its first step on."""
        if self.averaged and self.averaged.n_averaged:
            return cast("HeadedModel", self.averaged.module)
        return self.model

    def _write_model(self, f1: Mapping[str, float], thresholds: Mapping[str, Mapping[str, float]]) -> None:
        target = self.run / "model"
        encoder.save(target, self._kept, self.tokenizer_file, self.base)
        card = {"development_f1": f1, "recipe": self.recipe.as_dict()}
        (target / "README.md").write_text(f"```json\n{json.dumps(card, indent=2)}\n```\n", encoding="utf-8")
        settings = folder.Settings(
            kind=folder.ADAPTED if self.base else folder.TRAINABLE,
            name=self.recipe.name,
            heads=tuple(lesson.head_of(one, thresholds[one.name]) for one in self.lessons),
            max_pieces=self.recipe.max_pieces,
            overlap=self.recipe.overlap,
        )
        folder.seal(target, settings)

    def _patience_is_over(self) -> bool:
        return bool(self.recipe.patience) and self.position["worse"] >= self.recipe.patience

    def _save(self) -> None:
        checkpoint.save(self.run / CHECKPOINT, self.model, self.optimizer, self.position, self.averaged)
        self._saved = self.log.seconds


def _model(name: str, lessons: Sequence[Lesson], recipe: Recipe) -> HeadedModel:
    loaded = encoder.load_encoder(name)
    longest = encoder.max_pieces(loaded)
    is_cut = any(one.learned.task == material.NER for one in lessons)
    for key, pieces in (("max_pieces", recipe.max_pieces), ("cuts", max(recipe.cuts) if is_cut else 0)):
        if pieces > longest:
            raise ConfigError(
                f"recipe {recipe.name}: {key} = {getattr(recipe, key)}, but {name} reads at most {longest} pieces at "
                "once; lower it, longer texts are read in windows"
            )
    width = loaded.config.hidden_size
    model = HeadedModel(loaded, {one.name: one.task.head(width) for one in lessons})
    if recipe.lora_rank:
        lora.attach(model.encoder, rank=recipe.lora_rank, alpha=recipe.lora_alpha)
    set_dropout(model, recipe.dropout)
    for one in lessons:
        if one.learned.linear_probe:  # also where the run goes on, and nothing is fitted
            set_dropout(model.heads[one.name], 0.0)
    return model


def _base(recipe: Recipe) -> lora.Base | None:
    """The encoder that a model folder names instead of holding one."""
    if not recipe.adapters_only:
        return None
    weights = encoder.weights_file(encoder.encoder_folder(recipe.encoder))
    return lora.Base(recipe.encoder, folder.checksum(weights), recipe.lora_rank, recipe.lora_alpha)
