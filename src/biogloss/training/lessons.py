"""What a recipe of pre-training has to be learned: rows and windows, heads, and the losses over them.

    lessons = Lessons(recipe, start(recipe, corpus), corpus, plan, device)
    lessons.losses(row, HEAD)        {"loss": 6.2, "masked_words": 6.2}

``loss`` is the sum of the objectives' losses by their weights. Passes over annotated documents stand beside those over
text; each loss is scaled so that the mean over the passes of a step is the mean over its own passes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from biogloss.preparation.corpus import TRAIN
from biogloss.training import precision
from biogloss.training.annotated import Annotated
from biogloss.training.learner import to_tensor
from biogloss.training.objectives import (
    distillation,
    entities,
    masked_words,
    next_sentence,
    relations,
    sentence_order,
)
from biogloss.training.objectives._masking import Masking
from biogloss.training.objectives._seen import Seen
from biogloss.training.pairs import Pairs
from biogloss.training.rows import Blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from biogloss.models.tokenizer import Tokenizer
    from biogloss.preparation.corpus import Corpus
    from biogloss.training.annotated import Windows
    from biogloss.training.learner import Start
    from biogloss.training.plan import Plan
    from biogloss.training.pretrain_recipe import Recipe

HEAD, ENCODER = "head", "encoder"
"""The stages of a run: the head over the vocabulary learns alone, then everything does."""
TOTAL, MASKED_WORDS = "loss", "masked_words"
_PAIRS = {"next_sentence": next_sentence, "sentence_order": sentence_order}


class Lessons:
    """The objectives of a run; their heads become part of the learner, which goes to the device.

    Args:
        recipe: what to learn, its precision resolved.
        start: the model.
        corpus: running text.
        plan: which passes are over text.
        device: where the model works.

    Raises:
        ConfigError: the recipe does not fit its corpus, its teacher or its annotated documents.
        InputError: an annotated corpus is not there.
        FormatError: a shard or a silver file is damaged.
        ModelError: the teacher cannot be loaded.
    """

    def __init__(self, recipe: Recipe, start: Start, corpus: Corpus, plan: Plan, device: str) -> None:
        self._recipe, self._plan, self._device = recipe, plan, device
        self._model = start.learner
        tokenizer = start.tokenizer
        self.rows = _rows(recipe, corpus, tokenizer)
        self._masking = Masking(
            mask=tokenizer.mask, ordinary=tokenizer.ordinary, rate=recipe.mask_rate, spans=recipe.spans
        )
        self._of_text: dict[str, Callable[[Seen], Tensor]] = {MASKED_WORDS: masked_words.loss}
        self._of_windows: dict[str, Callable[[Tensor, Windows], Tensor]] = {}
        width = int(start.learner.body.config.hidden_size)
        if recipe.pairs:
            self._learn_pairs(width)
        if recipe.teacher:
            self._learn_from(distillation.Teacher.of(recipe.teacher, start, recipe.temperature), width)
        if plan.annotated:
            self._annotated = Annotated.of(recipe, tokenizer)
            self._learn_annotated(width)
        self._model.to(device)

    def names(self, stage: str) -> Sequence[str]:
        """The names of the losses in a stage, always in this order."""
        return TOTAL, *self._weights(stage)

    def losses(self, row: int, stage: str) -> dict[str, Tensor]:
        """The losses of a pass, scalars; those of other passes are left out.

        Args:
            row: with which the pass begins, were all of them over text; every draw is a function of it.
            stage: in the stage ``head`` every pass is over text, and masked words alone count.
        """
        weights = self._weights(stage)
        text, window = (row, -1) if stage == HEAD else self._plan.place(row)
        with precision.multiplied(self._recipe.precision, self._device):
            if window < 0:
                found = self._text(row, text, [name for name in weights if name in self._of_text])
                share = 1.0 if stage == HEAD else self._plan.passes / self._plan.text
            else:
                found = self._windows(window, [name for name in weights if name in self._of_windows])
                share = self._plan.passes / self._plan.annotated
        found = {name: share * loss for name, loss in found.items()}
        total = sum(
            (weights[name] * loss for name, loss in found.items()), start=next(iter(found.values())).new_zeros(())
        )
        return {TOTAL: total, **found}

    def _weights(self, stage: str) -> Mapping[str, float]:
        return {MASKED_WORDS: 1.0} if stage == HEAD else self._recipe.objectives

    def _text(self, row: int, first: int, names: Sequence[str]) -> dict[str, Tensor]:
        rows = self.rows.take(first, self._plan.rows)
        rng = np.random.default_rng([self._recipe.seed, row])
        hidden = masked_words.hide(rows.ids, rows.words, self._masking, rng).to(self._device)
        mask, labels = self._tensor(rows.mask), self._tensor(rows.labels)
        segments = self._tensor(rows.segments) if self._model.has_segments else None
        layers = self._model(hidden.ids, mask, segments, layers="distillation" in names)
        seen = Seen(hidden, layers, self._model.words_head, segments, labels, mask)
        return {name: self._of_text[name](seen) for name in names}

    def _windows(self, first: int, names: Sequence[str]) -> dict[str, Tensor]:
        windows = self._annotated.take(first, self._plan.rows)
        states = self._model(to_tensor(windows.batch.ids, self._device), self._tensor(windows.batch.mask))[-1]
        return {name: self._of_windows[name](states, windows) for name in names}

    def _tensor(self, array: NDArray[np.int64] | NDArray[np.bool_] | None) -> Tensor | None:
        return None if array is None else to_tensor(array, self._device)

    def _learn_pairs(self, width: int) -> None:
        objective = _PAIRS[self._recipe.pairs]
        own = self._model.heads[self._recipe.pairs] = objective.head(width)
        self._of_text[self._recipe.pairs] = partial(objective.loss, own=own)

    def _learn_from(self, teacher: distillation.Teacher, width: int) -> None:
        precision.prepare(teacher.learner.full, self._recipe.precision, self._device)
        teacher.learner.to(self._device)
        own = self._model.heads["distillation"] = teacher.head(width)
        self._of_text["distillation"] = partial(distillation.loss, teacher=teacher, own=own)

    def _learn_annotated(self, width: int) -> None:
        if "entities" in self._recipe.objectives:
            own = self._model.heads["entities"] = self._annotated.task.head(width)
            self._of_windows["entities"] = partial(entities.loss, own=own, task=self._annotated.task)
        if "relations" in self._recipe.objectives:
            own = self._model.heads["relations"] = relations.head(width, len(self._annotated.relations))
            self._of_windows["relations"] = partial(relations.loss, own=own)


def _rows(recipe: Recipe, corpus: Corpus, tokenizer: Tokenizer) -> Blocks | Pairs:
    shards = list(corpus.shards(TRAIN, verify=True))
    if not recipe.pairs:
        return Blocks(shards, recipe.length, tokenizer.first, tokenizer.last, recipe.seed)
    specials = tokenizer.first, tokenizer.last, tokenizer.padding
    return Pairs(shards, recipe.length, specials, _PAIRS[recipe.pairs].ELSEWHERE, recipe.seed)
