"""Heads of nearest class means: those of another library, as sure as shots left out make them, in a usual model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.covariance import OAS
from sklearn.neighbors import NearestCentroid

from biogloss.documents import Document, Mark, Span
from biogloss.errors import ConfigError
from biogloss.models import folder as folders
from tiny import LABELS, eight, write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from safetensors.numpy import load_file  # noqa: E402

from biogloss.models.export import export  # noqa: E402
from biogloss.pipeline.steps import model as neural  # noqa: E402
from biogloss.training import prototypes  # noqa: E402
from biogloss.training.finetune import CHECKPOINT, finetune  # noqa: E402
from biogloss.training.recipe import Learned, Recipe  # noqa: E402

SHOTS = {
    "gout": ("Gout hurts.", "Gout and pain.", "The pain of gout hurts."),
    "sugar": ("Metformin lowers glucose.", "Glucose in diabetes.", "Metformin treats diabetes."),
}
PLAIN = {"max_pieces": 30, "overlap": 8, "cuts": (30,), "budget_pieces": 64}


@st.composite
def shots(draw):
    """States of items, and a class for each that has one item at least."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes = draw(st.integers(2, 5))
    targets = np.concatenate([np.arange(classes), rng.integers(0, classes, draw(st.integers(1, 20)))])
    centres = rng.normal(0, draw(st.sampled_from([0.1, 1, 5])), (classes, 6))
    far = draw(st.sampled_from([0.0, 30.0]))  # states of encoders lie close together and far from zero
    return far + centres[targets] + rng.normal(0, 1, (len(targets), 6)), targets


def rests(states, targets):
    """What the means of their classes leave of states."""
    return states - np.stack([states[targets == own].mean(axis=0) for own in targets])


def metric(states, targets):
    """What states are multiplied by so that the covariance within classes is 1, shrunk as another library does it."""
    fitted = OAS(assume_centered=True).fit(rests(states, targets))
    return np.linalg.cholesky(np.linalg.inv(fitted.covariance_))


def left_out(states, targets):
    """Squared distances of each item to the class means, and its class; of classes of more than one.

    Nothing of the item is in its class's mean or in the covariance; by how much that is shrunk stays as it was.
    """
    shrunk = OAS(assume_centered=True).fit(rests(states, targets))
    towards = shrunk.shrinkage_ * (rests(states, targets) ** 2).mean() * np.eye(states.shape[1])
    for place, own in enumerate(targets):
        others = np.arange(len(targets)) != place
        if own in targets[others]:
            means = np.stack([states[others & (targets == one)].mean(axis=0) for one in range(targets.max() + 1)])
            found = states[others] - means[targets[others]]
            covariance = towards + (1 - shrunk.shrinkage_) * found.T @ found / len(states)
            gone = states[place] - means
            yield (gone @ np.linalg.inv(covariance) * gone).sum(axis=1), own


def loss(log_scale, distances, right):
    """Cross-entropy against the softened targets of Platt (1999), his second class being any other."""
    count, classes = distances.shape
    targets = np.full(distances.shape, 1 / (count + 2) / (classes - 1))
    targets[np.arange(count), right] = (count + 1) / (count + 2)
    return -(targets * log_softmax(-np.exp(log_scale) * distances, axis=1)).sum()


@given(shots())
def test_the_nearest_class_mean_is_that_of_another_library(found):
    states, targets = found
    weight, bias = prototypes.of_one(states, targets)
    asked = states + np.random.default_rng(0).normal(0, 1, states.shape)
    turned = metric(states, targets)
    expected = NearestCentroid().fit(states @ turned, targets).predict(asked @ turned)
    assert (asked @ weight.T + bias).argmax(axis=1).tolist() == expected.tolist()


@given(shots())
def test_logits_differ_by_distances_as_much_as_shots_left_out_want_it(found):
    states, targets = found
    weight, bias = prototypes.of_one(states, targets)
    turned = metric(states, targets)
    means = NearestCentroid().fit(states @ turned, targets).centroids_
    distances = (((states @ turned)[:, None] - means) ** 2).sum(axis=2)
    logits = states @ weight.T + bias
    ratios = (logits - logits[:, :1])[:, 1:] / (distances[:, :1] - distances[:, 1:])
    scale = np.median(ratios)
    assert ratios == pytest.approx(np.full(ratios.shape, scale), rel=1e-4)
    asked, right = (np.array(own) for own in zip(*left_out(states, targets), strict=True))
    best = minimize_scalar(loss, bounds=(-20, 10), args=(asked, right), method="bounded", options={"xatol": 1e-9})
    least = prototypes.LEAST / asked.mean()
    assert scale == pytest.approx(max(least, np.exp(best.x)), rel=1e-3)


def test_a_shot_a_class_tells_classes_apart_and_is_not_sure():
    states = np.array([[0.0, 5.0], [3.0, 5.0]])
    weight, bias = prototypes.of_one(states, np.array([0, 1]))
    logits = states @ weight.T + bias
    assert logits[0, 0] - logits[0, 1] == pytest.approx(1.0)
    assert logits[1, 1] - logits[1, 0] == pytest.approx(1.0)


@given(shots())
def test_each_of_several_classes_is_told_by_the_nearer_of_two_means(found):
    states, targets = found
    own = np.stack([targets == 0, targets != 1, targets >= 0, targets < 0], axis=1)
    weight, bias = prototypes.of_several(states, own)
    logits = states @ weight.T + bias
    turned = states @ metric(states, np.minimum(targets, 2))  # what these classes say of an item: 0, 1 or neither
    for place in (0, 1):
        expected = NearestCentroid().fit(turned, own[:, place]).predict(turned)
        assert (logits[:, place] > 0).tolist() == expected.tolist()
    assert logits[:, 2] == pytest.approx(np.full(len(states), np.log(len(states) + 1)))  # all have it
    assert logits[:, 3] == pytest.approx(-logits[:, 2])  # none has it


def classified():
    return [
        Document(f"{label}-{number}", text, labels=(label,), marks=(Mark(Span(0, len(text)), "sentence", label),))
        for label, texts in SHOTS.items()
        for number, text in enumerate(texts)
    ]


def bare(document):
    return replace(document, labels=(), marks=tuple(replace(mark, label="") for mark in document.marks))


@pytest.fixture
def files(tmp_path):
    return {"train": [write_jsonl(tmp_path / "shots.jsonl", classified())]}


@pytest.mark.parametrize("task", ["classification", "roles"])
def test_a_recipe_makes_a_model_that_tells_its_shots_apart_with_the_encoder_as_it_was(
    tiny_encoder, files, tmp_path, task
):
    recipe = Recipe(encoder=str(tiny_encoder), task=task, files=files, prototypes=True, **PLAIN)
    trained = finetune(recipe, tmp_path / "run")
    before = load_file(tiny_encoder / "model.safetensors")
    after = load_file(trained / "model.safetensors")
    assert all(np.array_equal(after[name], before[name].astype(np.float16)) for name in after)
    step = neural.step(export(trained, tmp_path / "model", precision="float32"))
    said = [step(bare(document)) for document in classified()]
    found = [one.labels[0] if task == "classification" else one.marks[0].label for one in said]
    assert found == [document.labels[0] for document in classified()]


def test_a_text_may_have_several(tiny_encoder, files, tmp_path):
    recipe = Recipe(
        encoder=str(tiny_encoder), task="classification", classes="several", files=files, prototypes=True, **PLAIN
    )
    step = neural.step(export(finetune(recipe, tmp_path / "run"), tmp_path / "model", precision="float32"))
    assert [step(bare(document)).labels for document in classified()] == [one.labels for one in classified()]


def test_beside_a_task_that_trains_the_encoder_the_head_follows_it_and_a_resumed_run_is_the_same(
    tiny_encoder, files, tmp_path
):
    mentions = {"train": [write_jsonl(tmp_path / "eight.jsonl", eight())]}
    learned = (
        Learned(labels=LABELS, files=mentions),
        Learned(task="classification", files=files, prototypes=True),
    )
    recipe = Recipe(encoder=str(tiny_encoder), tasks=learned, epochs=2, learning_rate=3e-3, **PLAIN)
    whole, parts = finetune(recipe, tmp_path / "whole"), tmp_path / "parts"
    finetune(recipe, parts, stop_after=3)
    finetune(recipe, parts)
    for name in ("model.safetensors", folders.HEADS):
        assert (whole / name).read_bytes() == (parts / "model" / name).read_bytes()
    untrained = finetune(replace(recipe, tasks=learned[1:]), tmp_path / "alone")
    weight = "classification.out.weight"
    assert not np.allclose(load_file(whole / folders.HEADS)[weight], load_file(untrained / folders.HEADS)[weight])
    steps = load_file(tmp_path / "whole" / CHECKPOINT)
    assert not [name for name in steps if name.startswith("optimizer.heads.classification")]


def test_a_class_without_a_shot_is_refused(tiny_encoder, files, tmp_path):
    dev = write_jsonl(tmp_path / "dev.jsonl", [Document("d", "It hurts much.", labels=("pain",))])
    recipe = Recipe(
        encoder=str(tiny_encoder),
        task="classification",
        labels=("gout", "pain", "sugar"),
        files={**files, "dev": [str(dev)]},
        prototypes=True,
        **PLAIN,
    )
    with pytest.raises(ConfigError, match="no training document has the class pain; leave it out"):
        finetune(recipe, tmp_path / "run")


@pytest.mark.parametrize("changes", [{"labels": ("Gene",)}, {"task": "pairs"}, {"task": "roles", "focal": 2.0}])
def test_what_is_not_told_by_means_is_refused(changes):
    with pytest.raises(ConfigError, match="prototypes = True cannot be; expected false but for classification and"):
        Recipe(**{"encoder": "e", "corpora": {"hoc": 1.0}, "prototypes": True} | changes)
