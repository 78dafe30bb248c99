"""An encoder's opinion of candidates: how near the vectors of their names are to that of the mention.

    Nearness(embed, Ranker(...)).scores(Mention("heart attack", "Disease"), features, {"MESH:D009203": [...]})

It is asked only where names do not settle a mention. Its weights were fitted with its vectors, on such mentions alone,
and take the place of the others; they lie beside the encoder, in ``linker.toml``.
"""

from __future__ import annotations

import threading
import tomllib
from typing import TYPE_CHECKING

from biogloss.errors import ModelError
from biogloss.knowledge.linker.ranker import Ranker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from biogloss.knowledge.linker.mention import Mention

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]
    Features = Mapping[str, Mapping[str, float]]

WEIGHTS = "linker.toml"
NAMES = 4
"""How many names of a concept are compared, the preferred one first."""
KEPT = 100_000


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

    def scores(self, mention: Mention, features: Features, names: Mapping[str, Sequence[str]]) -> dict[str, float]:
        """The probability of each candidate."""
        added = self.features(mention, names)
        return self._weights.scores(
            mention.label, {identifier: {**own, **added[identifier]} for identifier, own in features.items()}
        )

    def features(self, mention: Mention, names: Mapping[str, Sequence[str]]) -> dict[str, dict[str, float]]:
        """Cosines of the mention, or its long form, with each candidate's nearest name and its preferred one."""
        text = mention.long or mention.text
        vectors = self._vectors([text, *(name for own in names.values() for name in own[:NAMES])])
        found: dict[str, dict[str, float]] = {}
        for identifier, own in names.items():
            cosines = [float(vectors[text] @ vectors[name]) for name in own[:NAMES]]
            found[identifier] = {"near": max(cosines), "near_preferred": cosines[0]} if cosines else {}
        nearest = max((own.get("near", 0.0) for own in found.values()), default=0.0)
        for values in found.values():
            if values and values["near"] == nearest:
                values["nearest"] = 1.0
        return found

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
