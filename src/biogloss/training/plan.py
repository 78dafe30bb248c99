"""How a run of pre-training is cut into steps, and steps into passes of the encoder.

Plan.of(recipe, processes=1)     32 rows a pass, 8 passes a step, the last 2 of them over annotated documents
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from biogloss.training.pretrain_recipe import Recipe


@dataclass(frozen=True, slots=True)
class Plan:
    """``passes`` of ``rows`` rows make a step; ``head`` and ``encoder`` steps; ``annotated`` passes of the latter."""

    rows: int
    passes: int
    head: int
    encoder: int
    annotated: int = 0

    @classmethod
    def of(cls, recipe: Recipe, processes: int) -> Plan:
        """The plan of a recipe.

        Raises:
            ConfigError: the passes of a step cannot be shared evenly by the processes, or leave none for text.
        """
        rows = recipe.budget_pieces // recipe.length
        passes = max(1, round(recipe.batch_pieces / (rows * recipe.length)))
        if passes % processes:
            raise ConfigError(
                f"recipe {recipe.name}: batch_pieces / budget_pieces = {passes} passes in a step, which "
                f"{processes} processes cannot share evenly"
            )
        annotated = max(1, round(recipe.annotated_share * passes)) if recipe.annotated or recipe.silver else 0
        if annotated >= passes:
            raise ConfigError(
                f"recipe {recipe.name}: {passes} passes in a step, {annotated} of them over annotated documents, leave "
                "none for text; raise batch_pieces, or lower annotated_share"
            )
        step = rows * passes * recipe.length
        return cls(rows, passes, -(-recipe.head_pieces // step), -(-recipe.pieces // step), annotated)

    @property
    def text(self) -> int:
        """Passes over text in a step of the encoder."""
        return self.passes - self.annotated

    def place(self, row: int) -> tuple[int, int]:
        """Where a pass of an encoder's step stands: among those over text, and among those over annotated documents.

        Args:
            row: with which the pass begins, were all of them over text.

        Returns:
            The first row of a pass over text and -1, or -1 and the first window of a pass over annotated documents.
        """
        step, number = divmod(row // self.rows, self.passes)
        if number < self.text:
            return (step * self.text + number) * self.rows, -1
        return -1, (step * self.annotated + number - self.text) * self.rows
