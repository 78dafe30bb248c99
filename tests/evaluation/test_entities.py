"""Scores are those of nervaluate and seqeval; intervals hold the score and narrow with more documents."""

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from biogloss.documents import Document, Span, entity_at, numbered
from biogloss.evaluation.entities import MATCHES, Counts, macro_f1, scores

LABELS = ("Chemical", "Disease")
TAGS = ["O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI")]


@st.composite
def tag_pairs(draw):
    """Gold and predicted tags of the same tokens, in which no I is without its B."""
    length = draw(st.integers(1, 12))
    rows = st.lists(st.sampled_from(TAGS), min_size=length, max_size=length).map(_legal)
    return draw(rows), draw(rows)


def _legal(tags):
    legal = []
    for tag in tags:
        before = legal[-1] if legal else "O"
        legal.append(f"B-{tag[2:]}" if tag.startswith("I-") and before[2:] != tag[2:] else tag)
    return legal


def document(number, tags):
    """One character a token, a space between them."""
    text, found, start, label = " ".join("x" * len(tags)), [], 0, ""
    for place, tag in enumerate([*tags, "O"]):
        if label and not tag.startswith("I-"):
            found.append(entity_at(text, Span(start, 2 * place - 1), label))
            label = ""
        if tag.startswith("B-"):
            start, label = 2 * place, tag[2:]
    return Document(str(number), text, entities=numbered(found))


def documents(pairs, side):
    return [document(number, pair[side]) for number, pair in enumerate(pairs)]


PAIRS = st.lists(tag_pairs(), min_size=1, max_size=6)


@settings(max_examples=20)
@given(pairs=PAIRS)
def test_strict_scores_are_those_of_seqeval(pairs):
    seqeval = pytest.importorskip("seqeval.metrics")
    from seqeval.scheme import IOB2  # noqa: PLC0415

    gold, predicted = [list(side) for side in zip(*pairs, strict=True)]
    ours = scores(documents(pairs, 0), documents(pairs, 1), labels=LABELS, samples=0)
    present = sorted({tag[2:] for tags in gold + predicted for tag in tags if tag != "O"})
    assume(present)
    how = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
    every = {
        name: getattr(seqeval, f"{name}_score")(gold, predicted, average=None, **how)
        for name in ("precision", "recall", "f1")
    }
    for name, values in every.items():
        found = [getattr(ours[label].counts, name) for label in present]
        assert found == pytest.approx(list(values)), name
    assert ours["all"].counts.f1 == pytest.approx(seqeval.f1_score(gold, predicted, average="micro", **how))
    macro = macro_f1(documents(pairs, 0), documents(pairs, 1), labels=LABELS, samples=0)
    assert macro.value == pytest.approx(seqeval.f1_score(gold, predicted, average="macro", **how))


@given(pairs=PAIRS)
def test_counts_are_those_of_nervaluate(pairs):
    nervaluate = pytest.importorskip("nervaluate")
    gold, predicted = [list(side) for side in zip(*pairs, strict=True)]
    theirs = nervaluate.Evaluator(gold, predicted, tags=list(LABELS), loader="list").evaluate()
    strict = scores(documents(pairs, 0), documents(pairs, 1), labels=LABELS, samples=0)
    for label in theirs["entities"]:
        result, counts = theirs["entities"][label]["strict"], strict[label].counts
        # It leaves the spurious ones of a type out of `actual` where the gold has none of the type.
        assert (result.correct, result.possible) == (counts.found, counts.gold), label
    overall = theirs["overall"]["strict"]
    counts = strict["all"].counts
    assert (overall.correct, overall.possible, overall.actual) == (counts.found, counts.gold, counts.predicted)


@given(pairs=PAIRS)
def test_exact_is_nervaluates_exact(pairs):
    nervaluate = pytest.importorskip("nervaluate")
    tags = [list(side) for side in zip(*pairs, strict=True)]
    theirs = nervaluate.Evaluator(*tags, tags=list(LABELS), loader="list").evaluate()["overall"]["exact"]
    ours = scores(documents(pairs, 0), documents(pairs, 1), labels=LABELS, match="exact", samples=0)["all"].counts
    assert (ours.found, ours.right, ours.gold, ours.predicted) == (
        theirs.correct,
        theirs.correct,
        theirs.possible,
        theirs.actual,
    )


@given(pairs=st.lists(tag_pairs(), min_size=1, max_size=3))
def test_partial_finds_what_nervaluate_calls_the_right_type(pairs):
    """Where every mention touches at most one of the other side, so that matching leaves no choice."""
    nervaluate = pytest.importorskip("nervaluate")
    gold, predicted = documents(pairs, 0), documents(pairs, 1)
    assume(all(_one_to_one(*both) for both in zip(gold, predicted, strict=True)))
    tags = [list(side) for side in zip(*pairs, strict=True)]
    theirs = nervaluate.Evaluator(*tags, tags=list(LABELS), loader="list").evaluate()["overall"]["ent_type"]
    ours = scores(gold, predicted, labels=LABELS, match="partial", samples=0)["all"].counts
    assert (ours.found, ours.right, ours.gold, ours.predicted) == (
        theirs.correct,
        theirs.correct,
        theirs.possible,
        theirs.actual,
    )


@given(pairs=PAIRS)
def test_type_is_another_name_of_partial(pairs):
    both = documents(pairs, 0), documents(pairs, 1)
    one, other = (scores(*both, labels=LABELS, match=match, samples=10) for match in ("type", "partial"))
    assert one == other


def _one_to_one(gold, predicted):
    def touches(one, others):
        return sum(one.start < other.end and other.start < one.end for other in others)

    left, right = gold.entities, predicted.entities
    return all(touches(e, right) <= 1 for e in left) and all(touches(e, left) <= 1 for e in right)


@given(pairs=PAIRS)
def test_partial_is_never_stricter_than_strict_and_counts_each_mention_once(pairs):
    gold, predicted = documents(pairs, 0), documents(pairs, 1)
    strict, partial = (
        scores(gold, predicted, labels=LABELS, match=match, samples=0) for match in ("strict", "partial")
    )
    for label in (*LABELS, "all"):
        one, other = strict[label].counts, partial[label].counts
        assert one.found <= other.found <= other.gold == one.gold
        assert one.right <= other.right <= other.predicted == one.predicted
        assert strict[label].counts.f1 <= partial[label].counts.f1


@given(pairs=PAIRS, seed=st.integers(0, 5))
def test_the_interval_is_an_interval_and_the_same_each_time(pairs, seed):
    gold, predicted = documents(pairs, 0), documents(pairs, 1)
    first, again = (scores(gold, predicted, labels=LABELS, samples=10, seed=seed) for _ in range(2))
    assert first == again
    for score in first.values():
        assert 0 <= score.low <= score.high <= 1


def _noisy(count, rng):
    """Documents of four mentions each, of which some eight in ten are found."""
    pairs = []
    for _ in range(count):
        gold = ["B-Disease", "O"] * 4
        pairs.append((gold, [tag if rng.random() < 0.8 else "O" for tag in gold]))
    return documents(pairs, 0), documents(pairs, 1)


@pytest.mark.parametrize("seed", range(5))
def test_intervals_hold_the_score_and_narrow_with_more_documents(seed):
    rng = random.Random(seed)
    widths = []
    for count in (10, 40, 160):
        score = scores(*_noisy(count, rng), labels=LABELS, samples=200)["Disease"]
        assert score.low <= score.counts.f1 <= score.high
        widths.append(score.high - score.low)
    assert widths[0] > widths[1] > widths[2] > 0


def test_the_interval_covers_what_the_normal_approximation_covers():
    score = scores(*_noisy(200, random.Random(1)), labels=LABELS, samples=1000)["Disease"]
    recall, f1 = score.counts.recall, score.counts.f1  # precision is 1: f1 = 2r / (1 + r)
    error = 1.96 * (recall * (1 - recall) / 800) ** 0.5 * 2 / (1 + recall) ** 2
    assert (score.low, score.high) == (pytest.approx(f1 - error, abs=0.008), pytest.approx(f1 + error, abs=0.008))


def test_the_interval_is_that_of_drawing_documents_one_by_one():
    """The plain bootstrap, in Python: the same percentiles up to the error of drawing."""
    gold, predicted = _noisy(60, random.Random(2))
    score = scores(gold, predicted, labels=LABELS, samples=4000)["Disease"]
    rows = [
        scores([one], [other], labels=LABELS, samples=0)["all"].counts
        for one, other in zip(gold, predicted, strict=True)
    ]
    rng = random.Random(3)
    drawn = sorted(sum(rng.choices(rows, k=60), Counts()).f1 for _ in range(4000))
    assert (score.low, score.high) == (pytest.approx(drawn[100], abs=0.004), pytest.approx(drawn[3900], abs=0.004))


@pytest.mark.parametrize("match", MATCHES)
def test_the_macro_mean_is_over_the_labels_that_occur(match):
    text = "gout and naloxone"
    gout, drug = entity_at(text, Span(0, 4), "Disease"), entity_at(text, Span(9, 17), "Chemical")
    gold = Document("1", text, entities=numbered([gout, drug]))
    half = Document("1", text, entities=numbered([gout]))
    assert macro_f1([gold], [half], labels=(*LABELS, "Gene"), match=match, samples=0).value == 0.5
    found = macro_f1([gold] * 3, [half] * 3, labels=LABELS, match=match)
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)


def test_a_mention_annotated_twice_counts_once():
    text = "gout"
    twice = Document("1", text, entities=numbered([entity_at(text, Span(0, 4), "Disease")] * 2))
    assert scores([twice], [twice], labels=["Disease"], samples=0)["all"].counts == Counts(1, 1, 1, 1)


def test_several_spans_are_one_mention_and_must_all_be_right():
    text = "breast and ovarian cancer"
    whole = Document("1", text, entities=numbered([entity_at(text, (Span(0, 6), Span(19, 25)), "Disease")]))
    part = Document("1", text, entities=numbered([entity_at(text, Span(19, 25), "Disease")]))
    gap = Document("1", text, entities=numbered([entity_at(text, Span(7, 10), "Disease")]))

    def f1(predicted, match):
        return scores([whole], [predicted], labels=["Disease"], match=match, samples=0)["all"].counts.f1

    assert (f1(whole, "strict"), f1(part, "strict"), f1(gap, "strict")) == (1, 0, 0)
    assert (f1(whole, "partial"), f1(part, "partial"), f1(gap, "partial")) == (1, 1, 0)


def test_labels_that_are_not_scored_do_not_count():
    text = "gout"
    gold = Document("1", text, entities=numbered([entity_at(text, Span(0, 4), "Disease")]))
    assert scores([gold], [gold], labels=["Gene"], samples=0)["all"].counts == Counts()


def test_other_documents_on_the_other_side_are_refused():
    one, two = Document("1", "Gout."), Document("2", "Gout.")
    with pytest.raises(ValueError, match="gold document 1 stands beside predicted 2"):
        scores([one], [two], labels=LABELS)
    with pytest.raises(ValueError, match="stands beside predicted 1"):
        scores([one], [Document("1", "Pain.")], labels=LABELS)
    with pytest.raises(ValueError, match="2 gold documents but 1 predicted"):
        scores([one, two], [one], labels=LABELS)
    with pytest.raises(ValueError, match="unknown match 'loose'; there are: strict, partial"):
        scores([one], [one], labels=LABELS, match="loose")


def test_nothing_at_all_scores_nothing():
    assert scores([], [], labels=LABELS)["all"].counts.f1 == 0
