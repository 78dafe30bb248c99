"""TensorFlow's checkpoints: what the real package wrote comes back bit for bit; anything else is an error of ours."""

import shutil
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import bundle_writer as writer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.errors import ModelError
from biogloss.models import _bundle
from biogloss.models._crc32c import CHUNK, crc32c, masked

FIXTURE = Path(__file__).parents[1] / "fixtures" / "tensorflow"
PREFIXES = {"single": "bert_model.ckpt", "sharded": "model.ckpt-1000000"}
ONES = struct.pack("<3f", 1, 2, 3)
TABLE = [writer.crc32c(bytes([byte])) ^ writer.crc32c(b"\0") for byte in range(256)]


@pytest.fixture(scope="module")
def expected():
    with np.load(FIXTURE / "expected.npz") as file:
        return dict(file)


@pytest.fixture
def copied(tmp_path):
    """Checkpoint files of one kind, to be damaged."""

    def _copied(kind):
        shutil.copytree(FIXTURE / kind, tmp_path / kind)
        return tmp_path / kind / PREFIXES[kind]

    return _copied


def written(folder, index, data=b""):
    prefix = folder / "model.ckpt"
    prefix.with_name("model.ckpt.index").write_bytes(index)
    prefix.with_name("model.ckpt.data-00000-of-00001").write_bytes(data)
    return prefix


def read_all(prefix):
    bundle = _bundle.open_bundle(prefix)
    return {name: _bundle.tensor(bundle, name) for name in bundle.variables}


@pytest.mark.parametrize("kind", PREFIXES)
def test_every_tensor_is_the_one_that_tensorflow_wrote(expected, kind):
    found = read_all(FIXTURE / kind / PREFIXES[kind])
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert (found[name].shape, found[name].dtype) == (value.shape, value.dtype), name
        assert found[name].tobytes() == value.tobytes(), name


@given(st.binary(max_size=300))
def test_the_checksum_is_that_of_the_definition(data):
    assert crc32c(data) == bytewise(data) == writer.crc32c(data)


@pytest.mark.parametrize("length", [CHUNK - 1, CHUNK, CHUNK + 5, 2 * CHUNK + 77])
def test_the_checksum_of_much_is_that_of_the_definition(length):
    data = np.random.default_rng(length).bytes(length)
    assert crc32c(data) == bytewise(data)


def bytewise(data):
    state = 0xFFFFFFFF
    for byte in data:
        state = TABLE[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state ^ 0xFFFFFFFF


def test_the_checksum_has_its_known_values():
    assert crc32c(b"123456789") == 0xE3069283  # the catalogue of CRC algorithms
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert masked(crc32c(b"foo")) == writer.masked(writer.crc32c(b"foo"))


def test_an_index_of_many_blocks_is_read(tmp_path):
    names = [f"layer_{number}/kernel" for number in range(30)]
    index = writer.bundle({name: writer.entry(ONES) for name in names})
    found = read_all(written(tmp_path, index, ONES))
    assert sorted(found) == sorted(names)
    assert all(value.tolist() == [1, 2, 3] for value in found.values())


@pytest.mark.parametrize("kind", PREFIXES)
def test_a_flipped_bit_anywhere_in_the_index_is_found(copied, kind):
    prefix = copied(kind)
    path = prefix.with_name(prefix.name + ".index")
    whole = path.read_bytes()
    before = read_all(prefix)
    for place in range(5, len(whole), 101):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        if place < len(whole) - 48:
            with pytest.raises(ModelError, match=r"\.index: not the index of a TensorFlow checkpoint"):
                _bundle.open_bundle(prefix)
        else:  # the padding of the footer says nothing
            with suppress(ModelError):
                assert _bundle.open_bundle(prefix).variables.keys() == before.keys()


@pytest.mark.parametrize("kind", PREFIXES)
def test_a_changed_number_is_found(copied, kind):
    prefix = copied(kind)
    path = max(prefix.parent.glob("*.data-*"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
    with pytest.raises(ModelError, match=r"data-0000.*the checksum of the variable \S+ differs"):
        read_all(prefix)


@pytest.mark.parametrize("kept", [0, 47, 100, -1])
def test_an_index_cut_short_is_found(copied, kept):
    prefix = copied("single")
    path = prefix.with_name(prefix.name + ".index")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelError, match=r"\.index: not the index .* cut short"):
        _bundle.open_bundle(prefix)


def test_data_cut_short_are_found(copied):
    prefix = copied("single")
    path = next(prefix.parent.glob("*.data-*"))
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ModelError, match=r"data-00000-of-00001: 73,924 bytes; the variable \S+ ends at 73,928"):
        read_all(prefix)


def test_a_missing_shard_is_named(copied):
    prefix = copied("sharded")
    prefix.with_name(prefix.name + ".data-00001-of-00003").unlink()
    with pytest.raises(ModelError, match="data-00001-of-00003: no such file"):
        read_all(prefix)


def test_a_missing_index_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"model\.ckpt\.index: no such file"):
        _bundle.open_bundle(tmp_path / "model.ckpt")


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (writer.bundle({}, head=writer.header(endianness=1)), "big-endian"),
        (writer.bundle({}, head=writer.header(shards=10**9)), "1,000,000,000 data files"),
        (writer.bundle({}, head=b""), "0 data files"),
        (writer.table([writer.block([(b"a", b"")])], [b"a"]), "no header"),
        (writer.table([], []), "no header"),
        (writer.table([writer.sealed(b"", 1)], [b""]), "compressed block .kind 1."),
        (writer.table([writer.block([(b"", writer.header()), (b"b", b""), (b"a", b"")])], [b"b"]), "ascending"),
        (writer.table([writer.sealed(struct.pack("<I", 2**31))], [b""]), "restart points"),
        (writer.table([writer.sealed(b"\x05\x01\x00x" + struct.pack("<II", 0, 1))], [b""]), "beyond its block"),
        (writer.table([writer.sealed(b"\xff" * 11 + struct.pack("<II", 0, 1))], [b""]), "longer than ten bytes"),
        (writer.table([writer.block([(b"", writer.header()), (b"k" * 1025, b"")])], [b"k"]), "beyond its block"),
        (writer.bundle({"a": b"\x0b"}), "field of kind 3"),
        (writer.bundle({"a": writer.field(5, 2**63)}), "no number that can be"),
        (writer.bundle({"a": writer.field(2, 7)}), "shape that is none"),
        (writer.bundle({"a": b"\x12\x7f"}), "beyond its message"),
    ],
)
def test_an_index_that_cannot_be_is_refused_in_words(tmp_path, index, words):
    with pytest.raises(ModelError, match=rf"index: not the index of a TensorFlow checkpoint: .*{words}"):
        _bundle.open_bundle(written(tmp_path, index))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (writer.entry(ONES, shape=[2**40, 2**40]), "has 12 bytes in file 0; expected 4,835"),
        (writer.entry(ONES, shape=[2**62], size=2**64 - 4 & 2**63 - 1), "expected 18,446"),
        (writer.entry(ONES, shape=[2**40], size=2**42), "the variable x ends at 4,398"),
        (writer.entry(ONES, offset=2**63 - 1), "12 bytes; the variable x ends at"),
        (writer.entry(ONES, offset=4), "12 bytes; the variable x ends at 16"),
        (writer.entry(ONES, shard=1), "12 bytes in file 1"),
        (writer.entry(ONES, dtype=7), "of TensorFlow's type 7; expected numbers"),
        (writer.entry(ONES, slices=b"\x0a\x00"), "cut into slices"),
    ],
)
def test_a_place_that_cannot_be_is_refused_before_anything_is_read(tmp_path, entry, words):
    prefix = written(tmp_path, writer.bundle({"x": entry}), ONES)
    tracemalloc.start()
    with pytest.raises(ModelError, match=words):
        read_all(prefix)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_entries_made_to_fill_the_memory_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("biogloss.models._sstable.MAX_ENTRIES", 100)
    index = writer.bundle({f"{number:04d}": writer.entry(ONES) for number in range(200)}, per_block=50)
    with pytest.raises(ModelError, match="more than 100 entries"):
        _bundle.open_bundle(written(tmp_path, index))
    # One block that the index names again and again.
    same = writer.block([(b"", writer.header()), (b"a", writer.entry(ONES))])
    handle = writer.varint(0) + writer.varint(len(same) - 5)
    index = same + writer.block([(b"a", handle), (b"b", handle)])
    places = handle + writer.varint(len(same)) + writer.varint(len(index) - len(same) - 5)
    index += places.ljust(40, b"\0") + struct.pack("<Q", writer.MAGIC)
    with pytest.raises(ModelError, match="ascending"):
        _bundle.open_bundle(written(tmp_path, index))


def survives(folder, index, data=ONES):
    """Nothing but our own error comes out, whatever the bytes."""
    with suppress(ModelError):
        read_all(written(folder, index, data))


@given(st.binary(max_size=400))
def test_random_bytes_are_an_error_of_ours(tmp_path_factory, data):
    survives(tmp_path_factory.mktemp("fuzz"), data)
    survives(tmp_path_factory.mktemp("fuzz"), data + struct.pack("<Q", writer.MAGIC))


@given(st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=60)), max_size=8), st.booleans())
def test_random_entries_with_right_checksums_are_an_error_of_ours(tmp_path_factory, pairs, ordered):
    pairs = [(b"", writer.header()), *(sorted(pairs) if ordered else pairs)]
    survives(tmp_path_factory.mktemp("fuzz"), writer.table([writer.block(pairs)], [b"z"]))


@given(st.binary(max_size=200))
def test_random_blocks_with_right_checksums_are_an_error_of_ours(tmp_path_factory, contents):
    survives(tmp_path_factory.mktemp("fuzz"), writer.table([writer.sealed(contents)], [b""]))
    survives(tmp_path_factory.mktemp("fuzz"), writer.table([writer.sealed(contents + struct.pack("<II", 0, 1))], [b""]))


@given(
    dtype=st.integers(0, 25),
    shape=st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 4), max_size=4),
    numbers=st.tuples(*[st.integers(0, 2**63 - 1) | st.integers(0, 16)] * 3),
)
def test_random_places_with_right_checksums_are_an_error_of_ours(tmp_path_factory, dtype, shape, numbers):
    shard, offset, size = numbers
    value = writer.entry(ONES, dtype=dtype, shape=shape, shard=shard, offset=offset, size=size)
    survives(tmp_path_factory.mktemp("fuzz"), writer.bundle({"x": value}))


@given(st.data())
def test_flipped_bytes_are_an_error_of_ours(tmp_path_factory, data):
    index = bytearray((FIXTURE / "single" / "bert_model.ckpt.index").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        index[data.draw(st.integers(0, len(index) - 1))] = data.draw(st.integers(0, 255))
    survives(tmp_path_factory.mktemp("fuzz"), bytes(index))
