"""Cross-validation is planned before anything is trained: who is held out when, and what cannot be."""

import re
from dataclasses import replace
from itertools import chain

import pytest
from test_material import CARD

from biogloss import corpora
from biogloss.documents import Document
from biogloss.errors import ConfigError
from biogloss.training import lesson
from biogloss.training.recipe import Learned, Recipe
from biogloss.training.turns import CORPORA, Plan, turns
from tiny import LABELS, eight, write_jsonl

WORDS = ("fever", "pain", "gout", "cancer", "aspirin", "metformin", "insulin", "glucose", "liver", "heart")


def texts(count, first=0):
    """Documents of two classes, no two of which share words in a row; two of each source."""
    for number in range(first, first + count):
        text = f"{WORDS[number % 10]} number {number}"
        yield Document(f"s{number // 2}-{number}", text, labels=("ab"[number % 2],))


@pytest.fixture
def chosen(tmp_path):
    files = {"train": [write_jsonl(tmp_path / "train.jsonl", texts(20))]}
    return Recipe(encoder="none", task="classification", files=files)


def parts(turn):
    """Training, development and held-out ids of a turn."""
    (one,) = lesson.lessons(turn.recipe)
    found = ([source.train for source in one.sources], [source.dev for source in one.sources])
    return [[document.id for document in chain(*own)] for own in found] + [[one.id for one in turn.held_out]]


def test_every_document_is_held_out_once_from_a_run_that_has_none_of_its_source(chosen):
    found = turns(chosen, Plan(folds=5))
    assert [turn.name for turn in found] == [f"fold-{number}" for number in range(1, 6)]
    held_out = []
    for turn in found:
        train, dev, own = parts(turn)
        assert not dev
        assert len(train) + len(own) == 20
        assert not {name.split("-")[0] for name in train} & {name.split("-")[0] for name in own}
        held_out += own
    assert sorted(held_out) == sorted(document.id for document in texts(20))


def test_a_development_part_chooses_in_every_turn_and_a_fold_of_the_rest_can_stand_in(chosen, tmp_path):
    dev = write_jsonl(tmp_path / "dev.jsonl", texts(4, first=20))
    for own in (replace(chosen, files={**chosen.files, "dev": [dev]}), replace(chosen, fold=(2, 4))):
        for turn in turns(own, Plan(folds=5)):
            train, dev_ids, held_out = parts(turn)
            assert (len(train), len(dev_ids), len(held_out)) == ((16, 4, 4) if own.files.get("dev") else (12, 4, 4))
            assert len({*train, *dev_ids, *held_out}) == sum(map(len, (train, dev_ids, held_out)))


def test_one_corpus_after_the_other_is_left_out_without_its_test_part(chosen, monkeypatch, tmp_path):
    toys = {"train": list(texts(4, first=30)), "dev": list(texts(2, first=40)), "test": list(texts(2, first=50))}
    leak = Document("leak", "five words of the test part", labels=("a",))
    toys["test"] += [leak]
    monkeypatch.setattr(corpora, "card", lambda _: replace(CARD, counts=dict.fromkeys(toys, (1, 1))))
    monkeypatch.setattr(corpora, "documents", lambda _, split: iter(toys[split]))
    train = write_jsonl(tmp_path / "more.jsonl", [*texts(20), replace(leak, id="copy")])
    both = replace(chosen, corpora={"toy": 1.0}, files={"train": [train]})
    toy, files = turns(both, Plan(leave_out=CORPORA))
    assert (toy.name, files.name) == ("fold-toy", "fold-files")
    ids = {split: [document.id for document in own] for split, own in toys.items()}
    assert parts(toy) == [[document.id for document in texts(20)], [], ids["train"] + ids["dev"]]
    assert parts(files) == [ids["train"], ids["dev"], [*(document.id for document in texts(20)), "copy"]]
    assert (
        "files: 1 training document shares text with documents that are held out, and is left out: copy" in toy.doubts
    )


def test_only_what_is_scored_of_a_document_is_its_gold(tmp_path):
    documents = [replace(document, labels=("x",)) for document in eight()]
    files = {"train": [write_jsonl(tmp_path / "train.jsonl", documents)]}
    found = turns(Recipe(encoder="none", labels=("Disease",), files=files, overlap=2), Plan(folds=2))
    held_out = {document.id: document for turn in found for document in turn.held_out}
    for document in documents:
        kept = held_out[document.id]
        assert kept.entities == tuple(entity for entity in document.entities if entity.label == "Disease")
        assert (kept.text, kept.labels) == (document.text, ())


def test_a_label_of_one_fold_alone_is_doubted(chosen, tmp_path):
    more = write_jsonl(tmp_path / "more.jsonl", [*texts(20), Document("rare", "one of its kind", labels=("c",))])
    found = turns(replace(chosen, files={"train": [more]}), Plan(folds=5))
    (doubt,) = (f"{turn.name}: {doubt}" for turn in found for doubt in turn.doubts)
    assert re.match(r"fold-\d: classification: no training document has the label c, which 1 test document has", doubt)


def one_class(count, others):
    """Documents of one class, and some of another."""
    return [
        replace(one, id=f"p{number}", labels=("b" if number < others else "a",))
        for number, one in enumerate(texts(count))
    ]


@pytest.mark.parametrize(
    ("documents", "plan", "words"),
    [
        (list(texts(6)), {"folds": 5}, "fold-1: files: 5 folds of 3 groups of documents cannot be"),
        (
            one_class(12, 1),
            {"folds": 3},
            r"fold-\d: (no document has another class than a|its 4 documents are all of one)",
        ),
        (one_class(12, 2), {"folds": 3}, "fold-[123]: its 4 documents are all of one class, .*; take fewer folds"),
        (list(texts(6)), {"folds": 1}, "1 folds cannot be; expected 2 or more"),
        (list(texts(6)), {"leave_out": "half"}, "leave out 'half' cannot be; expected folds or corpora"),
        (list(texts(6)), {"leave_out": "corpora"}, "learns from files alone; expected two corpora or more"),
    ],
)
def test_what_cannot_be_is_refused_before_training(tmp_path, documents, plan, words):
    files = {"train": [write_jsonl(tmp_path / "train.jsonl", documents)]}
    with pytest.raises(ConfigError, match=words):
        turns(Recipe(encoder="none", task="classification", files=files), Plan(**plan))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"test_fold": (1, 5)}, "has test_fold or test_corpora; leave them out"),
        ({"test_corpora": ("files",)}, "has test_fold or test_corpora; leave them out"),
    ],
)
def test_a_recipe_that_cannot_be_cross_validated_says_why(chosen, change, words):
    with pytest.raises(ConfigError, match=words):
        turns(replace(chosen, **change), Plan())


def test_several_tasks_are_refused(chosen):
    tasks = (Learned(task="classification", files=chosen.files), Learned(labels=LABELS, files=chosen.files))
    with pytest.raises(ConfigError, match="has 2 tasks; cross-validate one at a time"):
        turns(Recipe(encoder="none", tasks=tasks), Plan())
