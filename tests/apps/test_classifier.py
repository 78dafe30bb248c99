"""``biogloss.Classifier`` as a user of scikit-learn meets it: its tools take it, what it saves is one of our models."""

import copy
import gc
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted, validate_data

import biogloss
from biogloss.errors import ModelError, OutputError
from biogloss.models import folder as folders
from tiny import LETTERS, tiny_encoder, tiny_inference, tiny_model  # noqa: F401 - fixtures are found by name

torch = pytest.importorskip("torch", reason="the extra `sklearn` is not installed")
pytest.importorskip("transformers", reason="the extra `sklearn` is not installed")

TEXTS = [
    "Gout hurts.",
    "Metformin lowers glucose.",
    "Gout and pain.",
    "Glucose in diabetes.",
    "The pain of gout hurts.",
    "Metformin treats diabetes.",
]
ANSWERS = ["joints", "sugar"] * 3
LAST_BIT = 1e-6  # of float32


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def plain(tiny_encoder):  # noqa: F811 - the fixture
    """One that has not learned anything yet, and will in a moment."""
    return biogloss.Classifier(encoder=str(tiny_encoder), max_pieces=30, prototypes=True, random_state=0)


@pytest.fixture(scope="module")
def fitted(tiny_encoder):  # noqa: F811 - the fixture
    made = biogloss.Classifier(encoder=str(tiny_encoder), max_pieces=30, prototypes=True, random_state=0)
    return made.fit(TEXTS, ANSWERS)


# --- fitting and predicting


def test_training_learns_the_classes_by_heart_in_the_same_way_for_the_same_seed(plain):
    trained = plain.set_params(prototypes=False, epochs=12, learning_rate=3e-3, recipe={"dropout": 0.0})
    shares = trained.fit(TEXTS, ANSWERS).predict_proba(TEXTS)
    assert trained.score(TEXTS, ANSWERS) == 1.0
    assert shares.min() >= 0
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(TEXTS)))
    assert np.array_equal(trained.fit(TEXTS, ANSWERS).predict_proba(TEXTS), shares)
    assert not np.array_equal(trained.set_params(random_state=1).fit(TEXTS, ANSWERS).predict_proba(TEXTS), shares)


@pytest.mark.parametrize(
    "answers", [["b", "a"] * 3, [10, 2] * 3, [True, False] * 3, np.array(["x", "yy"] * 3, dtype=object)]
)
def test_classes_are_sorted_and_come_back_as_they_were_given(plain, answers):
    plain.fit(np.array(TEXTS), answers)
    assert plain.classes_.tolist() == sorted(set(answers))
    assert plain.classes_.dtype == np.asarray(answers).dtype
    assert plain.predict(TEXTS).tolist() == list(answers)
    assert plain.predict_proba(TEXTS).argmax(axis=1).tolist() == [plain.classes_.tolist().index(one) for one in answers]


class Table:
    """A table of numbers whose columns have names, as libraries of tables have them."""

    def __init__(self, rows, columns):
        self._rows = np.array(rows)
        self.columns = columns
        self.shape = self._rows.shape

    def __array__(self, dtype=None, copy=None):
        return self._rows.astype(dtype) if dtype else self._rows

    def __len__(self):
        return len(self._rows)


def test_a_text_may_have_several_classes(plain, tmp_path):
    sets = [{"joints", "pain"}, {"sugar"}, {"joints", "pain"}, {"sugar", "drug"}, {"joints"}, {"sugar", "drug"}]
    binarizer = MultiLabelBinarizer()
    matrix = binarizer.fit_transform(sets)
    plain.fit(TEXTS, matrix)
    assert plain.classes_.tolist() == [0, 1, 2, 3]
    shares = plain.predict_proba(TEXTS)
    assert shares.shape == matrix.shape
    assert np.array_equal(plain.predict(TEXTS), shares >= 0.5)
    assert plain.score(TEXTS, plain.predict(TEXTS)) == 1.0
    assert np.array_equal(plain.fit(TEXTS, csr_matrix(matrix)).predict_proba(TEXTS), shares)
    plain.fit(TEXTS, Table(matrix, binarizer.classes_))
    assert plain.classes_.tolist() == ["drug", "joints", "pain", "sugar"]
    assert np.array_equal(plain.predict_proba(TEXTS), shares)
    document = biogloss.load(plain.save(tmp_path / "model"))(TEXTS[0])
    assert set(document.labels) == {name for name, share in zip(plain.classes_, shares[0], strict=True) if share >= 0.5}


def test_of_a_text_without_words_nothing_is_known(fitted):
    assert fitted.predict_proba(["", "Gout hurts."])[0].tolist() == [0.5, 0.5]


def test_texts_alone_and_on_several_threads_are_told_as_in_company(fitted):
    shares = fitted.predict_proba(TEXTS)
    alone = np.concatenate([fitted.predict_proba([text]) for text in TEXTS])
    threaded = copy.deepcopy(fitted).set_params(n_jobs=2).predict_proba(TEXTS * 60)[:6]
    assert np.abs(alone - shares).max() < LAST_BIT
    assert np.abs(threaded - shares).max() < LAST_BIT


def test_what_is_held_out_chooses(plain, tmp_path):
    plain.set_params(validation_fraction=0.34).fit(TEXTS, ANSWERS)
    card = (plain.save(tmp_path / "model") / "README.md").read_text(encoding="utf-8")
    assert '"files/all"' in card


def test_nobody_else_s_random_numbers_are_disturbed(plain):
    before = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002 - others draw from it
    plain.fit(TEXTS, ANSWERS)
    assert (np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before  # noqa: NPY002


# --- in scikit-learn's company


def test_it_stands_in_pipelines_searches_and_cross_validation(plain):
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.lower() for text in texts]), plain)
    assert pipeline.fit(TEXTS, ANSWERS).score(TEXTS, ANSWERS) == 1.0
    search = GridSearchCV(pipeline, {"classifier__max_pieces": np.array([16, 30])}, cv=3, scoring="neg_log_loss")
    search.fit(TEXTS, ANSWERS)
    assert len(search.cv_results_["mean_test_score"]) == 2
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(TEXTS).tolist() == ANSWERS
    assert cross_val_score(plain, TEXTS, ANSWERS, cv=3, scoring="roc_auc").tolist() == [1.0] * 3


def test_a_clone_has_the_parameters_and_nothing_learned(fitted):
    again = clone(fitted)
    assert again.get_params() == fitted.get_params()
    assert not hasattr(again, "classes_")


def test_the_estimator_passes_the_checks_of_scikit_learn_for_texts():
    with pytest.warns(match="string=True"):  # most of them are for rows of numbers
        found = check_estimator(biogloss.Classifier(), on_fail="raise")
    assert {one["status"] for one in found} == {"passed"}


class Rows(biogloss.Classifier):
    """The same over rows of numbers written as texts, so that all checks of scikit-learn can be made."""

    def fit(self, X, y):  # noqa: N803 - scikit-learn's name
        return super().fit(written(validate_data(self, X)), y)

    def predict_proba(self, X):  # noqa: N803
        check_is_fitted(self)
        return super().predict_proba(written(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.one_d_array = tags.input_tags.string = False
        return tags


def written(rows):
    """Each number as ten letters of two kinds, more of the one the larger it is."""
    numbers = np.clip(np.round(2 * rows) + 5, 0, 10).astype(int)
    kinds = [(LETTERS[2 * place % 36], LETTERS[(2 * place + 1) % 36]) for place in range(rows.shape[1])]
    return [
        " ".join(
            letter
            for (one, other), number in zip(kinds, row, strict=True)
            for letter in one * number + other * (10 - number)
        )
        for row in numbers
    ]


COMPANY = "an encoder computes in float32: what is read beside a text may change its last bit, the check allows less"


@pytest.mark.slow
def test_over_rows_of_numbers_it_passes_all_checks_of_scikit_learn(tiny_encoder):  # noqa: F811 - the fixture
    rows = Rows(encoder=str(tiny_encoder), max_pieces=100, prototypes=True)
    expected = dict.fromkeys(("check_methods_sample_order_invariance", "check_methods_subset_invariance"), COMPANY)
    found = check_estimator(rows, expected_failed_checks=expected, on_fail="raise", on_skip=None)
    assert len(found) > 50
    skipped = {one["check_name"] for one in found if one["status"] == "skipped"}
    assert skipped <= {
        "check_array_api_input",  # needs an environment variable
        "check_classifier_data_not_an_array",  # needs pandas for its last part
        "check_classifiers_multilabel_output_format_decision_function",  # there is none
    }


# --- kept


def test_what_is_saved_and_loaded_predicts_the_same_bit_for_bit(fitted, tmp_path):
    again = biogloss.Classifier.load(fitted.save(tmp_path / "model"))
    assert again.get_params() == fitted.get_params()
    assert again.classes_.dtype == fitted.classes_.dtype
    assert np.array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert again.predict(TEXTS).tolist() == ANSWERS
    assert folders.settings(again.save(tmp_path / "again")).kind == folders.INFERENCE


def test_what_is_saved_is_a_model_like_any_other(fitted, tmp_path):
    gloss = biogloss.load(fitted.save(tmp_path / "model"))
    for text, answer, shares in zip(TEXTS, ANSWERS, fitted.predict_proba(TEXTS), strict=True):
        document = gloss(text)
        assert document.labels == (answer,)
        assert [share for _, share in document.label_scores] == pytest.approx(shares, abs=0.00051)


def test_the_trainable_model_can_be_saved_too(fitted, tmp_path):
    saved = fitted.save(tmp_path / "model", trainable=True)
    assert folders.settings(saved).kind == folders.TRAINABLE
    again = biogloss.Classifier.load(saved)
    assert np.array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert again.set_params(encoder=saved).fit(TEXTS, ANSWERS).predict(TEXTS).tolist() == ANSWERS


def test_numbers_are_numbers_again(plain, tmp_path):
    plain.set_params(epochs=np.int64(3), recipe={"cuts": (8, 16)}, random_state=np.random.RandomState(0))
    again = biogloss.Classifier.load(plain.fit(TEXTS, [1.5, 0.5] * 3 and [3, 1] * 3).save(tmp_path / "model"))
    assert again.predict(TEXTS).tolist() == [3, 1] * 3
    assert (again.epochs, again.recipe, again.random_state) == (3, {"cuts": [8, 16]}, None)
    assert again.fit(TEXTS, ANSWERS).predict(TEXTS).tolist() == ANSWERS


def test_loading_and_predicting_imports_no_torch(fitted, tmp_path):
    model = fitted.save(tmp_path / "model")
    program = (
        "import sys, biogloss; before = {'sklearn', 'torch'} & set(sys.modules); "
        f"found = biogloss.Classifier.load({str(model)!r}).predict(['Gout hurts.']); "
        "print(before, found, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set() ['joints'] False"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_lives_on_when_the_first_is_gone(plain, copied):
    plain.fit(TEXTS, ANSWERS)
    shares = plain.predict_proba(TEXTS)
    other = copied(plain)
    place = plain._fitted.folder(folders.INFERENCE)
    assert place.is_dir()
    plain.fit(TEXTS, ANSWERS)
    gc.collect()
    assert not place.exists()
    assert np.array_equal(other.predict_proba(TEXTS), shares)


def test_a_model_of_biogloss_finetune_is_one_too(fitted, tmp_path):
    saved = fitted.save(tmp_path / "model")
    (saved / "classifier.json").unlink()
    folders.seal(saved, folders.settings(saved, verify=False))
    again = biogloss.Classifier.load(saved)
    assert again.classes_.tolist() == ["joints", "sugar"]
    assert again.predict(TEXTS).tolist() == ANSWERS


def test_a_model_of_the_hub_is_found_in_its_cache(fitted):
    place = Path(os.environ["HF_HOME"]) / "hub" / "models--tests--classes"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("0" * 40, encoding="utf-8")
    (place / "snapshots").mkdir()
    fitted.save(place / "snapshots" / ("0" * 40))
    again = biogloss.Classifier.load("tests/classes")
    assert np.array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


# --- what cannot be


WRONG = {
    "a single text was given": ("Gout hurts.", ["a"]),
    r"an array of shape \(6, 1\) was given; expected texts": (np.array(TEXTS)[:, None], ANSWERS),
    r"text 1 is None, of the type NoneType; expected a str": (["Gout.", None], ["a", "b"]),
    "Found 0 texts": ([], []),
    "y to be passed, but the target y is None": (TEXTS, None),
    "y holds lists or sets of classes; expected .* MultiLabelBinarizer": (TEXTS, [{"a"}, {"a", "b"}] * 3),
    "y holds lists or sets": (TEXTS, [["a"], ["b"]] * 3),
    "Unknown label type": (TEXTS, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
    "inconsistent numbers of samples": (TEXTS, ANSWERS[:5]),
}


@pytest.mark.parametrize("words", sorted(WRONG))
def test_wrong_texts_and_classes_are_refused_by_their_words(plain, words):
    with pytest.raises(ValueError, match=words):
        plain.fit(*WRONG[words])


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"epochs": 0}, "epochs = 0 cannot be; expected at least 1"),
        ({"epochs": "many"}, "epochs = 'many' is not of the kind int"),
        ({"validation_fraction": 1.5}, r"validation_fraction = 1\.5 cannot be; expected a share"),
        ({"recipe": {"momentum": 0.9}}, "unknown key momentum; the keys are: .*dropout"),
        ({"recipe": {"labels": ["a"]}}, "unknown key labels"),
        ({"balanced": True}, "prototypes = True cannot be; expected false but for classification"),
        ({"max_pieces": 1000}, "max_pieces = 1000, but .* reads at most 126 pieces"),
    ],
)
def test_wrong_parameters_are_refused_when_it_learns(plain, parameters, words):
    plain.set_params(**parameters)
    with pytest.raises(ValueError, match=words):
        plain.fit(TEXTS, ANSWERS)


def test_an_encoder_that_is_not_there_is_named(plain, tmp_path):
    with pytest.raises(ModelError, match="absent"):
        plain.set_params(encoder=tmp_path / "absent").fit(TEXTS, ANSWERS)


def test_a_folder_is_not_written_over(fitted, tmp_path):
    saved = fitted.save(tmp_path / "model")
    with pytest.raises(OutputError, match="model exists already; name another folder"):
        fitted.save(saved)
    loaded = biogloss.Classifier.load(saved)
    with pytest.raises(ModelError, match="only that can be written"):
        loaded.save(tmp_path / "other", trainable=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_what_is_no_classifier_is_not_loaded(tiny_inference, fitted, tmp_path):  # noqa: F811 - the fixture
    with pytest.raises(ModelError, match="has no head of the task classification"):
        biogloss.Classifier.load(tiny_inference)
    with pytest.raises(ModelError, match="neither a model folder, nor on the hub"):
        biogloss.Classifier.load("tests/absent")
    saved = fitted.save(tmp_path / "model")
    described = json.loads((saved / "classifier.json").read_text(encoding="utf-8"))
    for content, words in (("{}", "not what Classifier.save writes"), ("later", "unknown parameters")):
        later = {**described, "parameters": {"tomorrow": 1}} if content == "later" else {}
        (saved / "classifier.json").write_text(json.dumps(later), encoding="utf-8")
        folders.seal(saved, folders.settings(saved, verify=False))
        with pytest.raises(ModelError, match=words):
            biogloss.Classifier.load(saved)
