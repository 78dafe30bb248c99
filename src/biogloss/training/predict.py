"""Annotate with weights as training has them: the torch counterpart of the runtime, for scores.

annotate(documents, model, task, tokenizer, head="ner")       with a model in memory
by_folder(Path("runs/first/model"), documents, "ner")         with one that a run has written
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from biogloss import tasks
from biogloss.models import encoder, folder
from biogloss.models.batches import by_budget
from biogloss.models.tokenizer import Tokenizer
from biogloss.training.material import collate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.models.encoder import HeadedModel
    from biogloss.models.tokenizer import Pieces
    from biogloss.tasks import Task
    from biogloss.tasks._examples import Example

    Layer = Callable[[torch.Tensor, Any], torch.Tensor]

BUDGET_PIECES = 2048
DOCUMENTS_AT_ONCE = 512  # bounds memory: logits of thousands of classes, pieces of long texts


def annotate(
    documents: Sequence[Document],
    model: HeadedModel,
    task: Task,
    tokenizer: Tokenizer,
    *,
    head: str,
    budget_pieces: int = BUDGET_PIECES,
) -> list[Document]:
    """The documents with what one head of a model says in place of their own.

    Args:
        documents: what a task builds on (entities of relations, sentences) is theirs.
        model: left in the mode it was in.
        task: of the head.
        tokenizer: of the model.
        head: its name.
        budget_pieces: pieces in a batch.
    """
    seen = read(documents, model, task, tokenizer, model.heads[head], budget_pieces=budget_pieces)
    return [task.annotate(document, pieces, found) for document, pieces, found in seen]


def by_folder(model: Path, documents: Sequence[Document], name: str) -> list[Document]:
    """The documents with what one head of a trainable folder says, by its thresholds.

    Args:
        model: the folder.
        documents: as :func:`annotate` has them.
        name: of the head, or of its task where only one head has it.

    Raises:
        ModelError: the folder is damaged, or has no such head.
    """
    settings = folder.settings(model)
    made = {
        head.name: tasks.restored(head.task, head.labels, head.options, settings.max_pieces, settings.overlap)
        for head in settings.heads
    }
    chosen = name if name in made else settings.head(name).name
    restored = encoder.restore(model, {head: task.head for head, task in made.items()})
    return annotate(documents, restored, made[chosen], Tokenizer(model / "tokenizer.json"), head=chosen)


def read(
    documents: Sequence[Document],
    model: HeadedModel,
    task: Task,
    tokenizer: Tokenizer,
    layer: Layer,
    *,
    budget_pieces: int = BUDGET_PIECES,
) -> Iterator[tuple[Document, Pieces, list[tuple[Example, NDArray[np.float32]]]]]:
    """Each document, its pieces, and its examples with a row of numbers for each piece or item.

    Args:
        documents: as :func:`annotate` has them.
        model: left in the mode it was in.
        task: which makes the examples.
        tokenizer: of the model.
        layer: states (pieces, width) and pooling to rows: a head, or a part of one.
        budget_pieces: pieces in a batch.
    """
    for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
        some = documents[start : start + DOCUMENTS_AT_ONCE]
        pieces = tokenizer.many([document.text for document in some])
        examples = [task.examples(one, own, tokenizer) for one, own in zip(some, pieces, strict=True)]
        rows = _rows([one for own in examples for one in own], model, layer, tokenizer.padding, budget_pieces)
        for document, own, of_document in zip(some, pieces, examples, strict=True):
            yield document, own, [(example, next(rows)) for example in of_document]


def _rows(
    examples: Sequence[Example], model: HeadedModel, layer: Layer, padding: int, budget_pieces: int
) -> Iterator[NDArray[np.float32]]:
    """What the layer makes of each example, in order."""
    training = model.training
    model.eval()
    made: dict[int, NDArray[np.float32]] = {}
    with torch.inference_mode():
        for group in by_budget([example.pieces for example in examples], budget=budget_pieces):
            chosen = [examples[place] for place in group]
            ends = np.cumsum([len(example.targets) for example in chosen])
            made |= zip(group, np.split(_of_batch(chosen, model, layer, padding), ends[:-1]), strict=True)
    model.train(training)
    return (made[place] for place in range(len(examples)))


def _of_batch(examples: Sequence[Example], model: HeadedModel, layer: Layer, padding: int) -> NDArray[np.float32]:
    batch = collate(examples, padding)
    mask = None if batch.mask is None else torch.from_numpy(batch.mask)
    states = model(torch.from_numpy(batch.ids), mask, torch.from_numpy(batch.places))
    rows: NDArray[np.float32] = layer(states.float(), batch.pooling).float().numpy()
    return rows
