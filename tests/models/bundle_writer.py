"""Writes a TensorFlow checkpoint from any values: hostile ones with right checksums too, which TensorFlow never would.

``bundle(entries)`` is the bytes of an index; ``entry(...)`` one variable's; nothing here is shared with the reader.
"""

import struct

MAGIC = 0xDB4775248B80FB57


def crc32c(data):
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


def masked(crc):
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def header(shards=1, endianness=0):
    return field(1, shards) + field(2, endianness) + field(3, field(1, 1))


def entry(data=b"", *, dtype=1, shape=None, shard=0, offset=0, size=None, slices=b""):
    shape = [len(data) // 4] if shape is None else shape
    dims = b"".join(field(2, field(1, length)) for length in shape)
    found = field(1, dtype) + field(2, dims) + field(3, shard) + field(4, offset)
    found += (
        field(5, len(data) if size is None else size) + varint(6 << 3 | 5) + struct.pack("<I", masked(crc32c(data)))
    )
    return found + (field(7, slices) if slices else b"")


def block(pairs):
    """Entries with shared prefixes and one restart point, then the trailer."""
    out, last = b"", b""
    for key, value in pairs:
        shared = 0
        while shared < min(len(key), len(last)) and key[shared] == last[shared]:
            shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    return sealed(out + struct.pack("<II", 0, 1))


def sealed(contents, kind=0):
    contents += bytes([kind])
    return contents + struct.pack("<I", masked(crc32c(contents)))


def table(blocks, keys):
    """A table of finished blocks; ``keys`` are those of the index, one a block."""
    out, handles = b"", []
    for data in blocks:
        handles.append(varint(len(out)) + varint(len(data) - 5))
        out += data
    places = []
    for data in (block([]), block(zip(keys, handles, strict=True))):
        places.append(varint(len(out)) + varint(len(data) - 5))
        out += data
    return out + b"".join(places).ljust(40, b"\0") + struct.pack("<Q", MAGIC)


def bundle(variables, head=None, per_block=2):
    """The index of a checkpoint: name -> entry, cut into blocks of a few entries."""
    pairs = [(b"", header() if head is None else head)]
    pairs += sorted((name.encode(), value) for name, value in variables.items())
    groups = [pairs[start : start + per_block] for start in range(0, len(pairs), per_block)]
    return table([block(group) for group in groups], [group[-1][0] for group in groups])
