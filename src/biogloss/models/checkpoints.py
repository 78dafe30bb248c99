"""Encoders that others published, to a folder that ``transformers`` loads to the same numbers.

    convert(Path("biobert_v1.1_pubmed"), Path("biobert"))
    Imported(source="TensorFlow", tensors=205, ignored={"optimizer slots": 410, "training steps": 1}, ...)

Read are the releases of Google's BERT and of BioBERT (``model.ckpt.*``, ``bert_config.json``, ``vocab.txt``; TensorFlow
is not needed), and Hugging Face folders with ``model.safetensors`` or ``pytorch_model.bin``. Nothing is unpickled but
by ``torch.load(weights_only=True)``. The masked-word head comes along where the checkpoint has one.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import load_file, save_file

from biogloss.errors import ConfigError, ModelError
from biogloss.models import _bert_names as names
from biogloss.models import _bundle, _wordpiece
from biogloss.models._files import new_folder, read_object
from biogloss.models._sstable import MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

TENSORFLOW, SAFETENSORS, PYTORCH = "TensorFlow", "safetensors", "PyTorch"
WEIGHTS = "model.safetensors"
HUGGING_FACE = {
    SAFETENSORS: (WEIGHTS, "model.safetensors.index.json"),
    PYTORCH: ("pytorch_model.bin", "pytorch_model.bin.index.json"),
}
SIZES = (
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
    "type_vocab_size",
)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of an import.

    Args:
        source: ``TensorFlow``, ``safetensors`` or ``PyTorch``.
        tensors: how many were taken along.
        ignored: what only training needs -> how many variables of it were left out.
        unknown: names of variables that are neither the encoder's nor a head's of its pre-training; left out too.
        masked_words: whether the masked-word head is there.
        lowercase: whether the tokenizer makes capitals small.
        decided_by: what said so.
    """

    source: str
    tensors: int
    ignored: Mapping[str, int]
    unknown: tuple[str, ...]
    masked_words: bool
    lowercase: bool
    decided_by: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a checkpoint is: ``weights`` is a file, or the prefix of TensorFlow's files."""

    kind: str
    weights: Path

    @property
    def folder(self) -> Path:
        return self.weights.parent


def convert(source: Path, target: Path, *, lowercase: bool | None = None, half: bool = False) -> Imported:
    """Write ``target``, a Hugging Face folder with ``tokenizer.json``, whole or not at all.

    Args:
        source: a folder; or where it holds several TensorFlow checkpoints, the path of one up to ``.index``.
        target: a folder that does not exist yet.
        lowercase: whether the tokenizer makes capitals small. Left out, the configuration says it, else the name of the
            folder (``uncased_L-12_H-768_A-12``), else the vocabulary: one without capital letters has lost them.
        half: write weights of 16 bits in place of 32, half the size.

    Raises:
        ModelError: nothing there that can be read, damaged, incomplete, or not the encoder its configuration names; a
            weight that 16 bits cannot hold.
        ConfigError: the target exists, or ``lowercase`` is given for a folder that has its own ``tokenizer.json``.
        OutputError: the target cannot be written.
        MissingExtra: a Hugging Face folder, and torch is not installed.
    """
    place = _find(source)
    with new_folder(target) as new:
        small, decided_by = _tokenizer(place, new, lowercase=lowercase)
        if place.kind == TENSORFLOW:
            tensors, ignored, unknown = _tensorflow(place, new)
        else:
            from biogloss.models import _torch_weights  # noqa: PLC0415 - needs torch

            shutil.copyfile(_config_file(place), new / "config.json")
            tensors, ignored, unknown = _torch_weights.copy(place.weights, new / WEIGHTS), {}, ()
        if half:
            _halve(new / WEIGHTS)
    return Imported(
        source=place.kind,
        tensors=len(tensors),
        ignored=ignored,
        unknown=unknown,
        masked_words=any(name.startswith(("cls.predictions", "generator_", "lm_head", "vocab_")) for name in tensors),
        lowercase=small,
        decided_by=decided_by,
    )


def _halve(path: Path) -> None:
    tensors = load_file(path)
    with np.errstate(over="ignore"):
        halves = {name: one.astype(np.float16) if one.dtype == np.float32 else one for name, one in tensors.items()}
    for name, one in halves.items():
        if one.dtype == np.float16 and not np.isfinite(one).all():
            raise ModelError(f"{name} has weights that 16 bits cannot hold; write 32")
    save_file(halves, path, metadata={"format": "pt"})


def _find(source: Path) -> _Place:
    if source.is_dir():
        return _find_in(source)
    prefix = source.with_name(source.name.removesuffix(_bundle.INDEX))
    if prefix.with_name(prefix.name + _bundle.INDEX).is_file():
        return _Place(TENSORFLOW, prefix)
    if source.is_file():
        _refuse_version_1([source])
        known = {name: kind for kind, files in HUGGING_FACE.items() for name in files}
        if source.name in known:
            return _Place(known[source.name], source)
    msg = f"{source}: no checkpoint there; expected a folder, or the path of a TensorFlow checkpoint up to .index"
    raise ModelError(msg)


def _find_in(folder: Path) -> _Place:
    indexes = sorted(folder.glob(f"*{_bundle.INDEX}"))
    if len(indexes) > 1:
        listed = ", ".join(path.name for path in indexes[:5])
        msg = f"{folder}: several checkpoints ({listed}); name one of them by its path up to {_bundle.INDEX}"
        raise ModelError(msg)
    if indexes:
        return _Place(TENSORFLOW, indexes[0].with_name(indexes[0].name.removesuffix(_bundle.INDEX)))
    for kind, files in HUGGING_FACE.items():
        for name in files:
            if (folder / name).is_file():
                return _Place(kind, folder / name)
    _refuse_version_1(path for path in sorted(folder.iterdir()) if ".ckpt" in path.name and path.is_file())
    expected = f"*{_bundle.INDEX} with its .data files, {WEIGHTS} or pytorch_model.bin"
    msg = f"{folder}: no checkpoint in it; expected {expected}"
    raise ModelError(msg)


def _refuse_version_1(paths: Iterable[Path]) -> None:
    """TensorFlow's first format was one such table with the numbers in it; its name has no ``.index``."""
    for path in paths:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - len(MAGIC)))
            is_table = stream.read() == MAGIC
        if is_table:
            msg = (
                f"{path}: a checkpoint of TensorFlow's first format (V1, one file), which is not read. Restore it "
                "with TensorFlow and save it with tf.compat.v1.train.Saver(write_version=2): .index and .data files"
            )
            raise ModelError(msg)


def _tensorflow(place: _Place, new: Path) -> tuple[Mapping[str, Any], Mapping[str, int], tuple[str, ...]]:
    config = _config(place)
    bundle = _bundle.open_bundle(place.weights)
    renames = list(_renames(bundle, config))
    rest = bundle.variables.keys() - {rename.source for rename in renames}
    ignored = Counter(what for name in rest if (what := names.ignored(name)))
    tensors = {rename.target: _renamed(bundle, rename) for rename in renames}
    save_file(tensors, new / WEIGHTS, metadata={"format": "pt"})
    heads = {"cls.predictions.bias": "BertForMaskedLM", "cls.seq_relationship.bias": "BertForPreTraining"}
    architecture = next((heads[name] for name in reversed(heads) if name in tensors), "BertModel")
    written = {**config, "model_type": "bert", "architectures": [architecture]}
    (new / "config.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return tensors, dict(ignored), tuple(sorted(name for name in rest if not names.ignored(name)))


def _renames(bundle: _bundle.Bundle, config: Mapping[str, Any]) -> Iterable[names.Rename]:
    """What is taken from a checkpoint: the whole encoder, and each head that it has."""
    yield from _there(bundle, names.encoder(config))
    for head, mark in ((names.predictions, "cls/predictions/"), (names.next_sentence, "cls/seq_relationship/")):
        if any(name.startswith(mark) for name in bundle.variables):
            yield from _there(bundle, head(config))


def _there(bundle: _bundle.Bundle, renames: Iterable[names.Rename]) -> Iterable[names.Rename]:
    """The same, each checked against the index before any number is read."""
    for rename in renames:
        found = bundle.variables.get(rename.source)
        if found is None:
            has = ", ".join(sorted(bundle.variables)[:3])
            msg = f"{bundle.prefix}: no variable {rename.source}, which BERT has; it has: {has}, ..."
            raise ModelError(msg)
        if found.shape != rename.shape:
            msg = (
                f"{bundle.prefix}: {rename.source} is {found.shape}; bert_config.json says {rename.shape}. "
                "Use the configuration that came with the checkpoint"
            )
            raise ModelError(msg)
        yield rename


def _renamed(bundle: _bundle.Bundle, rename: names.Rename) -> NDArray[np.float32]:
    found = _bundle.tensor(bundle, rename.source).astype(np.float32, copy=False)
    return np.ascontiguousarray(found.T if rename.transposed else found)


def _config_file(place: _Place) -> Path:
    name = "bert_config.json" if place.kind == TENSORFLOW else "config.json"
    path = place.folder / name
    if not path.is_file():
        msg = f"{path}: no such file; it comes with the checkpoint and says the sizes of the encoder"
        raise ModelError(msg)
    return path


def _config(place: _Place) -> dict[str, Any]:
    """The configuration; TensorFlow's with every size that its variables are checked against."""
    path = _config_file(place)
    config = read_object(path)
    for size in SIZES if place.kind == TENSORFLOW else ():
        if type(found := config.get(size)) is not int or found < 1:
            msg = f"{path}: {size} is {str(found)[:40]}; expected a number of at least 1"
            raise ModelError(msg)
    return config


def _tokenizer(place: _Place, new: Path, *, lowercase: bool | None) -> tuple[bool, str]:
    """Copy or build the tokenizer; whether it makes capitals small, and what says so."""
    own = place.folder / "tokenizer.json"
    if own.is_file():
        if lowercase is not None:
            msg = f"{own} says itself whether capitals become small; leave the choice out"
            raise ConfigError(msg)
        document = _wordpiece.read(own)
        _wordpiece.check_file(own)
        shutil.copyfile(own, new / own.name)
        if (settings := own.with_name("tokenizer_config.json")).is_file():
            shutil.copyfile(settings, new / settings.name)
        return bool((document.get("normalizer") or {}).get("lowercase")), own.name
    config = _config(place)
    vocabulary = _wordpiece.read_list(place.folder / "vocab.txt")
    rows = config.get("vocab_size")
    if isinstance(rows, int) and max(vocabulary.values()) >= rows:
        msg = f"{place.folder / 'vocab.txt'}: {max(vocabulary.values()) + 1:,} pieces; the encoder has {rows:,} rows"
        raise ModelError(msg)
    small, decided_by = (lowercase, "argument") if lowercase is not None else _lowercase(place, config, vocabulary)
    (new / own.name).write_text(_wordpiece.build(vocabulary, lowercase=small).to_str(pretty=True), encoding="utf-8")
    text = _wordpiece.settings(lowercase=small, longest=config.get("max_position_embeddings", 512))
    (new / "tokenizer_config.json").write_text(text, encoding="utf-8")
    return small, decided_by


def _lowercase(place: _Place, config: Mapping[str, Any], vocabulary: Iterable[str]) -> tuple[bool, str]:
    beside = place.folder / "tokenizer_config.json"
    stated = {**config, **(read_object(beside) if beside.is_file() else {})}.get("do_lower_case")
    if isinstance(stated, bool):
        return stated, "configuration"
    if found := re.search(r"(?<![a-z])(un)?cased(?![a-z])", place.folder.resolve().name.lower()):
        return bool(found[1]), "folder name"
    pieces = (piece for piece in vocabulary if not re.fullmatch(r"\[.*\]", piece))
    return not any(re.search("[A-Z]", piece) for piece in pieces), "vocabulary"
