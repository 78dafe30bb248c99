"""Explains what a trainable model says: item by item, with what speaks for each.

explainer = load(Path("runs/mine/model"))
document = explainer.predicted(Document("1", "The patient has gout."), head)
(question,) = explainer.questions(document, head)
explainer.explain(question, head)          Explanation(words gout +6.2, has +0.8, ..., probability 0.98)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from biogloss import tasks
from biogloss.errors import ConfigError, ModelError
from biogloss.explanation.asker import BUDGET_PIECES, Asker
from biogloss.explanation.attention import attended
from biogloss.explanation.faithfulness import ORDERS, faithfulness
from biogloss.explanation.gradients import integrated_gradients
from biogloss.explanation.items import Numbered, items, read_pieces
from biogloss.explanation.nearest import Neighbour, excerpt, nearest, vector
from biogloss.explanation.question import question
from biogloss.models import encoder
from biogloss.models import folder as folders
from biogloss.models.batches import by_budget
from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline.steps import sentences
from biogloss.training import predict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.documents import Document, Span
    from biogloss.explanation.faithfulness import Faithfulness
    from biogloss.explanation.gradients import Integrated
    from biogloss.explanation.question import Question
    from biogloss.models.encoder import HeadedModel
    from biogloss.models.folder import Head, Settings
    from biogloss.models.tokenizer import Pieces

GRADIENTS, ATTENTION = METHODS = ("gradients", "attention")
NER, RELATIONS = "ner", "relations"
DOCUMENTS_AT_ONCE = 64


@dataclass(frozen=True)
class Explanation:
    """What speaks for one item.

    Args:
        question: about the item, whose words are explained.
        method: of METHODS.
        values: (words,): what each word adds to the log-odds in nats; of attention its share, without a sign.
        faithful: whether hiding words bears the values out.
        integrated: of gradients, how the values were found.
        neighbours: the nearest training examples, best first.
    """

    question: Question
    method: str
    values: NDArray[np.float64]
    faithful: Faithfulness
    integrated: Integrated | None = None
    neighbours: tuple[Neighbour, ...] = ()

    @property
    def probability(self) -> float:
        """Of the item when no word is hidden, in [0, 1]."""
        return float(self.faithful.own.deletion[0, 0])

    def top(self, most: int) -> list[tuple[Span, float]]:
        """Where the words with the largest values stand, by magnitude."""
        order = np.argsort(-np.abs(self.values), kind="stable")[:most]
        return [(self.question.words[place].span, float(self.values[place])) for place in order]


def load(folder: Path, *, budget: int = BUDGET_PIECES) -> Explainer:
    """An explainer of a model folder.

    Args:
        folder: of a trainable model.
        budget: pieces that go through the encoder at once.

    Raises:
        ModelError: the folder is not whole, or not trainable.
    """
    settings = folders.settings(folder)
    if settings.kind != folders.TRAINABLE:
        msg = f"{folder} is an {settings.kind} model, without gradients"
        raise ModelError(
            f"{msg}; give the trainable folder that it was exported from, RUN/model of `biogloss finetune`"
        )
    return Explainer(folder, settings, budget)


class Explainer:
    """A loaded model; see the module."""

    def __init__(self, folder: Path, settings: Settings, budget: int) -> None:
        self.settings = settings
        self._tasks = {
            head.name: tasks.restored(head.task, head.labels, head.options, settings.max_pieces, settings.overlap)
            for head in settings.heads
        }
        self._model: HeadedModel = encoder.restore(folder, {name: task.head for name, task in self._tasks.items()})
        self._tokenizer = Tokenizer(folder / "tokenizer.json")
        self._numbered = Numbered(folder / "tokenizer.json")
        self._sentences = sentences.step()
        self._budget = budget

    @cached_property
    def _askers(self) -> dict[str, Asker]:
        return {name: Asker(self._model, name, self._tokenizer, self._budget) for name in self._tasks}

    def head(self, name: str = "") -> Head:
        """A head by its name or that of its task; the first one without a name.

        Raises:
            ModelError: there is none.
        """
        named = [head for head in self.settings.heads if name in ("", head.name)]
        return named[0] if named else self.settings.head(name)

    def predicted(self, document: Document, head: Head) -> Document:
        """The document with what a head says of it in place of its own.

        Relations are sought between the entities that the model itself finds, where it finds entities, and sentences
        are cut where none are marked, as in annotating.
        """
        found = self._sentences(document)
        before = [one for one in self.settings.heads if one.task == NER and head.task == RELATIONS]
        for one in (*before, head):
            task = self._tasks[one.name]
            (found,) = predict.annotate([found], self._model, task, self._tokenizer, head=one.name)
        return found

    def questions(self, document: Document, head: Head) -> list[Question]:
        """One about each item that a document says in the words of a head's task, gold or predicted.

        Raises:
            ConfigError: the task cannot be explained, or the document lacks what it needs.
        """
        task = self._tasks[head.name]
        pieces = self._numbered.pieces(document.text)
        examples = task.examples(document, pieces, self._numbered)
        found = []
        reads: dict[int, Pieces] = {}
        for item in items(task, head.task, document, pieces, examples):
            example = examples[item.example]
            if item.example not in reads:
                reads[item.example] = read_pieces(task, document, example, self._tokenizer)
            found.append(question(item, example, document.text, reads[item.example], self._tokenizer))
        return found

    def explain(
        self, asked: Question, head: Head, *, method: str = GRADIENTS, orders: int = ORDERS, seed: int = 0
    ) -> Explanation:
        """What speaks for an item.

        Args:
            asked: about the item.
            head: that says it.
            method: of METHODS.
            orders: random orders of the words to compare with.
            seed: of these.

        Raises:
            ConfigError: no such method.
            ModelError: the encoder does not give its attention weights.
        """
        if method not in METHODS:
            raise ConfigError(f"method {method!r} cannot be; expected one of {', '.join(METHODS)}")
        asker = self._askers[head.name]
        integrated = integrated_gradients(asker, asked) if method == GRADIENTS else None
        values = asked.per_word(attended(asker, asked) if integrated is None else integrated.pieces)
        tested = faithfulness(values, lambda some: asker.probabilities(asked, some), orders=orders, seed=seed)
        return Explanation(asked, method, values, tested, integrated)

    def neighbours(
        self, asked: Sequence[Question], documents: Iterable[Document], head: Head, *, most: int = 3
    ) -> list[tuple[Neighbour, ...]]:
        """The items of training documents that are nearest to each item, best first.

        Args:
            asked: about items of one head.
            documents: with gold annotations; read once.
            head: that says the items.
            most: how many for each.
        """
        if not asked:
            return []
        wanted = np.stack(self._vectors(asked, head))
        groups = (self._shown(some, head) for some in _groups(map(self._sentences, documents)))
        return nearest(wanted, [one.text for one in asked], groups, most=most)

    def _shown(self, documents: Sequence[Document], head: Head) -> tuple[NDArray[np.float32], list[Neighbour]]:
        """The vectors of what documents say, and what is shown of each item."""
        asked, shown = [], []
        for document in documents:
            for one in self.questions(document, head):
                asked.append(one)
                shown.append(Neighbour(one.text, document.id, one.item.label, *excerpt(one.text, one.item.spans)))
        return np.array(self._vectors(asked, head), dtype=np.float32), shown

    def _vectors(self, asked: Sequence[Question], head: Head) -> list[NDArray[np.float32]]:
        """What the head reads of each item; windows that several share are read once."""
        windows = {row.tobytes(): row for one in asked for row in _rows(one)}
        keys, rows = list(windows), list(windows.values())
        states: dict[bytes, NDArray[np.float32]] = {}
        for group in by_budget([len(row) for row in rows], budget=self._budget):
            mask = np.arange(max(len(rows[place]) for place in group)) < np.array([[len(rows[at])] for at in group])
            ids = np.full(mask.shape, self._tokenizer.padding, dtype=np.int64)
            ids[mask] = np.concatenate([rows[place] for place in group])
            read = self._askers[head.name].states(ids, mask)
            states |= {keys[place]: own for place, own in zip(group, read, strict=True)}
        return [vector(one, _stacked(one, states)) for one in asked]


def _rows(asked: Question) -> list[NDArray[np.int64]]:
    """The windows of a question without padding."""
    return [ids[mask] for ids, mask in zip(asked.ids, asked.mask, strict=True)]


def _stacked(asked: Question, states: dict[bytes, NDArray[np.float32]]) -> NDArray[np.float32]:
    """(windows * seq, width): the states of a question's windows."""
    own = [states[row.tobytes()] for row in _rows(asked)]
    made = np.zeros((*asked.ids.shape, own[0].shape[1]), dtype=np.float32)
    for place, (row, mask) in enumerate(zip(own, asked.mask, strict=True)):
        made[place, : mask.sum()] = row[: mask.sum()]
    return made.reshape(-1, made.shape[2])


def _groups(documents: Iterable[Document]) -> Iterator[list[Document]]:
    group: list[Document] = []
    for document in documents:
        group.append(document)
        if len(group) == DOCUMENTS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group
