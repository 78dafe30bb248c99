"""Encoders are compared on the same words whatever their pieces, and what is no gain is called so."""

import json
from dataclasses import replace

import numpy as np
import pytest
from pretraining import build_corpus, pretrain_recipe
from structured import SECTIONS, write_pubmed

from biogloss import corpora
from biogloss.errors import ConfigError, InputError
from biogloss.preparation.corpus import Corpus
from tiny import cached

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.models.tokenizer import Tokenizer  # noqa: E402
from biogloss.training import held_out, learner, probe  # noqa: E402
from biogloss.training.pretrain import pretrain  # noqa: E402
from biogloss.training.vocabulary import Extension, extend  # noqa: E402


@pytest.fixture(scope="session")
def corpus(tmp_path_factory, tiny_encoder):
    return cached("corpus", tmp_path_factory, lambda folder: build_corpus(folder, tiny_encoder / "tokenizer.json"))


@pytest.fixture(scope="session")
def run(tmp_path_factory, tiny_encoder, corpus):
    recipe = pretrain_recipe(corpus, encoder=str(tiny_encoder), pieces=200 * 128, learning_rate=3e-3)
    folder = tmp_path_factory.mktemp("run")
    pretrain(recipe, folder)
    return folder


@pytest.fixture(scope="session")
def wide(tmp_path_factory, run, corpus):
    """The trained encoder with words of the corpus added."""
    folder = tmp_path_factory.mktemp("wide") / "encoder"
    extend(str(run / "encoder"), [str(corpus)], folder, Extension(rows=10, least_count=1, corpora=()))
    return folder


def test_what_learned_the_text_is_better_and_what_is_the_same_is_no_gain(run, corpus, tmp_path):
    nats, pieces = probe.probe(run / "base", run / "encoder", corpus, tmp_path / "probe", probe.PROBES["none"])
    assert nats.after < nats.before
    assert nats.verdict == "better"
    assert pieces.after == pieces.before
    assert pieces.verdict == probe.NO_GAIN
    back, _ = probe.probe(run / "encoder", run / "base", corpus, tmp_path / "back", probe.PROBES["none"])
    assert back.verdict == "worse"
    assert back.low == pytest.approx(-nats.high)
    record = json.loads((tmp_path / "probe" / "probe.json").read_text(encoding="utf-8"))
    assert record[0]["verdict"] == "better"
    assert record[0]["after"] == nats.after


def test_vocabularies_are_compared_on_the_same_words(run, wide, corpus):
    tokenizers = [Tokenizer(folder / "tokenizer.json") for folder in (corpus, wide)]
    windows = held_out.HeldOut.of(Corpus(corpus), tokenizers[0].unknown, longest=128)
    again = held_out.recut(corpus / "tokenizer.json", wide / "tokenizer.json")
    one = windows.losses(learner.load(run / "encoder"), tokenizers[0])
    other = windows.losses(learner.load(wide), tokenizers[1], again)
    assert len(one) == len(other) == windows.hidden_words == len(windows.window_of())
    words = [word for window in windows.windows for word in window.words]
    assert sum(len(again(word)) for word in words) < sum(map(len, words))
    texts = list(Corpus(corpus).texts("held_out"))
    recut = [piece for _, ids, starts, _ in _cuts(corpus) for word in _words(ids, starts) for piece in again(word)]
    assert recut == [piece for pieces in tokenizers[1].many(texts) for piece in pieces.ids.tolist()]


def _cuts(corpus):
    return [cut for shard in Corpus(corpus).shards("held_out") for cut in shard.cuts()]


def _words(ids, starts):
    return [tuple(map(int, word)) for word in np.split(ids, np.flatnonzero(starts)) if len(word)]


def test_a_words_loss_is_the_sum_over_its_pieces(run, corpus):
    tokenizer = Tokenizer(corpus / "tokenizer.json")
    model = learner.load(run / "encoder").eval()
    windows = held_out.HeldOut.of(Corpus(corpus), tokenizer.unknown, longest=128, limit=3)
    expected = []
    for window in windows.windows:
        flat = [(piece, number) for number, word in enumerate(window.words) for piece in word]
        ids = torch.tensor([[tokenizer.first, *(piece for piece, _ in flat), tokenizer.last]])
        hidden = [place for place, (_, number) in enumerate(flat, 1) if number in window.hidden]
        covered = ids.clone()
        covered[0, hidden] = tokenizer.mask
        with torch.no_grad():
            logits = model.full(input_ids=covered).logits[0].log_softmax(-1)
        for number in window.hidden:
            places = [place for place, (_, of) in enumerate(flat, 1) if of == number]
            expected.append(-sum(float(logits[place, ids[0, place]]) for place in places))
    assert windows.losses(model, tokenizer) == pytest.approx(expected, abs=1e-4)


def test_entities_are_compared_after_the_same_fine_tuning(run, corpus, tmp_path):
    try:
        next(corpora.labelled("ncbi_disease", "dev"))
    except InputError:
        pytest.skip("the corpus is not in the data folder")
    plan = replace(probe.PROBES["quick"], documents=3, epochs=1)
    *_, found = probe.probe(run / "encoder", run / "encoder", corpus, tmp_path, plan)
    assert found.what.startswith("F1 of entities, ncbi_disease")
    assert found.before == found.after
    assert found.verdict == probe.NO_GAIN


def test_without_the_entity_corpora_the_rest_is_measured(run, corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    *others, entities = probe.probe(run / "base", run / "encoder", corpus, tmp_path / "p", probe.PROBES["quick"])
    assert len(others) == 2
    assert entities.note
    assert not entities.verdict


def test_section_roles_are_compared_over_all_seeds(run, corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    plan = replace(probe.PROBES["none"], seeds=(1, 2), abstracts=(3, 2))
    *others, absent = probe.probe(run / "base", run / "encoder", corpus, tmp_path / "p", plan)
    assert len(others) == 2
    assert absent.note
    assert not absent.verdict
    write_pubmed(tmp_path, *[SECTIONS] * 5)
    *_, found = probe.probe(run / "encoder", run / "encoder", corpus, tmp_path / "p", plan)
    assert found.what == "accuracy of section roles (12 sections, 2 seeds)"
    assert 0 <= found.before == found.after <= 1
    assert found.verdict == probe.NO_GAIN


def test_an_unknown_probe_is_refused():
    with pytest.raises(ConfigError, match="there are: none, quick, full"):
        probe.plan("huge")
