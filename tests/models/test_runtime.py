"""The exported encoder computes what torch computes, and a window meets the same arithmetic alone and in company."""

import logging

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biogloss.errors import ConfigError, ModelError
from biogloss.models import heads, runtime
from biogloss.models.folder import HEADS, INFERENCE, named
from biogloss.models.folder import settings as settings_of
from tiny import LABELS, eight


def windows_of(lengths, seed):
    rng = np.random.default_rng(seed)
    return [[2, *rng.integers(5, 150, length).tolist(), 3] for length in lengths]


def logits(loaded, windows):
    return [heads.logits(loaded.heads["ner"], states) for states in loaded.states(windows)]


def torch_logits(folder, windows):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file  # noqa: PLC0415

    from biogloss.models.encoder import load_encoder  # noqa: PLC0415

    encoder, head = load_encoder(str(folder)).eval(), named(load_file(folder / HEADS))
    with torch.inference_mode():
        states = [encoder(input_ids=torch.tensor([window])).last_hidden_state[0] for window in windows]
        return [(rows @ head["ner.out.weight"].T + head["ner.out.bias"]).numpy() for rows in states]


def test_float32_on_ctranslate2_equals_torch(tiny_model, tiny_float32):
    windows = windows_of([1, 5, 5, 28], seed=1)
    for ours, theirs in zip(
        logits(runtime.load(tiny_float32), windows), torch_logits(tiny_model, windows), strict=True
    ):
        assert np.abs(ours - theirs).max() < 1e-4


@pytest.mark.slow
def test_float32_on_onnx_runtime_equals_torch(tiny_model, tiny_onnx):
    windows = windows_of([1, 5, 5, 28], seed=1)
    loaded = runtime.load(tiny_onnx)
    for ours, theirs in zip(logits(loaded, windows), torch_logits(tiny_model, windows), strict=True):
        assert np.abs(ours - theirs).max() < 1e-4


def test_int8_stays_near_float32(tiny_inference, tiny_float32):
    windows = windows_of([5, 28], seed=1)
    int8, float32 = (logits(runtime.load(folder), windows) for folder in (tiny_inference, tiny_float32))
    for ours, theirs in zip(int8, float32, strict=True):
        assert 0 < np.abs(ours - theirs).mean() < 0.2


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(0, 28), min_size=1, max_size=40), seed=st.integers(0, 1000))
def test_a_window_gets_the_same_bits_alone_and_in_company(tiny_inference, lengths, seed):
    loaded = runtime.load(tiny_inference)
    windows = windows_of(lengths, seed)
    for window, together in zip(windows, logits(loaded, windows), strict=True):
        (alone,) = logits(loaded, [window])
        assert together.shape == (len(window), 3 * len(LABELS))
        assert (together == alone).all()


def test_an_export_is_sealed_and_smaller(tiny_model, tiny_inference):
    assert settings_of(tiny_inference).kind == INFERENCE
    assert settings_of(tiny_inference).head("ner").labels == LABELS
    assert not (tiny_inference / "model.safetensors").exists()
    assert (tiny_inference / "model.bin").stat().st_size < (tiny_model / "model.safetensors").stat().st_size


def test_exporting_twice_gives_the_same_bytes_and_says_nothing(tiny_model, tiny_inference, tmp_path, capfd):
    from biogloss.models.export import export  # noqa: PLC0415

    again = export(tiny_model, tmp_path / "again")
    assert capfd.readouterr() == ("", "")
    assert settings_of(again) == settings_of(tiny_inference)
    for path in tiny_inference.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_an_export_that_cannot_be_leaves_nothing_behind(tiny_model, tiny_inference, tmp_path):
    from biogloss.models.export import export  # noqa: PLC0415

    with pytest.raises(ConfigError, match="runtime is one of ctranslate2, onnx"):
        export(tiny_model, tmp_path / "new", runtime="tensorrt")
    with pytest.raises(ModelError, match="only a trainable one can be exported"):
        export(tiny_inference, tmp_path / "new")
    (tmp_path / "old").mkdir()
    with pytest.raises(ConfigError, match="exists already"):
        export(tiny_model, tmp_path / "old")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_family_that_ctranslate2_does_not_know_is_sent_to_onnx(tmp_path):
    transformers = pytest.importorskip("transformers")
    from biogloss.models import encoder, folder  # noqa: PLC0415
    from biogloss.models.export import export  # noqa: PLC0415
    from biogloss.tasks.ner import Ner  # noqa: PLC0415
    from tiny import build_tokenizer, vocabulary  # noqa: PLC0415

    config = transformers.ElectraConfig(
        vocab_size=len(vocabulary()), hidden_size=64, embedding_size=64, num_hidden_layers=1, num_attention_heads=2
    )
    logging.getLogger("transformers").setLevel(logging.ERROR)
    model = encoder.HeadedModel(transformers.ElectraModel(config), {"ner": Ner(LABELS).head(64)})
    source = tmp_path / "electra"
    encoder.save(source, model, build_tokenizer(tmp_path / "tokenizer"))
    (source / "README.md").write_text("a card", encoding="utf-8")
    folder.seal(
        source,
        folder.Settings(kind=folder.TRAINABLE, name="e", heads=(folder.Head(name="ner", task="ner", labels=LABELS),)),
    )
    with pytest.raises(ModelError, match=r"does not know this family .*--runtime onnx"):
        export(source, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_tiny_model_knows_its_sentences_by_heart(tiny_inference):
    from biogloss.evaluation.entities import scores  # noqa: PLC0415
    from biogloss.pipeline.steps import model  # noqa: PLC0415

    found = model.step(tiny_inference).many([document.with_entities(()) for document in eight()])
    assert scores(eight(), found, labels=LABELS, samples=0)["all"].counts.f1 == 1.0
