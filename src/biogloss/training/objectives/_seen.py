"""What the objectives over running text share: one pass of the encoder over rows with hidden pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from biogloss.training.objectives.masked_words import Hidden


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows as the encoder saw them.

    ``states`` (batch, seq, width) of its last layer; ``layers`` the states of all, embeddings first, where an objective
    asks for them, else empty; ``segments`` (batch, seq) int64, ``labels`` (batch,) int64 and ``mask`` (batch, seq) bool
    of rows that are pairs, else None.
    """

    hidden: Hidden
    states: Tensor
    layers: tuple[Tensor, ...] = ()
    segments: Tensor | None = None
    labels: Tensor | None = None
    mask: Tensor | None = None
