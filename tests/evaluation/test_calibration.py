"""Reliability is that of scikit-learn; temperature scaling changes how sure, never what."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document
from biogloss.evaluation import calibration, classes
from biogloss.evaluation.bootstrap import estimates

sklearn_calibration = pytest.importorskip("sklearn.calibration")
metrics = pytest.importorskip("sklearn.metrics")

JUDGED = st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=40).map(
    lambda rows: (np.array([row[0] for row in rows]) / 100, np.array([row[1] for row in rows]))
)


@st.composite
def probabilities(draw, least=2):
    """Probabilities of some items, and the place of each right class."""
    items, width = draw(st.integers(1, 12)), draw(st.integers(least, 4))
    row = st.lists(st.integers(0, 1000), min_size=width, max_size=width).filter(any)
    table = np.array([draw(row) for _ in range(items)], dtype=np.float64)
    gold = np.array(draw(st.lists(st.integers(0, width - 1), min_size=items, max_size=items)))
    return table / table.sum(axis=1, keepdims=True), gold


@pytest.mark.parametrize(("equal", "strategy"), [("width", "uniform"), ("mass", "quantile")])
@given(judged=JUDGED, bins=st.integers(1, 12))
def test_bins_are_those_of_scikit_learn(equal, strategy, judged, bins):
    confidence, right = judged
    table = calibration.reliability(confidence, right, bins=bins, equal=equal)
    if right.any() and not right.all():  # theirs wants both kinds
        share, mean = sklearn_calibration.calibration_curve(right, confidence, n_bins=bins, strategy=strategy)
        assert [one.accuracy for one in table] == pytest.approx(share.tolist())
        assert [one.confidence for one in table] == pytest.approx(mean.tolist())
    assert sum(one.items for one in table) == len(right)
    assert all(one.low - 1e-12 <= one.confidence <= one.high + 1e-12 for one in table)


@given(judged=JUDGED)
def test_the_expected_error_is_a_mean_distance(judged):
    confidence, right = judged
    for equal in ("width", "mass"):
        assert 0 <= calibration.expected_error(confidence, right, equal=equal) <= 1
    assert calibration.expected_error(confidence, right, bins=1) == pytest.approx(abs(confidence.mean() - right.mean()))


def test_a_model_that_knows_what_it_knows_has_little_error_and_a_boaster_much():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, size=20_000)
    right = rng.random(20_000) < confidence
    for equal in ("width", "mass"):
        assert calibration.expected_error(confidence, right, equal=equal) < 0.01
        assert calibration.expected_error(np.full(20_000, 0.99), right, equal=equal) == pytest.approx(0.24, abs=0.01)


@given(table=probabilities())
def test_the_brier_score_is_that_of_scikit_learn(table):
    found, gold = table
    ours = calibration.brier(found, np.eye(found.shape[1], dtype=bool)[gold]).mean()
    theirs = metrics.brier_score_loss(gold, found, labels=range(found.shape[1]), scale_by_half=False)
    assert ours == pytest.approx(theirs)


# --- temperature


@given(table=probabilities(), temperature=st.floats(0.01, 100))
def test_no_temperature_changes_the_best_class(table, temperature):
    found, _ = table
    other = calibration.scaled(found, temperature)
    rows = np.arange(len(found))
    assert (other[rows, found.argmax(axis=1)] == other.max(axis=1)).all()
    assert other.sum(axis=1) == pytest.approx(np.ones(len(found)))
    assert ((other >= 0) & (other <= 1)).all()


@given(table=probabilities())
def test_the_fitted_temperature_is_best(table):
    found, gold = table
    fitted = calibration.temperature(found, gold)
    assert 0.01 <= fitted <= 100

    def loss(temperature):
        return -np.log(calibration.scaled(found, temperature)[np.arange(len(gold)), gold] + 1e-300).mean()

    best = loss(fitted)
    for other in np.geomspace(0.01, 100, 41):
        assert best <= loss(other) + 1e-9
    assert best <= loss(1.0) + 1e-12


@pytest.mark.parametrize("heat", [0.5, 1.0, 2.5])
def test_the_temperature_of_a_model_is_found_again(heat):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20_000, 4))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gold = (rng.random((20_000, 1)) > np.cumsum(true, axis=1)).sum(axis=1).clip(max=3)
    boasting = np.exp(logits * heat) / np.exp(logits * heat).sum(axis=1, keepdims=True)
    fitted = calibration.temperature(boasting, gold)
    assert fitted == pytest.approx(heat, rel=0.05)
    cured = calibration.scaled(boasting, fitted)
    assert (
        calibration.negative_log_likelihood(cured, gold) <= calibration.negative_log_likelihood(boasting, gold) + 1e-9
    )


def test_a_model_that_is_always_right_may_be_as_sure_as_can_be():
    found = np.array([[0.6, 0.4], [0.3, 0.7]])
    assert calibration.temperature(found, np.array([0, 1])) == pytest.approx(0.01)
    assert calibration.temperature(found, np.array([1, 0])) == pytest.approx(100)


# --- documents


def judged(rng, count=300):
    """A classifier whose probabilities are right."""
    gold, predicted = [], []
    for number in range(count):
        sure = round(float(rng.uniform(0.5, 1)), 3)
        label = "review" if rng.random() < sure else "trial"
        gold.append(Document(str(number), "Gout.", labels=(label,)))
        scores = (("review", sure), ("trial", round(1 - sure, 3)))
        predicted.append(Document(str(number), "Gout.", labels=("review",), label_scores=scores))
    return classes.of_documents(gold, predicted)


def test_the_measure_is_the_error_and_the_score_of_its_documents():
    found = judged(np.random.default_rng(0))
    confidence, right, scores = calibration.chosen(found)
    ours = {name.metric: one for name, one in estimates(calibration.measure(found), samples=200).items()}
    assert ours["ece"].value == pytest.approx(calibration.expected_error(confidence, right))
    assert ours["ece_equal_mass"].value == pytest.approx(calibration.expected_error(confidence, right, equal="mass"))
    assert ours["brier"].value == pytest.approx(calibration.brier(scores, found.gold).mean())
    assert ours["brier"].low < ours["brier"].value < ours["brier"].high


def test_a_class_that_nobody_speaks_of_has_its_part_in_the_brier_score():
    gold = [Document("7", "Gout.", labels=("review",))]
    predicted = [Document("7", "Gout.", labels=("review",), label_scores=(("review", 0.6), ("trial", 0.4)))]
    found = estimates(calibration.measure(classes.of_documents(gold, predicted)), samples=0)
    assert found["all", "brier"].value == pytest.approx(0.32)


@pytest.mark.parametrize("labels", [("review", "trial"), ()])
def test_calibration_needs_one_class_each_and_every_probability(labels):
    gold = [Document("7", "Gout.", labels=("review",)), Document("8", "Gout.", labels=labels)]
    with pytest.raises(ValueError, match="calibration needs the probability of every class"):
        calibration.measure(classes.of_documents(gold, gold))


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="item 1: nan is no probability"):
        calibration.reliability(np.array([0.5, np.nan]), np.array([True, False]))
    with pytest.raises(ValueError, match=r"item 0: 1.5 is no probability"):
        calibration.scaled(np.array([[1.5, 0.1]]), 2)
    with pytest.raises(ValueError, match="bins of equal 'size'; there are: width, mass"):
        calibration.reliability(np.array([0.5]), np.array([True]), equal="size")
    with pytest.raises(ValueError, match="no items"):
        calibration.temperature(np.zeros((0, 2)), np.zeros(0, dtype=int))
