"""Answers are scored as SQuAD and BioASQ score them."""

import re
import string
from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.evaluation import answers
from biogloss.evaluation.bootstrap import estimates

PHRASES = st.lists(
    st.sampled_from(["the", "TNF-alpha", "a", "gout", "Gout.", "in", "an", "mice", "(IL-6)"]), max_size=5
)
ANSWERS = PHRASES.map(" ".join)


def values(measure):
    return {name.metric: estimate.value for name, estimate in estimates(measure, samples=0).items()}


# --- SQuAD's own script, evaluate-v1.1.py, in short


def squad_normalised(text):
    text = "".join(character for character in text.lower() if character not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad_f1(predicted, gold):
    found, right = squad_normalised(predicted).split(), squad_normalised(gold).split()
    same = sum((Counter(found) & Counter(right)).values())
    if same == 0:
        return 0
    precision, recall = same / len(found), same / len(right)
    return 2 * precision * recall / (precision + recall)


@given(gold=st.lists(ANSWERS.filter(squad_normalised), min_size=1, max_size=3), predicted=ANSWERS)
def test_extracted_answers_are_scored_as_squad_scores_them(gold, predicted):
    ours = values(answers.extracted({"q": gold}, {"q": predicted}))
    assert ours["exact_match"] == max(squad_normalised(predicted) == squad_normalised(one) for one in gold)
    assert ours["token_f1"] == pytest.approx(max(squad_f1(predicted, one) for one in gold))


@pytest.mark.parametrize(
    ("gold", "predicted", "match", "f1"),
    [
        ([], "", 1, 1),
        ([], "gout", 0, 0),
        (["gout"], "", 0, 0),
        (["The gout."], "gout", 1, 1),
        (["痛风"], "痛风。", 1, 1),
        (["急性痛风"], "痛风", 0, 2 / 3),
        (["TNF-α"], "“TNF-α”", 1, 1),
        (["pain", "gout pain"], "gout", 0, 2 / 3),
    ],
)
def test_what_a_clinician_would_ask(gold, predicted, match, f1):
    ours = values(answers.extracted({"q": gold}, {"q": predicted}))
    assert (ours["exact_match"], ours["token_f1"]) == (match, pytest.approx(f1))


# --- BioASQ

NAMES = [f"gene {letter}" for letter in "bcdefgh"]
CANDIDATES = st.lists(st.sampled_from(NAMES), max_size=8)


@given(questions=st.lists(st.tuples(st.sets(st.sampled_from(NAMES), min_size=1), CANDIDATES), min_size=1, max_size=5))
def test_candidates(questions):
    gold = {str(number): sorted(names) for number, (names, _) in enumerate(questions)}
    predicted = {str(number): [one.upper() for one in found] for number, (_, found) in enumerate(questions)}
    ours = values(answers.factoid(gold, predicted))
    ranks = [next((rank for rank, one in enumerate(found[:5], 1) if one in names), None) for names, found in questions]
    count = len(questions)
    assert ours["strict_accuracy"] == pytest.approx(sum(rank == 1 for rank in ranks) / count)
    assert ours["lenient_accuracy"] == pytest.approx(sum(rank is not None for rank in ranks) / count)
    assert ours["mrr"] == pytest.approx(sum(1 / rank for rank in ranks if rank) / count)
    assert ours["strict_accuracy"] <= ours["mrr"] <= ours["lenient_accuracy"]


@given(gold=st.sets(st.sampled_from(NAMES), min_size=1), predicted=st.sets(st.sampled_from(NAMES)))
def test_lists_of_single_names_are_sets(gold, predicted):
    ours = values(answers.listed({"q": [[name] for name in sorted(gold)]}, {"q": sorted(predicted) * 2}))
    common = len(gold & predicted)
    assert ours["recall"] == common / len(gold)
    assert ours["precision"] == (common / len(predicted) if predicted else 0)
    assert ours["f1"] == pytest.approx(2 * common / (len(gold) + len(predicted)))


def test_a_second_name_of_the_same_answer_is_no_other_answer():
    gold = {"q": [["ibuprofen", "Advil"], ["aspirin"]]}
    ours = values(answers.listed(gold, {"q": ["advil", "Ibuprofen"]}))
    assert (ours["precision"], ours["recall"]) == (0.5, 0.5)


def test_a_name_of_two_answers_is_given_once():
    ours = values(answers.listed({"q": [["a1", "b1"], ["a1"]]}, {"q": ["a1"]}))
    assert (ours["precision"], ours["recall"]) == (1, 0.5)
    assert values(answers.listed({"q": [["a1", "b1"], ["a1"]]}, {"q": ["a1", "b1"]}))["f1"] == 1


@given(answers_=st.lists(st.sets(st.sampled_from("abcde")), min_size=1, max_size=5))
def test_as_many_answers_are_right_as_can_have_a_name_of_their_own(answers_):
    best = max(sum(name in own for name, own in zip(order, answers_, strict=False)) for order in permutations("abcde"))
    ours = values(answers.listed({"q": [sorted(own) for own in answers_]}, {"q": list("abcde")}))
    assert ours["recall"] == best / len(answers_)


def test_perfect_answers_score_one_and_none_scores_nothing():
    names = {"1": ["gout"], "2": ["pain", "ache"]}
    first = {question: own[0] for question, own in names.items()}
    assert set(values(answers.extracted(names, first)).values()) == {1}
    assert set(values(answers.factoid(names, {question: [one] for question, one in first.items()})).values()) == {1}
    assert set(values(answers.factoid(names, dict.fromkeys(names, ()))).values()) == {0}
    assert set(
        values(answers.listed({question: [own] for question, own in names.items()}, dict.fromkeys(names, ()))).values()
    ) == {0}


def test_intervals_are_over_questions():
    gold = {str(number): ["gout"] for number in range(200)}
    predicted = {str(number): "gout" if number % 4 else "pain" for number in range(200)}
    found = estimates(answers.extracted(gold, predicted))["all", "exact_match"]
    assert (found.low, found.value, found.high) == (
        pytest.approx(0.69, abs=0.015),
        0.75,
        pytest.approx(0.81, abs=0.015),
    )


@pytest.mark.parametrize(
    ("gold", "predicted", "words"),
    [
        ({}, {}, "no question"),
        ({"q1": ["gout"]}, {}, "question q1: no predicted answer"),
        ({"q1": ["gout"]}, {"q1": "gout", "q2": "pain"}, "question q2: no gold answer"),
    ],
)
def test_questions_that_do_not_fit_are_named(gold, predicted, words):
    with pytest.raises(ValueError, match=words):
        answers.extracted(gold, predicted)


def test_a_fact_needs_an_answer():
    with pytest.raises(ValueError, match="question q1 has no right answer"):
        answers.factoid({"q1": []}, {"q1": ["gout"]})
    with pytest.raises(ValueError, match="question q1 has no right answer"):
        answers.listed({"q1": []}, {"q1": ["gout"]})
