"""Objectives beside masked words: their losses before learning, what they compare, and runs that have all of them."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pretraining import build_corpus, pretrain_recipe, steps
from related import metformin

from biogloss.errors import ConfigError
from tiny import build_encoder, cached, eight, write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

from safetensors.torch import load_file  # noqa: E402

from biogloss.preparation.corpus import Corpus  # noqa: E402
from biogloss.tasks.ner import Ner  # noqa: E402
from biogloss.training import learner  # noqa: E402
from biogloss.training.annotated import Windows  # noqa: E402
from biogloss.training.learner import Learner  # noqa: E402
from biogloss.training.material import Batch  # noqa: E402
from biogloss.training.objectives import (  # noqa: E402
    distillation,
    entities,
    masked_words,
    next_sentence,
    relations,
    sentence_order,
)
from biogloss.training.objectives._seen import Seen  # noqa: E402
from biogloss.training.pretrain import CHECKPOINT, pretrain  # noqa: E402

SEQ, WIDTH = 12, 32
ALL = {"masked_words": 1.0, "sentence_order": 0.5, "distillation": 0.5, "entities": 0.5, "relations": 0.5}


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory, tiny_encoder):
    return cached("corpus", tmp_path_factory, lambda folder: build_corpus(folder, tiny_encoder / "tokenizer.json"))


@pytest.fixture(scope="session")
def teacher(tmp_path_factory):
    return cached("teacher", tmp_path_factory, lambda folder: masked(build_encoder(folder, seed=7)))


def masked(folder):
    """The same encoder with a head over its vocabulary."""
    transformers.AutoModelForMaskedLM.from_pretrained(folder).save_pretrained(folder)
    return folder


@pytest.fixture
def recipe(corpus, tiny_encoder, teacher, tmp_path):
    """All objectives at once; three passes a step, one of them over annotated documents."""
    return pretrain_recipe(
        corpus,
        encoder=str(tiny_encoder),
        teacher=str(teacher),
        silver=(write_jsonl(tmp_path / "silver.jsonl", [metformin(), *eight()]),),
        objectives=ALL,
        length=32,
        budget_pieces=128,
        batch_pieces=384,
        head_pieces=3 * 384,
        pieces=8 * 384,
    )


def bert(layers=2, width=WIDTH):
    config = transformers.BertConfig(
        vocab_size=60,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.2,
    )
    return Learner(transformers.BertForMaskedLM(config)).eval()


def seen(student, *, padded=0, rows=4):
    """Rows of two texts as a student saw them."""
    ids = torch.randint(5, 60, (rows, SEQ))
    places = torch.tensor([1, 2, SEQ + 3])
    hidden = masked_words.Hidden(ids, places, ids.flatten()[places])
    mask = (torch.arange(SEQ) < SEQ - padded).expand(rows, SEQ) if padded else None
    layers = student(ids, mask, layers=True)
    return Seen(hidden, layers, student.words_head, labels=torch.arange(rows) % 2, mask=mask)


@pytest.mark.parametrize("objective", [next_sentence, sentence_order])
def test_both_answers_are_as_likely_before_anything_is_learned(objective):
    own = objective.head(WIDTH)
    assert own(torch.randn(4, WIDTH)).shape == (4, 2)
    loss = objective.loss(seen(bert()), own)
    assert loss.shape == ()
    assert loss.item() == pytest.approx(math.log(2), abs=0.05)


def test_a_model_has_nothing_to_learn_from_itself():
    student = bert()
    found = seen(student)
    own = distillation.Teacher(student, temperature=2.0)
    assert distillation.loss(found, own, own.head(WIDTH)).item() == pytest.approx(0, abs=1e-6)


def test_a_teacher_of_another_shape_teaches_through_a_map_and_learns_nothing():
    student, own = bert(), distillation.Teacher(bert(layers=4, width=48), temperature=2.0)
    mapped = own.head(WIDTH)
    loss = distillation.loss(seen(student), own, mapped)
    loss.backward()
    assert loss.item() > 0
    assert mapped.weight.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in own.learner.parameters())


def test_the_divergence_is_that_of_hinton():
    ours, theirs = torch.randn(5, 9), torch.randn(5, 9)
    p, q = (torch.softmax(logits / 3, dim=-1) for logits in (theirs, ours))
    expected = 9 * (p * (p / q).log()).sum() / 5
    assert distillation.divergence(theirs, ours, 3).item() == pytest.approx(expected.item(), rel=1e-4)


def test_layers_correspond_by_their_share_of_the_depth():
    assert list(distillation.corresponding(3, 12)) == [(0, 0), (1, 4), (2, 8), (3, 12)]


def test_padding_teaches_nothing():
    found, target = seen(bert(), padded=3), bert()(torch.randint(5, 60, (4, SEQ)), layers=True)
    other = tuple(torch.cat([layer[:, :-3], torch.randn(4, 3, WIDTH)], dim=1) for layer in target)
    own = torch.nn.Identity()
    assert distillation.distance(target, found, own).item() == distillation.distance(other, found, own).item()


def test_a_teacher_of_another_vocabulary_is_refused(recipe, teacher, tmp_path):
    for file in teacher.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes().replace(b'"gout"', b'"g0ut"'))
    start = learner.start(recipe, Corpus(Path(recipe.corpus)))
    with pytest.raises(ConfigError, match="has another vocabulary"):
        distillation.Teacher.of(str(tmp_path), start, 2.0)
    assert distillation.Teacher.of(str(teacher), start, 2.0).width == 64


def test_a_teacher_without_a_head_of_its_own_is_refused(recipe, tiny_encoder):
    start = learner.start(recipe, Corpus(Path(recipe.corpus)))
    with pytest.raises(ConfigError, match=r"no trained head over its vocabulary \(it is a BertModel\)"):
        distillation.Teacher.of(str(tiny_encoder), start, 2.0)


def windows(pairs, targets=None):
    places = np.arange(2 * SEQ)
    targets = np.zeros((len(places), 1), dtype=np.int64) if targets is None else targets
    return Windows(Batch(np.zeros((2, SEQ), dtype=np.int64), None, places, targets, None, 2 * SEQ), pairs)


def test_a_relation_is_read_from_the_means_of_two_mentions_and_their_product():
    stated = relations.Stated(frozenset({"a", "b"}), frozenset())
    one = relations.Pair((1, 3), (5, 6), frozenset({"b"}))
    pairs = relations.collate([([], stated), ([one], stated)], ("a", "b", "c"))
    assert (pairs.targets.tolist(), pairs.stated.tolist()) == ([[0, 1, 0]], [[1, 1, 0]])
    states, own = torch.randn(2, SEQ, WIDTH), relations.head(WIDTH, 3)
    first, second = states[1, 1:3].mean(0), states[1, 5]
    logits = own(torch.cat([first, second, first * second]))[:2]
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor([0.0, 1.0]))
    assert relations.loss(states, windows(pairs), own).item() == pytest.approx(expected.item(), rel=1e-4)


def test_without_pairs_the_loss_of_relations_is_nothing_but_can_be_followed_back():
    stated = relations.Stated(frozenset({"a"}), frozenset())
    own = relations.head(WIDTH, 1)
    loss = relations.loss(torch.randn(2, SEQ, WIDTH), windows(relations.collate([([], stated)] * 2, ("a",))), own)
    loss.backward()
    assert loss.item() == 0
    assert own.weight.grad.abs().sum() == 0


def test_tags_are_as_likely_before_anything_is_learned():
    task = Ner(("Disease",))
    empty = relations.collate([], ())
    loss = entities.loss(0.1 * torch.randn(2, SEQ, WIDTH), windows(empty), task.head(WIDTH), task)
    assert loss.item() == pytest.approx(math.log(3), rel=0.2)


def test_encoders_without_segments_get_none():
    shape = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.RobertaConfig(**shape, intermediate_size=32, type_vocab_size=1)
    assert not Learner(transformers.RobertaForMaskedLM(config)).has_segments
    assert bert().has_segments


def test_all_objectives_go_down_together(recipe, tmp_path):
    pretrain(replace(recipe, pieces=40 * 384), tmp_path / "run")
    found = steps(tmp_path / "run")
    assert all(
        record["loss"] == record["masked_words"] for record in found if record["stage"] == "head" and "norm" in record
    )
    records = [record for record in found if record["stage"] == "encoder" and "norm" in record]
    for record in records:
        assert record["loss"] == pytest.approx(sum(weight * record[name] for name, weight in ALL.items()), rel=1e-5)
    for name in ("loss", "masked_words", "distillation", "entities", "relations"):
        found = [record[name] for record in records if record[name]]  # few documents have relations
        quarter = len(found) // 4
        assert np.mean(found[-quarter:]) < np.mean(found[:quarter]), name
    assert records[0]["sentence_order"] == pytest.approx(math.log(2), abs=0.1)


def test_a_resumed_run_with_all_objectives_equals_an_uninterrupted_one_bit_for_bit(recipe, tmp_path):
    pretrain(recipe, tmp_path / "whole")
    for stop in (2, 4, 1):
        pretrain(recipe, tmp_path / "parts", stop_after=stop)
    pretrain(recipe, tmp_path / "parts")
    for name in ("steps.jsonl", "base/model.safetensors", "encoder/model.safetensors", CHECKPOINT):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes(), name
    heads = {
        name.split(".")[2] for name in load_file(tmp_path / "whole" / CHECKPOINT) if name.startswith("model.heads")
    }
    assert heads == {"sentence_order", "entities", "relations"}  # and no teacher, whose width is the student's


def test_next_sentence_is_learned_without_a_teacher_or_annotations(recipe, tmp_path):
    plain = {"objectives": {"masked_words": 1.0, "next_sentence": 1.0}, "teacher": "", "silver": (), "pieces": 3 * 384}
    pretrain(replace(recipe, **plain), tmp_path / "run")
    found = [record["next_sentence"] for record in steps(tmp_path / "run") if "next_sentence" in record]
    assert len(found) == 3
    assert found[0] == pytest.approx(math.log(2), abs=0.1)
