"""An encoder's opinion of candidates: how near the vectors of their names are to that of the mention.

    Nearness(embed, Ranker(...)).scores(mention, features, {"MESH:D009203": "Myocardial Infarction", ...})

It is asked only where names leave a mention unclear, of the few candidates that are most likely so far. Its weights
were fitted with its vectors, on such mentions alone, and take the place of the others; they lie beside the encoder, in
``linker.toml``.
"""

from __future__ import annotations

import threading
import tomllib
from typing import TYPE_CHECKING

from biogloss.errors import ModelError
from biogloss.knowledge.linker.ranker import Ranker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from biogloss.knowledge.linker.mention import Mention

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]
    Features = Mapping[str, Mapping[str, float]]

WEIGHTS = "linker.toml"
CLEAR = 0.9
"""From this probability on, names settle a mention and an encoder is not asked."""
FEW = 3
"""How many candidates an encoder is asked about."""
KEPT = 100_000


def is_unclear(scores: Mapping[str, float]) -> bool:
    """Whether an encoder should be asked about a mention."""
    return bool(scores) and max(scores.values()) < CLEAR


def best(scores: Mapping[str, float]) -> list[str]:
    """The candidates that it should be asked about."""
    return sorted(scores, key=lambda name: (-scores[name], name))[:FEW]


class Nearness:
    """Vectors of names, kept, and weights.

    Args:
        embed: texts to (texts, width) unit vectors.
        weights: of all features, those of vectors among them.
    """

    def __init__(self, embed: Embed, weights: Ranker) -> None:
        self._embed = embed
        self._weights = weights
        self._kept: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def prepare(self, mentions: Iterable[Mention], names: Iterable[str]) -> None:
        """Make the vectors of many mentions and names together, which is faster than one by one."""
        self._vectors([*map(_text, mentions), *names])

    def scores(self, mention: Mention, features: Features, names: Mapping[str, str]) -> dict[str, float]:
        """The probability of each candidate; ``names`` are the preferred ones."""
        added = self.features(mention, {identifier: names[identifier] for identifier in features})
        return self._weights.scores(
            mention.label, {identifier: {**own, **added[identifier]} for identifier, own in features.items()}
        )

    def features(self, mention: Mention, names: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """The cosine of the mention, or its long form, with each candidate's name, and which is nearest."""
        vectors = self._vectors([_text(mention), *names.values()])
        own = vectors[_text(mention)]
        near = {identifier: float(own @ vectors[name]) if name else 0.0 for identifier, name in names.items()}
        nearest = max(near.values(), default=0.0)
        return {name: {"near": cosine, "nearest": float(cosine == nearest)} for name, cosine in near.items()}

    def _vectors(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        with self._lock:
            found = {text: self._kept[text] for text in texts if text in self._kept}
        if new := [text for text in dict.fromkeys(texts) if text not in found]:
            made = dict(zip(new, self._embed(new), strict=True))
            found |= made
            with self._lock:
                if len(self._kept) + len(made) > KEPT:
                    self._kept.clear()
                self._kept.update(made)
        return found


def _text(mention: Mention) -> str:
    return mention.long or mention.text


def weights_of(folder: Path) -> Ranker:
    """The weights that lie beside an encoder.

    Raises:
        ModelError: there are none, or the file is damaged.
    """
    path = folder / WEIGHTS
    if not path.is_file():
        todo = "python tools/link_ranker.py INDEX --rerank FOLDER fits them"
        raise ModelError(f"{folder}: no {WEIGHTS}, the weights of an encoder that ranks identifiers; {todo}")
    try:
        return Ranker(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); fit the weights again") from error
