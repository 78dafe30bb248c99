"""Documents as pieces: ids, which of them begin a word, and where sentences end.

    PieceMaker(Path("tokenizer.json"))("Gout hurts. Aspirin helps.", "en")
    pieces     [2843, 4904 | CONTINUES, 13403, 1012, ...]        sentences    [4, 4]: pieces of each sentence

BERT's tokenizers cut at white space before anything else, so the pieces of a text are those of its words between white
space, one after another. The words of a corpus repeat: a word that was met before is looked up, which is ten times as
fast as cutting it again and gives the same pieces. Other tokenizers cut whole sentences.
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

from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline.steps.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_CONTINUES = 1 << 31
CONTINUES = np.uint32(_CONTINUES)
"""Set in a piece that goes on with the word of the piece before it."""
_CHUNK = re.compile(r"[^ \t\n\r]+")
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
        ModelError: the file is missing, damaged, or lacks the special tokens that models need.
    """

    def __init__(self, path: Path) -> None:
        self.vocabulary_size = Tokenizer(path).vocabulary_size
        self._fast = FastTokenizer.from_file(str(path))
        self._fast.no_truncation()
        self._fast.no_padding()
        self._fast.encode_special_tokens = True  # a "[MASK]" that an author wrote is no mask
        self._by_word = _cuts_at_white_space(path)
        self._known: dict[str, bytes] = {}
        self._characters = 0
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
            return self._fresh(texts)
        words = [_CHUNK.findall(text) for text in texts]
        new = list({word for line in words for word in line}.difference(self._known))
        self._known.update(zip(new, self._fresh(new), strict=True))
        look_up = self._known.__getitem__
        found = [b"".join(map(look_up, line)) for line in words]
        self._characters += sum(map(len, new))
        if self._characters > _KEPT_CHARACTERS:
            self._known.clear()
            self._characters = 0
        return found

    def _fresh(self, texts: Sequence[str]) -> list[bytes]:
        """The pieces of each text as the bytes of a uint32 array."""
        encoded = []
        for encoding in self._fast.encode_batch(list(texts), add_special_tokens=False) if texts else ():
            ids, words = encoding.ids, encoding.word_ids
            for place, (before, word) in enumerate(pairwise(words), 1):
                if word is not None and word == before:
                    ids[place] |= _CONTINUES
            encoded.append(struct.pack(f"={len(ids)}I", *ids))
        return encoded


def _cuts_at_white_space(path: Path) -> bool:
    """Whether what stands between white space is cut by itself, as BERT's normaliser and pre-tokeniser do."""
    settings = json.loads(path.read_text(encoding="utf-8"))
    kinds = [(settings.get(part) or {}).get("type") for part in ("normalizer", "pre_tokenizer")]
    has_spaces = any(re.search(r"\s", str(added.get("content", ""))) for added in settings.get("added_tokens") or ())
    return kinds == ["BertNormalizer", "BertPreTokenizer"] and not has_spaces
