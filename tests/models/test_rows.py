"""An encoder with more rows is the same encoder on old words, and knows new ones as the mean of their pieces."""

import json
import shutil

import pytest

from biogloss.errors import ConfigError, ModelError
from biogloss.models import _rows
from tiny import build_tokenizer, vocabulary

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

WORDS = ["metformins", "gouty"]
TEXT = "Metformin lowers glucose in gout."
CONFIGS = {
    "bert": lambda **more: transformers.BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, initializer_range=0.3, **more
    ),
    "distilbert": lambda **more: transformers.DistilBertConfig(
        dim=16, n_layers=1, n_heads=2, hidden_dim=24, initializer_range=0.3, **more
    ),
    "electra": lambda **more: transformers.ElectraConfig(
        embedding_size=12, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, **more
    ),
}


def build(folder, family, *, spare=0, **more):
    """A masked-word model whose biases are not all zero, in a folder."""
    build_tokenizer(folder)
    torch.manual_seed(3)
    config = CONFIGS[family](vocab_size=len(vocabulary()) + spare, **more)
    model = transformers.AutoModelForMaskedLM.from_config(config).eval()
    model.get_output_embeddings().bias.data.normal_()
    model.save_pretrained(folder)
    return folder


def load(folder):
    model, report = transformers.AutoModelForMaskedLM.from_pretrained(folder, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["mismatched_keys"]
    return model.eval()


def ids(folder, text):
    return transformers.AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")["input_ids"]


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("family", CONFIGS)
@torch.no_grad()
def test_old_words_keep_their_numbers_and_new_ones_are_means(tmp_path, family, tied):
    source = build(tmp_path / "source", family, tie_word_embeddings=tied)
    _rows.extend(source, tmp_path / "target", WORDS)
    before, after = load(source), load(tmp_path / "target")
    size = len(vocabulary())
    assert after.config.vocab_size == size + len(WORDS)
    old, new = (ids(folder, TEXT) for folder in (source, tmp_path / "target"))
    assert torch.equal(old, new)
    right, found = before(old).logits, after(new).logits
    assert torch.equal(found[..., :size], right)
    for number, word in enumerate(WORDS, size):
        pieces = ids(source, word)[0, 1:-1]
        assert len(pieces) > 1
        assert ids(tmp_path / "target", word)[0, 1:-1].tolist() == [number]
        torch.testing.assert_close(found[..., number], right[..., pieces].mean(dim=-1))
        row = after.get_input_embeddings().weight[number]
        torch.testing.assert_close(row, before.get_input_embeddings().weight[pieces].mean(dim=0))


@torch.no_grad()
def test_an_encoder_without_a_head_is_extended_alike(tmp_path, tiny_encoder):
    _rows.extend(tiny_encoder, tmp_path / "target", WORDS, record="{}\n")
    before, after = (
        transformers.AutoModel.from_pretrained(folder).eval() for folder in (tiny_encoder, tmp_path / "target")
    )
    assert after.get_input_embeddings().weight.shape[0] == len(vocabulary()) + len(WORDS)
    inputs = ids(tiny_encoder, TEXT)
    assert torch.equal(before(inputs).last_hidden_state, after(inputs).last_hidden_state)
    assert (tmp_path / "target" / "vocabulary.json").read_text("utf-8") == "{}\n"


def test_rows_that_padded_the_vocabulary_are_used_first(tmp_path):
    source = build(tmp_path / "source", "bert", spare=1)
    _rows.extend(source, tmp_path / "one", WORDS[:1])
    _rows.extend(source, tmp_path / "two", WORDS)
    sizes = [len(load(tmp_path / name).get_input_embeddings().weight) for name in ("one", "two")]
    assert sizes == [len(vocabulary()) + 1, len(vocabulary()) + 2]


def test_half_precision_stays(tmp_path):
    source = build(tmp_path / "source", "bert")
    load(source).bfloat16().save_pretrained(source)
    _rows.extend(source, tmp_path / "target", WORDS)
    assert load(tmp_path / "target").get_input_embeddings().weight.dtype == torch.bfloat16


def test_an_extended_encoder_is_extended_again(tmp_path):
    source = build(tmp_path / "source", "bert")
    _rows.extend(source, tmp_path / "one", WORDS[:1])
    _rows.extend(tmp_path / "one", tmp_path / "both", WORDS[1:])
    _rows.extend(source, tmp_path / "at_once", WORDS)
    for one, other in zip(*(load(tmp_path / name).parameters() for name in ("both", "at_once")), strict=True):
        assert torch.equal(one, other)


def test_a_family_whose_rows_are_not_known_is_refused(tmp_path):
    source = build(tmp_path / "source", "bert")
    config = json.loads((source / "config.json").read_text("utf-8")) | {"model_type": "roberta"}
    (source / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match="family roberta; extended are bert, distilbert, electra"):
        _rows.extend(source, tmp_path / "target", WORDS)


def test_fewer_rows_than_pieces_are_refused_and_nothing_is_written(tmp_path):
    source = build(tmp_path / "source", "bert", spare=-1)
    with pytest.raises(ModelError, match="rows of word embeddings for a vocabulary of"):
        _rows.extend(source, tmp_path / "target", WORDS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


def test_a_target_that_exists_is_kept(tmp_path):
    source = build(tmp_path / "source", "bert")
    shutil.copytree(source, tmp_path / "target")
    with pytest.raises(ConfigError, match="exists already"):
        _rows.extend(source, tmp_path / "target", WORDS)
