"""The neural step: what every head of a model folder says of a document, in one pass of its encoder.

step(folder)(Document("1", "Gout hurts."))    entities: Gout (Disease, 0.98)

Heads that read the text as it stands (entities, roles of sentences, relations, classes) share the states of the same
windows; one that needs more (a pair of texts, a marked pair of mentions) adds windows of its own. Relations are sought
between the entities that the model itself has found, where it finds entities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from biogloss import tasks
from biogloss.errors import ConfigError, ModelError
from biogloss.models import folder as folders
from biogloss.models import heads, runtime
from biogloss.models.tokenizer import Tokenizer
from biogloss.tasks._examples import states_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.models.folder import Settings
    from biogloss.models.tokenizer import Pieces
    from biogloss.tasks import Task
    from biogloss.tasks._examples import Example

    States = dict[bytes, NDArray[np.float32]]

NEEDS_MODEL = True
NER = "ner"
ORDER = (NER, "roles", "classification", "relations")
"""Tasks that build on others come after them; those not named come last."""


@dataclass(frozen=True, slots=True)
class _Head:
    kind: str  # the name of its task
    task: Task
    tensors: Mapping[str, NDArray[np.float32]]


def step(
    model: Path, *, types: Sequence[str] = (), threshold: float | None = None, workers: int = 1, verify: bool = True
) -> Model:
    """Load a model folder.

    Args:
        model: an inference folder.
        types: keep only entities of these types; empty keeps all.
        threshold: the least score of every type, in place of the model's own.
        workers: how many threads will call the step at once.
        verify: check every file's checksum first.

    Raises:
        ModelError: the folder is not whole or not for inference.
        ConfigError: a type that the model does not know, or a threshold outside [0, 1].
    """
    settings = folders.settings(model, verify=verify)
    if threshold is not None and not 0 <= threshold <= 1:
        msg = f"threshold {threshold} is outside 0 to 1"
        raise ConfigError(msg)
    if settings.kind != folders.INFERENCE:
        msg = f"{model} is a {settings.kind} model; `biogloss export` makes one for annotating from it"
        raise ModelError(msg)
    made = {head.name: _task(head, settings, types, threshold) for head in settings.heads}
    loaded = runtime.load(model, threads=workers, outputs={name: task.outputs for name, task in made.items()})
    ordered = sorted(settings.heads, key=lambda head: ORDER.index(head.task) if head.task in ORDER else len(ORDER))
    own = [_Head(head.task, made[head.name], loaded.heads[head.name]) for head in ordered]
    return Model(settings.name, Tokenizer(model / "tokenizer.json"), loaded, own)


def _task(head: folders.Head, settings: Settings, types: Sequence[str], threshold: float | None) -> Task:
    task: Any = tasks.restored(head.task, head.labels, head.options, settings.max_pieces, settings.overlap)
    if head.task != NER:
        return cast("Task", task)
    if unknown := set(types) - set(head.labels):
        msg = f"unknown type {', '.join(sorted(unknown))}; the model {settings.name} knows: {', '.join(head.labels)}"
        raise ConfigError(msg)
    if threshold is not None:
        task = replace(task, thresholds=dict.fromkeys(head.labels, threshold))
    return cast("Task", replace(task, chosen=frozenset(types)))


class Model:
    """The loaded step; ``many`` shares batches among documents and gives what one by one would give.

    ``tasks`` are those of its heads.
    """

    def __init__(self, name: str, tokenizer: Tokenizer, encoder: runtime.Runtime, own: Sequence[_Head]) -> None:
        self.name = name
        self._tokenizer = tokenizer
        self._runtime = encoder
        self._heads = own
        self.tasks = frozenset(head.kind for head in own)

    def __call__(self, document: Document) -> Document:
        """The document with what the model says in place of what it said before."""
        return self.many([document])[0]

    def many(self, documents: Sequence[Document]) -> list[Document]:
        """Each document as alone."""
        pieces = self._tokenizer.many([document.text for document in documents])
        found = list(documents)
        seen: States = {}
        for head in self._heads:
            found = self._said(head, found, pieces, seen)
        return found

    def _said(
        self, head: _Head, documents: Sequence[Document], pieces: Sequence[Pieces], seen: States
    ) -> list[Document]:
        """What one head says; ``seen`` are the states of windows that were read, to which new ones are added."""
        asked = [
            head.task.examples(document, own, self._tokenizer) for document, own in zip(documents, pieces, strict=True)
        ]
        new = {
            window.tobytes(): window
            for examples in asked
            for example in examples
            for window in example.reading.windows
            if window.tobytes() not in seen
        }
        states = self._runtime.states([window.tolist() for window in new.values()])
        seen |= zip(new, states, strict=True)
        return [
            head.task.annotate(document, own, [(one, _logits(head, one, seen)) for one in examples], self.name)
            for document, own, examples in zip(documents, pieces, asked, strict=True)
        ]


def _logits(head: _Head, example: Example, seen: States) -> NDArray[np.float32]:
    states = [seen[window.tobytes()] for window in example.reading.windows]
    return heads.logits(head.tensors, states_of(example.reading, states), example.pooling)
