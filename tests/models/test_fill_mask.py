"""Filled masks are those of transformers' own pipeline, in the raw text; what cannot fill a mask says why."""

import json
import shutil

import pytest

from biogloss.errors import InputError, MissingExtra, ModelError
from biogloss.models import _extras
from biogloss.models.fill_mask import MASK, fill_mask
from biogloss.models.language_model import load_language_model
from tiny import build_tokenizer, vocabulary

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

TEXTS = ["Gout [MASK] pain.", "[MASK]", "Gout\n and [MASK] treats [MASK]fever", "痛[MASK]患者"]
SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}


def build(folder, config, *, seed=1):
    """A masked language model whose guesses differ from place to place, some of them continuations of words."""
    torch.manual_seed(seed)
    model = transformers.AutoModelForMaskedLM.from_config(config).eval()
    model.save_pretrained(folder)
    return folder


def build_byte_level(folder):
    """RoBERTa's kind of tokenizer, whose mask takes the space before it."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers  # noqa: PLC0415

    pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *sorted(pre_tokenizers.ByteLevel.alphabet()), "Ġg", "Ġgo"]
    merges = [("Ġ", "g"), ("Ġg", "o")]
    tokenizer = Tokenizer(models.BPE({piece: number for number, piece in enumerate(pieces)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([*pieces[:4], AddedToken("<mask>", lstrip=True)])
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = transformers.RobertaConfig(
        vocab_size=len(pieces) + 5, max_position_embeddings=34, initializer_range=0.3, pad_token_id=1, **SHAPE
    )
    return build(folder, config)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    folder = tmp_path_factory.mktemp("masked")
    build_tokenizer(folder)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary()), max_position_embeddings=32, initializer_range=0.3, **SHAPE
    )
    return build(folder, config)


@pytest.fixture(scope="module")
def model(bert):
    return load_language_model(str(bert))


@pytest.fixture(scope="module")
def roberta(tmp_path_factory):
    return load_language_model(str(build_byte_level(tmp_path_factory.mktemp("byte_level") / "model")))


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_and_probabilities_are_those_of_transformers(bert, model, text):
    tokenizer = transformers.AutoTokenizer.from_pretrained(bert)
    theirs = transformers.pipeline("fill-mask", model=str(bert), tokenizer=tokenizer, top_k=len(vocabulary()))(text)
    theirs = theirs if isinstance(theirs[0], list) else [theirs]
    (ours,) = fill_mask([text], model, top=len(vocabulary()))
    assert len(ours) == len(theirs)
    for own, expected in zip(ours, theirs, strict=True):
        spelled = [("##" if fill.continues else "") + fill.piece for fill in own]
        assert spelled == [guess["token_str"] for guess in expected]
        assert [fill.probability for fill in own] == pytest.approx([guess["score"] for guess in expected], abs=1e-5)
        assert sum(fill.probability for fill in own) == pytest.approx(1, abs=1e-4)
        assert any(fill.continues for fill in own)


def test_the_text_is_the_raw_text_with_the_piece_in_it(model):
    text = "  GOUT\r\nand α [MASK] treats [MASK]Fever"
    first, second = fill_mask([text], model, top=len(vocabulary()))[0]
    assert {text[fill.start : fill.end] for fill in [*first, *second]} == {"[MASK]"}
    texts = {(fill.piece, fill.continues): fill.text for fill in first}
    assert texts["gout", False] == "  GOUT\r\nand α gout treats [MASK]Fever"
    assert texts["a", True] == "  GOUT\r\nand αa treats [MASK]Fever"
    texts = {(fill.piece, fill.continues): fill.text for fill in second}
    assert texts["gout", False] == "  GOUT\r\nand α [MASK] treats goutFever"


def test_as_many_as_asked_for_best_first(model):
    (own,) = fill_mask(["Gout [MASK]."], model, top=3)[0]
    scores = [fill.probability for fill in own]
    assert (len(own), scores) == (3, sorted(scores, reverse=True))


def test_a_text_gets_in_company_what_it_gets_alone(model):
    together = fill_mask(TEXTS, model)
    alone = [fill_mask([text], model)[0] for text in TEXTS]
    for one, other in zip(together, alone, strict=True):
        for fills, others in zip(one, other, strict=True):
            assert [fill.text for fill in fills] == [fill.text for fill in others]
            assert [fill.probability for fill in fills] == pytest.approx(
                [fill.probability for fill in others], abs=1e-5
            )


def test_of_a_long_text_the_window_around_each_mask_is_read(model):
    longest = model.max_pieces
    assert longest == 30
    before, after = "pain " * 50, " fever" * 50
    (own,) = fill_mask([f"{before}[MASK]{after}"], model)[0]
    (near,) = fill_mask(["pain " * 15 + "[MASK]" + " fever" * 14], model)[0]
    assert [fill.piece for fill in own] == [fill.piece for fill in near]
    assert [fill.probability for fill in own] == pytest.approx([fill.probability for fill in near], abs=1e-5)
    for text in (f"[MASK]{after}", f"{before}[MASK]", f"[MASK] {before}[MASK]"):
        assert len(fill_mask([text], model)[0]) == text.count("[MASK]")


@pytest.mark.parametrize("text", ["a go [MASK].", "a go <mask>."])
def test_either_spelling_of_the_mask_is_read(model, roberta, text):
    for one in (model, roberta):
        (own,) = fill_mask([text], one)[0]
        (other,) = fill_mask([MASK.sub("[MASK]", text)], one)[0]
        assert [fill.probability for fill in own] == [fill.probability for fill in other]
        assert MASK.fullmatch(text[own[0].start : own[0].end])


def test_byte_level_pieces_are_those_of_transformers_with_words_and_parts_of_words(roberta):
    (own,) = fill_mask(["a go <mask>."], roberta, top=roberta.tokenizer.vocabulary_size)[0]
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(roberta.folder / "tokenizer.json"),
        mask_token="<mask>",
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
    )
    ids = torch.tensor([[0, *tokenizer("a go <mask>.")["input_ids"], 2]])
    with torch.no_grad():
        row = roberta.model(input_ids=ids).logits[0, ids[0].tolist().index(4)].softmax(-1)
    best = row[: len(tokenizer)].argsort(descending=True).tolist()
    assert [fill.piece for fill in own] == [tokenizer.decode([number]).strip() for number in best]
    assert [fill.probability for fill in own] == pytest.approx(row[best].tolist(), abs=1e-5)
    texts = {(fill.piece, fill.continues): fill.text for fill in own}
    assert texts["go", False] == "a go go."
    assert texts["x", True] == "a gox."
    assert len(fill_mask(["go" * 100 + "<mask>"], roberta)[0]) == 1
    assert roberta.max_pieces == 30  # of 34 positions two come before the first piece's, and two are special tokens'


def test_a_text_without_a_mask_is_refused_with_an_example(model):
    with pytest.raises(InputError, match=r"text 2: no \[MASK\] in 'Gout.'.*Metformin treats type 2 \[MASK\]"):
        fill_mask(["[MASK]", "Gout."], model)


def test_a_mask_that_is_an_ordinary_piece_of_its_file_is_read_all_the_same(bert, model, tmp_path):
    folder = shutil.copytree(bert, tmp_path / "model")
    document = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    document["added_tokens"] = []
    (folder / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    assert fill_mask(TEXTS, load_language_model(str(folder))) == fill_mask(TEXTS, model)


def test_an_encoder_without_the_head_is_refused(model, tmp_path):
    build_tokenizer(tmp_path)
    model.model.base_model.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"no masked-word head in it \(no cls.predictions"):
        load_language_model(str(tmp_path))


def test_a_vocabulary_without_a_mask_is_refused(bert, tmp_path):
    folder = shutil.copytree(bert, tmp_path / "model")
    text = (folder / "tokenizer.json").read_text("utf-8")
    (folder / "tokenizer.json").write_text(text.replace("[MASK]", "[GONE]"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"no \[MASK\] in the vocabulary"):
        load_language_model(str(folder))


def test_a_tokenizer_of_another_checkpoint_is_refused(bert, tmp_path):
    folder = shutil.copytree(bert, tmp_path / "model")
    document = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    document["model"]["vocab"]["extra"] = len(vocabulary())
    (folder / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ModelError, match=r"word embeddings, but tokenizer\.json has"):
        load_language_model(str(folder))


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(_extras, "find_spec", lambda package: None if package == "torch" else package)
    with pytest.raises(MissingExtra, match=r"needs the package torch: pip install 'biogloss\[train\]'"):
        load_language_model("anything")
