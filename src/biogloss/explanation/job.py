"""From a model folder and files to explanations. It says which extra is missing where torch is not installed.

explain(Job(Path("runs/mine/model"), ("notes.jsonl",), head="relations", items=("R1",)))     [Explained(...), ...]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError
from biogloss.explanation.faithfulness import ORDERS
from biogloss.explanation.page import page
from biogloss.models import folder as folders
from biogloss.models._extras import need_torch
from biogloss.pipeline import arrays, gloss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from biogloss.documents import Document
    from biogloss.explanation.explainer import Explainer, Explanation
    from biogloss.explanation.question import Question
    from biogloss.models.folder import Head

MOST_NAMED = 12


@dataclass(frozen=True)
class Job:
    """What to explain.

    Args:
        model: a trainable folder; ``biogloss-en`` and the like are refused, they have no gradients.
        inputs: files or folders of documents.
        read_as: their format, or ``auto``.
        head: the name of a head or of its task; the first head where it is empty.
        items: their ids; the first ``most`` of each document where it is empty.
        most: see ``items``.
        methods: of ``explainer.METHODS``.
        orders: random orders of the words to compare with.
        train: files of training documents, for the nearest examples.
        neighbours: how many of these for each item.
    """

    model: Path | str
    inputs: tuple[str, ...]
    read_as: str = "auto"
    head: str = ""
    items: tuple[str, ...] = ()
    most: int = 3
    methods: tuple[str, ...] = ("gradients",)
    orders: int = ORDERS
    train: tuple[str, ...] = ()
    neighbours: int = 3


@dataclass(frozen=True)
class Explained:
    """A document with what the head says of it, the explanations, and how many items have none."""

    document: Document
    explanations: tuple[Explanation, ...]
    left: int


def explain_to(
    job: Job, output: Path | None, *, threads: int = 1, seen: Callable[[int], None] | None = None, force: bool = False
) -> tuple[list[Explained], str]:
    """As :func:`explain`, with a web page if ``output`` names a file; returns what was found and the model's name.

    Raises:
        OutputError: the file exists, or cannot be written; before any work is done.
    """
    name = folders.settings(gloss.folder(job.model), verify=False).name
    if output is None:
        return explain(job, threads=threads, seen=seen), name
    with arrays.new_file(output, force=force) as stream:
        found = explain(job, threads=threads, seen=seen)
        stream.write(page(found, name).encode())
    return found, name


def explain(job: Job, *, threads: int = 1, seen: Callable[[int], None] | None = None) -> list[Explained]:
    """Explain what a model says of documents.

    Args:
        job: what to explain.
        threads: of torch.
        seen: told how many documents are done.

    Raises:
        MissingExtra: torch or transformers is not installed.
        ModelError: the folder is not a whole trainable model, or has no such head.
        InputError: an input document cannot be read.
        ConfigError: no document has an item of that id, or there is no such method.
    """
    need_torch("explaining")
    import torch  # noqa: PLC0415 - the extra `train`

    from biogloss.explanation import explainer as explaining  # noqa: PLC0415

    if unknown := [method for method in job.methods if method not in explaining.METHODS]:
        raise ConfigError(f"method {unknown[0]!r} cannot be; expected one of {', '.join(explaining.METHODS)}")
    torch.set_num_threads(threads)
    explainer = explaining.load(gloss.folder(job.model))
    head = explainer.head(job.head)
    found: list[Explained] = []
    known: list[str] = []
    for document in arrays.documents(job.inputs, job.read_as):
        predicted = explainer.predicted(document, head)
        asked = explainer.questions(predicted, head)
        chosen = _chosen(asked, job)
        known += [_named(one, document) for one in asked] if len(known) < MOST_NAMED else []
        explanations = tuple(_explanations(explainer, chosen, head, job))
        found.append(Explained(predicted, explanations, 0 if job.items else len(asked) - len(chosen)))
        if seen:
            seen(len(found))
    if job.items and not any(one.explanations for one in found):
        says = "; ".join(known[:MOST_NAMED]) or "nothing"
        raise ConfigError(f"no document has an item {', '.join(job.items)}; the head {head.name} says {says}")
    return _with_neighbours(found, explainer, head, job) if job.train else found


def _chosen(asked: Sequence[Question], job: Job) -> list[Question]:
    if job.items:
        return [one for one in asked if one.item.id in job.items]
    return list(asked[: job.most])


def _named(asked: Question, document: Document) -> str:
    return f"{asked.item.id} ({asked.item.label}) of {document.id}"


def _explanations(explainer: Explainer, asked: Sequence[Question], head: Head, job: Job) -> Iterator[Explanation]:
    for one in asked:
        for method in job.methods:
            yield explainer.explain(one, head, method=method, orders=job.orders)


def _with_neighbours(found: Sequence[Explained], explainer: Explainer, head: Head, job: Job) -> list[Explained]:
    """The same with the nearest training examples, which are read once for all items."""
    asked = [one.question for document in found for one in document.explanations]
    nearest = iter(explainer.neighbours(asked, arrays.documents(job.train, "auto"), head, most=job.neighbours))
    return [
        replace(document, explanations=tuple(replace(one, neighbours=next(nearest)) for one in document.explanations))
        for document in found
    ]
