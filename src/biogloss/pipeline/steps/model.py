"""The neural step: what every head of a model folder says of a document, in one pass of its encoder.

    step(folder)(Document("1", "Colchicine relieves gout."))    entities: Colchicine (Chemical), gout (Disease)
    step([one, other])                                          an ensemble: what both say on average

Heads that read the text as it stands (entities, roles of sentences, relations, classes) share the states of the same
windows; one that needs more (a pair of texts, a marked pair of mentions) adds windows of its own. Relations are sought
between the entities that the model itself has found, where it finds entities; ``apart`` makes a step of its own of
them, so that identifiers can be given in between. What several heads of one task say stands side by side. Of several
models the mean of their probabilities is decoded: of each piece's tags, of each pair's, text's or sentence's classes.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from biogloss import tasks
from biogloss.documents import numbered
from biogloss.errors import ConfigError, ModelError
from biogloss.models import folder as folders
from biogloss.models import heads, runtime
from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline.steps import _ensemble
from biogloss.pipeline.steps._beside import united
from biogloss.tasks._examples import states_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.models.folder import Settings
    from biogloss.models.tokenizer import Pieces
    from biogloss.tasks import Task
    from biogloss.tasks._examples import Example

    States = dict[bytes, NDArray[np.float32]]
    Found = list[tuple[Example, NDArray[np.float32]]]

NEEDS_MODEL = True
NER, RELATIONS = "ner", "relations"
ORDER = (NER, "roles", "classification", RELATIONS)
"""Tasks that build on others come after them; those not named come last."""
SEVERAL = {NER, RELATIONS, "classification"}
"""Tasks of which a document holds what several heads say."""


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    kind: str  # the name of its task
    task: Task


def step(
    model: Path | Sequence[Path],
    *,
    types: Sequence[str] = (),
    threshold: float | None = None,
    workers: int = 1,
    on_request: bool = False,
    verify: bool = True,
) -> Model:
    """Load a model folder, or several.

    Args:
        model: an inference folder; of several, all are asked and their probabilities averaged.
        types: keep only entities of these types; empty keeps all.
        threshold: the least score of every type, in place of the model's own.
        workers: how many threads will call the step at once.
        on_request: ask the heads too that are silent otherwise.
        verify: check every file's checksum first.

    Raises:
        ModelError: a folder is not whole or not for inference, or models differ in task, labels, windows or tokenizer.
        ConfigError: a type that the model does not know, a threshold outside [0, 1], or no model.
    """
    places = [model] if isinstance(model, Path) else list(model)
    if not places:
        raise ConfigError("no model to ask; name one or more model folders")
    settings = _ensemble.united(places, [_settings(place, verify=verify) for place in places])
    if threshold is not None and not 0 <= threshold <= 1:
        msg = f"threshold {threshold} is outside 0 to 1"
        raise ConfigError(msg)
    asked = [head for head in settings.heads if on_request or not head.on_request]
    if not asked:
        raise ModelError(f"the model {settings.name} says something on request only, and nothing was asked for")
    made = {head.name: _task(head, settings, types, threshold) for head in asked}
    outputs = {name: task.outputs for name, task in made.items()}
    members = [runtime.load(place, threads=workers, outputs=outputs) for place in places]
    ordered = sorted(asked, key=lambda head: ORDER.index(head.task) if head.task in ORDER else len(ORDER))
    own = [_Head(head.name, head.task, made[head.name]) for head in ordered]
    return Model(settings.name, Tokenizer(places[0] / "tokenizer.json"), members, own)


def _settings(model: Path, *, verify: bool) -> Settings:
    settings = folders.settings(model, verify=verify)
    if settings.kind != folders.INFERENCE:
        msg = f"{model} is a {settings.kind} model; `biogloss export` makes one for annotating from it"
        raise ModelError(msg)
    return settings


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


@dataclass(frozen=True, slots=True)
class _Seen:
    """Pieces of texts, and of each member the states of windows.

    Both belong to their text or window whatever document that is from, so those of others do no harm.
    """

    pieces: dict[str, Pieces]
    states: Sequence[States]


class _Read(threading.local):
    """What this thread has read last, for a step that asks about it again."""

    def __init__(self) -> None:
        self.seen: _Seen | None = None

    def taken(self) -> _Seen | None:
        """What was read, which is not kept on."""
        seen, self.seen = self.seen, None
        return seen


class Model:
    """The loaded step; ``many`` shares batches among documents and gives what one by one would give.

    ``tasks`` are those of its heads.
    """

    def __init__(
        self,
        name: str,
        tokenizer: Tokenizer,
        members: Sequence[runtime.Runtime],
        own: Sequence[_Head],
        leaves: _Read | None = None,
        finds: _Read | None = None,
    ) -> None:
        self.name = name
        self._tokenizer = tokenizer
        self._members = members
        self._heads = own
        self._leaves, self._finds = leaves, finds
        self.tasks = frozenset(head.kind for head in own)

    def apart(self) -> tuple[Model, Model | None]:
        """All but relations, and, where there are heads for them, the relations: two steps.

        Steps may stand in between; where they leave the text as it is, each text is cut and read once all the same.
        """
        relations = [head for head in self._heads if head.kind == RELATIONS]
        if not relations:
            return self, None
        read = _Read()
        others = [head for head in self._heads if head.kind != RELATIONS]
        parts = self.name, self._tokenizer, self._members
        return Model(*parts, others, leaves=read), Model(*parts, relations, finds=read)

    def __call__(self, document: Document) -> Document:
        """The document with what the model says in place of what it said before."""
        return self.many([document])[0]

    def many(self, documents: Sequence[Document]) -> list[Document]:
        """Each document as alone."""
        seen = (self._finds and self._finds.taken()) or self._nothing()
        pieces = self._pieces(documents, seen)
        found = list(documents)
        done: set[str] = set()
        for head in self._heads:
            logits = self._asked(head, found, pieces, seen)
            said = [
                head.task.annotate(document, own, rows, self.name)
                for document, own, rows in zip(found, pieces, logits, strict=True)
            ]
            is_another = head.kind in done & SEVERAL
            found = [_beside(head.kind, *both) for both in zip(found, said, strict=True)] if is_another else said
            done.add(head.kind)
        if self._leaves is not None:
            self._leaves.seen = seen
        return found

    def logits(self, documents: Sequence[Document], task: str) -> list[Found]:
        """What the first head of a task says of documents as they are: each document's examples with their logits.

        Raises:
            ModelError: there is no such head.
        """
        for head in self._heads:
            if head.kind == task:
                seen = self._nothing()
                return self._asked(head, documents, self._pieces(documents, seen), seen)
        raise ModelError(f"the model {self.name} has no head of the task {task}; it has: {', '.join(self.tasks)}")

    def _nothing(self) -> _Seen:
        return _Seen({}, [{} for _ in self._members])

    def _pieces(self, documents: Sequence[Document], seen: _Seen) -> list[Pieces]:
        """Those of each document; ``seen`` are added to."""
        new = list(dict.fromkeys(document.text for document in documents if document.text not in seen.pieces))
        seen.pieces.update(zip(new, self._tokenizer.many(new), strict=True))
        return [seen.pieces[document.text] for document in documents]

    def _asked(self, head: _Head, documents: Sequence[Document], pieces: Sequence[Pieces], seen: _Seen) -> list[Found]:
        """What one head says; to the states that are ``seen`` those of new windows are added."""
        asked = [
            head.task.examples(document, own, self._tokenizer) for document, own in zip(documents, pieces, strict=True)
        ]
        windows = {
            window.tobytes(): window.tolist()
            for examples in asked
            for example in examples
            for window in example.reading.windows
        }
        for member, states in zip(self._members, seen.states, strict=True):
            new = {key: window for key, window in windows.items() if key not in states}
            states.update(zip(new, member.states(list(new.values())), strict=True))
        return [[(example, self._logits(head, example, seen.states)) for example in examples] for examples in asked]

    def _logits(self, head: _Head, example: Example, seen: Sequence[States]) -> NDArray[np.float32]:
        """Those of the member, or of the mean of all members' probabilities."""
        found = []
        for member, states in zip(self._members, seen, strict=True):
            own = states_of(example.reading, [states[window.tobytes()] for window in example.reading.windows])
            found.append(heads.logits(member.heads[head.name], own, example.pooling))
        return head.task.mean(found) if len(found) > 1 else found[0]


def _beside(kind: str, before: Document, after: Document) -> Document:
    """What an earlier head of a task said, and what another one says that it did not."""
    both = united(before, after)
    return both.with_entities(numbered(both.entities)) if kind == NER else both
