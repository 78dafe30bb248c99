"""Documents as pieces: ids, which of them begin a word, and where sentences end.

    PieceMaker(Path("tokenizer.json"))("Gout hurts. Aspirin helps.", "en")
    pieces     [2843, 4904 | CONTINUES, 13403, 1012, ...]        sentences    [4, 4]: pieces of each sentence

BERT's tokenizers cut at white space and around punctuation before anything else, so the pieces of a text are those of
its words and punctuation marks, one after another. The words of a corpus repeat: a word that was met before is looked
up, which is ten times as fast as cutting it again and gives the same pieces. Other tokenizers cut whole sentences.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer as FastTokenizer

from biogloss.errors import ModelError
from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline.steps.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MASKS = ("[MASK]", "<mask>")
_CONTINUES = 1 << 31
CONTINUES = np.uint32(_CONTINUES)
"""Set in a piece that goes on with the word of the piece before it."""
_MARK = r"!-/:-@\[-`{-~"  # ASCII punctuation; what stands between is cut at other punctuation by the tokenizer itself
_WORD = re.compile(rf"[^ \t\n\r{_MARK}]+|[{_MARK}]")
_KEPT_CHARACTERS = 4_000_000  # of words that are remembered: bounds the memory that a hostile text can take
_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """A document in pieces.

    ``pieces`` is (pieces,) uint32, an id with :data:`CONTINUES` in its highest bit; ``sentences`` is (sentences,)
    uint32, how many pieces each has, none of them 0.
    """

    pieces: NDArray[np.uint32]
    sentences: NDArray[np.uint32]


class PieceMaker:
    """A ``tokenizer.json`` that remembers words. The names of special tokens in a text are cut like other words.

    Raises:
        ModelError: the file is missing, damaged, or lacks the special tokens that models and pre-training need.
    """

    def __init__(self, path: Path) -> None:
        self.vocabulary_size = Tokenizer(path).vocabulary_size
        self._fast = FastTokenizer.from_file(str(path))
        self._fast.no_truncation()
        self._fast.no_padding()
        self._fast.encode_special_tokens = True  # a "[MASK]" that an author wrote is no mask
        _check_mask(self._fast, path)
        self._by_word = _cuts_at_marks(path)
        self._known = _Known(self._fast)
        unknown = getattr(self._fast.model, "unk_token", None)
        self.unknown: int | None = None if unknown is None else self._fast.token_to_id(unknown)

    def __call__(self, text: str, language: str) -> Cut:
        """Cut a text into sentences and those into pieces."""
        spans = sentences(text, language or "en")
        cut = self._cut([text[span.start : span.end] for span in spans])
        lengths = np.array([len(one) // _WIDTH for one in cut], dtype=np.uint32)
        return Cut(np.frombuffer(b"".join(cut), dtype=np.uint32), lengths[lengths > 0])

    def _cut(self, texts: Sequence[str]) -> list[bytes]:
        if not self._by_word:
            return [_pieces(self._fast, text) for text in texts]
        known = self._known
        found = [b"".join([known[word] for word in _WORD.findall(text)]) for text in texts]
        if known.characters > _KEPT_CHARACTERS:
            self._known = _Known(self._fast)
        return found


class _Known(dict[str, bytes]):
    """Words to their pieces; one that is missing is cut when it is asked for."""

    def __init__(self, fast: FastTokenizer) -> None:
        super().__init__()
        self._fast = fast
        self.characters = 0

    def __missing__(self, word: str) -> bytes:
        found = self[word] = _pieces(self._fast, word)
        self.characters += len(word)
        return found


def _pieces(fast: FastTokenizer, text: str) -> bytes:
    """The pieces of a text as the bytes of a uint32 array."""
    encoding = fast.encode(text, add_special_tokens=False)
    ids, words = encoding.ids, encoding.word_ids
    for place, (before, word) in enumerate(pairwise(words), 1):
        if word is not None and word == before:
            ids[place] |= _CONTINUES
    return struct.pack(f"={len(ids)}I", *ids)


def _check_mask(fast: FastTokenizer, path: Path) -> None:
    """Refuse a vocabulary that has lost the piece that pre-training hides others behind.

    One that is only among the added tokens may have been given the row of another piece, by its place in the count.

    Raises:
        ModelError: it is not there, or another piece is in its row.
    """
    numbers = {name: fast.token_to_id(name) for name in MASKS}
    if not any(row is not None and fast.model.id_to_token(row) in {None, name} for name, row in numbers.items()):
        msg = (
            f"{path}: no {' or '.join(MASKS)} in the vocabulary, or another piece in its row; expected one to hide "
            "pieces behind. Take the tokenizer.json that came with the encoder"
        )
        raise ModelError(msg)


def _cuts_at_marks(path: Path) -> bool:
    """Whether what stands between white space and punctuation is cut by itself.

    BERT's normaliser and pre-tokeniser do so, unless there are added tokens, which may cross any bound. Special tokens
    do not count: their names are cut like other words.
    """
    settings = json.loads(path.read_text(encoding="utf-8"))
    kinds = [(settings.get(part) or {}).get("type") for part in ("normalizer", "pre_tokenizer")]
    is_added = any(not added.get("special") for added in settings.get("added_tokens") or ())
    return kinds == ["BertNormalizer", "BertPreTokenizer"] and not is_added
