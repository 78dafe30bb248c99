"""Score annotated documents against gold ones, from files: what ``biogloss evaluate`` shows.

    evaluate(Job("gold.PubTator", "predicted.PubTator"))    Evaluation(scored=[Scored("entities", "strict", ...)])

What the gold documents hold is scored: entities, relations, classes or numbers, roles of sentences, answers.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from biogloss.documents import Document
from biogloss.errors import FormatError, InputError
from biogloss.evaluation import overall, relations
from biogloss.evaluation.classes import SENTENCE
from biogloss.evaluation.overall import ENTITIES, RELATIONS, Choices, Evaluation
from biogloss.evaluation.report import page
from biogloss.evaluation.rows import json_rows
from biogloss.evaluation.splits import shared
from biogloss.evaluation.unseen import unseen_recall
from biogloss.formats import _detect
from biogloss.pipeline import arrays, gloss
from biogloss.pipeline.steps.model import NER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from biogloss.evaluation.overall import Scored
    from biogloss.pipeline.run import Step

    Documents = list[Document]

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Job:
    """What to compare.

    Args:
        gold: file of documents with right annotations.
        predicted: the same documents as some system annotated them; None runs ``model`` on the gold texts.
        model: a model folder, or the name of the embedded one; several are asked together.
        against: the same documents as another system annotated them.
        train: documents that the system learned from.
        choices: what to score, and how.
        rename: label of the files -> label to score it as.
        read_as: the format of all files.
    """

    gold: Path | str
    predicted: Path | str | None = None
    model: str | Sequence[str] = gloss.EMBEDDED
    against: Path | str | None = None
    train: Path | str | None = None
    choices: Choices = field(default_factory=Choices)
    rename: Mapping[str, str] = field(default_factory=dict)
    read_as: str = "auto"

    @property
    def system(self) -> str:
        """What is scored, by its file or its models."""
        models = [self.model] if isinstance(self.model, str) else self.model
        return str(self.predicted or " + ".join(models))


def evaluate(job: Job) -> Evaluation:
    """Score what the gold documents hold.

    Raises:
        InputError: a document of one side is missing on the other, its text differs, nothing is annotated, or what is
            predicted does not fit (sentences that are none of the gold document, classes without scores).
    """
    right = _read(job.gold, job)
    wanted = overall.kinds(right) or (ENTITIES,) * bool(job.choices.types)
    if not wanted:
        raise InputError("no annotation to score against", file=str(job.gold), expected=_EXPECTED)
    notes = list(_unknown(right, job.choices))
    if job.predicted is None:
        steps = gloss.load(job.model, link=False).steps
        finds_entities = any(NER in getattr(step, "tasks", ()) for step in steps)
        if finds_entities and relations.CONCEPT in relations.levels(right):
            steps = gloss.load(job.model).steps  # such relations are between the identifiers of what it finds
        found = [_through(document, steps, keep_entities=not finds_entities) for document in right]
        wanted = _given(wanted, found, job.system, notes, finds_entities=finds_entities)
    else:
        found = _paired(right, _read(job.predicted, job), str(job.predicted), notes)
    scored = _scored(right, found, wanted, job.choices, job.system)
    if RELATIONS in wanted:
        notes += _not_linked(right, found)
    evaluation = Evaluation(_names(job), right, found, scored, job.choices, notes=notes)
    return _with_training(_with_other(evaluation, wanted, job), wanted, job)


def evaluate_to(job: Job, rows: Path | None, report: Path | None = None, *, force: bool = False) -> Evaluation:
    """As :func:`evaluate`, with its files as :func:`written` has them.

    Raises:
        OutputError: a file exists, or cannot be written.
    """
    return written(lambda: evaluate(job), shown_in(rows, report), force=force)


def written(
    made: Callable[[], Found], files: Sequence[tuple[Path | None, Callable[[Found], str]]], *, force: bool = False
) -> Found:
    """What comes of something that takes long, written into files where they are wanted.

    Args:
        made: gives it, after it is clear that the files can be written.
        files: each with what is written into it.
        force: write over what is there.

    Raises:
        OutputError: a file exists, or cannot be written.
    """
    with ExitStack() as opened:
        into = [
            (opened.enter_context(arrays.new_file(path, force=force)), text) for path, text in files if path is not None
        ]
        found = made()
        for file, text in into:
            file.write(text(found).encode())
    return found


def shown_in(rows: Path | None, report: Path | None) -> list[tuple[Path | None, Callable[[Evaluation], str]]]:
    """The files of an evaluation: the rows of all scores as JSON, and all of it as a page."""
    return [(rows, lambda found: json_rows(found) + "\n"), (report, page)]


_EXPECTED = "documents with entities, relations, classes, numbers, roles of sentences or answers to questions"


def _with_other(evaluation: Evaluation, wanted: Sequence[str], job: Job) -> Evaluation:
    if job.against is None:
        return evaluation
    notes = list(evaluation.notes)
    other = _paired(evaluation.gold, _read(job.against, job), str(job.against), notes)
    before = _scored(evaluation.gold, other, wanted, job.choices, str(job.against))
    return replace(evaluation, compared=overall.compared(before, evaluation.scored), notes=notes)


def _with_training(evaluation: Evaluation, wanted: Sequence[str], job: Job) -> Evaluation:
    if job.train is None:
        return evaluation
    training = _read(job.train, job)
    unseen = {}
    if ENTITIES in wanted:
        types = overall.entity_types(evaluation.gold, job.choices)
        samples = job.choices.samples
        unseen = unseen_recall(evaluation.gold, evaluation.predicted, training, labels=types, samples=samples)
    return replace(evaluation, unseen=unseen, shared=shared(training, evaluation.gold))


def _scored(
    gold: Sequence[Document], predicted: Sequence[Document], wanted: Sequence[str], choices: Choices, name: str
) -> list[Scored]:
    try:
        return overall.scored(gold, predicted, wanted, choices)
    except ValueError as error:
        raise InputError(str(error), file=name) from error


def _names(job: Job) -> dict[str, str]:
    names = {"gold": str(job.gold), "predicted": job.system}
    return names | ({"against": str(job.against)} if job.against else {})


def _read(path: Path | str, job: Job) -> Documents:
    documents = []
    for document in _detect.open_documents(path, format=job.read_as):
        if not isinstance(document, Document):
            raise FormatError(str(document.error), file=str(path), todo="Scores need every document; repair the file")
        documents.append(_renamed(document, job.rename, str(path)) if job.rename else document)
    return documents


def _renamed(document: Document, rename: Mapping[str, str], file: str) -> Document:
    scores = [(rename.get(name, name), score) for name, score in document.label_scores]
    if len(dict(scores)) != len(scores):
        raise InputError(
            f"document {document.id}: two classes become one, and the probability of both together is not known",
            file=file,
            todo="Rename them before the probabilities are made",
        )
    return replace(
        document,
        entities=tuple(replace(one, label=rename.get(one.label, one.label)) for one in document.entities),
        relations=tuple(replace(one, label=rename.get(one.label, one.label)) for one in document.relations),
        labels=tuple(dict.fromkeys(rename.get(label, label) for label in document.labels)),
        marks=tuple(
            replace(mark, label=rename.get(mark.label, mark.label)) if mark.kind == SENTENCE else mark
            for mark in document.marks
        ),
        label_scores=tuple(sorted(scores)),
    )


def _unknown(gold: Sequence[Document], choices: Choices) -> Iterator[str]:
    """Labels that were asked for and that no gold document has: a slip of the pen, or a part without them."""
    asked = {
        "entity type": (choices.types, {one.label for document in gold for one in document.entities}),
        "relation": (choices.symmetric, {one.label for document in gold for one in document.relations}),
    }
    for what, (wanted, known) in asked.items():
        for label in sorted(set(wanted) - known):
            yield f"no gold document has the {what} {label}; there are: {', '.join(sorted(known)) or 'none'}"


# --- what a model finds


def _through(document: Document, steps: Sequence[Step], *, keep_entities: bool) -> Document:
    """The document without what is scored, through the steps; relations may be sought between its own entities."""
    marks = tuple(replace(mark, label="") if mark.kind == SENTENCE else mark for mark in document.marks)
    entities = document.entities if keep_entities else ()
    bare = replace(document, entities=entities, relations=(), labels=(), label_scores=(), marks=marks)
    for step in steps:
        bare = step(bare)
    return bare


def _given(
    wanted: Sequence[str], found: Sequence[Document], model: str, notes: list[str], *, finds_entities: bool
) -> tuple[str, ...]:
    """What a model gives at all; the rest is noted, not scored as wrong."""
    given = set(overall.kinds(found)) - {ENTITIES} | ({ENTITIES} if finds_entities else set())
    if not finds_entities and RELATIONS in given:
        notes.append(f"{model} finds no entities: its relations are between those of the gold documents")
    notes += [f"{model} gives no {kind}: not scored" for kind in wanted if kind not in given]
    if not (kept := tuple(kind for kind in wanted if kind in given)):
        raise InputError(
            f"the gold documents hold {' and '.join(wanted)}, and {model} gives none",
            expected="entities, or a file of predicted documents",
        )
    return kept


# --- what a file holds


def _paired(gold: Sequence[Document], predicted: Sequence[Document], file: str, notes: list[str]) -> Documents:
    """The predicted documents in the order of the gold ones; what is not in the gold file is noted."""
    if [document.id for document in gold] != [document.id for document in predicted]:
        predicted = _by_id(gold, predicted, file, notes)
    for document, other in zip(gold, predicted, strict=True):
        if other.text != document.text:
            raise InputError(
                f"the text of document {document.id} differs from the gold file's",
                file=file,
                expected="annotations of the same text",
            )
    return list(predicted)


def _by_id(gold: Sequence[Document], predicted: Sequence[Document], file: str, notes: list[str]) -> Documents:
    for side in (gold, predicted):
        if twice := [name for name, count in Counter(document.id for document in side).items() if count > 1]:
            raise InputError(
                f"document {twice[0]} is there more than once, and the order is not that of the gold file",
                file=file,
                expected="each document once, or the documents in the order of the gold file",
            )
    by_id = {document.id: document for document in predicted}
    for document in gold:
        if document.id not in by_id:
            raise InputError(f"no document {document.id}", file=file, expected="every document of the gold file")
    found = [by_id[document.id] for document in gold]
    if more := len(by_id) - len(found):
        notes.append(f"{file}: {more:,} documents are not in the gold file and left out")
    return found


def _not_linked(gold: Sequence[Document], predicted: Sequence[Document]) -> list[str]:
    if relations.CONCEPT not in relations.levels(gold):
        return []
    counts = {side: relations.left_out(documents) for side, documents in (("gold", gold), ("predicted", predicted))}
    return [
        f"{count:,} {side} relations have an entity without identifier: left out at concept level"
        for side, count in counts.items()
        if count
    ]
