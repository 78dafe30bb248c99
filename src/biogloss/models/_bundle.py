"""TensorFlow's checkpoints (tensor bundles, version 2), read without TensorFlow.

    bert_model.ckpt.index                      name -> type, shape, file, place, checksum
    bert_model.ckpt.data-00000-of-00001        the numbers

Layout: ``tensorflow/core/protobuf/tensor_bundle.proto`` and ``tensorflow/core/util/tensor_bundle``. The bytes are a
stranger's: every place is checked against the size of its file before anything is read, every checksum is verified.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biogloss.errors import ModelError
from biogloss.models._crc32c import crc32c, masked
from biogloss.models._sstable import Damaged, entries, varint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

INDEX = ".index"
MAX_INDEX_BYTES = 16_000_000
MAX_SHARDS = 100_000  # five digits in the files' names
TYPES = {
    1: "<f4",
    2: "<f8",
    3: "<i4",
    4: "u1",
    6: "i1",
    9: "<i8",
    10: "?",
    19: "<f2",
}  # tensorflow/core/framework/types.proto
REMEDY = "Download or copy the checkpoint again, all of its files"

# Fields of the messages. Header: num_shards, endianness. Entry: the others. Shape: dim, each with its size.
NUM_SHARDS, ENDIANNESS = 1, 2
DTYPE, SHAPE, SHARD, OFFSET, SIZE, CRC, SLICES = range(1, 8)
DIM, DIM_SIZE = 2, 1


@dataclass(frozen=True, slots=True)
class Variable:
    """Where the numbers of a variable are; ``dtype`` is TensorFlow's number of its type."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int
    partitioned: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened checkpoint: ``prefix`` is the path of its files up to ``.index``."""

    prefix: Path
    shards: int
    variables: Mapping[str, Variable]


def open_bundle(prefix: Path) -> Bundle:
    """The index of a checkpoint; no numbers are read.

    Raises:
        ModelError: the index is missing, damaged or not one.
    """
    path = prefix.with_name(prefix.name + INDEX)
    content = _read(path, 0, _size(path, limit=MAX_INDEX_BYTES))
    try:
        return _opened(prefix, content)
    except (Damaged, UnicodeDecodeError) as error:
        msg = f"{path}: not the index of a TensorFlow checkpoint: {error}. {REMEDY}"
        raise ModelError(msg) from error


def _opened(prefix: Path, content: bytes) -> Bundle:
    found = entries(content)
    key, header = next(found, (b"?", b""))
    if key:
        raise Damaged("it has no header")
    shards = _shards(header)
    return Bundle(prefix, shards, {name.decode("utf-8"): _variable(value) for name, value in found})


def tensor(bundle: Bundle, name: str) -> NDArray[np.generic]:
    """The numbers of a variable, in its shape.

    Raises:
        KeyError: no such variable.
        ModelError: of a type or kind that is not read, or its file is missing, cut short or changed.
    """
    variable = bundle.variables[name]
    path = bundle.prefix.with_name(f"{bundle.prefix.name}.data-{variable.shard:05d}-of-{bundle.shards:05d}")
    _check(bundle, name, variable, path)
    data = _read(path, variable.offset, variable.size)
    if masked(crc32c(data)) != variable.crc:
        msg = f"{path}: the checksum of the variable {name} differs: the file was changed. {REMEDY}"
        raise ModelError(msg)
    return np.frombuffer(data, TYPES[variable.dtype]).reshape(variable.shape)


def _check(bundle: Bundle, name: str, variable: Variable, path: Path) -> None:
    index = f"{bundle.prefix}{INDEX}: the variable {name}"
    if variable.partitioned:
        msg = f"{index} is cut into slices, which are not read; save it again without a partitioner"
        raise ModelError(msg)
    if variable.dtype not in TYPES:
        msg = f"{index} is of TensorFlow's type {variable.dtype}; expected numbers (float, half, double, integers)"
        raise ModelError(msg)
    expected = math.prod(variable.shape) * np.dtype(TYPES[variable.dtype]).itemsize
    if variable.size != expected or variable.shard >= bundle.shards:
        msg = (
            f"{index} has {variable.size:,} bytes in file {variable.shard}; expected {expected:,} for {variable.shape}"
        )
        raise ModelError(msg)
    if variable.offset + variable.size > (there := _size(path)):
        msg = f"{path}: {there:,} bytes; the variable {name} ends at {variable.offset + variable.size:,}. {REMEDY}"
        raise ModelError(msg)


def _shards(value: bytes) -> int:
    fields = dict(_fields(value))
    shards, endianness = (_number(fields, field) for field in (NUM_SHARDS, ENDIANNESS))
    if not 1 <= shards < MAX_SHARDS:
        raise Damaged(f"{shards:,} data files")
    if endianness:
        raise Damaged("its numbers are big-endian, which is not read; save it again on a little-endian machine")
    return shards


def _variable(value: bytes) -> Variable:
    fields = dict(_fields(value))
    shape = fields.get(SHAPE, b"")
    if not isinstance(shape, bytes):
        raise Damaged("a shape that is none")
    return Variable(
        dtype=_number(fields, DTYPE),
        shape=tuple(_dimensions(shape)),
        shard=_number(fields, SHARD),
        offset=_number(fields, OFFSET),
        size=_number(fields, SIZE),
        crc=_number(fields, CRC),
        partitioned=SLICES in fields,
    )


def _dimensions(shape: bytes) -> Iterator[int]:
    for field, value in _fields(shape):
        if field == DIM and isinstance(value, bytes):
            yield _number(dict(_fields(value)), DIM_SIZE)


def _number(fields: Mapping[int, int | bytes], field: int) -> int:
    """A field's number, 0 where it is left out; negative ones are beyond 63 bits and never right here."""
    number = fields.get(field, 0)
    if isinstance(number, bytes) or number >= 1 << 63:
        raise Damaged(f"field {field} of an entry is no number that can be")
    return number


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a protocol-buffer message."""
    place = 0
    while place < len(message):
        tag, place = varint(message, place)
        kind = tag & 7
        if kind == 0:
            value, place = varint(message, place)
            yield tag >> 3, value
            continue
        if kind == 2:
            length, place = varint(message, place)
        elif kind in {1, 5}:
            length = 8 if kind == 1 else 4
        else:
            raise Damaged(f"a field of kind {kind}")
        place += length
        if place > len(message):
            raise Damaged("a field goes beyond its message")
        data = message[place - length : place]
        yield tag >> 3, data if kind == 2 else int.from_bytes(data, "little")


def _size(path: Path, *, limit: int = 0) -> int:
    if not path.is_file():
        msg = f"{path}: no such file; a TensorFlow checkpoint is its .index and all of its .data files. {REMEDY}"
        raise ModelError(msg)
    size = path.stat().st_size
    if limit and size > limit:
        msg = f"{path}: {size:,} bytes; the index of a checkpoint has at most {limit:,}"
        raise ModelError(msg)
    return size


def _read(path: Path, offset: int, size: int) -> bytes:
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            data = stream.read(size)
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror})"
        raise ModelError(msg) from error
    if len(data) != size:
        msg = f"{path}: ends at byte {offset + len(data):,}; expected {offset + size:,}. {REMEDY}"
        raise ModelError(msg)
    return data
