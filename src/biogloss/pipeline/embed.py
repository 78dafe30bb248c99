"""Texts to vectors: the mean of an encoder's states over a text's pieces, of length one.

embed(["Metformin lowers glucose.", "患者"], folder)    (2, 384) float32
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from biogloss.models import folder as folders
from biogloss.models import runtime
from biogloss.models.tokenizer import Tokenizer, windows
from biogloss.pipeline import arrays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TEXTS_AT_ONCE = 512  # states are a thousand times as large as vectors: not those of all texts at a time


class Encoder(Protocol):
    """What reads texts: one of our inference models, or a ``models.features.TorchEncoder``."""

    @property
    def tokenizer(self) -> Tokenizer:
        """Its own."""

    @property
    def max_pieces(self) -> int:
        """Its longest window, without the two special tokens."""

    def states(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """The (seq, width) states of each window of ids, in the order given."""


@dataclass(frozen=True, slots=True)
class _Inference:
    tokenizer: Tokenizer
    max_pieces: int
    runtime: runtime.Runtime

    def states(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        return self.runtime.states(windows)


def load(folder: Path, *, threads: int = 1) -> Encoder:
    """The encoder of one of our inference models.

    Raises:
        ModelError: the folder is not a whole inference model.
    """
    settings = folders.settings(folder)
    tokenizer = Tokenizer(folder / "tokenizer.json")
    return _Inference(tokenizer, settings.max_pieces, runtime.load(folder, threads=threads))


def embed(texts: Sequence[str], model: Path | Encoder, *, threads: int = 1) -> NDArray[np.float32]:
    """(texts, width) float32 unit vectors; a text longer than a window is the mean over all its windows' pieces.

    An empty text is the mean over its special tokens.

    Args:
        texts: to embed.
        model: an inference folder, or an encoder that is loaded: ``models.features.load_torch_encoder`` gives one of
            ``transformers``.
        threads: for a folder, see ``models.runtime.load``.

    Raises:
        ModelError: the folder is not a whole inference model.
    """
    encoder = load(model, threads=threads) if isinstance(model, Path) else model
    found = [
        vector
        for start in range(0, len(texts), TEXTS_AT_ONCE)
        for vector in _vectors(texts[start : start + TEXTS_AT_ONCE], encoder)
    ]
    return np.stack(found) if found else np.empty((0, 0), np.float32)


def _vectors(texts: Sequence[str], encoder: Encoder) -> list[NDArray[np.float32]]:
    tokenizer = encoder.tokenizer
    cut = [
        [
            tokenizer.framed(pieces.ids[start:end]).tolist()
            for start, end in windows(len(pieces), max_pieces=encoder.max_pieces, overlap=0)
        ]
        or [[tokenizer.first, tokenizer.last]]
        for pieces in tokenizer.many(list(texts))
    ]
    states = iter(encoder.states([window for own in cut for window in own]))
    return [_mean([next(states) for _ in own]) for own in cut]


def _mean(windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    inner = [window[1:-1] for window in windows]
    pieces = np.concatenate(inner if any(map(len, inner)) else list(windows))
    mean = pieces.mean(axis=0)
    unit: NDArray[np.float32] = mean / np.linalg.norm(mean)
    return unit


def embed_files(
    inputs: Sequence[str], output: Path, *, model: Path | Encoder, read_as: str = "auto", force: bool = False
) -> tuple[int, int]:
    """Embed every document of the inputs into a ``.npz`` file (``ids``, ``vectors``); returns (count, width).

    Raises:
        OutputError: the file exists, or cannot be written.
        FormatError: an input document cannot be read.
        ModelError: the folder is not a whole inference model.
    """
    with arrays.new_file(output, force=force) as stream:
        documents = list(arrays.documents(inputs, read_as))
        vectors = embed([document.text for document in documents], model)
        np.savez_compressed(stream, ids=np.array([document.id for document in documents]), vectors=vectors)
    return len(documents), vectors.shape[1]
