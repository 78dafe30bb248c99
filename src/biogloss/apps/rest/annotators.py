"""The models of a service, each with the pipeline around it and the queue before it.

annotators = load(settings, meters)
await annotators.find("").annotate(documents, types=("Disease",), keep=False)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biogloss.apps.rest import problems
from biogloss.apps.rest.batches import Batches
from biogloss.errors import ConfigError, Failure
from biogloss.models import folder as folders
from biogloss.pipeline import gloss
from biogloss.pipeline.files import bare
from biogloss.pipeline.run import together
from biogloss.pipeline.steps import model as neural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from biogloss.apps.rest.meters import Meters
    from biogloss.apps.rest.settings import Settings
    from biogloss.documents import Document
    from biogloss.models.folder import Head
    from biogloss.pipeline.steps.linking import Linking

WARMING = (
    "Of 40 patients with rheumatoid arthritis (RA), most took methotrexate; TNF was lower in them than in others. "
)


@dataclass(frozen=True)
class Annotator:
    """A loaded model.

    Args:
        name: of the model with its version.
        folder: where it is.
        language: BCP 47.
        heads: what it can say.
        batches: where documents wait for it.
        meters: count what fails.
    """

    name: str
    folder: Path
    language: str
    heads: tuple[Head, ...]
    batches: Batches[Document, Document | Failure]
    meters: Meters

    @property
    def tasks(self) -> tuple[str, ...]:
        """Those of its heads."""
        return tuple(dict.fromkeys(head.task for head in self.heads))

    @property
    def labels(self) -> tuple[str, ...]:
        """The types of entities that it finds."""
        found = (label for head in self.heads if head.task == neural.NER for label in head.labels)
        return tuple(dict.fromkeys((*found, gloss.VARIANT)))

    def check(self, types: Sequence[str]) -> None:
        """Check that it knows these types.

        Raises:
            ConfigError: it does not; the message lists those it knows.
        """
        if unknown := [name for name in types if name not in self.labels]:
            raise ConfigError(f"no type {unknown[0][:40]!r}; the model {self.name} knows: {', '.join(self.labels)}")

    async def annotate(
        self,
        documents: Sequence[Document | Failure],
        *,
        types: Sequence[str] = (),
        keep: bool = False,
        is_job: bool = False,
    ) -> list[Document | Failure]:
        """Each document annotated, or a failure in its place.

        Args:
            documents: failures among them stay as they are.
            types: of entities that are wanted; empty for all.
            keep: the annotations that documents carry.
            is_job: in the lane of jobs.

        Raises:
            Busy: too much waits already.
        """
        whole = {place: one for place, one in enumerate(documents) if not isinstance(one, Failure)}
        asked = [one if keep else bare(one) for one in whole.values()]
        results = list(documents)
        for place, result in zip(whole, await self.batches.submit(asked, is_job=is_job), strict=True):
            results[place] = only(result, frozenset(types)) if types and not isinstance(result, Failure) else result
        failures = [result for result in results if isinstance(result, Failure)]
        for failure in failures:
            self.meters.failure(failure.step)
        problems.log(failure.error for failure in failures)
        return results


def only(document: Document, types: frozenset[str]) -> Document:
    """A document with its entities of some types, and the relations that lose none by that."""
    gone = {entity.id for entity in document.entities if entity.label not in types}
    left = [entity for entity in document.entities if entity.id not in gone]
    relations = (one for one in document.relations if not gone & {reference for _, reference in one.arguments})
    return replace(document, entities=tuple(left), relations=tuple(relations))


class Annotators:
    """All models of a service, by name; the first is meant where none is named."""

    def __init__(self, loaded: Sequence[Annotator]) -> None:
        self.all = {one.name: one for one in loaded}
        self.first = loaded[0]

    def find(self, name: str, task: str = "") -> Annotator:
        """The model of that name, or the first that has a head of a task.

        Raises:
            ConfigError: there is none.
        """
        if name and name not in self.all:
            raise ConfigError(f"no model {name[:60]!r} is loaded; there are: {', '.join(self.all)}")
        asked = [self.all[name]] if name else list(self.all.values())
        found = next((one for one in asked if not task or task in one.tasks), None)
        if found is None:
            has = "; ".join(f"{one.name}: {', '.join(one.tasks)}" for one in asked)
            how = "start with one by --model FOLDER" + (", or with --relations" if task == neural.RELATIONS else "")
            raise ConfigError(f"no model is loaded that has a head of {task} ({has}); {how}")
        return found


def load(settings: Settings, meters: Meters, link: Linking | None) -> Annotators:
    """Load the models.

    Raises:
        ModelError: a folder is not a whole inference model.
        ConfigError: two have one name, or none is named.
    """
    if not settings.models:
        raise ConfigError("no model to ask; name one or more with --model")
    loaded = [_load(name, settings, meters, link) for name in settings.models]
    names = [one.name for one in loaded]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"two models are called {twice[0]}; export one under another name")
    return Annotators(loaded)


def _load(model: str, settings: Settings, meters: Meters, link: Linking | None) -> Annotator:
    folder = gloss.folder(model)
    relations = settings.relations
    steps = gloss.load(folder, workers=settings.workers, link=link or False, relations=relations).steps
    own = folders.settings(folder, verify=False)
    heads = tuple(head for head in own.heads if relations or not head.on_request)
    batches: Batches[Document, Document | Failure] = Batches(
        f"annotate:{own.name}",
        lambda documents: together(documents, steps),
        size=lambda document: len(document.text),
        limits=settings.limits,
        workers=settings.workers,
        seen=meters.batch,
    )
    return Annotator(own.name, folder, own.language, heads, batches, meters)
