"""The table file of LevelDB, sorted keys to values, in which TensorFlow keeps the index of a checkpoint.

    ...blocks...  index block  footer: two handles, padding, 57 fb 80 8b 24 75 47 db

A block is ``contents, compression (1 byte), masked CRC-32C of both (4 bytes)``; its contents are entries that share a
prefix with the key before them, then restart points. Layout: LevelDB's ``doc/table_format.md``; TensorFlow's
``tensorflow/core/lib/io/table``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.models._crc32c import crc32c, masked

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
FOOTER_BYTES = 48
TRAILER_BYTES = 5
MAX_KEY_BYTES = 1024
MAX_ENTRIES = 65_536  # a checkpoint has some hundreds; the bound is for files that were made to fill the memory


class Damaged(ValueError):  # noqa: N818 - says what the bytes are; it never leaves models
    """The bytes are not such a table; the caller knows the file's name."""


def entries(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of every entry, keys ascending.

    Raises:
        Damaged: cut short, changed, compressed, or beyond the limits.
    """
    if len(content) < FOOTER_BYTES or not content.endswith(MAGIC):
        raise Damaged("it does not end as a table file does: cut short, or not the .index of a checkpoint")
    footer = content[-FOOTER_BYTES:]
    extra, place = _handle(footer, 0)
    index, _ = _handle(footer, place)
    list(_block(content, *extra))  # says nothing here, but damage is damage
    last, count = b"", 0
    for _, value in _block(content, *index):
        block, _ = _handle(value, 0)
        for key, found in _block(content, *block):
            if count and key <= last:
                raise Damaged("its keys are not in ascending order")
            last, count = key, count + 1
            if count > MAX_ENTRIES:
                raise Damaged(f"more than {MAX_ENTRIES:,} entries")
            yield key, found


def varint(data: bytes, place: int) -> tuple[int, int]:
    """An unsigned number of up to 64 bits, seven a byte, and the place after it.

    Raises:
        Damaged: it does not end within the data, or is too large.
    """
    number = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise Damaged("a number is cut short")
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    else:
        raise Damaged("a number is longer than ten bytes")
    if number >= 1 << 64:
        raise Damaged("a number is beyond 64 bits")
    return number, place


def _handle(data: bytes, place: int) -> tuple[tuple[int, int], int]:
    """(offset, size) of a block."""
    offset, place = varint(data, place)
    size, place = varint(data, place)
    return (offset, size), place


def _block(content: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    end = offset + size
    if end + TRAILER_BYTES > len(content) - FOOTER_BYTES:
        raise Damaged(f"the block at byte {offset:,} would end behind the file")
    if masked(crc32c(content[offset : end + 1])) != int.from_bytes(content[end + 1 : end + TRAILER_BYTES], "little"):
        raise Damaged(f"the checksum of the block at byte {offset:,} differs: the file was changed")
    if content[end]:
        raise Damaged(f"a compressed block (kind {content[end]}), which TensorFlow has not written since version 1.2")
    yield from _block_entries(content[offset:end])


def _block_entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if len(block) < 4 or end < 0:
        raise Damaged("a block is shorter than its list of restart points")
    key, place = b"", 0
    while place < end:
        shared, place = varint(block, place)
        own, place = varint(block, place)
        length, place = varint(block, place)
        if shared > len(key) or place + own + length > end or shared + own > MAX_KEY_BYTES:
            raise Damaged("an entry goes beyond its block")
        key = key[:shared] + block[place : place + own]
        place += own + length
        yield key, block[place - length : place]
