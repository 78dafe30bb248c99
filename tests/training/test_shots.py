"""Few-shot draws and folds: no label too often, nobody left out without a reason, no source on both sides."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document
from biogloss.errors import ConfigError
from biogloss.training import lesson, material, shots
from biogloss.training.recipe import Recipe
from tiny import LABELS, eight, labelled, recipe, write_jsonl

MADE = st.lists(st.frozensets(st.sampled_from("abcd"), max_size=3), max_size=40)


def labels_of(document):
    return document.labels


@given(made=MADE, most=st.integers(1, 4), seed=st.integers(0, 3))
def test_no_label_comes_too_often_and_none_that_would_fit_is_left_out(made, most, seed):
    found = [Document(str(number), "Gout.", labels=tuple(sorted(own))) for number, own in enumerate(made)]
    few = shots.drawn(found, labels_of, shots=most, seed=seed)
    times = Counter(label for document in few for label in document.labels or ("",))
    assert max(times.values(), default=0) <= most
    for document in set(found) - set(few):
        assert any(times[label] == most for label in document.labels or ("",))
    assert list(few) == [document for document in found if document in few]
    assert few == shots.drawn(found, labels_of, shots=most, seed=seed)


def test_another_seed_draws_others():
    found = [Document(str(number), "Gout.", labels=("a",)) for number in range(50)]
    assert shots.drawn(found, labels_of, shots=5, seed=1) != shots.drawn(found, labels_of, shots=5, seed=2)


def test_a_lesson_learns_from_few_documents_and_scores_on_all(tmp_path):
    dev = [labelled(number, "Other words.", {"words": "Disease"}) for number in range(11, 14)]
    files = write_jsonl(tmp_path / "train.jsonl", eight()), write_jsonl(tmp_path / "dev.jsonl", dev)
    (one,) = lesson.lessons(recipe("none", *files, shots=1, overlap=2))
    (source,) = one.sources
    assert len(source.dev) == 3
    times = Counter(label for document in source.train for label in {entity.label for entity in document.entities})
    assert set(times.values()) == {1}
    assert one.task.labels == LABELS


def classes(tmp_path, count=20):
    found = [
        Document(f"s{number // 2}-{number}", f"Text {number}.", labels=("ab"[number % 2],)) for number in range(count)
    ]
    return write_jsonl(tmp_path / "classes.jsonl", found)


def test_every_document_is_held_out_in_one_fold_and_no_source_is_on_both_sides(tmp_path):
    train = classes(tmp_path)
    held_out = []
    for number in range(1, 6):
        chosen = Recipe(encoder="none", task="classification", files={"train": [train]}, fold=(number, 5))
        (one,) = lesson.lessons(replace(chosen, seed=number))
        (source,) = one.sources
        assert len(source.train) + len(source.dev) == 20
        sources = [{document.id.split("-")[0] for document in part} for part in (source.train, source.dev)]
        assert not sources[0] & sources[1]
        held_out += [document.id for document in source.dev]
    assert len(held_out) == len(set(held_out)) == 20


def test_a_fold_stands_in_for_the_development_part(tmp_path):
    train, dev = write_jsonl(tmp_path / "train.jsonl", eight()), write_jsonl(tmp_path / "dev.jsonl", eight()[:1])
    chosen = recipe("none", train, dev, fold=(2, 4))
    ((source,),) = material.sources(chosen)
    assert (len(source.train), len(source.dev)) == (6, 2)


def test_more_folds_than_sources_are_refused(tmp_path):
    chosen = Recipe(encoder="none", task="classification", files={"train": [classes(tmp_path, 4)]}, fold=(1, 5))
    with pytest.raises(ConfigError, match="5 folds of 2 groups of documents cannot be"):
        lesson.lessons(chosen)
