"""Pre-training as Biogloss does it and as ``run_mlm`` of ``transformers`` does it, each for a few steps at a time.

ours.speed(4)                                            pieces a second of the next 4 steps
python _pretrainers.py recipe.json RUN STEPS             the same of a process, or of all that torchrun started
"""

from __future__ import annotations

import io
import json
import sys
import time
from contextlib import redirect_stderr
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import transformers
from torch import nn
from transformers import (
    AutoModelForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from biogloss.preparation.corpus import TRAIN, Corpus
from biogloss.training import effort, memory, precision, pretrain, team
from biogloss.training.lessons import ENCODER
from biogloss.training.pretrain_recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = 128
BATCH = 8  # rows; the default of TrainingArguments
DROPOUT = 0.1  # of attention weights, as BERT's configuration has it
memory.keep_freed()  # as `biogloss pretrain` does; in one process with the others it serves them too
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


class Ours:
    """The loop of ``training.pretrain`` after the stage of the head.

    Args:
        recipe: with ``head_pieces`` 0.
        run: a folder that is not there yet.
        workers: the processes that work on it.
        attention_dropout: the share of attention weights dropped; 0 is the default.
    """

    def __init__(
        self, recipe: Recipe, run: Path, *, workers: team.Team | None = None, attention_dropout: float = 0.0
    ) -> None:
        run.mkdir(parents=True, exist_ok=True)
        with redirect_stderr(io.StringIO()):  # where the run's log would show its progress
            self._loop = pretrain._Pretraining(recipe, run, Corpus(Path(recipe.corpus)), workers or team.Team())  # noqa: SLF001
        self._loop._enter(ENCODER)  # noqa: SLF001 - the loop itself is measured
        for path, module in self._loop.model.named_modules():
            if isinstance(module, nn.Dropout) and "attention.self" in path:
                module.p = attention_dropout
        self._recipe, self._step = recipe, self._loop._step  # noqa: SLF001
        self._pieces = self._loop._pieces(1)  # noqa: SLF001
        self.wait = self._loop.team.wait

    @property
    def operations(self) -> float:
        """Useful operations of a training step for each piece."""
        return effort.operations(self._loop.model, length=self._recipe.length, mask_rate=self._recipe.mask_rate)

    def speed(self, steps: int) -> float:
        """Pieces a second, of all processes, over the next steps, after one that is not counted."""
        self._step()
        self.wait()
        started = time.perf_counter()
        for _ in range(steps):
            self._step()
        self.wait()
        return steps * self._pieces / (time.perf_counter() - started)

    def close(self) -> None:
        """Close the run's files."""
        self._loop.close()


class Theirs:
    """``Trainer`` at its defaults over full rows of 128 pieces, as ``group_texts`` of ``run_mlm`` makes them.

    Args:
        start: a folder that ``transformers`` loads.
        corpus: a folder of `biogloss corpora build`: its pieces are what the tokenizer would have given.
        whole_words: hide whole words.
        place: a folder for what Trainer may write.
    """

    def __init__(self, start: Path, corpus: Path, *, whole_words: bool, place: Path) -> None:
        self._model = AutoModelForMaskedLM.from_pretrained(str(start), dtype=torch.float32)
        names = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(start / "tokenizer.json"), **names)
        self._collate = DataCollatorForLanguageModeling(
            tokenizer, mlm_probability=0.15, whole_word_mask=whole_words, mask_replace_prob=1.0 if whole_words else 0.8,
            random_replace_prob=0.0 if whole_words else 0.1,
        )  # fmt: skip
        self._whole_words, self._place, self._turn = whole_words, place, 0
        self._rows = list(_rows(Corpus(corpus), tokenizer, offsets=whole_words))

    def speed(self, steps: int) -> float:
        """Pieces a second over so many steps, after one that is not counted."""
        self._turn += 1
        clock = _Clock()
        arguments = TrainingArguments(
            output_dir=str(self._place),
            max_steps=steps + 1,
            per_device_train_batch_size=BATCH,
            seed=self._turn,
            use_cpu=True,
            dataloader_pin_memory=False,
            dataloader_drop_last=True,
            remove_unused_columns=not self._whole_words,  # the collator of whole words reads offsets
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = Trainer(
            self._model, arguments, train_dataset=self._rows, data_collator=self._collate, callbacks=[clock]
        )
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
        return steps * BATCH * LENGTH / (clock.seen[-1] - clock.seen[0])


class _Clock(TrainerCallback):  # type: ignore[misc]
    """Notes the time at the end of each step."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_step_end(self, *_: object, **__: object) -> None:
        self.seen.append(time.perf_counter())


def _rows(corpus: Corpus, tokenizer: PreTrainedTokenizerFast, *, offsets: bool) -> Iterator[dict[str, Any]]:
    """All documents between their special tokens, end to end, cut every 128 pieces; the rest of a shard is left out."""
    first, last = [tokenizer.cls_token_id], [tokenizer.sep_token_id]
    for shard in corpus.shards(TRAIN):
        bounds = shard.sentences[shard.documents].astype(np.int64).tolist()
        pairs = list(pairwise(bounds))
        ids = np.concatenate([part for low, high in pairs for part in (first, shard.ids[low:high], last)])
        begins = np.concatenate([part for low, high in pairs for part in ([1], shard.word_starts(low, high), [1])])
        for left in range(0, len(ids) - LENGTH + 1, LENGTH):
            row: dict[str, Any] = {"input_ids": ids[left : left + LENGTH].tolist(), "attention_mask": [1] * LENGTH}
            yield row | ({"offset_mapping": _offsets(begins[left : left + LENGTH])} if offsets else {})


def _offsets(begins: np.ndarray[Any, Any]) -> list[list[int]]:
    """Begin and end of each piece in a text: one that goes on with a word begins where the last one ended."""
    places = np.arange(len(begins)) + np.cumsum(begins)
    return np.stack([places, places + 1], axis=1).tolist()  # type: ignore[no-any-return]


def ceiling(threads: int, kind: str) -> float:
    """The fastest matrix product in a precision on so many threads, GFLOP/s."""
    torch.set_num_threads(threads)
    return effort.peak(precision.resolve(kind)) / 1e9


def with_threads(threads: int, side: Ours | Theirs, steps: int) -> float:
    """The speed over so many steps with so many PyTorch threads."""
    torch.set_num_threads(threads)
    return side.speed(steps)


def main() -> None:
    """One process of a run: the first one prints the speed of all."""
    recipe, run, steps = sys.argv[1:]
    torch.set_num_threads(1)
    workers = team.join()
    ours = Ours(Recipe(**json.loads(Path(recipe).read_text(encoding="utf-8"))), Path(run), workers=workers)
    speed = ours.speed(int(steps))
    ours.close()
    if workers.leads:
        print(json.dumps({"pieces_per_second": speed}))
    if workers.size > 1:
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
