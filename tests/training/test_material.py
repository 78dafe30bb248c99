"""What a run learns from: no leaks, no silence, and every document equally often."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss import corpora
from biogloss.corpora._card import Card, mapped, unique
from biogloss.documents import Document
from biogloss.errors import ConfigError, FormatError
from biogloss.evaluation.splits import leaks
from biogloss.tasks._examples import UNKNOWN, Coverage
from biogloss.tasks.ner import Ner
from biogloss.tasks.relations import Relations
from biogloss.training import material
from biogloss.training.material import Source
from biogloss.training.recipe import Learned, Recipe
from tiny import LABELS, eight, labelled, recipe, write_jsonl

LONG = "Thirteen words in a row stand in this sentence about gout and its cure today."
CARD = Card(
    name="toy",
    title="Toy",
    citation="",
    url="",
    licence="",
    ship=True,
    heads={"protein": ("Gene",), "Disease": ("Disease",), "Cancer": ("Disease", "Anatomy")},
    exhaustive=frozenset({"Disease"}),
    counts={"train": (1, 1), "dev": (1, 1)},
)


def source(count, passes, name="files"):
    documents = tuple(Document(str(number), "gout " * (1 + number % 7)) for number in range(count))
    return Source(name, Coverage(frozenset(LABELS)), documents, (), passes)


@given(count=st.integers(1, 60), hundredths=st.integers(5, 300), epochs=st.integers(1, 8), seed=st.integers(0, 9))
def test_every_document_comes_equally_often_over_the_epochs(count, hundredths, epochs, seed):
    own = source(count, hundredths / 100)
    found = [material.drawn(own, random.Random(f"{seed} {epoch}"), epoch) for epoch in range(epochs)]
    times = Counter(document.id for epoch in found for document in epoch)
    assert sum(times.values()) == round(count * own.passes * epochs)
    often = [times[document.id] for document in own.train]
    assert max(often) - min(often) <= 1


def test_a_corpus_without_documents_is_drawn_from_without_error():
    assert material.drawn(source(0, 1.0), random.Random(0), 3) == []


def test_an_epoch_is_the_same_each_time_and_unlike_the_next(tiny_tokenizer):
    chosen = recipe("none", "none", budget_pieces=40)
    task = Ner(LABELS, max_pieces=30, overlap=8)

    def batches(epoch):
        found = material.epoch_batches([source(40, 1.0)], task, tiny_tokenizer, chosen, epoch)
        return [[example.reading.windows[0].tolist() for example in batch] for batch in found]

    assert batches(0) == batches(0)
    assert batches(0) != batches(1)
    for batch in batches(0):
        assert len(batch) * max(map(len, batch)) <= 40


def test_a_documents_windows_hold_all_of_its_pieces(tiny_tokenizer):
    text = " ".join(document.text for document in eight())
    own = Source("files", Coverage(frozenset(LABELS)), (Document("1", text),), (), 1.0)
    task = Ner(LABELS, max_pieces=30, overlap=8)
    batches = material.epoch_batches([own], task, tiny_tokenizer, recipe("none", "none"), 0)
    found = []
    for window in (example for batch in batches for example in batch):
        (ids,) = window.reading.windows
        found.append(tuple(ids[1:-1].tolist()))
    assert sorted(sum(found, ())) == sorted(tiny_tokenizer.pieces(text).ids.tolist())


def test_padding_is_masked_and_has_no_target(tiny_tokenizer):
    examples = [
        example
        for document in eight()[:3]
        for example in Ner(LABELS).examples(document, tiny_tokenizer.pieces(document.text), tiny_tokenizer)
    ]
    batch = material.collate(examples, tiny_tokenizer.padding)
    for row, example in enumerate(examples):
        (window,) = example.reading.windows
        assert batch.ids[row, : len(window)].tolist() == window.tolist()
        assert set(batch.ids[row, len(window) :].tolist()) <= {tiny_tokenizer.padding}
        assert np.flatnonzero(batch.mask[row]).tolist() == list(range(len(window)))
    assert batch.pieces == batch.mask.sum()
    pieces = [number for document in eight()[:3] for number in tiny_tokenizer.pieces(document.text).ids]
    assert batch.ids.ravel()[batch.places].tolist() == pieces
    assert len(batch.targets) == len(pieces)
    assert material.collate(examples[:1], tiny_tokenizer.padding).mask is None


def test_a_training_document_that_shares_text_with_a_held_out_one_is_left_out(tmp_path):
    train = [Document("1", LONG + " More."), Document("2", "Something else altogether, here.")]
    dev = [Document("3", "Before it. " + LONG.upper())]
    paths = (write_jsonl(tmp_path / name, part) for name, part in (("train.jsonl", train), ("dev.jsonl", dev)))
    ((found,),) = material.sources(recipe("none", *paths))
    assert [document.id for document in found.train] == ["2"]
    assert (found.leaked, len(found.dev)) == (("1",), 1)


def test_leaks_are_looked_for_between_corpora_and_files(tmp_path, monkeypatch):
    def toy(_, split):
        return iter([Document(split, {"train": "Nothing that is known elsewhere.", "dev": LONG}[split])])

    monkeypatch.setattr(corpora, "card", lambda _: CARD)
    monkeypatch.setattr(corpora, "labelled", toy)
    path = write_jsonl(
        tmp_path / "train.jsonl", [Document("1", LONG), Document("2", "Words of its own, five of them.")]
    )
    ((toys, files),) = material.sources(recipe("none", path, corpora={"toy": 0.5}))
    assert [document.id for document in files.train] == ["2"]
    assert (toys.name, toys.passes, toys.leaked, files.leaked) == ("toy", 0.5, (), ("1",))


def test_what_one_task_holds_out_no_other_learns_from(tmp_path):
    train = [Document("1", LONG), Document("2", "Something else altogether, here.")]
    first = {"train": [write_jsonl(tmp_path / "train.jsonl", train)]}
    second = {
        "train": [write_jsonl(tmp_path / "other.jsonl", [Document("3", "Words of its own, five of them.")])],
        "dev": [write_jsonl(tmp_path / "dev.jsonl", [Document("4", LONG)])],
    }
    learned = (Learned(labels=LABELS, files=first), Learned(task="classification", files=second))
    ((one,), (other,)) = material.sources(Recipe(encoder="none", tasks=learned))
    assert ([document.id for document in one.train], one.leaked) == (["2"], ("1",))
    assert ([document.id for document in other.train], other.leaked) == (["3"], ())


def test_a_development_part_that_is_learned_from_chooses_nothing_and_shares_nothing_with_the_test_part(monkeypatch):
    texts = {"train": "Nothing that is known elsewhere.", "dev": "Words of its own, five of them.", "test": LONG}

    def toy(_, split):
        more = [Document("leak", LONG)] if split == "dev" else []
        return iter([Document(split, texts[split]), *more])

    monkeypatch.setattr(corpora, "card", lambda _: replace(CARD, counts=dict.fromkeys(texts, (1, 1))))
    monkeypatch.setattr(corpora, "labelled", toy)
    ((found,),) = material.sources(recipe("none", "none", files={}, corpora={"toy": 1.0}, with_dev=("toy",)))
    assert [document.id for document in found.train] == ["train", "dev"]
    assert (found.dev, found.leaked) == ((), ("leak",))


def test_the_leak_check_knows_thirteen_words_and_shorter_whole_texts():
    held_out = [Document("h", LONG), Document("s", "Five words stand here alone.")]
    words = LONG.rstrip(".").split()
    shares = [
        (" ".join(words[1:14]), True),
        (" ".join(words[2:14]), False),  # twelve
        ("five WORDS: stand here -- alone", True),
        ("Five words stand here alone too.", False),
        ("Results.", False),
    ]
    for text, leaked in shares:
        assert bool(leaks([Document("t", text)], held_out)) is leaked, text
    assert not leaks([Document("t", "Results.")], [Document("h", "Results.")])


def test_a_corpus_without_any_of_the_labels_is_refused():
    with pytest.raises(ConfigError, match="corpus ncbi_disease has none of the labels Gene; it has: Disease"):
        material.sources(recipe("none", "none", files={}, labels=("Gene",), corpora={"ncbi_disease": 1.0}))


@pytest.mark.usefixtures("catalogue")
def test_a_corpus_may_be_learned_under_its_own_types_all_of_whose_mentions_it_marks():
    own = recipe("own", "none", files={}, labels=("protein", "DNA"), native=True, corpora={"jnlpba": 1.0})
    ((source,),) = material.sources(own)
    assert {"protein", "DNA", "cell_type"} <= {entity.label for one in source.dev for entity in one.entities}
    assert {"protein", "DNA"} <= source.coverage.exhaustive
    with pytest.raises(ConfigError, match=r"jnlpba has none of the labels Gene; it has: DNA, RNA, cell_line, cell_t"):
        material.sources(replace(own, labels=("Gene",)))


@pytest.mark.usefixtures("catalogue")
def test_relations_are_learned_between_entities_called_as_models_call_them():
    learned = Recipe(name="own", encoder="none", task="relations", corpora={"biored": 1.0})
    ((source,),) = material.sources(learned)
    assert {entity.label for one in source.train for entity in one.entities} == {
        *("Chemical", "Disease", "Gene", "Variant", "Species", "CellLine")
    }
    task = Relations.fitted(source.train, several=False)
    assert {name for pair in task.types for name in pair} == {"Chemical", "Disease", "Gene", "Variant"}


def test_a_damaged_record_of_the_users_file_is_not_passed_over(tmp_path):
    path = tmp_path / "train.jsonl"
    write_jsonl(path, eight())
    path.write_text(path.read_text(encoding="utf-8") + '{"id": "9", "text": 7}\n', encoding="utf-8")
    with pytest.raises(FormatError, match="Training needs every record"):
        material.sources(recipe("none", str(path)))


def test_native_types_become_heads_and_silence_stays_silence(tiny_tokenizer):
    native = labelled(1, "p53 in gout and cancer", {"p53": "protein", "gout": "Disease", "cancer": "Cancer"})
    document = mapped(native, CARD)
    assert [(entity.text, entity.label) for entity in document.entities] == [
        ("p53", "Gene"),
        ("gout", "Disease"),
        ("cancer", "Anatomy"),
        ("cancer", "Disease"),
    ]
    assert CARD.positives == {"Gene", "Anatomy"}
    coverage = Coverage(CARD.exhaustive, CARD.positives)
    pieces = tiny_tokenizer.pieces(document.text)
    (example,) = Ner(("Gene", "Disease")).examples(document, pieces, tiny_tokenizer, coverage)
    gene, disease = example.targets.T.tolist()
    assert gene.count(0) == 0  # its O is masked
    assert set(gene) == {1, 2, UNKNOWN}
    assert UNKNOWN not in disease


def test_a_document_that_comes_twice_is_kept_once():
    first, same_id = Document("1", "Gout hurts."), Document("1", "Other words.")
    same_words, other = Document("2", "gout, HURTS"), Document("3", "Pain.")
    assert unique([first, same_id, same_words, other]) == [first, other]
