"""Texts to vectors: the mean of an encoder's states over a text's pieces, of length one.

embed(["Metformin lowers glucose.", "患者"], folder)    (2, 384) float32
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from biogloss.errors import Failure, FormatError, OutputError
from biogloss.formats import _detect
from biogloss.models import folder as folders
from biogloss.models import runtime
from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline import gloss
from biogloss.tasks.ner import Ner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


def embed(texts: Sequence[str], model: Path, *, threads: int = 1) -> NDArray[np.float32]:
    """(texts, width) float32 unit vectors; a text longer than a window is the mean over all its windows' pieces.

    An empty text is the mean over its special tokens.

    Raises:
        ModelError: the folder is not a whole inference model.
    """
    settings = folders.settings(model)
    tokenizer = Tokenizer(model / "tokenizer.json")
    cut = Ner(settings.labels, settings.max_pieces, overlap=0)
    windows = [
        cut.inputs(pieces, tokenizer) or [[tokenizer.first, tokenizer.last]] for pieces in tokenizer.many(list(texts))
    ]
    states = iter(runtime.load(model, threads=threads).states([window for own in windows for window in own]))
    vectors = [_mean([next(states) for _ in own]) for own in windows]
    return np.stack(vectors) if vectors else np.empty((0, 0), np.float32)


def _mean(windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    inner = [window[1:-1] for window in windows]
    pieces = np.concatenate(inner if any(map(len, inner)) else list(windows))
    mean = pieces.mean(axis=0)
    unit: NDArray[np.float32] = mean / np.linalg.norm(mean)
    return unit


def embed_files(
    inputs: Sequence[str], output: Path, *, model: str, read_as: str = "auto", force: bool = False
) -> tuple[int, int]:
    """Embed every document of the inputs into a ``.npz`` file (``ids``, ``vectors``); returns (count, width).

    Raises:
        OutputError: the file exists, or cannot be written.
        FormatError: an input document cannot be read.
    """
    if output.exists() and not force:
        raise OutputError(f"{output} exists already; --force writes it anew, or name another file with -o")
    ids, texts = [], []
    for path in inputs:
        for document in _detect.open_documents(path, format=read_as):
            if isinstance(document, Failure):
                raise FormatError(str(document.error), file=path, todo="Repair the file, or take the record out")
            ids.append(document.id)
            texts.append(document.text)
    vectors = embed(texts, gloss.folder(model))
    new = output.with_name(output.name + ".part")
    try:
        with new.open("wb") as stream:
            np.savez_compressed(stream, ids=np.array(ids), vectors=vectors)
        new.replace(output)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written ({error.strerror or error})") from error
    return len(ids), vectors.shape[1]
