"""Annotating without torch: a model folder's encoder on CTranslate2 or ONNX Runtime, its head in numpy.

    runtime = load(folder, threads=2)
    runtime.logits([[101, 2843, 102], ...])      one (seq, outputs) float32 array a window

**Batch invariance.** A batch holds windows of exactly one length, nothing is padded, and CTranslate2 scales each row of
activations by itself, so a window meets the same arithmetic alone and in company.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from biogloss.errors import MissingExtra, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BUDGET_PIECES = 1024
HEAD_ROWS = 16


class Encoder(Protocol):
    """Windows of one length to their states."""

    def states(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """(batch, seq) ids -> (batch, seq, width) float32."""


class Runtime:
    """An encoder and the head over its states.

    Args:
        encoder: CTranslate2 or ONNX Runtime, behind one function.
        weight: (outputs, width) float32.
        bias: (outputs,) float32.
    """

    def __init__(self, encoder: Encoder, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        self._encoder = encoder
        self._weight = weight
        self._bias = bias

    def logits(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """The (seq, outputs) logits of each window, in the order given. Safe to call from several threads."""
        return [self._headed(rows) for rows in self.states(windows)]

    def _headed(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """States (seq, width) to logits (seq, outputs), in products too small for numpy to wake its own threads.

        Those would fight with the workers for the cores.
        """
        logits = np.empty((len(rows), len(self._weight)), dtype=np.float32)
        whole = len(rows) // HEAD_ROWS * HEAD_ROWS
        blocks = rows[:whole].reshape(-1, HEAD_ROWS, rows.shape[1])
        np.matmul(blocks, self._weight.T, out=logits[:whole].reshape(-1, HEAD_ROWS, len(self._weight)))
        np.matmul(rows[whole:], self._weight.T, out=logits[whole:])
        logits += self._bias
        return logits

    def states(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """The (seq, width) states of each window, in the order given."""
        found: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(windows)
        for places in same_length(windows):
            states = self._encoder.states([windows[place] for place in places])
            for place, rows in zip(places, states, strict=True):
                found[place] = rows
        return found


def same_length(windows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Batches of indices of equally long windows, at most ``BUDGET_PIECES`` pieces each (one window at least)."""
    groups: dict[int, list[int]] = {}
    for index, window in enumerate(windows):
        groups.setdefault(len(window), []).append(index)
    for length in sorted(groups):
        yield from _chunks(groups[length], max(1, BUDGET_PIECES // max(1, length)))


def _chunks(indices: Iterable[int], size: int) -> Iterator[list[int]]:
    rest = iter(indices)
    while chunk := list(islice(rest, size)):
        yield chunk


def load(folder: Path, *, threads: int = 1, outputs: int | None = None) -> Runtime:
    """The runtime of an inference folder.

    Args:
        folder: of the kind ``inference``.
        threads: how many calls may run at once, one core each, over one copy of the weights.
        outputs: how many the task expects of the head.

    Raises:
        ModelError: the weights are missing, damaged or those of another task.
        MissingExtra: the folder holds an ONNX model and ONNX Runtime is not installed.
    """
    try:
        head = load_file(folder / "head.safetensors")
        weight, bias = head["weight"].astype(np.float32), head["bias"].astype(np.float32)
    except (OSError, KeyError, SafetensorError) as error:
        msg = f"{folder / 'head.safetensors'}: no head that can be read ({error})"
        raise ModelError(msg) from error
    if outputs not in {None, len(weight)}:
        found = f"a head of {len(weight)} outputs, expected {outputs}"
        msg = f"{folder / 'head.safetensors'}: {found}; export the model again"
        raise ModelError(msg)
    if (folder / "model.onnx").exists():
        return Runtime(_Onnx(folder / "model.onnx"), weight, bias)
    return Runtime(_CTranslate2(folder, threads), weight, bias)


class _CTranslate2:
    def __init__(self, folder: Path, threads: int) -> None:
        import ctranslate2  # noqa: PLC0415 - a tenth of a second, and not needed beside an ONNX model

        try:
            self._encoder = ctranslate2.Encoder(str(folder), device="cpu", inter_threads=threads, intra_threads=1)
        except (RuntimeError, ValueError) as error:
            msg = f"{folder}: CTranslate2 cannot load model.bin ({error}); export the model again"
            raise ModelError(msg) from error

    def states(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        return np.asarray(self._encoder.forward_batch(rows).last_hidden_state)


class _Onnx:
    """For families that CTranslate2 has no kernels for. One thread a call, so that order of summation is fixed."""

    def __init__(self, path: Path) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise MissingExtra("onnxruntime", "onnx", f"the model {path.parent}") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the library's own exceptions have no common base
            msg = f"{path}: ONNX Runtime cannot load it ({str(error)[:200]}); export the model again"
            raise ModelError(msg) from error

    def states(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        (states,) = self._session.run(None, {"ids": np.asarray(rows, dtype=np.int64)})
        return np.asarray(states, dtype=np.float32)
