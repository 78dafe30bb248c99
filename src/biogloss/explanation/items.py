"""What a document says, one item each, and which of a head's outputs say it.

    entity Gout, pieces 0 and 1     rows (0, 1), columns of the tags of Disease, of them BEGIN and INSIDE
    class psoriasis                 row 0, columns of all classes, of them psoriasis

An item is asked about by a number: the log-odds of its columns against those that compete with them, the mean over its
rows. Where classes do not compete, the log-odds are the logit itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from biogloss.documents import Span
from biogloss.documents.edits import apply, moved, undone
from biogloss.errors import ConfigError
from biogloss.models.tokenizer import Pieces, Tokenizer
from biogloss.tasks import ner
from biogloss.tasks._candidates import stated
from biogloss.tasks._examples import span_pieces
from biogloss.tasks._marked import TAGGED, shown
from biogloss.tasks.pairs import texts
from biogloss.tasks.relations import POOLED
from biogloss.tasks.roles import SENTENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from biogloss.documents import Document
    from biogloss.models.heads import Pooling
    from biogloss.tasks import Task
    from biogloss.tasks._candidates import Candidate
    from biogloss.tasks._examples import Example


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a document says.

    Args:
        id: by which it is asked for: of an entity or relation its own, of a class its name, of a sentence ``S1``, ...
        label: what is said.
        words: what it is said of; empty where it is said of the whole text.
        spans: where that stands in the text.
        example: which of the task's examples says it.
        rows: the rows of that example's logits.
        columns: the half-open range of those that compete.
        chosen: for each row, which of these columns is said.
        is_number: the output is a number on a scale of 1, no class.
    """

    id: str
    label: str
    words: str
    spans: tuple[Span, ...]
    example: int
    rows: tuple[int, ...]
    columns: tuple[int, int]
    chosen: tuple[int, ...]
    is_number: bool = False


class Numbered(Tokenizer):
    """A tokenizer whose pieces are their places in the text, so that a window tells which piece stands where.

    The ids of special tokens stay; place ``n`` is the id ``vocabulary_size + n``.
    """

    def many(self, texts: Sequence[str]) -> list[Pieces]:
        """The pieces of several texts."""
        return [
            replace(own, ids=np.arange(self.vocabulary_size, self.vocabulary_size + len(own), dtype=np.int32))
            for own in super().many(texts)
        ]


def items(task: Task, name: str, document: Document, pieces: Pieces, examples: Sequence[Example]) -> list[Item]:
    """What a document says in a task's words, in its order.

    Args:
        task: of the head.
        name: of the task.
        document: gold or annotated by the head.
        pieces: of its text.
        examples: what the task makes of it.

    Raises:
        ConfigError: no item of that task can be explained.
    """
    if name not in _ITEMS:
        raise ConfigError(f"what the task {name} says cannot be explained; what can be: {', '.join(sorted(_ITEMS))}")
    found = _ITEMS[name](task, document, pieces, examples) if examples else ()
    return [item for item in found if _is_read(item, examples[item.example].pooling)]


def _is_read(item: Item, pooling: Pooling | None) -> bool:
    """Whether there is a piece that the item is told from."""
    return pooling is None or len(pooling.part(item.rows[0], item.rows[0] + 1).rows) > 0


def read_pieces(task: Any, document: Document, example: Example, tokenizer: Tokenizer) -> Pieces:  # noqa: ANN401
    """The pieces that the places of a :class:`Numbered` example count, with their offsets into the raw text.

    A text that shows its mentions, or which two of them are asked about, is another one: what it shows of a mention
    stands where the mention does.
    """
    if getattr(task, "form", POOLED) == POOLED:
        return tokenizer.pieces(document.text)
    if task.form == TAGGED:
        own: Pieces = task.read(document, tokenizer)
        return own
    candidate: Any = example.about[0]
    bare, edits = shown(document, candidate, task.form)
    text = apply(bare, edits).document.text
    pieces = tokenizer.pieces(text)
    places = np.flatnonzero(pieces.starts < pieces.ends)
    spans = [Span(int(pieces.starts[place]), int(pieces.ends[place])) for place in places]
    starts, ends = np.zeros_like(pieces.starts), np.zeros_like(pieces.ends)
    for place, span in zip(places, moved(spans, text, undone(bare.text, edits)), strict=True):
        if span is not None:
            starts[place], ends[place] = span.start, span.end
    return replace(pieces, starts=starts, ends=ends)


def _entities(task: Any, document: Document, pieces: Pieces, _: Sequence[Example]) -> Iterator[Item]:  # noqa: ANN401
    yield from _tagged(task.labels, document, pieces, range(len(pieces)))


def _answers(task: Any, document: Document, pieces: Pieces, _: Sequence[Example]) -> Iterator[Item]:  # noqa: ANN401
    question, context = (span_pieces(span, pieces) for span in texts(document))
    rows = {piece: row for row, piece in enumerate(range(*context), question[1] - question[0])}
    yield from _tagged(task.labels, document, pieces, rows)


def _tagged(
    labels: Sequence[str], document: Document, pieces: Pieces, rows: Mapping[int, int] | range
) -> Iterator[Item]:
    """Entities by the tags of their pieces; ``rows`` gives the row of a piece."""
    for entity in document.entities:
        first, last = span_pieces(Span(entity.start, entity.end), pieces)
        own = tuple(rows[piece] for piece in range(first, last) if piece in rows)
        if entity.label in labels and own:
            column = ner.TAGS * labels.index(entity.label)
            tags = (ner.BEGIN, *[ner.INSIDE] * (len(own) - 1))
            yield Item(entity.id, entity.label, entity.text, entity.spans, 0, own, (column, column + ner.TAGS), tags)


def _classes(task: Any, document: Document, _: Pieces, __: Sequence[Example]) -> Iterator[Item]:  # noqa: ANN401
    for label in document.labels:
        if getattr(task, "scale", ()):
            yield Item(task.labels[0], label, "", (), 0, (0,), (0, 1), (0,), is_number=True)
        elif label in task.labels:
            yield Item(label, label, "", (), 0, (0,), *_columns(task, label))


def _roles(task: Any, document: Document, _: Pieces, examples: Sequence[Example]) -> Iterator[Item]:  # noqa: ANN401
    rows = {place: (number, row) for number, one in enumerate(examples) for row, place in enumerate(one.about)}
    sentences = [(place, mark) for place, mark in enumerate(document.marks) if mark.kind == SENTENCE]
    for number, (place, mark) in enumerate(sentences, 1):
        if place in rows and mark.label in task.labels:
            example, row = rows[place]
            words = document.text[mark.span.start : mark.span.end]
            yield Item(f"S{number}", mark.label, words, (mark.span,), example, (row,), *_columns(task, mark.label))


def _relations(task: Any, document: Document, _: Pieces, examples: Sequence[Example]) -> Iterator[Item]:  # noqa: ANN401
    rows = {
        _key(candidate.key, task): (number, row, candidate)
        for number, one in enumerate(examples)
        for row, candidate in enumerate(cast("tuple[Candidate, ...]", one.about))
    }
    for relation, key in stated(document, task.level):
        if relation.label in task.labels and _key(key, task) in rows:
            example, row, candidate = rows[_key(key, task)]
            ends = candidate.closest
            words = " / ".join(end.text for end in ends)
            spans = tuple(sorted({span for end in ends for span in end.spans}))
            yield Item(relation.id, relation.label, words, spans, example, (row,), *_columns(task, relation.label))


def _key(key: tuple[str, ...], task: Any) -> tuple[str, ...]:  # noqa: ANN401
    return key if task.directed else tuple(sorted(key))


def _columns(task: Any, label: str) -> tuple[tuple[int, int], tuple[int, ...]]:  # noqa: ANN401
    """The columns that compete, and the one of a label among them.

    Raises:
        ConfigError: the label has no other to compete with.
    """
    place = task.labels.index(label)
    if getattr(task, "several", False):
        return (place, place + 1), (0,)
    if len(task.labels) < 2:
        raise ConfigError(f"the head knows no class but {label}: there is nothing to explain")
    return (0, len(task.labels)), (place,)


_ITEMS: Mapping[str, Callable[[Any, Document, Pieces, Sequence[Example]], Iterator[Item]]] = {
    "ner": _entities,
    "question_answering": _answers,
    "classification": _classes,
    "pairs": _classes,
    "roles": _roles,
    "relations": _relations,
}
