"""A head fitted before training is that of another library, and where a run starts from."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from biogloss.documents import Document
from biogloss.errors import ConfigError
from biogloss.models.folder import HEADS
from tiny import write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.tasks._classes import Loss  # noqa: E402
from biogloss.training import linear_probe, predict, states  # noqa: E402
from biogloss.training.finetune import finetune  # noqa: E402
from biogloss.training.recipe import Recipe  # noqa: E402

TEXTS = {
    "gout": ("Gout hurts.", "Gout and pain.", "The pain of gout hurts."),
    "sugar": ("Metformin lowers glucose.", "Glucose in diabetes.", "Metformin treats diabetes."),
}


@st.composite
def items(draw):
    """States far from zero that differ more along some directions than along others, one of them not at all."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = np.array([0.05, 1.0, 5.0, 0.3, 0.0], dtype=np.float32)
    found = 20 + rng.normal(size=(draw(st.integers(12, 40)), 5)).astype(np.float32) * spread
    targets = rng.normal(size=(5, 3)).T @ (found - 20).T + rng.normal(size=(3, len(found)))
    targets[:, :3] = 9 * np.eye(3)  # each class has an item, and each has one without
    return found, targets.T


def reference(found, targets):
    scaled = StandardScaler().fit_transform(found.astype(np.float64))
    return LogisticRegression(C=1.0, tol=1e-8, max_iter=10_000).fit(scaled, targets).predict_proba(scaled)


def probabilities(found, targets, of):
    head = linear_probe.fitted(torch.from_numpy(found), torch.from_numpy(targets), Loss(), 3)
    return of(torch.from_numpy(found) @ head[0].T + head[1]).numpy()


def test_what_does_not_fit_into_memory_at_once_is_read_in_parts(monkeypatch):
    rng = np.random.default_rng(1)
    found = rng.normal(size=(40, 5)).astype(np.float32)
    targets = (found @ rng.normal(size=(5, 3)) > 0).astype(np.float32)
    whole = probabilities(found, targets, torch.sigmoid)
    monkeypatch.setattr(linear_probe, "AT_ONCE", 3 * 7)
    assert np.allclose(probabilities(found, targets, torch.sigmoid), whole, atol=1e-3)


@given(found=items())
@settings(max_examples=20)
def test_the_head_of_one_class_an_item_is_that_of_another_library(found):
    shown, targets = found[0], found[1].argmax(axis=1)
    made = probabilities(shown, targets, lambda logits: logits.softmax(-1))
    assert np.allclose(made, reference(shown, targets), atol=0.01)


@given(found=items())
@settings(max_examples=20)
def test_the_head_of_several_classes_an_item_is_those_of_another_library(found):
    shown, targets = found[0], (found[1] > 0).astype(np.float32)
    made = probabilities(shown, targets, torch.sigmoid)
    for place, own in enumerate(targets.T):
        assert np.allclose(made[:, place], reference(shown, own)[:, 1], atol=0.01)


@pytest.fixture
def recipe(tiny_encoder, tmp_path):
    documents = [Document(text, text, labels=(label,)) for label, texts in TEXTS.items() for text in texts]
    return Recipe(
        encoder=str(tiny_encoder),
        task="classification",
        files={"train": [write_jsonl(tmp_path / "train.jsonl", documents)]},
        linear_probe=True,
        learning_rate=1e-9,
        max_pieces=30,
        overlap=8,
        cuts=(30,),
        budget_pieces=64,
        epochs=2,
    )


def test_training_goes_on_from_the_fitted_head_and_a_resumed_run_is_the_same(recipe, tmp_path, capsys):
    whole = finetune(recipe, tmp_path / "whole")
    assert "fitting: heads=['classification']" in capsys.readouterr().err  # which may take as long as it is silent
    said = predict.by_folder(whole, [Document(text, text) for own in TEXTS.values() for text in own], "classification")
    assert [document.labels[0] for document in said] == ["gout"] * 3 + ["sugar"] * 3  # at a rate that trains nothing
    finetune(recipe, tmp_path / "parts", stop_after=1)
    parts = finetune(recipe, tmp_path / "parts")
    assert (whole / HEADS).read_bytes() == (parts / HEADS).read_bytes()


def test_a_fitted_head_is_trained_without_dropout_and_the_encoder_with(recipe, tmp_path, monkeypatch):
    fit, models = linear_probe.fit, []
    monkeypatch.setattr(linear_probe, "fit", lambda *given: models.append(given[1]) or fit(*given))
    finetune(replace(recipe, epochs=1, dropout=0.1), tmp_path / "run")
    (model,) = models
    shares = [max(one.p for one in part.modules() if hasattr(one, "p")) for part in (model.heads, model.encoder)]
    assert shares == [0.0, 0.1]


def test_of_more_documents_than_fit_into_memory_some_of_all_are_read(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(linear_probe, "MOST_NUMBERS", 2 * 64)  # what the width of the encoder allows
    read = []
    noted = SimpleNamespace(read=lambda some, *rest: read.extend(some) or predict.read(some, *rest))
    monkeypatch.setattr(states, "predict", noted)
    finetune(replace(recipe, epochs=1), tmp_path / "run")
    assert [document.labels[0] for document in read] == ["gout", "sugar"]


@pytest.mark.parametrize("changes", [{"prototypes": True}, {"task": "pairs"}])
def test_what_has_no_such_head_is_refused(changes):
    message = "linear_probe = True cannot be; expected false but for classification and roles, without prototypes"
    with pytest.raises(ConfigError, match=message):
        Recipe(**{"encoder": "e", "task": "roles", "corpora": {"hoc": 1.0}, "linear_probe": True} | changes)
