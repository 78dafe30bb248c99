"""Run steps over a stream of documents: in order, in constant memory, on several workers, failures as values.

    for result in run(documents, [sentences, entities], workers=2): ...

Chunks of documents are in work at once; the results come in the order of the input.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from biogloss.errors import BioglossError, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from biogloss.documents import Document

CHUNK_DOCUMENTS = 256
CHUNK_CHARACTERS = 60_000


class Step(Protocol):
    """A function from document to document; the text stays as it is."""

    def __call__(self, document: Document, /) -> Document:
        """The document with more annotations."""


def run(
    documents: Iterable[Document | Failure],
    steps: Sequence[Step],
    *,
    workers: int = 1,
    most: int = CHUNK_DOCUMENTS,
) -> Iterator[Document | Failure]:
    """Each document after all steps, or a ``Failure`` in its place, in the order of the input.

    Workers are threads: the encoder and the tokenizer let go of the interpreter lock while they compute.

    Args:
        documents: read only as fast as results are taken.
        steps: applied in order.
        workers: chunks of documents in work at once, at least 1.
        most: documents of a chunk.

    Raises:
        BioglossError: what the reader raised, after the results of every document before it.
    """
    broken: list[BioglossError] = []
    parts = chunks(_until_broken(documents, broken), most)
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="biogloss") as pool:
        waiting: deque[Future[list[Document | Failure]]] = deque()
        try:
            for chunk in parts:
                waiting.append(pool.submit(together, chunk, steps))
                if len(waiting) > workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
    if broken:
        raise broken[0]


def _until_broken(documents: Iterable[Document | Failure], broken: list[BioglossError]) -> Iterator[Document | Failure]:
    """The documents up to where the reader gives up; its error is kept, so that those before it are finished first."""
    try:
        yield from documents
    except BioglossError as error:
        broken.append(error)


def chunks(
    documents: Iterable[Document | Failure], most: int = CHUNK_DOCUMENTS, most_characters: int = CHUNK_CHARACTERS
) -> Iterator[list[Document | Failure]]:
    """Chunks of so many documents, or fewer when they are long, so that memory stays bounded."""
    chunk: list[Document | Failure] = []
    characters = 0
    for document in documents:
        chunk.append(document)
        characters += 0 if isinstance(document, Failure) else len(document.text)
        if len(chunk) >= most or characters >= most_characters:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def together(chunk: Sequence[Document | Failure], steps: Sequence[Step]) -> list[Document | Failure]:
    """Each document after all steps, or a ``Failure`` in its place; the steps see all of them at once."""
    results = list(chunk)
    for step in steps:
        whole = {place: result for place, result in enumerate(results) if not isinstance(result, Failure)}
        changed = _apply(step, list(whole.values()))
        for place, result in zip(whole, changed, strict=True):
            results[place] = result
    return results


def _apply(step: Step, documents: Sequence[Document]) -> list[Document | Failure]:
    many = getattr(step, "many", None)
    if many is not None:
        try:
            found: list[Document | Failure] = list(many(documents))
        except Exception:  # noqa: BLE001 - one of them is to blame: the last line finds which
            found = []
        if len(found) == len(documents):
            return found
    return [_one(step, document) for document in documents]


def _one(step: Step, document: Document) -> Document | Failure:
    try:
        return step(document)
    except Exception as error:  # noqa: BLE001 - the one place where anything becomes a value: the run must go on
        return Failure(document.id, getattr(step, "name", type(step).__name__), error)
