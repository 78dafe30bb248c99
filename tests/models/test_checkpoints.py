"""Encoders of others become folders that ``transformers`` loads to the same numbers, or an error says what to do."""

import json
import pickle
import re
import shutil
import struct
from pathlib import Path

import bundle_writer as writer
import numpy as np
import pytest

from biogloss.errors import ConfigError, ModelError, OutputError
from biogloss.models import checkpoints

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

from safetensors.torch import load_file, save_file  # noqa: E402

FIXTURE = Path(__file__).parents[1] / "fixtures" / "tensorflow"
TEXT = "Gout treats the fever. 痛 [MASK]"


@pytest.fixture(scope="module")
def expected():
    with np.load(FIXTURE / "expected.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted")
    reports = {kind: checkpoints.convert(FIXTURE / kind, folder / kind) for kind in ("single", "sharded")}
    return folder, reports


@pytest.fixture
def release(tmp_path):
    """A copy of the release of one data file, to be changed."""
    return Path(shutil.copytree(FIXTURE / "single", tmp_path / "release"))


def by_hand(expected):
    """BERT with the values of the fixture, put in one by one: nothing of the importer is used."""
    config = transformers.BertConfig(**json.loads((FIXTURE / "single" / "bert_config.json").read_text("utf-8")))
    model = transformers.BertForPreTraining(config).eval()

    def put(parameter, value):
        assert parameter.shape == value.shape
        parameter.data = torch.from_numpy(value.copy())

    def dense(module, name):
        put(module.weight, expected[f"{name}/kernel"].T)
        put(module.bias, expected[f"{name}/bias"])

    def norm(module, name):
        put(module.weight, expected[f"{name}/gamma"])
        put(module.bias, expected[f"{name}/beta"])

    embeddings = model.bert.embeddings
    put(embeddings.word_embeddings.weight, expected["bert/embeddings/word_embeddings"])
    put(embeddings.token_type_embeddings.weight, expected["bert/embeddings/token_type_embeddings"])
    put(embeddings.position_embeddings.weight, expected["bert/embeddings/position_embeddings"])
    norm(embeddings.LayerNorm, "bert/embeddings/LayerNorm")
    for number, layer in enumerate(model.bert.encoder.layer):
        name = f"bert/encoder/layer_{number}"
        for part in ("query", "key", "value"):
            dense(getattr(layer.attention.self, part), f"{name}/attention/self/{part}")
        dense(layer.attention.output.dense, f"{name}/attention/output/dense")
        norm(layer.attention.output.LayerNorm, f"{name}/attention/output/LayerNorm")
        dense(layer.intermediate.dense, f"{name}/intermediate/dense")
        dense(layer.output.dense, f"{name}/output/dense")
        norm(layer.output.LayerNorm, f"{name}/output/LayerNorm")
    dense(model.bert.pooler.dense, "bert/pooler/dense")
    head = model.cls.predictions
    dense(head.transform.dense, "cls/predictions/transform/dense")
    norm(head.transform.LayerNorm, "cls/predictions/transform/LayerNorm")
    put(head.decoder.weight, expected["bert/embeddings/word_embeddings"])
    put(head.decoder.bias, expected["cls/predictions/output_bias"])
    put(model.cls.seq_relationship.weight, expected["cls/seq_relationship/output_weights"])
    put(model.cls.seq_relationship.bias, expected["cls/seq_relationship/output_bias"])
    return model


def load(kind, folder):
    model, report = kind.from_pretrained(folder, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["mismatched_keys"]
    return model.eval()


def ids(folder):
    return transformers.AutoTokenizer.from_pretrained(folder)([TEXT], return_tensors="pt")["input_ids"]


@pytest.mark.parametrize("kind", ["single", "sharded"])
@torch.no_grad()
def test_the_folder_gives_the_numbers_of_a_model_built_by_hand(converted, expected, kind):
    folder = converted[0] / kind
    right = by_hand(expected)(ids(folder))
    masked = load(transformers.AutoModelForMaskedLM, folder)
    torch.testing.assert_close(masked(ids(folder)).logits, right.prediction_logits, atol=1e-5, rtol=0)
    both = load(transformers.AutoModelForPreTraining, folder)
    torch.testing.assert_close(both(ids(folder)).seq_relationship_logits, right.seq_relationship_logits)
    states = load(transformers.AutoModel, folder)(ids(folder)).last_hidden_state
    torch.testing.assert_close(states, by_hand(expected).bert(ids(folder)).last_hidden_state, atol=1e-5, rtol=0)


def test_what_is_not_taken_along_is_counted(converted, expected):
    for report in converted[1].values():
        slots = sum("/adam_" in name for name in expected)
        assert report.ignored == {"optimizer slots": slots, "training steps": 1}
        assert report.tensors == len(expected) - slots - 1
        assert (report.unknown, report.masked_words, report.source) == ((), True, "TensorFlow")


def test_the_tokenizer_is_that_of_the_release(converted):
    folder = converted[0] / "single"
    slow = transformers.BertTokenizer(str(FIXTURE / "single" / "vocab.txt"), do_lower_case=True)
    for text in (TEXT, "Ápain-1 GOUT\u00a0unknown!", "", "痛痛 metforminab"):
        assert transformers.AutoTokenizer.from_pretrained(folder)(text)["input_ids"] == slow(text)["input_ids"], text


@pytest.mark.parametrize(
    ("name", "pieces", "stated", "argument", "answer"),
    [
        ("cased_L-2_H-16", "", None, None, (False, "folder name")),
        ("uncased_L-2_H-16", "", None, None, (True, "folder name")),
        ("uncased_L-2_H-16", "", False, None, (False, "configuration")),
        ("uncased_L-2_H-16", "", True, False, (False, "argument")),
        ("biobert", "", None, None, (True, "vocabulary")),
        ("biobert", "Gout", None, None, (False, "vocabulary")),
    ],
)
def test_whether_capitals_become_small_is_said_with_its_reason(release, name, pieces, stated, argument, answer):
    folder = release.rename(release.with_name(name))
    vocabulary = (folder / "vocab.txt").read_text("utf-8").replace("gout", pieces or "gout")
    (folder / "vocab.txt").write_text(vocabulary, encoding="utf-8")
    if stated is not None:
        config = json.loads((folder / "bert_config.json").read_text("utf-8")) | {"do_lower_case": stated}
        (folder / "bert_config.json").write_text(json.dumps(config), encoding="utf-8")
    report = checkpoints.convert(folder, folder.with_name("out"), lowercase=argument)
    assert (report.lowercase, report.decided_by) == answer
    settings = json.loads((folder.with_name("out") / "tokenizer_config.json").read_text("utf-8"))
    assert settings["do_lower_case"] is answer[0]


def refused(source, words, error=ModelError):
    with pytest.raises(error, match=words):
        checkpoints.convert(source, source.with_name("out"))
    assert sorted(path.name for path in source.parent.iterdir() if path.name.startswith((".", "out"))) == []


def changed(release, **sizes):
    path = release / "bert_config.json"
    config = json.loads(path.read_text("utf-8")) | sizes
    path.write_text(json.dumps({name: value for name, value in config.items() if value is not None}), encoding="utf-8")
    return release


def test_a_configuration_of_another_encoder_is_refused(release):
    refused(changed(release, num_hidden_layers=10**12), "no variable bert/encoder/layer_2/.*, which BERT has")
    refused(changed(release, num_hidden_layers=2, hidden_size=32), r"is \(62, 16\); bert_config.json says \(62, 32\)")
    refused(changed(release, hidden_size="16"), "hidden_size is 16; expected a number")
    refused(changed(release, hidden_size=None), "hidden_size is None; expected a number of at least 1")


@pytest.mark.parametrize("name", ["vocab.txt", "bert_config.json", "bert_model.ckpt.data-00000-of-00001"])
def test_a_missing_file_is_named(release, name):
    (release / name).unlink()
    refused(release, rf"{name}: no such file")


def test_a_vocabulary_that_has_lost_a_special_token_is_refused(release):
    text = (release / "vocab.txt").read_text("utf-8").replace("[MASK]", "[mask]")
    (release / "vocab.txt").write_text(text, encoding="utf-8")
    refused(release, r"vocab\.txt: no \[MASK\] in the vocabulary")


def test_a_vocabulary_longer_than_the_embeddings_is_refused(release):
    with (release / "vocab.txt").open("a", encoding="utf-8") as stream:
        stream.write("more\n")
    refused(release, r"vocab\.txt: 63 pieces; the encoder has 62 rows")


def test_a_damaged_tensor_leaves_nothing_behind(release):
    path = next(release.glob("*.data-*"))
    path.write_bytes(b"\xff" + path.read_bytes()[1:])
    refused(release, "the checksum of the variable")


def test_the_first_format_of_tensorflow_is_refused_by_name(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "model.ckpt").write_bytes(writer.table([writer.block([(b"", b"")])], [b""]))
    refused(folder, "first format .V1, one file.*write_version=2")
    refused(folder / "model.ckpt", "first format .V1, one file")


def test_several_checkpoints_in_a_folder_must_be_told_apart(release):
    for path in release.glob("bert_model.*"):
        shutil.copyfile(path, path.with_name(path.name.replace("bert_model", "model-2")))
    refused(release, "several checkpoints .bert_model.ckpt.index, model-2.ckpt.index.; name one")
    for number, given in enumerate(("model-2.ckpt", "model-2.ckpt.index")):
        report = checkpoints.convert(release / given, release.with_name(f"out{number}"))
        assert report.tensors == 46


def test_a_target_that_exists_is_kept(release):
    (release.parent / "out").mkdir()
    with pytest.raises(ConfigError, match="exists already"):
        checkpoints.convert(release, release.parent / "out")


def test_a_full_disk_leaves_nothing_behind(release):
    resource = pytest.importorskip("resource", reason="needs a limit on the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        refused(release, r"out: cannot be written .*; nothing was changed", OutputError)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_folder_without_a_checkpoint_says_what_it_looked_for(tmp_path):
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", r"no checkpoint in it; expected \*\.index .*model\.safetensors or pytorch_model\.bin")
    refused(tmp_path / "nowhere", "no checkpoint there")


@pytest.fixture
def hugging_face(converted, tmp_path):
    """The same encoder as an old ``transformers`` saved it: ``.bin``, vocab.txt, a norm's old names, tied weights."""
    folder = tmp_path / "old_style"
    folder.mkdir()
    model = load(transformers.AutoModelForMaskedLM, converted[0] / "single")
    state = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
        for name, tensor in model.state_dict().items()
    }
    torch.save(state, folder / "pytorch_model.bin")
    model.config.save_pretrained(folder)
    shutil.copyfile(FIXTURE / "single" / "vocab.txt", folder / "vocab.txt")
    return folder


@torch.no_grad()
def test_a_pytorch_folder_gives_the_same_numbers(hugging_face, converted):
    target = hugging_face.with_name("out")
    report = checkpoints.convert(hugging_face, target)
    assert (report.source, report.masked_words) == ("PyTorch", True)
    right = load(transformers.AutoModelForMaskedLM, converted[0] / "single")(ids(target)).logits
    assert torch.equal(load(transformers.AutoModelForMaskedLM, target)(ids(target)).logits, right)
    again = checkpoints.convert(target, target.with_name("again"))
    assert (again.source, again.tensors, again.decided_by) == ("safetensors", report.tensors, "tokenizer.json")
    assert torch.equal(load(transformers.AutoModelForMaskedLM, target)(ids(target)).logits, right)


def test_half_the_bits_give_the_weights_rounded(converted, tmp_path):
    checkpoints.convert(converted[0] / "single", tmp_path / "half", half=True)
    whole, half = (load_file(folder / "model.safetensors") for folder in (converted[0] / "single", tmp_path / "half"))
    assert whole.keys() == half.keys()
    for name, tensor in whole.items():
        assert torch.equal(half[name], tensor.half()), name
    assert load(transformers.AutoModelForMaskedLM, tmp_path / "half").config.vocab_size


def test_a_weight_that_half_the_bits_cannot_hold_is_refused(converted, tmp_path):
    folder = shutil.copytree(converted[0] / "single", tmp_path / "large")
    tensors = load_file(folder / "model.safetensors")
    name = min(tensors)
    save_file(tensors | {name: tensors[name] + 1e6}, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=f"{re.escape(name)} has weights that 16 bits cannot hold"):
        checkpoints.convert(folder, tmp_path / "half", half=True)
    assert not (tmp_path / "half").exists()


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("evil"),))


def test_a_pickle_with_more_than_tensors_is_not_run(hugging_face, monkeypatch):
    monkeypatch.chdir(hugging_face)
    torch.save({"bert.x": Evil()}, hugging_face / "pytorch_model.bin")
    refused(hugging_face, "pytorch_model.bin: damaged, or more than tensors in it")
    (hugging_face / "pytorch_model.bin").write_bytes(pickle.dumps(Evil()))
    refused(hugging_face, "pytorch_model.bin: damaged, or more than tensors in it")
    assert not Path("evil").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", struct.pack("<Q", 2**60) + b"{}"])
@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
def test_damaged_weights_are_an_error_of_ours(hugging_face, name, content):
    (hugging_face / "pytorch_model.bin").unlink()
    (hugging_face / name).write_bytes(content)
    refused(hugging_face, rf"{name}: damaged")


def test_weights_in_several_files_are_read_together(hugging_face):
    state = torch.load(hugging_face / "pytorch_model.bin", weights_only=True)
    files = {name: f"part{number % 2}.bin" for number, name in enumerate(state)}
    for part in set(files.values()):
        torch.save({name: state[name] for name in state if files[name] == part}, hugging_face / part)
    (hugging_face / "pytorch_model.bin").unlink()
    index = hugging_face / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"weight_map": files}), encoding="utf-8")
    assert checkpoints.convert(hugging_face, hugging_face.with_name("out")).tensors == len(state)
    index.write_text(json.dumps({"weight_map": {"x": "../elsewhere.bin"}}), encoding="utf-8")
    with pytest.raises(ModelError, match="not an index of weight files"):
        checkpoints.convert(hugging_face, hugging_face.with_name("other"))
