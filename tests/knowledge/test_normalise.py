"""Names that mean the same have the same key, and those that do not have others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.knowledge.normalise import BRITISH, GREEK, fold, keys, normalise, words

NAMES = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            [
                "tumours",
                "of",
                "the",
                "β",
                "beta",
                "type",
                "II",
                "1,2",
                "-",
                " ",
                "IL-6",
                "diabetes",
                "haemorrhages",
                "'s",
            ]
        ),
        max_size=8,
    ).map("".join),
)


@given(name=NAMES)
def test_normalising_again_changes_nothing(name):
    once = normalise(name)
    assert normalise(once) == once
    assert keys(once) == keys(name)


@given(name=NAMES)
def test_capitals_never_count(name):
    if name.upper().lower() == name.lower():  # true of all but a few letters, such as ß
        assert keys(name.upper()) == keys(name.lower())
    assert fold(fold(name)) == fold(name)


@given(name=st.lists(st.sampled_from(["breast", "cancer", "2", "type", "alpha", "diabetes"]), min_size=1, max_size=5))
def test_the_order_of_words_counts_in_the_first_key_only(name):
    there, back = " ".join(name), " ".join(reversed(name))
    assert keys(there)[1] == keys(back)[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("beta-blockers", "betablocker"),
        ("β-catenin", "beta catenin"),
        ("IL-6", "IL6"),
        ("IFNα", "IFN-alpha"),
        ("Haemorrhagic anaemia", "hemorrhagic anemia"),
        ("oesophageal tumours", "esophageal tumor"),
        ("Parkinson's disease", "Parkinson disease"),
        ("Sjögren syndrome", "sjogren syndrome"),
        ("diabetes mellitus, type II", "diabetes mellitus type 2"),
        ("von Willebrand disease, type 1", "von Willebrand disease type I"),
        ("biopsies", "biopsy"),
        ("ＣＤ４", "CD4"),
        ("carcinoma of the lung", "carcinoma lung"),
        ("COVID\u201119", "covid-19"),
    ],
)
def test_spelling_does_not_count(one, other):
    assert keys(one)[0] == keys(other)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Diabetes Mellitus, Type 2", "type 2 diabetes mellitus"), ("Neoplasms, Breast", "breast neoplasm")],
)
def test_the_order_of_words_does_not_count(one, other):
    assert keys(one)[0] != keys(other)[0]
    assert keys(one)[1] == keys(other)[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,2-dichloroethane", "12-dichloroethane"),
        ("CA 19-9", "CA 1-99"),
        ("vitamin A", "vitamin"),
        ("type 1 diabetes", "type 2 diabetes"),
        ("carcinoma in situ", "carcinoma situ"),
        ("IL-1", "IL-11"),
    ],
)
def test_what_means_something_else_has_another_key(one, other):
    assert not set(keys(one)) & set(keys(other))


def test_a_name_without_letters_has_no_key():
    assert keys("--- !") == ("", "")


def test_a_name_of_empty_words_keeps_them():
    assert words("of the") == ("of", "the")


@pytest.mark.parametrize("american", sorted({*BRITISH.values(), *GREEK.values()}))
def test_what_is_normal_already_stays(american):
    assert words(american + "x") == (american + "x",)


def test_chinese_names_are_kept():
    assert normalise("2型糖尿病") == "2 型糖尿病"
