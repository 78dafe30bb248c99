"""What a running service holds: models, index, graph, vectors, jobs, keys. Routes and other front ends ask it.

service = load(Settings())
results = await service.annotators.find("").annotate([Document("1", "Gout hurts.")])
"""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from biogloss.apps.rest import annotators, memory
from biogloss.apps.rest.batches import Batches
from biogloss.apps.rest.calls import Calls
from biogloss.apps.rest.keys import Keys
from biogloss.apps.rest.meters import Meters
from biogloss.apps.rest.rates import Rates
from biogloss.documents import Document
from biogloss.errors import ConfigError
from biogloss.models import folder as folders
from biogloss.pipeline import embed, gloss, names
from biogloss.pipeline.steps import linking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from biogloss.apps.rest.jobs import Jobs
    from biogloss.apps.rest.settings import Limits, Settings
    from biogloss.knowledge.graph.query import Graph
    from biogloss.knowledge.linker import Choice

    Vector = tuple[NDArray[np.float32], int]

Answer = TypeVar("Answer")


class Names:
    """Names to identifiers."""

    def __init__(self, step: linking.Linking, limits: Limits, meters: Meters) -> None:
        self.step = step
        self._calls = Calls("link", limits, meters)

    @property
    def batches(self) -> Batches[Any, Any]:
        """Its queue."""
        return self._calls.batches

    async def link(self, some: Sequence[names.Name], types: Sequence[str]) -> list[tuple[Choice, ...]]:
        """What each name may stand for, best first.

        Raises:
            Busy: too much waits already.
        """
        return await self._calls.of(lambda: names.linked(some, self.step, types), size=len(some))


class Vectors:
    """Texts to vectors, by the encoder of a model."""

    def __init__(self, model: str, settings: Settings, meters: Meters) -> None:
        folder = gloss.folder(model)
        encoder = embed.load(folder, threads=settings.workers)
        self.model = folders.settings(folder, verify=False).name

        def call(texts: Sequence[str]) -> list[Vector]:
            counts = [len(pieces) for pieces in encoder.tokenizer.many(list(texts))]
            return list(zip(embed.embed(texts, encoder), counts, strict=True))

        self.batches: Batches[str, Vector] = Batches(
            "embeddings", call, size=len, limits=settings.limits, workers=settings.workers, seen=meters.batch
        )


class Questions:
    """Questions to a graph, each thread with a connection of its own."""

    def __init__(self, path: Path, settings: Settings, meters: Meters) -> None:
        self._path = path
        self._own = threading.local()
        self._graph().counts()  # what is no graph is refused now
        self._calls = Calls("graph", settings.limits, meters, settings.workers)

    @property
    def batches(self) -> Batches[Any, Any]:
        """Its queue."""
        return self._calls.batches

    async def ask(self, question: Callable[[Graph], Answer]) -> Answer:
        """The answer to a question.

        Raises:
            Busy: too much waits already.
            ConfigError: no such concept.
            KnowledgeError: the graph cannot be read now.
        """
        return await self._calls.of(lambda: question(self._graph()))

    def _graph(self) -> Graph:
        from biogloss.knowledge.graph.query import Graph  # noqa: PLC0415 - only who has a graph needs it

        if not hasattr(self._own, "graph"):
            self._own.graph = Graph.open(self._path)
        graph: Graph = self._own.graph
        return graph


class Service:
    """All of it. ``stopping`` is set when no more work begins.

    ``drawing`` and ``browsing`` are where front ends make what they show: of texts, by their characters, and of the
    results of jobs, by their documents; ``writing`` is where such results become files, which takes longer.
    """

    def __init__(self, settings: Settings, meters: Meters, models: annotators.Annotators) -> None:
        self.settings = settings
        self.meters = meters
        self.annotators = models
        self.names: Names | None = None
        self.vectors: Vectors | None = None
        self.graph: Questions | None = None
        self.drawing = Calls("drawing", settings.limits, meters, settings.workers)
        self.browsing = Calls("browsing", settings.limits, meters)
        self.writing = Calls("writing", settings.limits, meters)
        self.jobs: Jobs | None = None
        self.keys: Keys | None = None
        self.rates = Rates()
        self.stopping = asyncio.Event()
        self.is_ready = False
        self._tidying: asyncio.Task[None] | None = None

    @property
    def queues(self) -> list[Batches[Any, Any]]:
        """Every queue there is."""
        others = (self.names, self.vectors, self.graph, self.drawing, self.browsing, self.writing)
        found: list[Batches[Any, Any]] = [one.batches for one in self.annotators.all.values()]
        return [*found, *(one.batches for one in others if one is not None)]

    def problems(self) -> list[str]:
        """Why it cannot be asked now; none where it can."""
        found = [] if self.is_ready else ["starting"]
        found += ["stopping"] if self.stopping.is_set() else []
        found += [f"a thread of {queue.name} has ended" for queue in self.queues if not queue.is_alive]
        return found + ([self.jobs.trouble] if self.jobs is not None and self.jobs.trouble else [])

    async def start(self) -> None:
        """Warm up, which also tells how fast each model is, and go on with jobs."""
        for one in self.annotators.all.values():
            await one.annotate([Document(str(number), annotators.WARMING * 8) for number in range(4)], is_job=True)
        if self.jobs is not None:
            await self.jobs.start()
        self._tidying = asyncio.create_task(memory.give_back_when_idle(lambda: sum(one.done for one in self.queues)))
        self.is_ready = True

    async def stop(self) -> None:
        """Begin nothing new: jobs stop, and go on when the service is started again; requests are still answered."""
        if not self.stopping.is_set():
            self.stopping.set()
            if self._tidying is not None:
                self._tidying.cancel()
            if self.jobs is not None:
                await self.jobs.stop()

    def close(self) -> None:
        """Let the threads end, after what waits for them."""
        for queue in self.queues:
            queue.stop()
        if self.jobs is not None:
            self.jobs.close()


def load(settings: Settings) -> Service:
    """Load everything that a service is told to.

    Raises:
        ModelError, KnowledgeError, ConfigError, OutputError: one of its parts cannot be loaded.
    """
    keys = Keys(settings.access.keys) if settings.access.keys is not None else None
    meters = Meters()
    gloss.folders(settings.models)  # a slip in a name is told before the index is unpacked, which takes half a minute
    step = _linking(settings)
    service = Service(settings, meters, annotators.load(settings, meters, step))
    service.keys = keys
    if step is not None:
        service.names = Names(step, settings.limits, meters)
    if settings.embeddings:
        service.vectors = Vectors(settings.embeddings, settings, meters)
    if settings.graph is not None:
        service.graph = Questions(settings.graph, settings, meters)
    if settings.state is not None:
        from biogloss.apps.rest.jobs import Jobs  # noqa: PLC0415 - only who keeps jobs needs it

        service.jobs = Jobs(settings.state, service.annotators, settings.limits)
    for queue in service.queues:
        words = "Items that wait for a thread."
        meters.watch("biogloss_waiting_items", words, partial(getattr, queue, "waiting"), queue=queue.name)
    return service


def _linking(settings: Settings) -> linking.Linking | None:
    from biogloss.knowledge import shipped  # noqa: PLC0415 - as the step has it

    if not settings.is_linked:
        return None
    if not settings.index and not shipped.is_there():
        return None
    try:
        return linking.step(index=settings.index)
    except ConfigError as error:
        raise ConfigError(f"--index: {error}") from error
