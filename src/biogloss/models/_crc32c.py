"""CRC-32C (Castagnoli), the checksum of TensorFlow's checkpoints, at numpy's speed.

    crc32c(b"123456789")    0xE3069283

A checksum is linear over GF(2): the bytes are cut into lanes of equal length, all lanes are summed side by side, and
neighbours are joined by the operator that moves a sum past the bytes of the right one (as zlib's ``crc32_combine``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint32]

POLYNOMIAL = 0x82F63B78  # bits reversed
LANES, LANE_BYTES = 4096, 256  # powers of two; their product, a chunk, stays in the processor's cache
CHUNK = LANES * LANE_BYTES
MASK_DELTA = 0xA282EAD8


def crc32c(data: bytes) -> int:
    """The checksum of the bytes, unsigned."""
    state = 0xFFFFFFFF
    whole = len(data) // CHUNK * CHUNK
    for start in range(0, whole, CHUNK):
        moved = _apply(_POWERS[-1], np.array([state], np.uint32))
        state = int(moved[0]) ^ _joined(_each_lane(np.frombuffer(data, "<u2", CHUNK // 2, start)))
    for byte in data[whole:]:
        state = _BYTES[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """The checksum as it is stored: turned, because a sum over data that holds its own sum would be weak."""
    return (((crc >> 15) | (crc << 17)) + MASK_DELTA) & 0xFFFFFFFF


def _each_lane(chunk: NDArray[np.uint16]) -> Words:
    """The sums of the lanes of a chunk, two bytes of every lane at a time."""
    states = np.zeros(LANES, np.uint32)
    for column in np.ascontiguousarray(chunk.reshape(LANES, -1).T):
        states = _TABLE.take(states.astype(np.uint16) ^ column) ^ (states >> np.uint32(16))
    return states


def _joined(states: Words) -> int:
    """One sum for all lanes: neighbours first, then pairs of pairs."""
    for operator in _POWERS[:-1]:
        states = _apply(operator, states[0::2]) ^ states[1::2]
    return int(states[0])


def _apply(operator: Words, states: Words) -> Words:
    """``operator`` (32,): where each bit of a state goes."""
    moved = np.zeros_like(states)
    for bit in range(32):
        moved ^= operator[bit] * ((states >> np.uint32(bit)) & np.uint32(1))
    return moved


def _powers() -> list[Words]:
    """The operators past one lane, two lanes, four ... and past all of them."""
    bits = (1 << np.arange(32)).astype(np.uint32)
    operator: Words = _TABLE.take(bits.astype(np.uint16)) ^ (bits >> np.uint32(16))  # past two bytes
    powers = []
    for moved in range(1, CHUNK.bit_length() - 1):  # past 2 ** moved bytes
        if 1 << moved >= LANE_BYTES:
            powers.append(operator)
        operator = _apply(operator, operator)
    return [*powers, operator]


def _table(bits: int) -> Words:
    """What shifting ``bits`` bits out of a sum leaves of them."""
    table: Words = np.arange(1 << bits, dtype=np.uint32)
    for _ in range(bits):
        table = (table >> np.uint32(1)) ^ (np.uint32(POLYNOMIAL) * (table & np.uint32(1)))
    return table


_BYTES: list[int] = _table(8).tolist()
_TABLE = _table(16)
_POWERS = _powers()
