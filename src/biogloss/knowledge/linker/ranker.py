"""The weights of what speaks for a candidate, and what they make of it: a probability for each, and for none of them.

    Ranker.shipped().scores("Disease", {"MESH:D001172": {"candidate": 1, "long": 1}})    {"MESH:D001172": 0.94}

A conditional logit: the candidates of a mention share one probability with "none of them", whose sum of weights is 0.
Fitted by maximum likelihood on gold mentions, so that of mentions scored 0.8 some 80 % are right. The weights are in
``ranker.toml``, one table a type of mention; ``tools/link_ranker.py`` makes it.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from math import exp
from typing import TYPE_CHECKING, Self

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    Weights = Mapping[str, float]

FILE = "ranker.toml"
ANY = "any"
"""The table for mentions of a type that has none of its own."""


class Ranker:
    """Weights of features by type of mention.

    Args:
        tables: type to feature to weight; a feature that is not there weighs nothing.

    Raises:
        ConfigError: no table for mentions of any type, or a weight that is no number.
    """

    def __init__(self, tables: Mapping[str, Weights]) -> None:
        if ANY not in tables:
            raise ConfigError(f"the weights of the linker have no table [{ANY}]; there are: {', '.join(tables)}")
        for table, weights in tables.items():
            for name, weight in weights.items():
                if not isinstance(weight, (int, float)) or weight != weight:  # noqa: PLR0124 - NaN
                    raise ConfigError(f"the weight of {name} in [{table}] is {weight!r}; expected a number")
        self._tables = tables

    @classmethod
    def shipped(cls) -> Self:
        """The weights that come with the package."""
        return cls(tomllib.loads(resources.files("biogloss.knowledge.linker").joinpath(FILE).read_text("utf-8")))

    def sums(self, label: str, features: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
        """The sum of weighted features of each candidate."""
        weights = self._tables.get(label) or self._tables[ANY]
        return {
            identifier: sum(weights.get(name, 0.0) * value for name, value in own.items())
            for identifier, own in features.items()
        }

    def scores(self, label: str, features: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
        """The probability of each candidate, in [0, 1]; what is left to 1 is that of none of them."""
        return shares(self.sums(label, features))


def shares(sums: Mapping[str, float]) -> dict[str, float]:
    """Probabilities from sums, beside "none of them" with the sum 0."""
    highest = max((0.0, *sums.values()))
    parts = {identifier: exp(value - highest) for identifier, value in sums.items()}
    whole = exp(-highest) + sum(parts.values())
    return {identifier: part / whole for identifier, part in parts.items()}
