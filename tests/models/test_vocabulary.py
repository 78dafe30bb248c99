"""A vocabulary is a function of its texts; what is added saves pieces, and no old row moves."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from biogloss.errors import ConfigError, ModelError
from biogloss.models import _wordpiece, vocabulary
from biogloss.models._wordpiece import SPECIAL
from tiny import SENTENCES, build_tokenizer

LETTERS = "abcd"
SPELLED = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS)]

words = st.text(LETTERS, min_size=1, max_size=7)
pieces = st.lists(words | words.map("##{}".format), max_size=12)
counts = st.dictionaries(words, st.integers(1, 20), max_size=20)
texts = st.lists(st.text("abcé 痛-AB", max_size=30), min_size=1, max_size=8)


@given(st.lists(words, max_size=10), pieces, st.booleans())
def test_words_are_cut_as_the_library_cuts_them(some, more, spelled):
    known = dict.fromkeys([*(SPELLED if spelled else SPECIAL), *more])
    library = models.WordPiece({piece: row for row, piece in enumerate(known)}, unk_token="[UNK]")
    for word in [*some, "a" * 100, "a" * 101]:
        assert vocabulary.cut(word, known) == [piece.value for piece in library.tokenize(word)]


@given(texts, st.randoms(use_true_random=False))
def test_the_same_texts_give_the_same_vocabulary_in_any_order(some, rng):
    shuffled = rng.sample(some, len(some))
    one, other = (vocabulary.train(given, 60, lowercase=False).to_str() for given in (some, shuffled))
    assert one == other


def test_a_larger_text_gives_the_same_vocabulary_again():
    rng = random.Random(7)
    text = " ".join("".join(rng.choice("abcdefgh") for _ in range(rng.randint(1, 6))) for _ in range(3000))
    assert len({vocabulary.train([text], 600).to_str() for _ in range(4)}) == 1


@given(texts, st.integers(25, 80), st.booleans())
def test_a_trained_vocabulary_spells_its_own_texts(some, size, lowercase):
    tokenizer = vocabulary.train(some, size, lowercase=lowercase)
    found = tokenizer.get_vocab()
    assert len(found) <= size
    assert sorted(found.values()) == list(range(len(found)))
    assert [tokenizer.token_to_id(token) for token in SPECIAL] == list(range(5))
    assert vocabulary.length(vocabulary.count(tokenizer, some), found).unknown == 0


def test_frequent_words_become_pieces():
    tokenizer = vocabulary.train(["Metformin lowers glucose. " * 50, "Rare words."], 60)
    assert tokenizer.encode("metformin LOWERS Glucose.").tokens[1:-1] == ["metformin", "lowers", "glucose", "."]


def test_a_vocabulary_too_small_for_the_characters_is_refused():
    with pytest.raises(ConfigError, match="a vocabulary of 8 pieces: the characters of these texts need 11"):
        vocabulary.train(["abab abcc"], 8)


def test_rare_characters_are_left_out_where_there_are_too_many():
    text = "ab " * 9 + "bc " * 5 + " ".join(chr(number) for number in range(0x4E00, 0x4F00))
    runs = {vocabulary.train([text], 400, alphabet=40).to_str() for _ in range(3)}
    found = json.loads(runs.pop())["model"]["vocab"]
    assert not runs
    assert {"ab", "bc", "a", "b", "##c", chr(0x4E00)} <= found.keys()
    assert chr(0x4EFF) not in found


def measured(given, known):
    return vocabulary.length(given, known).pieces


@given(counts, st.integers(0, 6), st.integers(1, 4))
def test_each_choice_saves_most_of_all_that_could_be_chosen(given, rows, least_count):
    """Where words are spelled letter by letter, every start of a word is a candidate: try them all."""
    known = set(SPELLED)
    chosen = vocabulary.choose(given, known, rows, least_count=least_count)
    starts = {word[:end] for word in given for end in range(2, len(word) + 1)}
    for number in range(rows):
        now = measured(given, known)
        often = {
            start
            for start in starts - known
            if sum(times for word, times in given.items() if fresh(word, start, known)) >= least_count
        }
        saved = {start: now - measured(given, known | {start}) for start in often}
        best = max(saved.values(), default=0)
        if best <= 0:
            assert chosen[number:] == []
            return
        assert chosen[number] == min(start for start in saved if saved[start] == best)
        known.add(chosen[number])
    assert len(chosen) == rows


def fresh(word, start, known):
    """Whether a word's pieces would be others with that start in the vocabulary."""
    return vocabulary.cut(word, known) != vocabulary.cut(word, known | {start})


@given(counts, pieces, st.integers(0, 6))
def test_no_more_is_chosen_than_asked_and_nothing_twice(given, more, rows):
    known = {*SPELLED, *more}
    chosen = vocabulary.choose(given, known, rows, least_count=1)
    assert len(chosen) == len(set(chosen)) <= rows
    assert not known & set(chosen)
    assert all(any(word.startswith(start) for word in given) for start in chosen)


def test_the_words_asked_for_come_first_and_known_ones_are_passed_over():
    given = {"abc": 10, "dd": 9}
    assert vocabulary.choose(given, SPELLED, 1, always=["cba", "a", "cba", "x" * 101]) == ["cba", "abc"]
    assert vocabulary.choose(given, SPELLED, 1, always=["abc"]) == ["abc", "dd"]
    assert vocabulary.choose({}, SPELLED, 9) == []


def test_a_word_that_cannot_be_spelled_saves_nothing_but_may_be_asked_for():
    given = {"痛": 50, "a痛": 50}
    assert vocabulary.choose(given, SPELLED, 5) == []
    assert vocabulary.choose(given, SPELLED, 5, always=["痛"]) == ["痛"]
    assert vocabulary.length(given, SPELLED).unknown == 100


@pytest.fixture
def document(tmp_path):
    return _wordpiece.read(build_tokenizer(tmp_path))


def test_added_words_are_ordinary_entries_and_old_rows_stay(document):
    longer = _wordpiece.extended(document, ["metformins", "αβγ"], "here")
    before, after = (Tokenizer.from_str(json.dumps(one)) for one in (document, longer))
    size = before.get_vocab_size()
    assert before.get_vocab().items() <= after.get_vocab().items()
    assert after.encode("Metformins αβγ", add_special_tokens=False).ids == [size, size + 1]
    assert longer["added_tokens"] == document["added_tokens"]
    for text, _ in SENTENCES:
        assert before.encode(text).ids == after.encode(text).ids


def test_tokens_that_were_added_later_keep_their_rows(document):
    tokenizer = Tokenizer.from_str(json.dumps(document))
    tokenizer.add_tokens(["[ENT1]", "[ENT2]"])
    tokenizer.add_special_tokens(["[DOC]"])
    rows = [tokenizer.token_to_id(token) for token in ("[ENT1]", "[ENT2]", "[DOC]")]
    longer = _wordpiece.extended(json.loads(tokenizer.to_str()), ["metformins"], "here")
    after = Tokenizer.from_str(json.dumps(longer))
    assert [after.token_to_id(token) for token in ("[ENT1]", "[ENT2]", "[DOC]", "metformins")] == [*rows, rows[-1] + 1]
    text = "[DOC] metformins [ENT1]"
    assert after.encode(text, add_special_tokens=False).ids == [rows[2], rows[2] + 1, rows[0]]


@pytest.mark.parametrize("token", SPECIAL)
def test_a_vocabulary_that_has_lost_a_special_token_is_refused(document, tmp_path, token):
    del document["model"]["vocab"][token]
    document["added_tokens"] = [one for one in document["added_tokens"] if one["content"] != token]
    path = tmp_path / "lost.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ModelError, match=rf"lost\.json: no \{token[:-1]}\] in the vocabulary"):
        _wordpiece.check_file(path)
    with pytest.raises(ModelError, match="in the vocabulary; a WordPiece vocabulary needs each of"):
        _wordpiece.extended(document, ["metformins"], path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"model": 1}', "[" * 100_000, '{"model": {"type": "BPE"}}'])
def test_what_is_no_wordpiece_tokenizer_is_refused(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        _wordpiece.vocabulary_of(_wordpiece.read(path), path)
