"""BERT's WordPiece tokenizer as a ``tokenizer.json``: from a list of pieces, checked, and with pieces added.

{"model": {"type": "WordPiece", "vocab": {"[PAD]": 0, "[UNK]": 100, "gout": 9876, "##itis": 10414, ...}}, ...}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from biogloss.errors import ModelError
from biogloss.models._files import read_object, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

UNKNOWN = "[UNK]"
SPECIAL = ("[PAD]", UNKNOWN, "[CLS]", "[SEP]", "[MASK]")
CONTINUES = "##"
LONGEST_WORD = 100  # characters; a longer word is unknown to BERT


def build(vocabulary: Mapping[str, int], *, lowercase: bool) -> Tokenizer:
    """The tokenizer of BERT over a vocabulary: Chinese characters are words, accents go where capitals go.

    Raises:
        ModelError: a special token is not in the vocabulary.
    """
    check(vocabulary, "the vocabulary")
    tokenizer = Tokenizer(models.WordPiece(dict(vocabulary), unk_token=UNKNOWN, max_input_chars_per_word=LONGEST_WORD))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = ((token, vocabulary[token]) for token in ("[SEP]", "[CLS]"))
    tokenizer.post_processor = processors.BertProcessing(*ends)
    tokenizer.decoder = decoders.WordPiece(prefix=CONTINUES)
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def settings(*, lowercase: bool, longest: int = 512) -> str:
    """The ``tokenizer_config.json`` that goes with it; ``longest`` is the number of positions."""
    found = {"tokenizer_class": "BertTokenizer", "do_lower_case": lowercase, "model_max_length": longest}
    return (
        json.dumps(
            found | dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True)),
            indent=2,
        )
        + "\n"
    )


def check(vocabulary: Iterable[str], where: object) -> None:
    """Refuse a vocabulary that has lost a special token.

    Raises:
        ModelError: names the tokens that are missing.
    """
    if missing := [token for token in SPECIAL if token not in set(vocabulary)]:
        msg = (
            f"{where}: no {', '.join(missing)} in the vocabulary; a WordPiece vocabulary needs each of "
            f"{', '.join(SPECIAL)}. Take the vocabulary that came with the checkpoint"
        )
        raise ModelError(msg)


def check_file(path: Path) -> None:
    """Refuse a ``tokenizer.json`` of WordPiece that has lost a special token; those of other kinds pass.

    Raises:
        ModelError: as :func:`check`, or it is no tokenizer.
    """
    document = read(path)
    if document["model"].get("type") == "WordPiece":
        check(vocabulary_of(document, path), path)


def read_list(path: Path) -> dict[str, int]:
    """A ``vocab.txt``, a piece a line, to piece -> row. Of a piece that stands there twice the last row counts.

    Raises:
        ModelError: missing, not UTF-8, too large, or without a special token.
    """
    lines = read_text(path).split("\n")
    pieces = [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]
    vocabulary = {piece: row for row, piece in enumerate(pieces)}
    check(vocabulary, path)
    return vocabulary


def read(path: Path) -> dict[str, Any]:
    """A ``tokenizer.json`` as it stands.

    Raises:
        ModelError: missing, not JSON, too large, or no tokenizer.
    """
    document = read_object(path)
    if not isinstance(document.get("model"), dict):
        msg = f"{path}: no tokenizer in it; expected a tokenizer.json"
        raise ModelError(msg)
    return document


def vocabulary_of(document: Mapping[str, Any], where: object) -> dict[str, int]:
    """The pieces of a WordPiece ``tokenizer.json``, with tokens that were added to it later.

    Raises:
        ModelError: it is of another kind.
    """
    model = document["model"]
    vocabulary = model.get("vocab")
    prefix = model.get("continuing_subword_prefix", CONTINUES)
    if model.get("type") != "WordPiece" or not isinstance(vocabulary, dict) or prefix != CONTINUES:
        msg = f"{where}: a tokenizer of the kind {model.get('type')}; only WordPiece vocabularies (BERT's) are extended"
        raise ModelError(msg)
    added = {token["content"]: token["id"] for token in document.get("added_tokens") or ()}
    return {**added, **vocabulary}


def spelled(pieces: Iterable[str]) -> str:
    """The word that pieces are of, as the tokenizer normalised it."""
    return "".join(piece.removeprefix(CONTINUES) for piece in pieces)


def extended(document: Mapping[str, Any], words: Sequence[str], where: object) -> dict[str, Any]:
    """The tokenizer with words as ordinary entries behind all others, so that no old piece changes its row.

    Tokens that were added later go into the vocabulary too: the library would otherwise count them from its new end.

    Raises:
        ModelError: not WordPiece, or without a special token.
    """
    vocabulary = vocabulary_of(document, where)
    check(vocabulary, where)
    first = max(vocabulary.values()) + 1
    new = {word: row for row, word in enumerate(words, first)}
    return {**document, "model": {**document["model"], "vocab": vocabulary | new}}
