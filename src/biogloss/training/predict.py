"""Annotate with a model that is being trained: the torch counterpart of the runtime, for development scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from biogloss.models.batches import by_budget
from biogloss.training.material import collate

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.models.encoder import TokenModel
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.tasks.ner import Ner


def annotate(
    documents: Sequence[Document], model: TokenModel, task: Ner, tokenizer: Tokenizer, *, budget_pieces: int = 2048
) -> list[Document]:
    """The documents with predicted entities in place of their own."""
    pieces = tokenizer.many([document.text for document in documents])
    examples = [task.examples(document.with_entities(()), tokenizer) for document in documents]
    flat = [(index, window) for index, windows in enumerate(examples) for window in windows]
    logits: dict[tuple[int, int], NDArray[np.float32]] = {}
    training = model.training
    model.eval()
    with torch.inference_mode():
        for group in by_budget([len(window.ids) for _, window in flat], budget=budget_pieces):
            batch = collate([flat[place][1] for place in group], tokenizer.padding)
            mask = None if batch.mask is None else torch.from_numpy(batch.mask)
            rows = model(torch.from_numpy(batch.ids), mask).numpy()
            for row, place in zip(rows, group, strict=True):
                index, window = flat[place]
                logits[index, window.first] = row[1 : len(window.ids) - 1]
    model.train(training)
    return [
        task.annotate(document, own, [logits[index, window.first] for window in examples[index]])
        for index, (document, own) in enumerate(zip(documents, pieces, strict=True))
    ]
