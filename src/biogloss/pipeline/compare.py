"""Score annotated documents against gold ones, from files: what ``biogloss evaluate`` prints.

compare_files("gold.PubTator", "predicted.PubTator")    {"strict": {"Disease": Score(...)}, "partial": {...}}
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from biogloss.documents import Document
from biogloss.errors import FormatError, InputError
from biogloss.evaluation.entities import MATCHERS, Score, scores
from biogloss.formats import _detect
from biogloss.pipeline import gloss

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from biogloss.pipeline.run import Step

Table = dict[str, dict[str, Score]]


def compare_files(
    gold: Path | str,
    predicted: Path | str | None = None,
    *,
    steps: Sequence[Step] = (),
    labels: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    read_as: str = "auto",
) -> Table:
    """Scores per match (strict, partial) and label.

    Args:
        gold: documents with right annotations.
        predicted: the same documents as some system annotated them; None runs ``steps`` on the gold texts.
        steps: what to run.
        labels: which to score; empty scores the labels of the gold documents.
        rename: label of the files -> label to score it as.
        read_as: the format of both files.

    Raises:
        InputError: a document of one side is missing on the other, its text differs, or nothing is annotated.
    """
    right = _renamed(_read(gold, read_as), rename or {})
    if predicted is None:
        found = [_through(document, steps) for document in right]
    else:
        found = _paired(right, _renamed(_read(predicted, read_as), rename or {}), str(predicted))
    wanted = list(labels) or sorted({entity.label for document in right for entity in document.entities})
    if not wanted:
        raise InputError("no annotation to score against", file=str(gold), expected="documents with entities")
    return {match: scores(right, found, labels=wanted, match=match) for match in MATCHERS}


def compare_with(
    gold: str,
    predicted: str | None,
    *,
    model: str,
    labels: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    read_as: str = "auto",
) -> Table:
    """As :func:`compare_files`; where ``predicted`` is None the model's own entities are scored."""
    steps = [] if predicted else gloss.load(model).steps
    return compare_files(gold, predicted, steps=steps, labels=labels, rename=rename, read_as=read_as)


def _read(path: Path | str, read_as: str) -> list[Document]:
    documents = []
    for document in _detect.open_documents(path, format=read_as):
        if not isinstance(document, Document):
            raise FormatError(str(document.error), file=str(path), todo="Scores need every document; repair the file")
        documents.append(document)
    return documents


def _renamed(documents: Iterable[Document], rename: Mapping[str, str]) -> list[Document]:
    return [
        document.with_entities(
            replace(entity, label=rename.get(entity.label, entity.label)) for entity in document.entities
        )
        for document in documents
    ]


def _through(document: Document, steps: Sequence[Step]) -> Document:
    bare = document.with_entities(())
    for step in steps:
        bare = step(bare)
    return bare


def _paired(gold: Sequence[Document], predicted: Sequence[Document], file: str) -> list[Document]:
    by_id = {document.id: document for document in predicted}
    for document in gold:
        if document.id not in by_id:
            raise InputError(f"no document {document.id}", file=file, expected="every document of the gold file")
        if by_id[document.id].text != document.text:
            raise InputError(
                f"the text of document {document.id} differs from the gold file's",
                file=file,
                expected="annotations of the same text",
            )
    return [by_id[document.id] for document in gold]
