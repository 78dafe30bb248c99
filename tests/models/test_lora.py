"""Adapters: nothing at first, the same merged or beside their encoder, and only over the encoder they were made for."""

import shutil
from dataclasses import replace

import pytest

from biogloss.errors import ModelError
from biogloss.models import folder as folders

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.models import encoder, lora  # noqa: E402

SIZES = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 40}
FAMILIES = {
    "bert": lambda: transformers.BertModel(transformers.BertConfig(**SIZES)),
    "roberta": lambda: transformers.RobertaModel(transformers.RobertaConfig(**SIZES)),
    "electra": lambda: transformers.ElectraModel(transformers.ElectraConfig(**SIZES, embedding_size=16)),
    "distilbert": lambda: transformers.DistilBertModel(
        transformers.DistilBertConfig(vocab_size=50, dim=32, n_layers=2, n_heads=2, hidden_dim=40)
    ),
    "deberta": lambda: transformers.DebertaV2Model(transformers.DebertaV2Config(**SIZES)),
}
IDS = torch.arange(5, 21).view(2, 8)


def states(model):
    with torch.inference_mode():
        return model(input_ids=IDS).last_hidden_state


def stirred(model, seed=0):
    """Adapters as if they had learned."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, lora.Adapted):
            module.up.data.normal_(generator=generator)
    return model


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_merged_adapters_give_the_states_of_those_beside(family):
    torch.manual_seed(0)
    model = FAMILIES[family]().eval()
    plain, names = states(model), set(model.state_dict())
    lora.attach(model, rank=4, alpha=8)
    assert torch.equal(states(model), plain)  # at first they add nothing
    learning = {name.rpartition(".")[2] for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert learning == {"down", "up"}
    beside = states(stirred(model))
    assert (beside - plain).abs().max() > 1e-2
    tensors = lora.merged(model)
    assert set(tensors) == names
    torch.manual_seed(1)
    whole = FAMILIES[family]().eval()
    whole.load_state_dict(tensors)
    assert (states(whole) - beside).abs().max() < 1e-5


def test_adapters_are_saved_and_loaded_with_what_they_belong_to(tmp_path):
    torch.manual_seed(0)
    model = FAMILIES["bert"]().eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    lora.attach(model, rank=2, alpha=3.0)
    base = lora.Base("some/encoder", "0123", 2, 3.0)
    lora.save(tmp_path / "adapters.safetensors", stirred(model), base)
    assert lora.base(tmp_path / "adapters.safetensors") == base
    again = FAMILIES["bert"]().eval()
    again.load_state_dict(before)
    lora.load(tmp_path / "adapters.safetensors", again)
    assert torch.equal(states(again), states(model))


def test_adapters_of_another_shape_or_a_damaged_file_are_refused(tmp_path):
    model = FAMILIES["bert"]()
    lora.attach(model, rank=2, alpha=3.0)
    path = tmp_path / "adapters.safetensors"
    lora.save(path, model, lora.Base("some/encoder", "0123", 2, 3.0))
    wide = transformers.BertModel(transformers.BertConfig(**SIZES | {"hidden_size": 64}))
    with pytest.raises(ModelError, match="adapters of an encoder of another shape"):
        lora.load(path, wide)
    shallow = transformers.BertModel(transformers.BertConfig(**SIZES | {"num_hidden_layers": 1}))
    with pytest.raises(ModelError, match=r"layer\.1\..* is not in some/encoder"):
        lora.load(path, shallow)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ModelError, match="not a file of adapters, or damaged"):
        lora.base(path)


def test_an_encoder_without_such_projections_is_refused():
    with pytest.raises(ModelError, match=r"Linear has no linear layer called .*query.* to adapt; set lora_rank = 0"):
        lora.attach(torch.nn.Linear(2, 2), rank=2, alpha=1)


@pytest.fixture
def adapted(tiny_encoder, tmp_path):
    """A folder with adapters for the tiny encoder, which has a copy of its own there."""
    base = shutil.copytree(tiny_encoder, tmp_path / "base")
    loaded = encoder.load_encoder(str(base))
    lora.attach(loaded, rank=2, alpha=4.0)
    stirred(loaded)
    folder = tmp_path / "model"
    made = encoder.HeadedModel(loaded, {})
    belongs = lora.Base(str(base), folders.checksum(base / folders.WEIGHTS), 2, 4.0)
    encoder.save(folder, made, base / "tokenizer.json", belongs)
    return folder, loaded.eval()


def test_a_folder_of_adapters_loads_as_an_encoder(adapted):
    folder, beside = adapted
    assert not (folder / folders.WEIGHTS).exists()
    assert not folders.is_inference(folder)
    loaded = encoder.load_encoder(str(folder))
    assert (states(loaded) - states(beside)).abs().max() < 1e-2  # half precision, as every folder has it
    assert transformers.AutoTokenizer.from_pretrained(encoder.encoder_folder(str(folder)))("gout")["input_ids"]


@pytest.mark.parametrize("change", ["gone", "another"])
def test_adapters_without_their_encoder_say_which_one_is_wanted(adapted, tmp_path, change):
    folder, _ = adapted
    weights = tmp_path / "base" / folders.WEIGHTS
    if change == "gone":
        shutil.rmtree(tmp_path / "base")
    else:
        weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    words = {"gone": "which is not there", "another": "is another; put that one there"}[change]
    with pytest.raises(ModelError, match=rf"its adapters are for the encoder .*base.* {words}"):
        encoder.load_encoder(str(folder))


def test_the_shape_of_adapters_is_in_their_file(adapted):
    folder, _ = adapted
    assert replace(lora.base(folder / folders.ADAPTERS), name="", checksum="") == lora.Base("", "", 2, 4.0)
