"""One file a task: document to what a model sees and should say, and back. The folder is the registry.

A task module has ``TASK``, a frozen dataclass whose fields are what a model folder remembers of it, and which has

* ``labels``, and ``outputs``, how many logits a piece or an item has;
* ``head(width)``: a torch module, states to logits (``models/_torch_heads.py``; its numpy twin: ``models/heads.py``);
* ``examples(document, pieces, tokenizer, coverage)``: what the encoder reads, what is asked, the gold targets;
* ``loss(logits, targets)``: a scalar, the mean over what is known;
* ``divergence(one, other)``: how far two passes over the same examples are from each other, in the measure of the loss;
* ``annotate(document, pieces, found, source)``: the inverse of ``examples``, on the same document, from each example
  with its logits;
* ``mean(logits)``: what several models say of one example, as the logits of the mean of their probabilities;
* ``said(document)``: what a document says in the task's words, by which gold and predicted ones are compared and
  thresholds tuned (``evaluation.agreement``);
* ``fitted(documents, **options)``: the task with labels and the like as training documents have them, and ``OPTIONS``,
  what a recipe may ask of it.

What a task cannot give back is declared in the docstring of its module; ``tests/tasks`` feeds gold targets as outputs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol, cast

from biogloss import plugins
from biogloss.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from biogloss.documents import Document
    from biogloss.evaluation.agreement import Said
    from biogloss.models.tokenizer import Pieces, Tokenizer
    from biogloss.tasks._examples import Coverage, Example

__all__ = ["Task", "load", "names", "restored"]


class Task(Protocol):
    """What every task has; see the module's docstring."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can say."""

    @property
    def outputs(self) -> int:
        """How many logits the head gives a piece or an item."""

    def head(self, width: int) -> nn.Module:
        """States to logits, in torch."""

    def examples(
        self, document: Document, pieces: Pieces, tokenizer: Tokenizer, coverage: Coverage | None = None
    ) -> list[Example]:
        """What the encoder reads of a document, and what is right."""

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """A scalar, the mean over what is known."""

    def divergence(self, one: Tensor, other: Tensor) -> Tensor:
        """A scalar: how far the logits of two passes are from each other; 0 where they say the same."""

    def annotate(
        self, document: Document, pieces: Pieces, found: Sequence[tuple[Example, NDArray[np.float32]]], source: str = ""
    ) -> Document:
        """The document with what each example's logits say of it in place of its own."""

    def mean(self, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """The logits of the mean of the probabilities that several models give one example."""

    def said(self, document: Document) -> Said:
        """What a document says."""


def names() -> list[str]:
    """The tasks there are."""
    return plugins.names(sys.modules[__name__])


def restored(name: str, labels: Sequence[str], options: Mapping[str, Any], max_pieces: int, overlap: int) -> Task:
    """The task that a head of a model folder is of.

    Raises:
        ModelError: the folder knows options that this task does not, or lacks some.
    """
    kind = load(name)
    made = {key: _frozen(value) for key, value in options.items()}
    try:
        return cast("Task", kind(labels=tuple(labels), max_pieces=max_pieces, overlap=overlap, **made))
    except (TypeError, ConfigError) as error:
        raise ModelError(f"the options of a head of the task {name} cannot be ({error}); upgrade Biogloss") from error


def _frozen(value: Any) -> Any:  # noqa: ANN401 - any value of JSON
    """Lists as tuples, all the way down, as tasks have them."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def load(name: str) -> Any:  # noqa: ANN401 - the class of a task: its own options differ from the next one's
    """The class of a task.

    Raises:
        ConfigError: there is none of that name.
    """
    return cast("Any", plugins.load(sys.modules[__name__], name).TASK)
