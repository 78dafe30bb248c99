"""Shards: files of pieces that are mapped into memory, with the bounds of words, sentences and documents.

A shard is a safetensors file (a length, a JSON header, plain arrays), so any reader of those opens it:

    ids          (pieces,) uint16, or uint32 where the vocabulary has more than 65,536 entries
    word_starts  (ceil(pieces / 8),) uint8: a bit for each piece, lowest first; 1 where it begins a word
    sentences    (sentences + 1,) uint32: sentence s is ids[sentences[s]:sentences[s + 1]]
    documents    (documents + 1,) uint32: document d is the sentences from documents[d] to documents[d + 1]
    sources      (documents,) uint16: the place of the document's source in the recipe

There are no special tokens and no padding in it, and no text is needed beside it: whole words, spans, next sentences
and sentence order are all a matter of bounds.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import save

from biogloss.errors import FormatError
from biogloss.models.folder import checksum
from biogloss.preparation.pieces import CONTINUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.preparation.pieces import Cut

FORMAT = 1
SUFFIX = ".safetensors"
_MAX_HEADER_BYTES = 1 << 16
_DTYPES = {"U8": np.uint8, "U16": np.uint16, "U32": np.uint32}
_ARRAYS = {
    "ids": ("U16", "U32"),
    "word_starts": ("U8",),
    "sentences": ("U32",),
    "documents": ("U32",),
    "sources": ("U16",),
}
_TODO = "Put a whole copy of it back, or build it again in another folder: `biogloss corpora build`"


@dataclass(frozen=True)
class Shard:
    """One file, mapped: what is looked at is read, and nothing else. The arrays are those of the module's docstring."""

    path: Path
    ids: NDArray[np.uint16 | np.uint32]
    word_bits: NDArray[np.uint8]
    sentences: NDArray[np.uint32]
    documents: NDArray[np.uint32]
    sources: NDArray[np.uint16]

    def __len__(self) -> int:
        """How many documents."""
        return len(self.sources)

    def word_starts(self, start: int, end: int) -> NDArray[np.bool_]:
        """(end - start,) bool: which of the pieces from ``start`` to ``end`` begin a word."""
        bits = np.unpackbits(self.word_bits[start // 8 : -(-end // 8)], bitorder="little")
        return bits[start % 8 : start % 8 + end - start].astype(np.bool_)

    def bounds(self, document: int) -> NDArray[np.uint32]:
        """(sentences + 1,) uint32: where the document's sentences begin, and where the last one ends, in ``ids``."""
        found: NDArray[np.uint32] = self.sentences[self.documents[document] : int(self.documents[document + 1]) + 1]
        return found

    def cuts(self) -> Iterator[tuple[int, NDArray[np.uint32], NDArray[np.bool_], NDArray[np.uint32]]]:
        """For each document the place of its source, its ids, which begin a word, and the lengths of its sentences."""
        for document in range(len(self)):
            bounds = self.bounds(document)
            start, end = int(bounds[0]), int(bounds[-1])
            ids = self.ids[start:end].astype(np.uint32)
            yield int(self.sources[document]), ids, self.word_starts(start, end), np.diff(bounds)


def write(path: Path, cuts: Sequence[tuple[int, Cut]], *, vocabulary_size: int) -> dict[str, Any]:
    """Write documents, each with the place of its source; the file is whole or absent. Returns its manifest entry.

    Raises:
        OSError: the file cannot be written.
    """
    arrays = _arrays(cuts, np.uint16 if vocabulary_size <= 1 << 16 else np.uint32)
    content = save(arrays, metadata={"biogloss": json.dumps({"shard": FORMAT})})
    replace(path, content)
    counts = {"documents": len(cuts), "sentences": len(arrays["sentences"]) - 1, "pieces": len(arrays["ids"])}
    return {"file": path.name, **counts, "bytes": len(content), "sha256": checksum(path)}


def replace(path: Path, content: bytes) -> None:
    """Write a file beside its place, wait for the disk, and rename it: whole or absent, whatever happens.

    Raises:
        OSError: it cannot be written; what stood there before is as it was.
    """
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def read(path: Path, entry: Mapping[str, Any] | None = None, *, verify: bool = False) -> Shard:
    """Map a shard; sizes and bounds are always checked.

    Args:
        path: the file.
        entry: what the manifest says of it.
        verify: compare the checksum with the entry's too, which reads the whole file.

    Raises:
        FormatError: missing, truncated, changed, or no shard.
    """
    if not path.is_file():
        raise FormatError("this shard is missing", file=str(path), todo=_TODO)
    if entry is not None and path.stat().st_size != entry["bytes"]:
        raise _damaged(path, f"has {path.stat().st_size:,} bytes", f"{entry['bytes']:,}")
    if verify and entry is not None and checksum(path) != entry["sha256"]:
        raise _damaged(path, "has changed (its checksum differs)", "the bytes that were written")
    arrays = _mapped(path)
    shard = Shard(path, *(arrays[name] for name in _ARRAYS))
    _check(shard)
    return shard


def _arrays(cuts: Sequence[tuple[int, Cut]], dtype: type[np.uint16 | np.uint32]) -> dict[str, NDArray[Any]]:
    pieces = _joined([cut.pieces for _, cut in cuts])
    return {
        "ids": (pieces & ~CONTINUES).astype(dtype),
        "word_starts": np.packbits((pieces & CONTINUES) == 0, bitorder="little"),
        "sentences": _ends(_joined([cut.sentences for _, cut in cuts])),
        "documents": _ends(np.array([len(cut.sentences) for _, cut in cuts], dtype=np.uint32)),
        "sources": np.array([source for source, _ in cuts], dtype=np.uint16),
    }


def _joined(arrays: Sequence[NDArray[np.uint32]]) -> NDArray[np.uint32]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.uint32)


def _ends(lengths: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)


def _mapped(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file without reading them, after its header has been taken apart with distrust."""
    try:
        with path.open("rb") as stream:
            header_bytes = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(min(header_bytes, _MAX_HEADER_BYTES)))
        version = json.loads(header["__metadata__"]["biogloss"])["shard"]
        if version > FORMAT:
            raise _damaged(path, f"is a shard of format {version}", f"up to {FORMAT}: upgrade Biogloss")
        places = {name: _place(header[name], kinds) for name, kinds in _ARRAYS.items()}
    except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise _damaged(path, f"cannot be read as a shard ({type(error).__name__})", "a shard of a corpus") from error
    first = 8 + header_bytes
    needed = first + max(offset + count * np.dtype(dtype).itemsize for dtype, offset, count in places.values())
    if (size := path.stat().st_size) != needed:
        raise _damaged(path, f"has {size:,} bytes", f"{needed:,}")
    return {
        name: np.memmap(path, dtype, "r", first + offset, (count,)) if count else np.zeros(0, dtype)
        for name, (dtype, offset, count) in places.items()
    }


def _place(entry: Mapping[str, Any], kinds: Sequence[str]) -> tuple[type, int, int]:
    """Type, offset and length of an array in the header.

    Raises:
        ValueError, KeyError, TypeError: it is not what it should be.
    """
    (count,) = entry["shape"]
    start, end = entry["data_offsets"]
    dtype = _DTYPES[entry["dtype"]]
    if not all(type(number) is int for number in (count, start, end)):
        raise ValueError("a length that is no whole number")
    if entry["dtype"] not in kinds or not 0 <= start <= end or end - start != count * np.dtype(dtype).itemsize:
        raise ValueError("an array of another type or length")
    return dtype, start, count


def _check(shard: Shard) -> None:
    """Raises FormatError where bounds and arrays do not fit together; the ids themselves are the checksum's matter."""
    fit = (
        len(shard.word_bits) == -(-len(shard.ids) // 8),
        len(shard.documents) == len(shard.sources) + 1,
        _are_ends(shard.documents, len(shard.sentences) - 1),
        _are_ends(shard.sentences, len(shard.ids)),
    )
    if not all(fit):
        raise _damaged(shard.path, "has bounds that do not fit its pieces", "a shard as it was written")


def _are_ends(ends: NDArray[np.uint32], last: int) -> bool:
    return bool(len(ends)) and int(ends[0]) == 0 and int(ends[-1]) == last and bool((ends[1:] >= ends[:-1]).all())


def _damaged(path: Path, what: str, expected: str) -> FormatError:
    return FormatError(what, file=str(path), expected=expected, todo=_TODO)
