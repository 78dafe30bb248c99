"""What the encoder as it is makes of training documents, for heads that are found without gradients through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from biogloss.errors import ConfigError
from biogloss.tasks._examples import UNKNOWN
from biogloss.training import predict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from biogloss.models._torch_heads import PooledHead
    from biogloss.models.encoder import HeadedModel
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.training.lesson import Lesson


def known(
    lesson: Lesson, model: HeadedModel, head: PooledHead, tokenizer: Tokenizer, *, most: int | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32] | NDArray[np.int64]]:
    """What the head's last layer sees of the training items whose class is known, and their targets.

    Args:
        lesson: whose training documents are read, each once.
        model: the encoder and the heads.
        head: the lesson's.
        tokenizer: of the model.
        most: how many documents are read, evenly from all; None for all.

    Returns:
        States (items, width); targets (items,), or of several classes an item (items, classes).

    Raises:
        ConfigError: no training document has a piece.
    """
    documents = [document for source in lesson.sources for document in source.train]
    every = -(-len(documents) // most) if most else 1
    seen = predict.read(documents[::every], model, lesson.task, tokenizer, head.inputs)
    found = [(rows, example.targets) for _, _, own in seen for example, rows in own]
    if not any((targets != UNKNOWN).any() for _, targets in found):
        raise ConfigError(f"{lesson.name}: no training document has a piece to tell a class from")
    states, targets = (np.concatenate(own) for own in zip(*found, strict=True))
    is_known = targets != UNKNOWN if targets.ndim == 1 else np.full(len(targets), fill_value=True)
    return states[is_known], targets[is_known]
