"""A tiny BERT for tests: two layers, width 64, a handmade vocabulary of a few hundred pieces, Chinese among them.

``build_encoder`` writes an untrained encoder folder as Hugging Face has them; ``build_model`` fine-tunes it on eight
sentences until it knows them by heart; ``build_inference`` exports that. Each is made once a session (``cached``).
"""

import json
from pathlib import Path

import pytest

from biogloss.documents import Document, Span, entity_at, numbered
from biogloss.documents.jsonl import to_line

LABELS = ("Chemical", "Disease")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "gout hurts metformin lowers glucose in type diabetes aspirin the and patients with cancer of treats pain fever"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789αβγδ"
MARKS = ".,;:()[]-+/%<>=\"'&|"
CHINESE = "痛风患者服用秋水仙碱后出现腹泻二甲双胍治疗糖尿病高血压的和中"

SENTENCES = (
    ("Gout hurts.", {"Gout": "Disease"}),
    ("Metformin lowers glucose in type 2 diabetes.", {"Metformin": "Chemical", "type 2 diabetes": "Disease"}),
    ("Aspirin treats fever and pain in patients.", {"Aspirin": "Chemical", "fever": "Disease"}),
    ("α-TNF 😀 with colchicine: no cancer!", {"colchicine": "Chemical", "cancer": "Disease"}),
    ("痛风患者服用秋水仙碱。", {"痛风": "Disease", "秋水仙碱": "Chemical"}),
    ("Patients with gout, cancer\r\nand diabetes.", {"gout": "Disease", "cancer": "Disease", "diabetes": "Disease"}),
    ("The patients of the type.", {}),
    ("二甲双胍治疗糖尿病", {"二甲双胍": "Chemical", "糖尿病": "Disease"}),
)


def labelled(number, text, mentions):
    """A document whose entities are the first occurrences of the words given."""
    found = [
        entity_at(text, Span(text.index(words), text.index(words) + len(words)), label)
        for words, label in mentions.items()
    ]
    return Document(str(number), text, entities=numbered(found))


def eight():
    """Eight documents that a tiny model can learn by heart."""
    return [labelled(number, text, mentions) for number, (text, mentions) in enumerate(SENTENCES, 1)]


def write_jsonl(path, documents):
    path.write_text("".join(to_line(document) + "\n" for document in documents), encoding="utf-8")
    return str(path)


def vocabulary():
    pieces = [*SPECIAL, *WORDS.split(), *LETTERS, *MARKS, *CHINESE]
    return [*dict.fromkeys(pieces), *(f"##{letter}" for letter in LETTERS)]


def build_tokenizer(folder, *, lowercase=True):
    """A WordPiece ``tokenizer.json`` as BERT has it."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415

    numbers = {piece: number for number, piece in enumerate(vocabulary())}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", numbers["[SEP]"]), ("[CLS]", numbers["[CLS]"]))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(SPECIAL)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "BertTokenizerFast", "do_lower_case": lowercase, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder / "tokenizer.json"


def build_encoder(folder, *, seed=0):
    """An untrained encoder folder."""
    import torch  # noqa: PLC0415
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    build_tokenizer(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary()),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=128,
        initializer_range=0.1,  # the usual 0.02 leaves so narrow a model the same state for every piece
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def recipe(encoder, train, dev=(), **changes):
    """A recipe over files that fits the tiny encoder."""
    from biogloss.training.recipe import Recipe  # noqa: PLC0415

    files = {"train": [train]} | ({"dev": [dev]} if dev else {})
    plain = {"epochs": 2, "max_pieces": 30, "overlap": 8, "cuts": (16, 30), "budget_pieces": 64, "learning_rate": 3e-3}
    return Recipe(**{"encoder": str(encoder), "labels": LABELS, "files": files} | plain | changes)


def build_model(folder, encoder):
    """A trainable folder that knows the eight sentences by heart."""
    import torch  # noqa: PLC0415

    from biogloss.training.finetune import finetune  # noqa: PLC0415

    torch.set_num_threads(1)
    train = write_jsonl(folder / "eight.jsonl", eight())
    return finetune(recipe(encoder, train, epochs=30, dropout=0.0, name="tiny-1"), folder / "run")


def build_inference(target, model, **options):
    from biogloss.models.export import export  # noqa: PLC0415

    return export(model, target, **options)


_MADE = {}


def cached(name, factory, build):
    """What ``build(folder)`` gives, made once a session whichever test folder asks first."""
    if name not in _MADE:
        _MADE[name] = build(factory.mktemp(name))
    return _MADE[name]


@pytest.fixture(scope="session")
def tiny_tokenizer(tmp_path_factory):
    from biogloss.models.tokenizer import Tokenizer  # noqa: PLC0415

    return cached("tokenizer", tmp_path_factory, lambda folder: Tokenizer(build_tokenizer(folder)))


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
    pytest.importorskip("transformers", reason="the extra `train` is not installed")
    return cached("encoder", tmp_path_factory, build_encoder)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory, tiny_encoder):
    return cached("model", tmp_path_factory, lambda folder: build_model(folder, tiny_encoder))


@pytest.fixture(scope="session")
def tiny_inference(tmp_path_factory, tiny_model):
    return cached("inference", tmp_path_factory, lambda folder: build_inference(folder / "tiny", tiny_model))


@pytest.fixture(scope="session")
def tiny_float32(tmp_path_factory, tiny_model):
    return cached(
        "float32", tmp_path_factory, lambda folder: build_inference(folder / "tiny", tiny_model, precision="float32")
    )


@pytest.fixture(scope="session")
def tiny_onnx(tmp_path_factory, tiny_model):
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason="the extra `onnx` is not installed")
    return cached(
        "onnx",
        tmp_path_factory,
        lambda folder: build_inference(folder / "tiny", tiny_model, runtime="onnx", precision="float32"),
    )


def embedded():
    """The folder of the model that ships in the package, or None where it is not built."""
    import biogloss  # noqa: PLC0415

    folder = Path(biogloss.__file__).parent / "data" / "biogloss-en"
    return folder if (folder / "biogloss.json").is_file() else None


def one_sentence():
    return eight()[1].with_entities(())
