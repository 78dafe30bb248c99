"""What is kept: the right language, nothing twice or nearly twice, nothing that an evaluation set holds."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss import corpora
from biogloss.documents import Document
from biogloss.errors import FormatError
from biogloss.evaluation.splits import leaks
from biogloss.preparation import duplicates, overlap
from biogloss.preparation.duplicates import Duplicates, KeySet, minhash
from biogloss.preparation.language import is_in
from biogloss.preparation.words import WordHashes, in_a_row

GERMAN = (
    "Der Patient erhielt Aspirin, worauf das Fieber innerhalb eines Tages sank und die Schmerzen nachliessen. Eine "
    "Behandlung mit Antibiotika war nicht notwendig, weil die Kulturen keine Bakterien zeigten und der Befund gut war."
)
ENGLISH = (
    "The patient was given aspirin, whereupon the fever fell within a day and the pain became less. Treatment with "
    "antibiotics was not needed, because the cultures showed no bacteria and the findings were good."
)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (ENGLISH, "en", True),
        (GERMAN, "en", False),
        (GERMAN, "", True),
        ("痛风患者服用秋水仙碱后出现腹泻。", "en", False),
        ("痛风患者服用秋水仙碱后出现腹泻。", "zh", True),
        (ENGLISH, "zh", False),
        ("Hemoglobin A1c in gestational diabetes", "en", True),
        ("1.2 3.4 | 5.6 (0.3) 7.8 n 9", "en", False),
        (" ".join(["aspirin ibuprofen naproxen"] * 10), "en", False),
        ("", "en", False),
    ],
)
def test_languages(text, language, expected):
    assert is_in(text, language) == expected


@given(st.text(max_size=60))
def test_hashes_of_words_do_not_depend_on_what_came_before(text):
    used = WordHashes()
    used("Gout hurts the patient 7 times.")
    assert used(text).tolist() == WordHashes()(text).tolist()


def test_hashes_are_the_same_for_ever():
    # Other numbers would make other corpora out of old recipes.
    words = WordHashes()("Gout hurts")
    assert words.tolist() == [12794554424283892845, 12515628314639823647]
    assert in_a_row(words, 2).tolist() == [408642991883633680]
    assert minhash(words)[:2].tolist() == [3432253503, 539365579]


@given(st.lists(st.integers(0, 2**64 - 1), max_size=200), st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_a_key_set_is_a_set(kept, asked):
    keys = KeySet()
    for start in range(0, len(kept), 7):
        keys.add(np.array(kept[start : start + 7], dtype=np.uint64))
    assert keys.holds_any(np.array(asked, dtype=np.uint64)) == bool(set(kept) & set(asked))


def test_a_large_key_set_costs_eight_bytes_a_key(monkeypatch):
    monkeypatch.setattr(duplicates, "_RECENT_KEYS", 1000)
    keys, drawn = KeySet(), np.random.default_rng(1).integers(0, 1 << 63, 50_000, dtype=np.uint64)
    for start in range(0, len(drawn), 15):
        keys.add(drawn[start : start + 15])
    settled = sum(run.nbytes for run in keys._sorted)
    assert 8 * (len(drawn) - 1015) <= settled <= 8 * len(drawn)
    assert all(keys.holds_any(drawn[place : place + 1]) for place in range(0, len(drawn), 97))
    assert not keys.holds_any(drawn[:200] + np.uint64(1))


def judged(texts, *, near=True):
    hashes, seen = WordHashes(), Duplicates(near=near)
    reasons = []
    for text in texts:
        reason, keys = seen.reason(hashes(text))
        reasons.append(reason)
        if not reason:
            seen.remember(keys)
    return reasons


def test_case_spaces_and_punctuation_make_no_other_document():
    assert judged(["Gout hurts, it does.", "gout  HURTS\nit does"]) == ["", "duplicate"]
    assert judged(["Gout hurts, it does.", "gout it hurts does"]) == ["", ""]


def varied(rng, words, share):
    """The words with so large a share of runs of five destroyed that the two texts have this Jaccard similarity."""
    common = 2 * share / (1 + share)  # of the runs of either text
    changed = words.copy()
    count = round((1 - common) * len(words) / 5)
    for place in rng.sample(range(2, len(words) - 2, 5), count):
        changed[place] = f"new{rng.random()}"
    return changed


@pytest.mark.parametrize(("similarity", "least", "most"), [(0.95, 0.97, 1.0), (0.8, 0.75, 1.0), (0.4, 0.0, 0.1)])
def test_near_duplicates_are_found_at_the_rate_that_is_promised(similarity, least, most):
    rng = random.Random(3)
    found = 0
    for _ in range(100):
        words = [f"w{rng.randrange(5000)}" for _ in range(400)]
        found += judged([" ".join(words), " ".join(varied(rng, words, similarity))])[1] == "near duplicate"
    assert least <= found / 100 <= most


def test_near_duplicates_can_be_kept():
    words = [f"w{number}" for number in range(200)]
    assert judged([" ".join(words), " ".join([*words, "more"])], near=False) == ["", ""]
    assert judged([" ".join(words), " ".join([*words, "more"])]) == ["", "near duplicate"]


WORD = st.sampled_from([f"w{number}" for number in range(6)])


@given(st.lists(WORD, max_size=40), st.lists(st.lists(WORD, max_size=30), max_size=3))
def test_overlap_is_what_the_check_of_leaks_finds(words, held_out):
    text, held = " ".join(words), [" ".join(one) for one in held_out]
    hashes = WordHashes()
    found = overlap.Overlap(held, hashes).found(hashes(text))
    expected = leaks([Document("1", text or "-")], [Document(str(n), one or "-") for n, one in enumerate(held)])
    assert found == bool(expected)


def test_evaluation_files_are_read_whole_or_refused(tmp_path):
    (tmp_path / "test.jsonl").write_text('{"biogloss":1,"id":"1","text":"Gout."}\n', encoding="utf-8")
    assert list(overlap.evaluation_texts([], [tmp_path / "test.jsonl"])) == ["Gout."]
    with (tmp_path / "test.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("{damaged\n")
    with pytest.raises(FormatError, match=r"test\.jsonl.*every record has to be known"):
        list(overlap.evaluation_texts([], [tmp_path / "test.jsonl"]))


@pytest.mark.usefixtures("catalogue")
def test_the_test_part_of_a_corpus_is_kept_out():
    hashes = WordHashes()
    kept_out = overlap.Overlap(overlap.evaluation_texts(["ncbi_disease"], []), hashes)
    for split in ("dev", "test"):
        texts = [document.text for document in corpora.documents("ncbi_disease", split)]
        assert all(kept_out.found(hashes(f"Before it. {text} After it.")) for text in texts)
    assert not kept_out.found(hashes(ENGLISH))
