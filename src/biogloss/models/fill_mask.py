"""What a masked language model would put in the place of ``[MASK]``. The training half: needs torch.

fill_mask(["Metformin treats type 2 [MASK]."], load_language_model("biobert"), top=1)
[[[Fill("diabetes", continues=False, probability=0.62, text="Metformin treats type 2 diabetes.", ...)]]]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biogloss.errors import InputError, ModelError
from biogloss.models.tokenizer import MASKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from biogloss.models.language_model import LanguageModel
    from biogloss.models.tokenizer import Tokenizer

MASK = re.compile("|".join(map(re.escape, MASKS)))


@dataclass(frozen=True, slots=True)
class Fill:
    """One piece in the place of one mask.

    ``continues`` says that the piece goes on with the word before it, as WordPiece's ``##itis`` does (its piece is
    ``itis``); ``probability`` is in [0, 1], over the whole vocabulary. ``text`` is the raw text with the piece in the
    place of the mask and other masks as they were; ``start`` and ``end`` are the characters of the mask in the raw
    text. A piece that continues takes away the space before the mask.
    """

    piece: str
    continues: bool
    probability: float
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Masked:
    """A text's pieces, and of each mask the characters in the raw text and the piece."""

    ids: NDArray[np.int32]
    spans: list[tuple[int, int]]
    places: list[int]


def fill_mask(texts: Sequence[str], model: LanguageModel, *, top: int = 5) -> list[list[list[Fill]]]:
    """The ``top`` best pieces for every mask of every text, best first.

    A mask is ``[MASK]`` or ``<mask>``, whichever of them the model knows. Several masks of a text are filled each for
    itself, with the others still masked: the best pieces need not fit together. Of a text that is longer than the
    model's window it reads the window around the mask.

    Raises:
        InputError: a text has no mask.
    """
    masked = [_masked(text, number, model.tokenizer) for number, text in enumerate(texts, 1)]
    # One pass for all masks that share a window: those of a short text all do.
    windows: dict[tuple[int, int, int], list[int]] = {}
    longest = model.max_pieces
    for index, own in enumerate(masked):
        for place in own.places:
            start, end = _around(place, len(own.ids), longest)
            windows.setdefault((index, start, end), []).append(place - start + 1)  # behind the first special token
    ids = [model.tokenizer.framed(masked[index].ids[start:end]).tolist() for index, start, end in windows]
    rows = (row for found in model.probabilities(ids, list(windows.values())) for row in found)
    return [
        [_fills(text, span, next(rows), model.tokenizer, top) for span in own.spans]
        for text, own in zip(texts, masked, strict=True)
    ]


def _masked(text: str, number: int, tokenizer: Tokenizer) -> _Masked:
    spans = [found.span() for found in MASK.finditer(text)]
    if not spans:
        example = 'Write it where a word is missing: "Metformin treats type 2 [MASK]."'
        raise InputError(f"no [MASK] in {text[:60]!r}", place=f"text {number}", todo=example)
    # Either spelling becomes the model's own, which the tokenizer takes out of the text before all else.
    ids = tokenizer.pieces(MASK.sub(str(tokenizer.mask_token), text)).ids
    places = np.flatnonzero(ids == tokenizer.mask).tolist()
    if len(places) != len(spans):
        msg = (
            f"text {number}: the tokenizer reads {len(places)} of its {len(spans)} masks; its tokenizer.json is damaged"
        )
        raise ModelError(msg)
    return _Masked(ids, spans, places)


def _around(place: int, count: int, longest: int) -> tuple[int, int]:
    """The window of at most ``longest`` pieces with the place in its middle, or as near to that as the ends allow."""
    start = max(0, min(place - longest // 2, count - longest))
    return start, min(count, start + longest)


def _fills(text: str, span: tuple[int, int], row: NDArray[np.float32], tokenizer: Tokenizer, top: int) -> list[Fill]:
    known = row[: tokenizer.vocabulary_size]  # some models have rows to spare, which are no pieces
    best = np.argsort(-known, kind="stable")[:top].tolist()
    return [_fill(text, span, tokenizer.spelling(number), float(known[number])) for number in best]


def _fill(text: str, span: tuple[int, int], spelling: tuple[str, bool], probability: float) -> Fill:
    (start, end), (letters, continues) = span, spelling
    before = text[:start].rstrip() if continues else text[:start]
    return Fill(letters, continues, probability, before + letters + text[end:], start, end)
