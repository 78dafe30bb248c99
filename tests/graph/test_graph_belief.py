"""Belief: what a reader of a graph expects of the number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.knowledge.graph.belief import ERRORS, Piece, belief

PIECES = st.lists(
    st.builds(
        Piece,
        st.sampled_from("abc"),
        st.sampled_from(sorted(ERRORS)),
        st.integers(0, 5),
        st.floats(0, 1),
        st.booleans(),
    ),
    max_size=8,
)


@given(PIECES)
def test_it_is_a_probability_and_does_not_mind_the_order(pieces):
    assert 0 <= belief(pieces) <= 1
    assert belief(pieces) == belief(pieces[::-1])


@given(PIECES, st.sampled_from(sorted(ERRORS)), st.floats(0, 1))
def test_more_for_it_never_lowers_it_and_more_against_never_raises_it(pieces, kind, confidence):
    before = belief(pieces)
    assert belief([*pieces, Piece("d", kind, 9, confidence)]) >= before - 1e-12
    assert belief([*pieces, Piece("d", kind, 9, confidence, against=True)]) <= before + 1e-12


def test_with_one_reader_it_is_indra_s():
    # 1 - (syst + (1 - syst) * rand^n); INDRA's own has no (1 - syst), a difference of syst * rand^n
    values = [belief([Piece("reader", "reading", unit) for unit in range(n)]) for n in (1, 2, 3, 50)]
    assert values == pytest.approx([0.665, 0.8645, 0.92435, 0.95])


def test_sentences_of_one_paper_are_one_piece_and_the_surest_counts():
    assert belief([Piece("a", "reading", 1, 0.4), Piece("a", "reading", 1, 0.9)]) == belief(
        [Piece("a", "reading", 1, 0.9)]
    )


def test_two_sources_raise_it_above_what_one_can_reach():
    assert belief([Piece("a", "reading", n) for n in range(99)]) < belief(
        [Piece(source, "reading", n) for source in "ab" for n in range(3)]
    )


def test_a_table_is_believed_more_than_a_reader_and_a_reader_more_than_company():
    assert (
        belief([Piece("a", "curated", 1)]) > belief([Piece("a", "reading", 1)]) > belief([Piece("a", "co-mention", 1)])
    )


def test_nothing_for_it_is_no_belief():
    assert belief([]) == belief([Piece("a", "reading", 1, against=True)]) == 0
