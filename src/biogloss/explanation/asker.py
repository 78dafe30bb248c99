"""Puts questions to a model: the log-odds and the probability of what it says, whatever stands in place of its input.

    asker.probabilities(question, hidden)     (variants,): how likely it is with some words hidden

Batches stay under a budget of pieces; a question that is longer is read part by part, and what a part computes is
forgotten and computed again when gradients need it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from biogloss.errors import ModelError
from biogloss.models import heads

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from biogloss.explanation.question import Question
    from biogloss.models.encoder import HeadedModel
    from biogloss.models.tokenizer import Tokenizer

BUDGET_PIECES = 2048


class Asker:
    """One head of a model, ready for questions.

    Args:
        model: left as it is, but that it neither drops out nor learns.
        head: the name of the head.
        tokenizer: of the model.
        budget: pieces in a batch.
    """

    def __init__(self, model: HeadedModel, head: str, tokenizer: Tokenizer, budget: int = BUDGET_PIECES) -> None:
        self.model = model.eval().requires_grad_(requires_grad=False)
        self.mask = _mask(tokenizer)
        self._head = model.heads[head]
        self._budget = budget

    def embeddings(self, ids: NDArray[np.int64]) -> Tensor:
        """The input embeddings of ids, with a last axis of their width."""
        found: Tensor = self.model.encoder.get_input_embeddings()(torch.from_numpy(ids))
        return found

    def log_odds(self, question: Question, embeddings: Tensor) -> Tensor:
        """What the model says when it reads these embeddings in place of the question's.

        Args:
            question: whose places, pooling and columns count.
            embeddings: (variants, windows, seq, width) float.

        Returns:
            (variants, rows of the item) log-odds in nats; of a number, the number itself.
        """
        variants = len(embeddings)
        mask = torch.from_numpy(question.mask).repeat(variants, 1)
        states = self._states(embeddings.flatten(0, 1), mask)
        own = states.view(variants, -1, states.shape[-1])[:, torch.from_numpy(question.places)].flatten(0, 1)
        pooling = question.pooling
        if pooling is not None:
            pooling = heads.joined([pooling] * variants, [len(question.places)] * variants)
        item = question.item
        logits = self._head(own, pooling).view(variants, len(item.rows), -1)[..., slice(*item.columns)]
        return _odds(logits, torch.tensor(item.chosen))

    def variants_at_once(self, question: Question) -> int:
        """How many variants of a question fit into a batch; one at least."""
        return max(1, self._budget // question.size)

    def probabilities(self, question: Question, hidden: NDArray[np.bool_]) -> NDArray[np.float64]:
        """How likely the item is with some words hidden behind the mask: the mean over its rows.

        Args:
            question: whose words are meant.
            hidden: (variants, words) bool.

        Returns:
            (variants,) in [0, 1].
        """
        at_once = self.variants_at_once(question)
        found = []
        with torch.inference_mode():
            for start in range(0, len(hidden), at_once):
                ids = question.hidden(hidden[start : start + at_once], self.mask)
                odds = self.log_odds(question, self.embeddings(ids))
                found.append((odds.clamp(0, 1) if question.item.is_number else odds.sigmoid()).mean(1))
        probabilities: NDArray[np.float64] = torch.cat(found).double().numpy()
        return probabilities

    def states(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The states of padded windows, (windows, seq) to (windows, seq, width)."""
        with torch.inference_mode():
            found: NDArray[np.float32] = self._states(self.embeddings(ids), torch.from_numpy(mask)).numpy()
        return found

    def attentions(self, question: Question) -> list[NDArray[np.float32]]:
        """The attention weights of each layer, (windows, heads, seq, seq).

        Raises:
            ModelError: the encoder is of a family that does not give them.
        """
        with torch.inference_mode(), _eager(self.model.encoder):
            made = self.model.encoder(
                inputs_embeds=self.embeddings(question.ids),
                attention_mask=torch.from_numpy(question.mask),
                output_attentions=True,
            )
        if not made.attentions or made.attentions[0] is None:
            kind = self.model.encoder.config.model_type
            raise ModelError(f"encoders of the family {kind} do not give their attention weights; take gradients")
        return [layer.numpy() for layer in made.attentions]

    def _states(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        """(rows, seq, width) to (rows, seq, width of the states), at most ``budget`` pieces at a time."""
        rows = max(1, self._budget // embeddings.shape[1])
        if len(embeddings) <= rows:
            return self._encoded(embeddings, mask)
        parts = [slice(start, start + rows) for start in range(0, len(embeddings), rows)]
        if not torch.is_grad_enabled():
            return torch.cat([self._encoded(embeddings[part], mask[part]) for part in parts])
        again = [checkpoint(self._encoded, embeddings[part], mask[part], use_reentrant=False) for part in parts]
        return torch.cat(again)

    def _encoded(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        states: Tensor = self.model.encoder(
            inputs_embeds=embeddings, attention_mask=None if mask.all() else mask
        ).last_hidden_state
        return states.float()


def _odds(logits: Tensor, chosen: Tensor) -> Tensor:
    """(variants, rows, columns) logits to the log-odds of one column in each row, (variants, rows)."""
    if logits.shape[-1] == 1:
        return logits[..., 0]
    places = chosen[None, :, None].expand(len(logits), -1, 1)
    others = logits.scatter(-1, places, -torch.inf).logsumexp(-1)
    odds: Tensor = logits.gather(-1, places)[..., 0] - others
    return odds


def _mask(tokenizer: Tokenizer) -> int:
    """The id that stands for a hidden piece; the padding where the vocabulary has none."""
    return tokenizer.padding if tokenizer.mask_token is None else tokenizer.mask


@contextmanager
def _eager(encoder: torch.nn.Module) -> Iterator[None]:
    """Attention that gives its weights, for one pass; the quick kinds do not."""
    change = getattr(encoder, "set_attn_implementation", None)
    before = getattr(encoder.config, "_attn_implementation", None)
    if not callable(change) or before is None:
        yield  # older versions turn to it themselves
        return
    change("eager")
    try:
        yield
    finally:
        change(before)
