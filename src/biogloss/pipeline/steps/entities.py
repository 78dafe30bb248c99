"""The neural step: a model folder's entities, for every type it knows, in one pass of its encoder.

step(folder)(Document("1", "Gout hurts."))    entities: Gout (Disease, 0.98)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.errors import ConfigError, ModelError
from biogloss.models import folder as folders
from biogloss.models import heads, runtime
from biogloss.models.tokenizer import Tokenizer
from biogloss.tasks._examples import states_of
from biogloss.tasks.ner import Ner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.tasks._examples import Example

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
    head = settings.head("ner")
    if unknown := set(types) - set(head.labels):
        msg = f"unknown type {', '.join(sorted(unknown))}; the model {settings.name} knows: {', '.join(head.labels)}"
        raise ConfigError(msg)
    if threshold is not None and not 0 <= threshold <= 1:
        msg = f"threshold {threshold} is outside 0 to 1"
        raise ConfigError(msg)
    if settings.kind != folders.INFERENCE:
        msg = f"{model} is a {settings.kind} model; `biogloss export` makes one for annotating from it"
        raise ModelError(msg)
    own = head.options.get("thresholds", {})
    thresholds = own if threshold is None else dict.fromkeys(head.labels, threshold)
    task = Ner(head.labels, settings.max_pieces, settings.overlap, thresholds, frozenset(types))
    loaded = runtime.load(model, threads=workers, outputs={head.name: task.outputs})
    return Entities(settings.name, task, Tokenizer(model / "tokenizer.json"), loaded, head.name)


class Entities:
    """The loaded step; ``many`` shares batches among documents and gives what one by one would give."""

    def __init__(self, name: str, task: Ner, tokenizer: Tokenizer, encoder: runtime.Runtime, head: str) -> None:
        self.name = name
        self.task = task
        self._tokenizer = tokenizer
        self._runtime = encoder
        self._head = encoder.heads[head]

    def __call__(self, document: Document) -> Document:
        """The document with the model's entities in place of its own."""
        return self.many([document])[0]

    def many(self, documents: Sequence[Document]) -> list[Document]:
        """Each document as alone."""
        pieces = self._tokenizer.many([document.text for document in documents])
        asked = [
            self.task.examples(document.with_entities(()), own, self._tokenizer)
            for document, own in zip(documents, pieces, strict=True)
        ]
        windows = [window.tolist() for examples in asked for one in examples for window in one.reading.windows]
        states = iter(self._runtime.states(windows))
        found = []
        for document, own, examples in zip(documents, pieces, asked, strict=True):
            answers = [(one, self._logits(one, states)) for one in examples]
            found.append(self.task.annotate(document, own, answers, self.name))
        return found

    def _logits(self, example: Example, states: Iterator[NDArray[np.float32]]) -> NDArray[np.float32]:
        rows = states_of(example.reading, [next(states) for _ in example.reading.windows])
        return heads.logits(self._head, rows)
