"""Pre-train an encoder by a recipe; resumable to the step, a resumed run equals an uninterrupted one bit for bit.

    pretrain(recipes.load("mine.toml", Recipe, prefix="pretrain-"), Path("runs/mine"))

The run folder holds ``recipe.json``, ``log.jsonl`` (what happened when), ``steps.jsonl`` (the losses of each step, the
same however often the run was interrupted) and their picture ``curve.svg``, ``checkpoint.safetensors``, ``base/`` (the
encoder as it came, with a head over its vocabulary) and, at the end, ``encoder/``, a folder for ``transformers``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from biogloss.errors import TrainingError
from biogloss.models import encoder
from biogloss.models.folder import checksum
from biogloss.preparation.corpus import MANIFEST, Corpus
from biogloss.training import checkpoint, curve, effort, learner, precision, team
from biogloss.training.freezing import freeze
from biogloss.training.guard import Guard
from biogloss.training.held_out import HeldOut
from biogloss.training.lessons import ENCODER, HEAD, Lessons
from biogloss.training.log import RunLog
from biogloss.training.optimizer import adamw, schedule, set_rate
from biogloss.training.plan import Plan
from biogloss.training.run_folder import claim
from biogloss.training.scalars import Scalars
from biogloss.training.steps import Steps

if TYPE_CHECKING:
    from biogloss.training.learner import Start
    from biogloss.training.pretrain_recipe import Recipe

CHECKPOINT = "checkpoint.safetensors"
BASE = "base"
HEAD_RATE = 1e-3
HELD_OUT_WINDOWS = 256  # for the learning curve; the probe takes all


def pretrain(recipe: Recipe, run: Path, *, stop_after: int | None = None, tensorboard: bool = False) -> Path:
    """Train and return the encoder's folder, ``run/encoder``.

    Args:
        recipe: what to do.
        run: the run's folder; where it holds a checkpoint of the same recipe, the run goes on from there.
        stop_after: end after so many steps of this call, as an interruption would, with a checkpoint (for tests).
        tensorboard: write the losses to ``run/tensorboard`` too.

    Raises:
        MissingExtra: tensorboard is asked for and not installed.
        ConfigError: the folder holds a run of another recipe or corpus, or the recipe does not fit its corpus.
        ModelError: the encoder or the checkpoint cannot be loaded.
        TrainingError: the loss went astray more often than the recipe allows.
    """
    recipe = replace(recipe, precision=precision.resolve(recipe.precision))
    if recipe.preset:
        recipe = replace(recipe, head_pieces=0)  # there is nothing to compare with
    corpus = Corpus(Path(recipe.corpus))
    workers = team.join()
    if workers.leads:
        content = checksum(corpus.folder / MANIFEST)
        claim(run, recipe.as_dict() | {"content of the corpus": content}, CHECKPOINT)
    workers.wait()
    torch.manual_seed(recipe.seed)
    training = _Pretraining(recipe, run, corpus, workers)
    try:
        if tensorboard and workers.leads:
            training.steps.mirror(Scalars(run / "tensorboard"))
        training.go(stop_after)
    finally:
        training.close()
    return run / "encoder"


class _Pretraining:
    """The state of one run."""

    def __init__(self, recipe: Recipe, run: Path, corpus: Corpus, workers: team.Team) -> None:
        self.recipe, self.run, self.team = recipe, run, workers
        self.plan = Plan.of(recipe, workers.size)
        self.start: Start = learner.start(recipe, corpus)
        self.lessons = Lessons(recipe, self.start, corpus, self.plan, workers.device)
        self.model = self.start.learner
        precision.prepare(self.model.full, recipe.precision, workers.device)
        unknown, longest = self.start.tokenizer.unknown, encoder.longest(self.model.body.config)
        self.held_out = HeldOut.of(corpus, unknown, longest=longest, limit=HELD_OUT_WINDOWS)
        self.position: dict[str, Any] = {"stage": HEAD, "step": 0, "row": 0, "rollbacks": 0, "recent": [], "bytes": 0}
        self.guard = Guard(recipe.spike)
        peak = workers.size * effort.peak(recipe.precision, workers.device)
        pieces = self._pieces(self.plan.head + self.plan.encoder)
        self.log = RunLog(run / "log.jsonl", pieces, quiet=not workers.leads, peak=peak)
        self.steps = Steps(run / "steps.jsonl", writes=workers.leads)
        self._saved = 0.0

    def close(self) -> None:
        """Close the files."""
        self.log.close()
        self.steps.close()

    def go(self, stop_after: int | None) -> None:
        """All that is left of the run."""
        self._resume_or_begin()
        left = stop_after
        while not self._is_done():
            if self._step():
                self._after_step()
            left = None if left is None else left - 1
            if left == 0:
                self._save()
                return
        self._finish()

    # --- where the run is

    @property
    def _steps(self) -> int:
        return self.plan.head if self.position["stage"] == HEAD else self.plan.encoder

    def _pieces(self, steps: int) -> int:
        return steps * self.plan.passes * self.plan.rows * self.recipe.length

    def _is_done(self) -> bool:
        while self.position["step"] >= self._steps:
            if self.position["stage"] == ENCODER:
                return True
            self._enter_encoder()
        return False

    def _resume_or_begin(self) -> None:
        path = self.run / CHECKPOINT
        self.team.wait()
        if path.exists():
            self._restore(checkpoint.position(path))
            self.log.event("resumed", stage=self.position["stage"], step=self.position["step"])
        else:
            self._enter(HEAD if self.plan.head else ENCODER)
            self.log.event("started", rows=len(self.lessons.rows), **self._machine())
            self._save()

    def _machine(self) -> dict[str, Any]:
        return {"processes": self.team.size, "precision": self.recipe.precision, "threads": torch.get_num_threads()}

    def _enter(self, stage: str) -> None:
        """Let learn what learns in a stage, with an optimizer of its own."""
        self.position |= {"stage": stage, "step": 0, "recent": []}
        self.guard = Guard(self.recipe.spike)
        if stage == HEAD:
            learner.frozen(self.model)
            self.optimizer = adamw(self.model, rate=HEAD_RATE, weight_decay=0.0)
            return
        self.model.requires_grad_(requires_grad=True)
        freeze(self.model, self.recipe.frozen_layers)
        self.optimizer = adamw(
            self.model,
            rate=self.recipe.learning_rate,
            weight_decay=self.recipe.weight_decay,
            layer_decay=self.recipe.layer_decay,
        )

    def _enter_encoder(self) -> None:
        if self.plan.head and self.team.leads:
            self.model.save(self.run / BASE, self.start.file)
        self._enter(ENCODER)
        self._save()

    def _restore(self, position: dict[str, Any]) -> None:
        self._enter(position["stage"])
        self.position = checkpoint.load(self.run / CHECKPOINT, self.model, self.optimizer)
        self.guard = Guard(self.recipe.spike, self.position["recent"])
        self.steps.cut(self.position["bytes"])

    def _save(self) -> None:
        self.position |= {"recent": self.guard.recent, "bytes": self.steps.size()}
        if self.team.leads:
            checkpoint.save(self.run / CHECKPOINT, self.model, self.optimizer, self.position)
        self.team.wait()
        self._saved = self.log.seconds

    # --- one step

    def _step(self) -> bool:
        """Learn from the next rows; false where that had to be undone."""
        is_head = self.position["stage"] == HEAD
        peak = HEAD_RATE if is_head else self.recipe.learning_rate
        rate = peak * schedule(self.position["step"] / self._steps, self.recipe.warmup)
        set_rate(self.optimizer, rate)
        losses = self._gradients()
        learning = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
        norm = float(torch.nn.utils.clip_grad_norm_(learning, self.recipe.clip_norm))
        self.position["row"] += self.plan.passes * self.plan.rows
        if self.guard.objects(losses["loss"], norm):
            self._roll_back(losses["loss"])
            return False
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.position["step"] += 1
        self.steps.write(
            {"stage": self.position["stage"], "step": self.position["step"], "rate": rate, "norm": norm, **losses}
        )
        return True

    def _gradients(self) -> dict[str, float]:
        """Add up the gradients of a step, and return its losses, both over all processes."""
        self.model.train(self.position["stage"] == ENCODER)
        totals = dict.fromkeys(self.lessons.names(self.position["stage"]), 0.0)  # alike in every process
        for number in range(self.team.rank, self.plan.passes, self.team.size):
            row = self.position["row"] + number * self.plan.rows
            torch.manual_seed(_seed(self.recipe.seed, row))
            losses = self._losses(row)
            (losses["loss"] / self.plan.passes).backward()  # type: ignore[no-untyped-call]
            for name, loss in losses.items():
                totals[name] += loss.item() / self.plan.passes
        if self.team.size > 1:
            learning = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
            for parameter in learning:
                parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            self.team.add(parameter.grad for parameter in learning if parameter.grad is not None)
            summed = torch.tensor(list(totals.values()), dtype=torch.float64, device=self.team.device)
            self.team.add([summed])
            totals = dict(zip(totals, summed.tolist(), strict=True))
        return totals

    def _losses(self, row: int) -> dict[str, torch.Tensor]:
        return self.lessons.losses(row, self.position["stage"])

    def _roll_back(self, loss: float) -> None:
        """Undo everything since the last checkpoint, and go on behind the rows that did it."""
        row, stage, step = (self.position[key] for key in ("row", "stage", "step"))
        rollbacks = self.position["rollbacks"] + 1
        self.optimizer.zero_grad()
        if rollbacks > self.recipe.rollbacks:
            raise TrainingError(
                f"{self.run}: the loss went to {loss:.4g} at step {step} of stage {stage}, for the {rollbacks}th time; "
                "lower learning_rate, or clip_norm, and start again in another folder"
            )
        self._restore(checkpoint.position(self.run / CHECKPOINT))
        self.position |= {"row": row, "rollbacks": rollbacks}
        to = {"stage": self.position["stage"], "to_step": self.position["step"]}
        self.steps.write({"rolled_back": rollbacks, "from_step": step, **to, "loss": loss})
        self.log.event("rolled_back", stage=stage, step=step, loss=loss, to=self.position["step"])
        self._save()

    # --- between steps, and at the end

    def _after_step(self) -> None:
        before = 0 if self.position["stage"] == HEAD else self.plan.head
        last = self.guard.recent[-1] if self.guard.recent else 0.0
        step = self.position["step"]
        work = effort.operations(self.model, length=self.recipe.length, mask_rate=self.recipe.mask_rate)
        self.log.step(before + step, last, self._pieces(1), self._pieces(before + step), self._pieces(1) * work)
        every = max(1, self.plan.encoder // max(1, self.recipe.evaluations))
        if self.position["stage"] == ENCODER and (step % every == 0 or step == self._steps):
            self._evaluate()
        if self._time_to_save():
            self._save()

    def _time_to_save(self) -> bool:
        """Whether the first process finds it is time; all must agree, for all wait at a checkpoint."""
        is_due = torch.tensor([float(self.log.seconds - self._saved > 60 * self.recipe.checkpoint_minutes)])
        if not self.team.leads:
            is_due.zero_()
        self.team.add([is_due.to(self.team.device)] if self.team.size > 1 else [])
        return bool(is_due.item())

    def _evaluate(self) -> None:
        if not self.held_out.hidden_words or not self.team.leads:
            return
        with precision.multiplied(self.recipe.precision, self.team.device):
            loss = float(self.held_out.losses(self.model, self.start.tokenizer).mean())
        self.steps.write({"stage": ENCODER, "step": self.position["step"], "held_out": loss})
        self.log.event("held_out", step=self.position["step"], nats_per_word=round(loss, 4))

    def _finish(self) -> None:
        if self.team.leads:
            self.model.save(self.run / "encoder", self.start.file)
            self.log.event("finished", encoder=str(self.run / "encoder"))
        self._save()
        if self.team.leads:
            curve.write(self.run, pieces=self._pieces(1))


def _seed(seed: int, row: int) -> int:
    """For the dropout of the pass that begins with a row: the same in whichever process and however often resumed."""
    return int(np.random.SeedSequence([seed, row]).generate_state(1)[0])
