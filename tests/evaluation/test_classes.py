"""Scores of classes are those of scikit-learn; sentences are drawn with their documents; bad input is named."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from biogloss.documents import Document, Mark, Span
from biogloss.evaluation import classes
from biogloss.evaluation.bootstrap import estimates

metrics = pytest.importorskip("sklearn.metrics")

NAMES = ("editorial", "review", "trial")
ONE = st.sampled_from(NAMES).map(lambda name: (name,))
SOME = st.sets(st.sampled_from(NAMES)).map(lambda names: tuple(sorted(names)))
SCORES = st.lists(st.integers(0, 10), min_size=3, max_size=3).map(
    lambda tenths: tuple(zip(NAMES, (tenth / 10 for tenth in tenths), strict=True))
)


def rows(labels):
    """Gold labels, predicted labels and scores of some documents, a class or more in the gold ones."""
    one = st.tuples(labels, labels, SCORES)
    return st.lists(one, min_size=1, max_size=12).filter(lambda found: any(gold for gold, _, _ in found))


def documents(found):
    gold = [Document(str(number), "Gout.", labels=row[0]) for number, row in enumerate(found)]
    predicted = [Document(str(number), "Gout.", labels=row[1], label_scores=row[2]) for number, row in enumerate(found)]
    return gold, predicted


def values(found, **options):
    measure = classes.measure(found, **options)
    return {tuple(name): estimate.value for name, estimate in estimates(measure, samples=0).items()}


def indicators(found, side):
    names = sorted({label for row in found for label in (*row[0], *row[1])})
    return names, np.array([[name in row[side] for name in names] for row in found])


@pytest.mark.parametrize("labels", [ONE, SOME], ids=["one class", "several classes"])
@given(chosen=st.data())
def test_precision_recall_and_f1_are_those_of_scikit_learn(labels, chosen):
    found = chosen.draw(rows(labels))
    ours = values(classes.of_documents(*documents(found)))
    names, gold = indicators(found, 0)
    _, predicted = indicators(found, 1)
    assume(len(names) > 1)  # it takes one column for two classes
    for label, row in zip(names, _theirs(gold, predicted, None).T, strict=True):
        assert [ours[label, metric] for metric in ("precision", "recall", "f1")] == pytest.approx(row.tolist())
    for mean in ("micro", "macro", "weighted"):
        own = [ours[mean, metric] for metric in ("precision", "recall", "f1")]
        assert own == pytest.approx(_theirs(gold, predicted, mean).tolist()), mean
    assert ours["all", "accuracy"] == pytest.approx(metrics.accuracy_score(gold, predicted))


def _theirs(gold, predicted, average):
    found = metrics.precision_recall_fscore_support(gold, predicted, average=average, zero_division=0)
    return np.array(found[:3])


@given(found=rows(ONE))
def test_the_confusion_matrix_is_that_of_scikit_learn(found):
    matrix = classes.confusion(classes.of_documents(*documents(found)))
    gold, predicted = ([row[side][0] for row in found] for side in (0, 1))
    names = tuple(sorted({*gold, *predicted}))
    assert matrix.rows == matrix.columns == names
    assert matrix.counts.tolist() == metrics.confusion_matrix(gold, predicted, labels=names).tolist()


@given(found=rows(SOME))
def test_areas_are_those_of_scikit_learn_and_undefined_where_theirs_are(found):
    ours = values(classes.of_documents(*documents(found)))
    names, gold = indicators(found, 0)
    defined = {"roc_auc": [], "average_precision": []}
    for place, name in enumerate(names):
        of_class, scores = gold[:, place], [dict(row[2])[name] for row in found]
        expected = {"roc_auc": np.nan, "average_precision": np.nan}
        if of_class.any():
            expected["average_precision"] = metrics.average_precision_score(of_class, scores)
        if of_class.any() and not of_class.all():
            expected["roc_auc"] = metrics.roc_auc_score(of_class, scores)
        for area, value in expected.items():
            assert ours[name, area] == pytest.approx(value, nan_ok=True)
            defined[area] += [] if np.isnan(value) else [value]
    for area, own in defined.items():
        assert ours["macro", area] == pytest.approx(np.mean(own) if own else np.nan, nan_ok=True)


@given(found=rows(SOME))
def test_what_is_predicted_right_scores_one_and_nothing_scores_zero(found):
    gold = documents(found)[0]
    perfect = values(classes.of_documents(gold, gold))
    assert {perfect[mean, "f1"] for mean in ("micro", "macro", "weighted")} | {perfect["all", "accuracy"]} == {1}
    silent = [Document(document.id, document.text) for document in gold]
    nothing = values(classes.of_documents(gold, silent))
    assert {nothing[mean, "f1"] for mean in ("micro", "macro", "weighted")} == {0}
    assert nothing["all", "accuracy"] == np.mean([not document.labels for document in gold])


@given(found=rows(SOME), seed=st.randoms(use_true_random=False))
def test_the_order_of_documents_changes_nothing(found, seed):
    other = list(found)
    seed.shuffle(other)
    one, two = (values(classes.of_documents(*documents(rows))) for rows in (found, other))
    assert one.keys() == two.keys()
    assert list(one.values()) == pytest.approx(list(two.values()), nan_ok=True)


def test_intervals_hold_the_score_and_are_as_wide_as_theory_says():
    rng = np.random.default_rng(0)
    found = [(("trial",), ("trial",) if right else ("review",), ()) for right in rng.random(400) < 0.8]
    estimate = estimates(classes.measure(classes.of_documents(*documents(found))))["all", "accuracy"]
    share = np.mean([gold == predicted for gold, predicted, _ in found])
    error = 1.96 * (share * (1 - share) / 400) ** 0.5
    assert estimate.value == share
    assert (estimate.low, estimate.high) == (
        pytest.approx(share - error, abs=0.01),
        pytest.approx(share + error, abs=0.01),
    )


def test_areas_have_intervals_too():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(150):
        gold = NAMES[rng.integers(3)]
        row = [(name, float(np.clip(rng.normal(0.6 if name == gold else 0.4, 0.2), 0, 1))) for name in NAMES]
        found.append(((gold,), (max(row, key=lambda pair: pair[1])[0],), tuple(row)))
    for name, one in estimates(classes.measure(classes.of_documents(*documents(found))), samples=200).items():
        assert 0 < one.low <= one.value <= one.high < 1, name
        assert one.high - one.low > 0.01, name


# --- sentences

TEXT = "We ask. We look. We see. We end."
SPANS = (Span(0, 7), Span(8, 16), Span(17, 24), Span(25, 32))


def marked(number, roles, spans=SPANS):
    marks = tuple(Mark(span, "sentence", role) for span, role in zip(spans, roles, strict=True) if role is not None)
    return Document(str(number), TEXT, marks=marks)


ROLES = st.lists(st.sampled_from(["aim", "methods", "results"]), min_size=4, max_size=4)


@given(pairs=st.lists(st.tuples(ROLES, ROLES), min_size=1, max_size=5))
def test_sentences_are_scored_as_items(pairs):
    gold, predicted = ([marked(number, pair[side]) for number, pair in enumerate(pairs)] for side in (0, 1))
    ours = values(classes.of_sentences(gold, predicted))
    flat = [[role for pair in pairs for role in pair[side]] for side in (0, 1)]
    assert ours["all", "accuracy"] == pytest.approx(metrics.accuracy_score(*flat))
    assert ours["macro", "f1"] == pytest.approx(metrics.f1_score(*flat, average="macro", zero_division=0))


def test_draws_are_of_documents_not_of_sentences():
    """Where the sentences of a document are all right or all wrong, four say no more than one."""
    rights = np.random.default_rng(0).random(100) < 0.7
    gold = [marked(number, ["aim"] * 4) for number in range(100)]
    predicted = [marked(number, ["aim" if right else "results"] * 4) for number, right in enumerate(rights)]
    of_sentences = estimates(classes.measure(classes.of_sentences(gold, predicted)))["all", "accuracy"]
    found = [(("aim",), ("aim",) if right else ("results",), ()) for right in rights]
    of_documents = estimates(classes.measure(classes.of_documents(*documents(found))))["all", "accuracy"]
    assert of_sentences == of_documents


def test_a_sentence_without_a_class_is_not_scored_and_one_that_is_not_predicted_is_wrong():
    gold = [marked(1, ["aim", "methods", "", "results"])]
    found = classes.of_sentences(gold, [marked(1, ["aim", None, "aim", "results"])])
    assert len(found.gold) == 3
    assert values(found)["all", "accuracy"] == pytest.approx(2 / 3)
    matrix = classes.confusion(found)
    assert matrix.columns == ("aim", "methods", "results", "(none)")
    assert matrix.counts[matrix.rows.index("methods")].tolist() == [0, 0, 0, 1]


def test_other_sentences_are_refused():
    other = Document("7", TEXT, marks=(Mark(Span(0, 16), "sentence", "aim"),))
    with pytest.raises(ValueError, match="document 7: the sentence at characters 0-16 is none of the gold document"):
        classes.of_sentences([marked(7, ["aim"] * 4)], [other])


# --- bad input


@pytest.mark.parametrize(
    ("predicted", "options", "words"),
    [
        (Document("8", "Gout."), {}, "gold document 7 stands beside predicted 8"),
        (Document("7", "Gout.", labels=("reviews",)), {"classes": NAMES}, "document 7: no class 'reviews'; there are"),
    ],
)
def test_documents_and_classes_that_do_not_fit_are_named(predicted, options, words):
    with pytest.raises(ValueError, match=words):
        classes.of_documents([Document("7", "Gout.", labels=("review",))], [predicted], **options)


def test_scores_of_some_documents_only_are_refused():
    gold = [Document(name, "Gout.", labels=("review",)) for name in "78"]
    scored = Document("7", "Gout.", labels=("review",), label_scores=(("review", 0.9), ("trial", 0.1)))
    with pytest.raises(ValueError, match="document 8 has scores of 0 classes, document 7 of 2"):
        classes.of_documents(gold, [scored, gold[1]])


def test_a_class_that_the_system_does_not_score_has_no_area():
    gold = [Document(str(number), "Gout.", labels=(name,)) for number, name in enumerate(NAMES)]
    scores = (("review", 0.9), ("trial", 0.1))
    predicted = [Document(one.id, one.text, labels=one.labels, label_scores=scores) for one in gold]
    ours = values(classes.of_documents(gold, predicted))
    assert ("editorial", "roc_auc") not in ours
    assert ours["review", "roc_auc"] == 0.5


def test_no_gold_at_all_is_refused():
    with pytest.raises(ValueError, match="nothing is classified in the gold documents"):
        classes.of_documents([Document("7", "Gout.")], [Document("7", "Gout.", labels=("review",))])
    with pytest.raises(ValueError, match="nothing is classified"):
        classes.of_sentences([], [])


def test_a_class_with_the_name_of_a_mean_is_refused():
    gold = [Document("7", "Gout.", labels=("macro",))]
    with pytest.raises(ValueError, match="a label is called 'macro'"):
        classes.measure(classes.of_documents(gold, gold))


def test_items_of_several_classes_have_no_confusion_matrix():
    gold = [Document("7", "Gout.", labels=("review", "trial"))]
    with pytest.raises(ValueError, match="one class each"):
        classes.confusion(classes.of_documents(gold, gold))
