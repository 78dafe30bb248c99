"""BERT's variables in Google's TensorFlow releases, and what ``transformers`` calls them.

    bert/encoder/layer_0/attention/self/query/kernel    bert.encoder.layer.0.attention.self.query.weight, transposed

The names are those of https://github.com/google-research/bert (``modeling.py``, ``run_pretraining.py``); the mapping is
that of ``convert_bert_original_tf_checkpoint_to_pytorch`` in ``transformers``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IGNORED = {
    "optimizer slots": re.compile(r"/(?:adam_[mv]|AdamWeightDecayOptimizer(?:_\d+)?|Adam(?:_\d+)?)$"),
    "training steps": re.compile(r"^global_step$|^beta[12]_power$"),
}


@dataclass(frozen=True, slots=True)
class Rename:
    """One variable: ``shape`` is TensorFlow's; kernels are (in, out) there and (out, in) in ``transformers``."""

    source: str
    target: str
    shape: tuple[int, ...]
    transposed: bool = False


def encoder(config: Mapping[str, int]) -> Iterator[Rename]:
    """Every variable of the encoder, pooler included, for the sizes of a ``bert_config.json``."""
    width, inner = config["hidden_size"], config["intermediate_size"]
    for name, size in (
        ("word", config["vocab_size"]),
        ("token_type", config["type_vocab_size"]),
        ("position", config["max_position_embeddings"]),
    ):
        path = f"bert/embeddings/{name}_embeddings"
        yield Rename(path, f"{_dotted(path)}.weight", (size, width))
    yield from _norm("bert/embeddings/LayerNorm", width)
    for number in range(config["num_hidden_layers"]):
        layer = f"bert/encoder/layer_{number}"
        for part in ("query", "key", "value"):
            yield from _dense(f"{layer}/attention/self/{part}", width, width)
        yield from _dense(f"{layer}/attention/output/dense", width, width)
        yield from _norm(f"{layer}/attention/output/LayerNorm", width)
        yield from _dense(f"{layer}/intermediate/dense", width, inner)
        yield from _dense(f"{layer}/output/dense", inner, width)
        yield from _norm(f"{layer}/output/LayerNorm", width)
    yield from _dense("bert/pooler/dense", width, width)


def predictions(config: Mapping[str, int]) -> Iterator[Rename]:
    """The masked-word head; its decoder is the word embeddings."""
    width = config["hidden_size"]
    yield from _dense("cls/predictions/transform/dense", width, width)
    yield from _norm("cls/predictions/transform/LayerNorm", width)
    yield Rename("cls/predictions/output_bias", "cls.predictions.bias", (config["vocab_size"],))


def next_sentence(config: Mapping[str, int]) -> Iterator[Rename]:
    """The head that tells whether two sentences follow each other."""
    yield Rename("cls/seq_relationship/output_weights", "cls.seq_relationship.weight", (2, config["hidden_size"]))
    yield Rename("cls/seq_relationship/output_bias", "cls.seq_relationship.bias", (2,))


def ignored(name: str) -> str:
    """What a variable is that training needs and a model does not; empty for the others."""
    return next((what for what, pattern in IGNORED.items() if pattern.search(name)), "")


def current(name: str) -> str:
    """The present name of a tensor of an older ``transformers``, which called a norm's numbers as TensorFlow does."""
    return re.sub(r"(LayerNorm\.)gamma$", r"\1weight", re.sub(r"(LayerNorm\.)beta$", r"\1bias", name))


def _dense(path: str, before: int, after: int) -> Iterator[Rename]:
    yield Rename(f"{path}/kernel", f"{_dotted(path)}.weight", (before, after), transposed=True)
    yield Rename(f"{path}/bias", f"{_dotted(path)}.bias", (after,))


def _norm(path: str, width: int) -> Iterator[Rename]:
    yield Rename(f"{path}/gamma", f"{_dotted(path)}.weight", (width,))
    yield Rename(f"{path}/beta", f"{_dotted(path)}.bias", (width,))


def _dotted(path: str) -> str:
    return re.sub(r"layer_(\d+)", r"layer.\1", path).replace("/", ".")
