"""The neural step: a model folder's entities, for every type it knows, in one pass of its encoder.

step(folder)(Document("1", "Gout hurts."))    entities: Gout (Disease, 0.98)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.errors import ConfigError, ModelError
from biogloss.models import folder as folders
from biogloss.models import runtime
from biogloss.models.tokenizer import Tokenizer
from biogloss.tasks.ner import Ner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from biogloss.documents import Document

NEEDS_MODEL = True


def step(
    model: Path, *, types: Sequence[str] = (), threshold: float | None = None, workers: int = 1, verify: bool = True
) -> Entities:
    """Load a model folder.

    Args:
        model: an inference folder.
        types: keep only these; empty keeps all.
        threshold: the least score of every type, in place of the model's own.
        workers: how many threads will call the step at once.
        verify: check every file's checksum first.

    Raises:
        ModelError: the folder is not whole or not for inference.
        ConfigError: a type that the model does not know, or a threshold outside [0, 1].
    """
    settings = folders.settings(model, verify=verify)
    if unknown := set(types) - set(settings.labels):
        msg = (
            f"unknown type {', '.join(sorted(unknown))}; the model {settings.name} knows: {', '.join(settings.labels)}"
        )
        raise ConfigError(msg)
    if threshold is not None and not 0 <= threshold <= 1:
        msg = f"threshold {threshold} is outside 0 to 1"
        raise ConfigError(msg)
    if settings.kind != folders.INFERENCE:
        msg = f"{model} is a {settings.kind} model; `biogloss export` makes one for annotating from it"
        raise ModelError(msg)
    thresholds = settings.thresholds if threshold is None else dict.fromkeys(settings.labels, threshold)
    task = Ner(settings.labels, settings.max_pieces, settings.overlap, thresholds, frozenset(types))
    return Entities(
        settings.name,
        task,
        Tokenizer(model / "tokenizer.json"),
        runtime.load(model, threads=workers, outputs=task.outputs),
    )


class Entities:
    """The loaded step; ``many`` shares batches among documents and gives what one by one would give."""

    def __init__(self, name: str, task: Ner, tokenizer: Tokenizer, encoder: runtime.Runtime) -> None:
        self.name = name
        self.task = task
        self._tokenizer = tokenizer
        self._runtime = encoder

    def __call__(self, document: Document) -> Document:
        """The document with the model's entities in place of its own."""
        return self.many([document])[0]

    def many(self, documents: Sequence[Document]) -> list[Document]:
        """Each document as alone."""
        pieces = self._tokenizer.many([document.text for document in documents])
        cuts = [self.task.inputs(own, self._tokenizer) for own in pieces]
        logits = iter(self._runtime.logits([window for windows in cuts for window in windows]))
        found = []
        for document, own, windows in zip(documents, pieces, cuts, strict=True):
            rows = [next(logits)[1:-1] for _ in windows]
            found.append(self.task.annotate(document, own, rows, self.name))
        return found
