"""Masked language model: find the pieces that were hidden, from what stands around them (Devlin et al. 2019).

    metformin lowers [MASK]        states of the two hidden pieces alone go through the head: glu ##cose

The head over the vocabulary is most of the work of a small encoder, so it sees the hidden places only: nearly all of
the time that a head on every place would take is saved, and the loss is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from biogloss.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from biogloss.training.objectives._masking import Masking
    from biogloss.training.objectives._seen import Seen

HEADS = ("cls", "lm_head", "predictions")
"""What ``transformers`` calls the head, by family: BERT and DeBERTa, RoBERTa, ALBERT."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Rows with hidden pieces.

    ``ids`` (batch, seq) int64 as the encoder gets them, ``places`` (hidden,) int64 into the flattened batch, ``pieces``
    (hidden,) int64 what stood there.
    """

    ids: Tensor
    places: Tensor
    pieces: Tensor

    def to(self, device: str) -> Hidden:
        """The same on another device."""
        return Hidden(self.ids.to(device), self.places.to(device), self.pieces.to(device))


def hide(ids: NDArray[np.int32], words: NDArray[np.int32], masking: Masking, rng: np.random.Generator) -> Hidden:
    """Hide pieces of each row anew.

    Args:
        ids: (batch, seq) pieces.
        words: (batch, seq) the word of each piece in its row, -1 for what is never hidden.
        masking: how.
        rng: where the draws come from.
    """
    rows = [masking(own, of_words, rng) for own, of_words in zip(ids, words, strict=True)]
    hidden = np.stack([chosen for _, chosen in rows])
    inputs = np.stack([row for row, _ in rows]).astype(np.int64)
    places = np.flatnonzero(hidden)
    return Hidden(torch.from_numpy(inputs), torch.from_numpy(places), torch.from_numpy(ids[hidden].astype(np.int64)))


def head_of(model: Any) -> nn.Module:  # noqa: ANN401 - any masked language model of transformers
    """The part of an ``AutoModelForMaskedLM`` that turns states into logits over the vocabulary.

    Raises:
        ModelError: the family keeps its head elsewhere.
    """
    for name in HEADS:
        if isinstance(head := getattr(model, name, None), nn.Module):
            return head
    msg = f"{type(model).__name__}: no head that is known ({', '.join(HEADS)}); expected BERT, RoBERTa, ALBERT or kin"
    raise ModelError(msg)


def losses(states: Tensor, head: nn.Module, hidden: Hidden) -> Tensor:
    """Negative log-likelihood in nats of each hidden piece, (hidden,).

    Args:
        states: (batch, seq, width) of the encoder over ``hidden.ids``.
        head: (n, width) -> (n, vocabulary).
        hidden: places and pieces.
    """
    return _nats(logits(states, head, hidden), hidden)


def logits(states: Tensor, head: nn.Module, hidden: Hidden) -> Tensor:
    """What a head says of each hidden place, (hidden, vocabulary); the arguments are those of :func:`losses`."""
    found: Tensor = head(states.flatten(0, 1)[hidden.places])
    return found.float()


def loss(seen: Seen) -> Tensor:
    """The mean over the hidden pieces, a scalar."""
    return _nats(seen.logits, seen.hidden).mean()


def _nats(logits: Tensor, hidden: Hidden) -> Tensor:
    return functional.cross_entropy(logits, hidden.pieces, reduction="none")
