"""Annotating without torch: a model folder's encoder on CTranslate2 or ONNX Runtime, its heads in numpy.

    runtime = load(folder, threads=2)
    runtime.states([[101, 2843, 102], ...])                 one (seq, width) float32 array a window
    heads.logits(runtime.heads["ner"], states)         (seq, outputs)

**Batch invariance.** A batch holds windows of exactly one length, nothing is padded, and CTranslate2 scales each row of
activations by itself, so a window meets the same arithmetic alone and in company.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from biogloss.errors import MissingExtra, ModelError
from biogloss.models import folder as folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Tensors = Mapping[str, NDArray[np.float32]]

BUDGET_PIECES = 1024


class Encoder(Protocol):
    """Windows of one length to their states."""

    def states(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """(batch, seq) ids -> (batch, seq, width) float32."""


class Runtime:
    """An encoder and the tensors of the heads over its states.

    Args:
        encoder: CTranslate2 or ONNX Runtime, behind one function.
        heads: name -> the tensors that :func:`heads.logits` takes, float32.
    """

    def __init__(self, encoder: Encoder, heads: Mapping[str, Tensors]) -> None:
        self._encoder = encoder
        self.heads = heads

    def states(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """The (seq, width) states of each window, in the order given. Safe to call from several threads."""
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


def load(folder: Path, *, threads: int = 1, outputs: Mapping[str, int] | None = None) -> Runtime:
    """The runtime of an inference folder.

    Args:
        folder: of the kind ``inference``.
        threads: how many calls may run at once, one core each, over one copy of the weights.
        outputs: head -> how many outputs its task expects.

    Raises:
        ModelError: the weights are missing, damaged or those of another task.
        MissingExtra: the folder holds an ONNX model and ONNX Runtime is not installed.
    """
    heads = _heads(folder / folders.HEADS)
    for name, expected in (outputs or {}).items():
        found = len(heads[name]["out.bias"]) if name in heads else 0
        if found != expected:
            msg = f"{folder / folders.HEADS}: a head {name} of {found} outputs, expected {expected}"
            raise ModelError(f"{msg}; export the model again")
    if (folder / "model.onnx").exists():
        return Runtime(_Onnx(folder / "model.onnx"), heads)
    return Runtime(_CTranslate2(folder, threads), heads)


def _heads(path: Path) -> dict[str, dict[str, NDArray[np.float32]]]:
    try:
        tensors = folders.named(load_file(path))
    except (OSError, SafetensorError) as error:
        msg = f"{path}: no heads that can be read ({error})"
        raise ModelError(msg) from error
    heads: dict[str, dict[str, NDArray[np.float32]]] = defaultdict(dict)
    for name, tensor in tensors.items():
        head, _, inside = name.partition(".")
        heads[head][inside] = tensor.astype(np.float32)
    if lacking := [head for head, own in heads.items() if not {"out.weight", "out.bias"} <= set(own)]:
        raise ModelError(f"{path}: no heads that can be read (no out.weight and out.bias of {', '.join(lacking)})")
    return heads


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
