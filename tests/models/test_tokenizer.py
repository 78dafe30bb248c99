"""Pieces point into the raw text whatever it holds, and windows cover every piece exactly once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.errors import ModelError
from biogloss.models.tokenizer import Tokenizer, kept, lowercases, windows
from tiny import build_tokenizer

NASTY = [
    "gout",
    "Metformin",
    " ",
    "😀",
    "🧬",
    "α",
    "Β",
    "e\u0301",
    "\u0300",
    "İ",
    "ß",
    "ﬁ",
    "\r\n",
    "\x00",
    "痛风",
    "\u200d",
]
TEXTS = st.lists(st.sampled_from(NASTY) | st.characters(exclude_categories=["Cs"]), max_size=30).map("".join)


@given(text=TEXTS)
def test_offsets_point_into_the_raw_text_in_order(tiny_tokenizer, text):
    pieces = tiny_tokenizer.pieces(text)
    starts, ends = pieces.starts.tolist(), pieces.ends.tolist()
    assert all(0 <= start <= end <= len(text) for start, end in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    assert ends == sorted(ends)
    assert len(pieces) == len(pieces.ids) == len(pieces.continues)


@given(texts=st.lists(TEXTS, max_size=5))
def test_many_texts_give_the_pieces_of_each_alone(tiny_tokenizer, texts):
    for together, text in zip(tiny_tokenizer.many(texts), texts, strict=True):
        alone = tiny_tokenizer.pieces(text)
        assert together.ids.tolist() == alone.ids.tolist()
        assert together.starts.tolist() == alone.starts.tolist()
        assert together.ends.tolist() == alone.ends.tolist()
        assert together.continues.tolist() == alone.continues.tolist()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Gout hurts", ["Gout", "hurts"]),
        ("İ gout", ["İ", "gout"]),  # lower-casing makes two characters of one
        ("😀gout", ["😀gout"]),
        ("a\u0301 gout", ["a", "gout"]),  # the accent is stripped, not counted to its letter
        ("gout\r\ncancer", ["gout", "cancer"]),
        ("go\x00ut", ["go\x00ut"]),
        ("痛风患者", ["痛", "风", "患", "者"]),
        ("ﬁ pain", ["ﬁ", "pain"]),
    ],
)
def test_each_word_is_found_where_it_stands(tiny_tokenizer, text, words):
    pieces = tiny_tokenizer.pieces(text)
    firsts = [place for place, continues in enumerate(pieces.continues) if not continues]
    lasts = [*(place - 1 for place in firsts[1:]), len(pieces) - 1]
    assert [text[pieces.starts[a] : pieces.ends[b]] for a, b in zip(firsts, lasts, strict=True)] == words


@given(count=st.integers(0, 400), max_pieces=st.integers(1, 60), overlap=st.integers(0, 59))
def test_windows_merge_to_every_piece_exactly_once(count, max_pieces, overlap):
    if overlap >= max_pieces:
        with pytest.raises(ValueError, match="smaller than max_pieces"):
            list(windows(count, max_pieces=max_pieces, overlap=overlap))
        return
    cuts = list(windows(count, max_pieces=max_pieces, overlap=overlap))
    assert all(0 < end - start <= max_pieces for start, end in cuts)
    assert all(before[1] - after[0] >= overlap for before, after in pairwise(cuts))
    parts = kept(cuts)
    assert [piece for start, end in parts for piece in range(start, end)] == list(range(count))
    for part, cut in zip(parts, cuts, strict=True):
        assert cut[0] <= part[0] <= part[1] <= cut[1]


def test_windows_are_equally_long_and_no_longer_than_they_need_be():
    assert list(windows(300, max_pieces=254, overlap=32)) == [(0, 166), (134, 300)]
    starts = [start for start, _ in windows(1000, max_pieces=254, overlap=64)]
    steps = [after - before for before, after in pairwise(starts)]
    assert max(steps) - min(steps) <= 1


def test_a_merged_window_keeps_context_on_both_sides():
    cuts = list(windows(300, max_pieces=100, overlap=40))
    for cut, (start, end) in list(zip(cuts, kept(cuts), strict=True))[1:-1]:
        assert start - cut[0] >= 20
        assert cut[1] - end >= 20


def test_whether_it_lowers_case_is_read_from_the_file(tmp_path):
    assert lowercases(build_tokenizer(tmp_path / "lower"))
    assert not lowercases(build_tokenizer(tmp_path / "cased", lowercase=False))


@pytest.mark.parametrize("content", ["", "{}", "not JSON", '{"model": {"type": "WordPiece"}}'])
def test_a_damaged_tokenizer_is_named(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"tokenizer\.json: not a tokenizer\.json"):
        Tokenizer(path)


def test_a_tokenizer_without_special_tokens_is_refused(tmp_path):
    path = build_tokenizer(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("[SEP]", "[END]"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"none of the special tokens \[SEP\], </s>"):
        Tokenizer(path)
