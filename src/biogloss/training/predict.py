"""Annotate with a model that is being trained: the torch counterpart of the runtime, for development scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from biogloss.models.batches import by_budget
from biogloss.training.material import collate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.models.encoder import HeadedModel
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.tasks import Task
    from biogloss.tasks._examples import Example

DOCUMENTS_AT_ONCE = 512  # bounds memory: logits of thousands of classes, pieces of long texts


def annotate(
    documents: Sequence[Document],
    model: HeadedModel,
    task: Task,
    tokenizer: Tokenizer,
    *,
    head: str,
    budget_pieces: int = 2048,
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
    training = model.training
    model.eval()
    found: list[Document] = []
    with torch.inference_mode():
        for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
            some = documents[start : start + DOCUMENTS_AT_ONCE]
            pieces = tokenizer.many([document.text for document in some])
            examples = [task.examples(one, own, tokenizer) for one, own in zip(some, pieces, strict=True)]
            logits = _logits([one for own in examples for one in own], model, head, tokenizer.padding, budget_pieces)
            found += [
                task.annotate(document, own, [(example, next(logits)) for example in of_document])
                for document, own, of_document in zip(some, pieces, examples, strict=True)
            ]
    model.train(training)
    return found


def _logits(
    examples: Sequence[Example], model: HeadedModel, head: str, padding: int, budget_pieces: int
) -> Iterator[NDArray[np.float32]]:
    """What the head says of each example, in order: a row for each piece or item."""
    made: dict[int, NDArray[np.float32]] = {}
    for group in by_budget([example.pieces for example in examples], budget=budget_pieces):
        chosen = [examples[place] for place in group]
        ends = np.cumsum([len(example.targets) for example in chosen])
        made |= zip(group, np.split(_rows(chosen, model, head, padding), ends[:-1]), strict=True)
    return (made[place] for place in range(len(examples)))


def _rows(examples: Sequence[Example], model: HeadedModel, head: str, padding: int) -> NDArray[np.float32]:
    batch = collate(examples, padding)
    mask = None if batch.mask is None else torch.from_numpy(batch.mask)
    states = model(torch.from_numpy(batch.ids), mask, torch.from_numpy(batch.places))
    rows: NDArray[np.float32] = model.heads[head](states.float(), batch.pooling).float().numpy()
    return rows
