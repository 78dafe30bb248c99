"""Text to pieces that know which characters they came from, over the ``tokenizers`` library alone.

tokenizer.pieces("Gout hurts")     ids [2843, 4904, 13403], starts [0, 2, 5], ends [2, 4, 10]
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer as FastTokenizer
from tokenizers.models import WordPiece

from biogloss.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
_UNUSED = re.compile(r"\[unused\d+\]")

MASKS = ("[MASK]", "<mask>")
"""How the mask is written: by BERT and its kin, by RoBERTa and its."""
WORD_STARTS = ("Ġ", "▁")
SPECIAL_PIECES = 2
"""How many special tokens an encoder reads with each window: one before it, one behind it."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of one text, without special tokens.

    ``ids``, ``starts`` and ``ends`` are (pieces,) int32; starts and ends are characters of the raw text. ``continues``
    is (pieces,) bool, true where a piece goes on with the word of the piece before it.
    """

    ids: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    continues: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


class Tokenizer:
    """A ``tokenizer.json`` with the ids of its first and last special token.

    Raises:
        ModelError: the file is missing, damaged, or has no classification and separator token.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._fast = FastTokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            msg = f"{path}: not a tokenizer.json that this version of `tokenizers` reads ({error})"
            raise ModelError(msg) from error
        self._path = path
        self._spaced = (
            '"Metaspace"' in str(self._fast.pre_tokenizer.__getstate__()) if self._fast.pre_tokenizer else False
        )
        self._fast.no_truncation()
        self._fast.no_padding()
        self.first = self._special("[CLS]", "<s>")
        self.last = self._special("[SEP]", "</s>")
        self.padding = self._special("[PAD]", "<pad>")
        self.mask_token = self._readable_mask()
        self.vocabulary_size = self._fast.get_vocab_size(with_added_tokens=True)

    @property
    def mask(self) -> int:
        """The id that stands for a hidden piece.

        Raises:
            ModelError: the vocabulary has none.
        """
        return self._special("[MASK]", "<mask>")

    @property
    def unknown(self) -> int:
        """The id that stands for what the vocabulary cannot write.

        Raises:
            ModelError: the vocabulary has none.
        """
        return self._special("[UNK]", "<unk>")

    @property
    def ordinary(self) -> NDArray[np.int32]:
        """(count,) int32: the ids of pieces that texts are made of, no special and no unused ones."""
        special = {number for number, token in self._fast.get_added_tokens_decoder().items() if token.special}
        known = self._fast.get_vocab(with_added_tokens=True)
        kept = (number for piece, number in known.items() if number not in special and not _UNUSED.fullmatch(piece))
        return np.array(sorted(kept), dtype=np.int32)

    def _special(self, *names: str) -> int:
        for name in names:
            if (number := self._fast.token_to_id(name)) is not None:
                return int(number)
        msg = f"{self._path}: none of the special tokens {', '.join(names)} in the vocabulary"
        raise ModelError(msg)

    def _readable_mask(self) -> str | None:
        """How the mask is written, None without one. Where a file has it as an ordinary piece, it would fall apart."""
        name = next((name for name in MASKS if self._fast.token_to_id(name) is not None), None)
        added = {token.content for token in self._fast.get_added_tokens_decoder().values()}
        if name is not None and name not in added:
            self._fast.add_special_tokens([name])
        return name

    def pieces(self, text: str) -> Pieces:
        """The pieces of a text, with offsets into the text as it is given."""
        return self.many([text])[0]

    def many(self, texts: Sequence[str]) -> list[Pieces]:
        """The pieces of several texts; the same as one by one."""
        found = [_pieces(encoding) for encoding in self._fast.encode_batch(list(texts), add_special_tokens=False)]
        return [_without_spaces(own, text) for own, text in zip(found, texts, strict=True)] if self._spaced else found

    def framed(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """A window as an encoder takes it: (pieces,) to (pieces + 2,) int32, between the two special tokens."""
        return np.concatenate(([self.first], ids, [self.last])).astype(np.int32)

    def spelling(self, number: int) -> tuple[str, bool]:
        """How a piece is written in a text, and whether it goes on with the word before it.

        ("itis", True) for WordPiece's ``##itis``; ("gout", False) for ``gout``, ``Ġgout`` (byte level) and ``▁gout``
        (SentencePiece).
        """
        piece = self._fast.id_to_token(number) or ""
        if isinstance(self._fast.model, WordPiece):
            prefix = self._fast.model.continuing_subword_prefix
            return piece.removeprefix(prefix), piece.startswith(prefix)
        return self._fast.decode([number], skip_special_tokens=False).strip(), not piece.startswith(WORD_STARTS)


def _pieces(encoding: object) -> Pieces:
    offsets = np.array(encoding.offsets, dtype=np.int32).reshape(-1, 2)  # type: ignore[attr-defined]
    words = np.array([-1 if word is None else word for word in encoding.word_ids], dtype=np.int32)  # type: ignore[attr-defined]
    continues = np.zeros(len(words), dtype=np.bool_)
    continues[1:] = (words[1:] == words[:-1]) & (words[1:] >= 0)
    ids = np.array(encoding.ids, dtype=np.int32)  # type: ignore[attr-defined]
    return Pieces(ids, offsets[:, 0].copy(), offsets[:, 1].copy(), continues)


def _without_spaces(pieces: Pieces, text: str) -> Pieces:
    """The pieces of a tokenizer of the SentencePiece kind as BERT's would give them.

    There a piece holds the space before it, and a word is all that stands between spaces. Here spaces belong to no
    piece, and a word ends at punctuation and at each Chinese character.
    """
    starts = pieces.starts.copy()
    continues = pieces.continues.copy()
    for place, (start, end) in enumerate(zip(pieces.starts, pieces.ends, strict=True)):
        starts[place] = end - len(text[start:end].lstrip())
        if continues[place] and start:
            continues[place] = not (_stands_alone(text[start - 1]) or _stands_alone(text[start]))
    return Pieces(pieces.ids, starts, pieces.ends, continues)


@lru_cache(maxsize=4096)
def _stands_alone(character: str) -> bool:
    """Whether a character is a word in itself: punctuation and Chinese characters, as BERT has it."""
    is_ascii_symbol = character.isascii() and character.isprintable() and not character.isalnum() and character != " "
    is_chinese = any(low <= ord(character) <= high for low, high in _CHINESE)
    return is_ascii_symbol or is_chinese or unicodedata.category(character).startswith("P")


def windows(count: int, *, max_pieces: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Cut ``count`` pieces into half-open windows of at most ``max_pieces`` that share at least ``overlap`` pieces.

    As few windows as that allows, and no longer than they need be: all of one length, give or take a piece. One window
    when everything fits; none for an empty text.

    Raises:
        ValueError: ``overlap`` is not smaller than ``max_pieces``.
    """
    if not 0 <= overlap < max_pieces:
        msg = f"overlap {overlap} must be at least 0 and smaller than max_pieces {max_pieces}"
        raise ValueError(msg)
    if count == 0:
        return
    steps = -(-max(0, count - max_pieces) // (max_pieces - overlap))
    length = -(-(count + steps * overlap) // (steps + 1))
    for step in range(steps + 1):
        start = (count - length) * step // steps if steps else 0
        yield start, start + length


def keep(window: tuple[int, int], before: tuple[int, int] | None, after: tuple[int, int] | None) -> tuple[int, int]:
    """The part of a window that counts when windows are merged: up to the middle of what it shares with others."""
    start = (window[0] + before[1]) // 2 if before and before[1] > window[0] else window[0]
    end = (after[0] + window[1]) // 2 if after and after[0] < window[1] else window[1]
    return start, end


def kept(cuts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of each of the windows of a text the part that counts; together they are the text, each piece once."""
    around = [None, *cuts, None]
    return [keep(cut, before, after) for before, cut, after in zip(around, cuts, around[2:], strict=False)]


def lowercases(path: Path) -> bool:
    """Whether a ``tokenizer.json`` lower-cases its input."""
    normalizer = json.loads(path.read_text(encoding="utf-8")).get("normalizer") or {}
    return bool(normalizer.get("lowercase"))
