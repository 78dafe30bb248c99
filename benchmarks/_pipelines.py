"""The token-classification pipelines of Hugging Face that Biogloss is measured against.

pipeline.read(["Gout hurts."], batch=1)    [[{"entity_group": "Disease", "start": 0, "end": 4, ...}]]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    BertConfig,
    BertForTokenClassification,
    PreTrainedTokenizerFast,
    TokenClassificationPipeline,
)

from _machine import Shape, shape
from biogloss.models import folder as folders
from biogloss.tasks.ner import TAGS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_PIECES = 512  # with the two special tokens
PREFERRED = "Disease"


@dataclass(frozen=True)
class Pipeline:
    """One of theirs, the one entity type it finds ("" where its weights are random) and the shape of its encoder."""

    call: Any
    label: str
    shape: Shape

    def read(self, texts: Sequence[str], batch: int) -> list[list[dict[str, Any]]]:
        """The entities of each text, with offsets."""
        found: list[list[dict[str, Any]]] = self.call(list(texts), batch_size=batch)
        return found


def same_weights(weights: Path, tokenizer: Path, threads: int) -> Pipeline:
    """The encoder of a trainable folder in float32 under the head of one of its types, as a standard model."""
    labels = folders.settings(weights).head("ner").labels
    label = PREFERRED if PREFERRED in labels else labels[0]
    config = AutoConfig.from_pretrained(weights, **_labels(label))
    model = AutoModelForTokenClassification.from_config(config).float()
    model.base_model.load_state_dict({name: t.float() for name, t in load_file(weights / "model.safetensors").items()})
    entities = folders.settings(weights).head("ner").name
    head = folders.named(load_file(weights / folders.HEADS))
    own = slice(TAGS * labels.index(label), TAGS * (labels.index(label) + 1))
    with torch.no_grad():
        model.classifier.weight.copy_(head[f"{entities}.out.weight"][own])
        model.classifier.bias.copy_(head[f"{entities}.out.bias"][own])
    return _built(model, tokenizer, label, threads)


def random_weights(layers: Shape, tokenizer: Path, threads: int) -> Pipeline:
    """A BERT of that shape with random weights, whose head calls every piece O: no entities to put together."""
    config = BertConfig(
        num_hidden_layers=layers.layers,
        hidden_size=layers.width,
        num_attention_heads=12,
        intermediate_size=layers.inner,
        **_labels(PREFERRED),
    )
    model = BertForTokenClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([1.0, 0.0, 0.0]))
    return _built(model, tokenizer, "", threads)


def _labels(label: str) -> dict[str, Any]:
    names = ["O", f"B-{label}", f"I-{label}"]
    return {"id2label": dict(enumerate(names)), "label2id": {name: number for number, name in enumerate(names)}}


def _built(model: Any, tokenizer: Path, label: str, threads: int) -> Pipeline:
    torch.set_num_threads(threads)
    fast = PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer),
        model_max_length=MOST_PIECES,
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        unk_token="[UNK]",
    )
    call = TokenClassificationPipeline(model=model.eval(), tokenizer=fast, aggregation_strategy="simple", device="cpu")
    return Pipeline(call, label, shape(model.config))
