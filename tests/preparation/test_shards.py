"""Pieces are those of the tokenizer, and a shard gives back what was written or says what is wrong with it."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from biogloss.errors import FormatError
from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline.steps.sentences import sentences
from biogloss.preparation import shards
from biogloss.preparation.pieces import CONTINUES, Cut, PieceMaker

WORDS = [
    "Gout",
    "hurts.",
    "diabetes,",
    "\u03b1-TNF",
    "\u00a0",
    "\x1c\u3000",
    "\u75db\u98ce",
    "e\u0301",
    ",\n",
    "#a",
    "[MASK]",
    "x",
]
TEXT = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))


@pytest.fixture(scope="module")
def makers(tokenizer):
    """The maker that remembers words, one that does not, and the tokenizer of models."""
    plain = PieceMaker(tokenizer)
    plain._by_word = False
    return PieceMaker(tokenizer), plain, Tokenizer(tokenizer)


@given(text=TEXT)
def test_remembering_words_changes_no_piece(makers, text):
    by_word, plain, _ = makers
    for made in (by_word(text, "en"), by_word(text, "en")):
        expected = plain(text, "en")
        assert made.pieces.tolist() == expected.pieces.tolist()
        assert made.sentences.tolist() == expected.sentences.tolist()


@given(text=TEXT.filter(lambda text: "[" not in text))
def test_pieces_are_those_of_the_tokenizer_sentence_by_sentence(makers, text):
    by_word, _, tokenizer = makers
    made = by_word(text, "en")
    expected = [tokenizer.pieces(text[span.start : span.end]) for span in sentences(text)]
    expected = [pieces for pieces in expected if len(pieces)]
    assert made.sentences.tolist() == [len(pieces) for pieces in expected]
    assert (made.pieces & ~CONTINUES).tolist() == [number for pieces in expected for number in pieces.ids]
    assert ((made.pieces & CONTINUES) > 0).tolist() == [flag for pieces in expected for flag in pieces.continues]


def test_a_special_token_that_an_author_wrote_is_text(makers):
    by_word, _, tokenizer = makers
    special = {tokenizer.first, tokenizer.last, tokenizer.padding, *tokenizer.pieces("[MASK]").ids}
    assert not special & set((by_word("a [MASK] b [SEP]", "en").pieces & ~CONTINUES).tolist())


def cut_strategy(largest):
    one = st.lists(st.tuples(st.integers(0, largest), st.booleans()), min_size=1, max_size=9)
    return st.lists(one, min_size=1, max_size=4).map(_cut)


def _cut(document):
    pieces = [number | (int(CONTINUES) if continues else 0) for sentence in document for number, continues in sentence]
    return Cut(np.array(pieces, dtype=np.uint32), np.array([len(one) for one in document], dtype=np.uint32))


@pytest.mark.parametrize(("size", "dtype"), [(1 << 16, np.uint16), (70_000, np.uint32)])
@given(data=st.data())
def test_what_is_read_is_what_was_written(tmp_path_factory, size, dtype, data):
    documents = data.draw(st.lists(st.tuples(st.integers(0, 65535), cut_strategy(size - 1)), max_size=6))
    path = tmp_path_factory.getbasetemp() / "round.safetensors"
    entry = shards.write(path, documents, vocabulary_size=size)
    shard = shards.read(path, entry, verify=True)
    assert shard.ids.dtype == dtype
    assert (len(shard), entry["documents"]) == (len(documents), len(documents))
    for (source, cut), (read_source, ids, starts, lengths) in zip(documents, shard.cuts(), strict=True):
        assert read_source == source
        assert ids.tolist() == (cut.pieces & ~CONTINUES).tolist()
        assert starts.tolist() == ((cut.pieces & CONTINUES) == 0).tolist()
        assert lengths.tolist() == cut.sentences.tolist()


@pytest.fixture
def written(tmp_path, makers):
    path = tmp_path / "train-00000.safetensors"
    texts = ["Gout hurts. Aspirin treats pain.", "Metformin lowers glucose."]
    entry = shards.write(path, [(0, makers[0](text, "en")) for text in texts], vocabulary_size=1000)
    return path, entry


def test_any_reader_of_safetensors_opens_a_shard(written):
    arrays = load_file(written[0])
    assert set(arrays) == {"ids", "word_starts", "sentences", "documents", "sources"}
    assert len(arrays["ids"]) == written[1]["pieces"]


def test_equal_documents_make_equal_bytes(written, tmp_path, makers):
    texts = ["Gout hurts. Aspirin treats pain.", "Metformin lowers glucose."]
    again = shards.write(tmp_path / "again", [(0, makers[0](text, "en")) for text in texts], vocabulary_size=1000)
    assert (again["sha256"], again["bytes"]) == (written[1]["sha256"], written[1]["bytes"])


@pytest.mark.parametrize("keep", [0, 7, 8, 100, -1])
def test_a_truncated_shard_is_refused(written, keep):
    path, entry = written
    path.write_bytes(path.read_bytes()[:keep])
    for known in (entry, None):
        with pytest.raises(FormatError, match=r"train-00000\.safetensors.*build it again"):
            shards.read(path, known)


def test_a_changed_shard_is_found_by_its_checksum(written):
    path, entry = written
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(FormatError, match="has changed"):
        shards.read(path, entry, verify=True)


def test_a_missing_shard_is_refused(tmp_path):
    with pytest.raises(FormatError, match="is missing"):
        shards.read(tmp_path / "train-00000.safetensors")


@given(data=st.data())
def test_a_damaged_header_is_an_error_and_no_crash(tmp_path_factory, makers, data):
    path = tmp_path_factory.getbasetemp() / "damaged.safetensors"
    shards.write(path, [(0, makers[0]("Gout hurts.", "en"))], vocabulary_size=1000)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, 400)) % len(content)] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        read = shards.read(path)
    except FormatError:
        return
    assert len(list(read.cuts())) == len(read)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ids", {"dtype": "F32"}),
        ("ids", {"shape": [1 << 40]}),
        ("sentences", {"data_offsets": [-8, 0]}),
        ("__metadata__", {"biogloss": '{"shard": 99}'}),
    ],
)
def test_a_header_that_lies_is_refused(written, name, change):
    path, _ = written
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header[name] |= change
    lie = json.dumps(header).encode()
    path.write_bytes(len(lie).to_bytes(8, "little") + lie + content[8 + size :])
    with pytest.raises(FormatError):
        shards.read(path)


def test_an_added_token_that_crosses_a_mark_is_kept_whole(tokenizer, tmp_path):
    settings = json.loads(tokenizer.read_text(encoding="utf-8"))
    number = max(settings["model"]["vocab"].values()) + 1
    kept = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    settings["added_tokens"].append({"id": number, "content": "p-value", **kept})
    (tmp_path / "tokenizer.json").write_text(json.dumps(settings), encoding="utf-8")
    made = PieceMaker(tmp_path / "tokenizer.json")("a p-value of", "en")
    assert number in made.pieces
