"""What the objectives over running text share: one pass of the encoder over rows with hidden pieces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from biogloss.training.objectives import masked_words

if TYPE_CHECKING:
    from torch import Tensor, nn

    from biogloss.training.objectives.masked_words import Hidden


@dataclass(frozen=True)
class Seen:
    """Rows as the encoder saw them.

    Args:
        hidden: the rows.
        layers: states (batch, seq, width) of every layer, embeddings first, where an objective asks for them; else of
            the last one alone.
        words_head: the head over the vocabulary.
        segments: (batch, seq) int64, which of two texts; None where there is one.
        labels: (batch,) int64, what a sentence objective asks; None where there is one text.
        mask: (batch, seq) bool, False on padding; None where there is none.
    """

    hidden: Hidden
    layers: tuple[Tensor, ...]
    words_head: nn.Module
    segments: Tensor | None = None
    labels: Tensor | None = None
    mask: Tensor | None = None

    @property
    def states(self) -> Tensor:
        """(batch, seq, width) of the last layer."""
        return self.layers[-1]

    @cached_property
    def logits(self) -> Tensor:
        """(hidden, vocabulary), what the head says of the hidden places; worked out once, as it takes long."""
        return masked_words.logits(self.states, self.words_head, self.hidden)
