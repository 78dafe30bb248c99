"""A model folder is whole or says, in words, what is wrong with it; nothing in it is ever unpickled."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from biogloss.errors import ConfigError, ModelError
from biogloss.models import folder as folders
from biogloss.models import runtime
from biogloss.models.folder import TRAINABLE, Head, Settings, checksum, diagnose, seal
from biogloss.pipeline.steps import model as neural
from tiny import LABELS, build_encoder, eight, one_sentence

FIRST_VERSION = Path(__file__).parents[1] / "fixtures" / "model-v1"


class Bomb:
    """Unpickled, it would leave a file behind."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (Path.touch, (self.trace,))


@pytest.fixture
def model(tmp_path):
    return Path(shutil.copytree(FIRST_VERSION, tmp_path / "model"))


def change(model, **fields):
    """Give the manifest other values; None removes one."""
    path = model / folders.MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8")) | fields
    left = {name: value for name, value in manifest.items() if value is not None}
    path.write_text(json.dumps(left), encoding="utf-8")


def reseal(model):
    """New checksums, as someone who means harm would write them."""
    change(model, files={path.name: checksum(path) for path in model.iterdir() if path.name != folders.MANIFEST})


def test_a_folder_of_the_first_version_loads_for_ever():
    assert list(diagnose(FIRST_VERSION)) == []
    found = neural.step(FIRST_VERSION)(one_sentence())
    assert [(entity.text, entity.label) for entity in found.entities] == [
        ("Metformin", "Chemical"),
        ("type 2 diabetes", "Disease"),
    ]
    assert {entity.source for entity in found.entities} == {"tiny-1"}


def test_what_is_sealed_is_read_back(tmp_path):
    for name in folders.NEEDED[TRAINABLE]:
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "notes").mkdir()  # folders are none of ours
    written = Settings(
        kind=TRAINABLE,
        name="m-2",
        heads=(
            Head(name="ner", task="ner", labels=("A", "Ω"), options={"thresholds": {"A": 0.25}}),
            Head(name="roles", task="roles", labels=("aim",), options={"alone": False}),
        ),
        language="zh",
        max_pieces=100,
        overlap=10,
    )
    seal(tmp_path, written)
    assert folders.settings(tmp_path) == written


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "head.safetensors", "model.bin", "README.md"])
def test_a_missing_or_changed_file_is_named(model, name):
    whole = (model / name).read_bytes()
    (model / name).write_bytes(whole[:-1])
    assert list(diagnose(model)) == [f"{name} is truncated or changed (its checksum differs)"]
    (model / name).unlink()
    assert list(diagnose(model)) == [f"{name} is missing"]
    with pytest.raises(ModelError, match=rf"{name} is missing.*biogloss doctor"):
        neural.step(model)
    (model / name).write_bytes(whole)
    assert list(diagnose(model)) == []


def test_everything_wrong_is_said_at_once(model):
    (model / "config.json").unlink()
    (model / "README.md").write_text("changed", encoding="utf-8")
    with pytest.raises(ModelError, match=r"README\.md is truncated or changed.*config\.json is missing|config.*README"):
        folders.settings(model)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"format": 3}, "format 3 is newer than this Biogloss reads .2.; upgrade Biogloss"),
        ({"format": None}, "names no format version"),
        ({"format": "1"}, "names no format version"),
        ({"kind": "toy"}, "has kind 'toy', expected one of inference, trainable"),
        ({"kind": ["inference"]}, "has kind .'inference'.*expected one of"),
        ({"labels": None}, "lacks labels"),
        ({"labels": "Disease"}, "has a labels that cannot be: 'Disease'"),
        ({"labels": ["Disease", "Disease"]}, "has a labels that cannot be"),
        ({"files": ["model.bin"]}, "has a files that cannot be"),
        ({"files": {"../../secret": "0"}}, "has a files that cannot be"),
        ({"files": {"C:\\secret": "0"}}, "has a files that cannot be"),
        ({"files": {}}, "does not list config.json, which a inference model needs"),
        ({"max_pieces": "many"}, "has a max_pieces that cannot be: 'many'"),
        ({"max_pieces": 10, "overlap": 10}, "has a overlap that cannot be: '10'"),
        ({"thresholds": {"Disease": "high"}}, "has a thresholds that cannot be"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused_by_its_words(model, fields, words):
    change(model, **fields)
    with pytest.raises(ModelError, match=words):
        neural.step(model)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"text"', b"[" * 100_000])
def test_a_manifest_that_is_no_json_object_is_refused(model, content):
    (model / folders.MANIFEST).write_bytes(content)
    with pytest.raises(ModelError, match=r"biogloss\.json (is not JSON|names no format version)"):
        folders.settings(model)


@settings(max_examples=40)
@given(values=st.data())
def test_no_manifest_raises_anything_but_a_model_error(tmp_path_factory, values):
    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    )
    good = json.loads((FIRST_VERSION / folders.MANIFEST).read_text(encoding="utf-8"))
    good[values.draw(st.sampled_from(sorted(good)))] = values.draw(json_values)
    place = tmp_path_factory.mktemp("manifest")
    (place / folders.MANIFEST).write_text(json.dumps(good), encoding="utf-8")
    with pytest.raises(ModelError):
        folders.settings(place)


def test_no_folder_and_no_model_folder_are_told_apart(tmp_path):
    with pytest.raises(ModelError, match="no such model folder"):
        folders.settings(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"no biogloss\.json: not a Biogloss model folder"):
        folders.settings(tmp_path)


@pytest.mark.parametrize("name", ["head.safetensors", "model.bin", "tokenizer.json"])
def test_a_pickle_with_a_right_checksum_is_refused_and_never_run(model, tmp_path, name):
    (model / name).write_bytes(pickle.dumps(Bomb(tmp_path / "trace")))
    reseal(model)
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        neural.step(model)
    assert not (tmp_path / "trace").exists()


def test_a_head_of_another_width_or_number_of_labels_is_refused(model):
    head = load_file(model / "head.safetensors")
    save_file({"weight": head["weight"][:3], "bias": head["bias"][:3]}, model / "head.safetensors")
    reseal(model)
    with pytest.raises(ModelError, match="a head ner of 3 outputs, expected 6"):
        neural.step(model)
    save_file({"weight": np.zeros((6, 8), np.float32)}, model / "head.safetensors")
    reseal(model)
    with pytest.raises(ModelError, match="no heads that can be read"):
        runtime.load(model)


def test_a_damaged_onnx_model_is_refused(model):
    pytest.importorskip("onnxruntime")
    (model / "model.onnx").write_bytes(b"not a graph")
    reseal(model)
    with pytest.raises(ModelError, match=r"model\.onnx: ONNX Runtime cannot load it"):
        neural.step(model)


def test_an_unknown_type_lists_the_known_ones():
    with pytest.raises(ConfigError, match="unknown type Gene; the model tiny-1 knows: Chemical, Disease"):
        neural.step(FIRST_VERSION, types=["Gene", "Disease"])
    with pytest.raises(ConfigError, match=r"threshold 1\.5 is outside 0 to 1"):
        neural.step(FIRST_VERSION, threshold=1.5)


def test_types_and_threshold_choose_among_what_is_found():
    everything = neural.step(FIRST_VERSION)(one_sentence()).entities
    assert {entity.label for entity in everything} == set(LABELS)
    chosen = neural.step(FIRST_VERSION, types=["Disease"])(one_sentence()).entities
    assert [(e.text, e.label) for e in chosen] == [(e.text, e.label) for e in everything if e.label == "Disease"]
    assert neural.step(FIRST_VERSION, threshold=1.0)(one_sentence()).entities == ()


def test_a_trainable_folder_does_not_annotate_and_says_what_does(tiny_model):
    with pytest.raises(ModelError, match="is a trainable model; `biogloss export`"):
        neural.step(tiny_model)


def test_an_encoder_that_is_only_a_pickle_is_refused(tiny_encoder, tmp_path):
    from biogloss.models.encoder import load_encoder  # noqa: PLC0415

    place = Path(shutil.copytree(tiny_encoder, tmp_path / "encoder"))
    (place / "model.safetensors").write_bytes(pickle.dumps(Bomb(tmp_path / "trace")))
    with pytest.raises(ModelError, match="no encoder that transformers can load"):
        load_encoder(str(place))
    (place / "model.safetensors").rename(place / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no encoder that transformers can load"):
        load_encoder(str(place))
    assert not (tmp_path / "trace").exists()


def test_a_half_precision_encoder_trains_in_full(tmp_path):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from biogloss.models.encoder import load_encoder  # noqa: PLC0415

    build_encoder(tmp_path)
    transformers.AutoModel.from_pretrained(str(tmp_path)).half().save_pretrained(tmp_path)
    assert {tensor.dtype for tensor in load_encoder(str(tmp_path)).parameters()} == {torch.float32}


def test_transformers_loads_a_trainable_folder_to_the_same_states(tiny_encoder, tmp_path):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from biogloss.models import encoder  # noqa: PLC0415
    from biogloss.tasks.ner import Ner  # noqa: PLC0415

    model = encoder.HeadedModel(encoder.load_encoder(str(tiny_encoder)), {"ner": Ner(LABELS).head(64)}).eval()
    encoder.save(tmp_path / "model", model, tiny_encoder / "tokenizer.json")
    again = transformers.AutoModel.from_pretrained(str(tmp_path / "model")).float().eval()
    ids = torch.arange(5, 45).reshape(2, 20)
    with torch.inference_mode():
        expected = model.encoder(input_ids=ids).last_hidden_state
        found = again(input_ids=ids).last_hidden_state
    assert (found - expected).abs().max().item() < 2e-2  # half precision keeps eleven bits


def test_transformers_reads_the_tokenizer_of_a_trainable_folder(tiny_model, tiny_tokenizer):
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoTokenizer.from_pretrained(str(tiny_model))
    for document in eight():
        assert theirs(document.text, add_special_tokens=False)["input_ids"] == (
            tiny_tokenizer.pieces(document.text).ids.tolist()
        )


def test_a_card_begins_with_what_is_for_people(tmp_path):
    (tmp_path / folders.CARD).write_text("---\nlicense: mit\n---\n# T\n\n---\nafter\n---\n", encoding="utf-8")
    assert folders.card(tmp_path) == "# T\n\n---\nafter\n---\n"
    (tmp_path / folders.CARD).write_text("# T\n\n---\n", encoding="utf-8")
    assert folders.card(tmp_path) == "# T\n\n---\n"
