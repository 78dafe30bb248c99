"""Cross-validation as a list of runs: each part of what is learned from is held out in its turn.

    turns(recipe, Plan(folds=5))                        fold-1, which has test_fold = (1, 5), ... fold-5
    turns(recipe, Plan(leave_out="corpora"))            fold-bc5cdr, which has test_corpora = ("bc5cdr",), ...

What is held out neither teaches nor chooses. What cannot be is refused here, before anything is trained.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError
from biogloss.evaluation.answers import is_answer
from biogloss.evaluation.overall import ANSWERS, CLASSES, ENTITIES, NUMBERS, RELATIONS, ROLES, Choices
from biogloss.training import lesson
from biogloss.training.doubts import doubts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.documents import Document
    from biogloss.training.learned import Learned
    from biogloss.training.lesson import Lesson
    from biogloss.training.material import Source
    from biogloss.training.recipe import Recipe

FOLDS, CORPORA = "folds", "corpora"
KINDS = {
    "ner": ENTITIES,
    "relations": RELATIONS,
    "classification": CLASSES,
    "pairs": CLASSES,
    "roles": ROLES,
    "question_answering": ANSWERS,
}
"""What each task is scored by, of ``evaluation.overall``; pairs with a number by ``NUMBERS``."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to cross-validate.

    Args:
        leave_out: ``folds`` of the training documents of every corpus, or one of the ``corpora`` after the other.
        folds: how many of them.
        jobs: processes that share the work.
        threads: of each.
    """

    leave_out: str = FOLDS
    folds: int = 5
    jobs: int = 1
    threads: int = 1

    def __post_init__(self) -> None:
        if self.leave_out not in {FOLDS, CORPORA}:
            raise ConfigError(f"leave out {self.leave_out!r} cannot be; expected {FOLDS} or {CORPORA}")
        if self.folds < 2:
            raise ConfigError(f"{self.folds} folds cannot be; expected 2 or more")


@dataclass(frozen=True)
class Turn:
    """One run: how many documents it is ``taught``, those ``held_out``, as gold, and ``doubts`` about them in words."""

    name: str
    recipe: Recipe
    taught: int
    held_out: tuple[Document, ...]
    doubts: tuple[str, ...]


def turns(recipe: Recipe, plan: Plan) -> list[Turn]:
    """The runs of a plan, in order.

    Raises:
        ConfigError: a recipe that cannot be cross-validated, fewer groups of documents than folds, or a fold that
            leaves nothing to tell apart.
    """
    _refuse(recipe, plan)
    return [_turn(name, own) for name, own in _recipes(recipe, plan)]


def _refuse(recipe: Recipe, plan: Plan) -> None:
    if len(recipe.learned) > 1:
        raise ConfigError(f"recipe {recipe.name}: has {len(recipe.learned)} tasks; cross-validate one at a time")
    (learned,) = recipe.learned
    if recipe.test_fold or recipe.test_corpora:
        raise ConfigError(f"recipe {recipe.name}: has test_fold or test_corpora; leave them out, all have their turn")
    if plan.leave_out == CORPORA and len(learned.sources) < 2:
        raise ConfigError(f"recipe {recipe.name}: learns from {learned.sources[0]} alone; expected two corpora or more")


def _recipes(recipe: Recipe, plan: Plan) -> Iterator[tuple[str, Recipe]]:
    if plan.leave_out == CORPORA:
        for name in recipe.learned[0].sources:
            yield f"fold-{name}", replace(recipe, test_corpora=(name,))
        return
    for number in range(1, plan.folds + 1):
        yield f"fold-{number}", replace(recipe, test_fold=(number, plan.folds))


def _turn(name: str, recipe: Recipe) -> Turn:
    try:
        (one,) = lesson.lessons(recipe)
        found = tuple(doubts([one]))
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error
    right = tuple(only(document, one, source) for source, document in held_out(one))
    if recipe.test_fold and _has_one_class(one, right):
        raise ConfigError(
            f"{name}: its {len(right):,} documents are all of one class, so that it tells nothing; take fewer folds"
        )
    return Turn(name, recipe, sum(len(source.train) for source in one.sources), right, found)


def _has_one_class(one: Lesson, documents: Sequence[Document]) -> bool:
    """Whether nothing is to be told apart, in a task that gives each item one class."""
    if kind_of(one.learned) not in {CLASSES, ROLES} or getattr(one.task, "several", False):
        return False
    return len({label for document in documents for label in one.task.said(document)}) < 2


def held_out(one: Lesson) -> list[tuple[Source, Document]]:
    """The documents that neither teach nor choose."""
    return [(source, document) for source in one.sources for document in source.test]


def only(document: Document, one: Lesson, source: Source) -> Document:
    """A document with nothing but what is scored: that kind of annotation, of the labels that its corpus states."""
    kind, labels = kind_of(one.learned), one.learned.labels
    if kind == ENTITIES:
        stated = source.coverage.exhaustive.intersection(labels)
        entities = tuple(entity for entity in document.entities if entity.label in stated)
        return replace(document, entities=entities, relations=(), labels=(), label_scores=())
    if kind == RELATIONS:
        relations = tuple(relation for relation in document.relations if not labels or relation.label in labels)
        return replace(document, relations=relations, labels=(), label_scores=())
    if kind == ANSWERS:
        own = tuple(entity for entity in document.entities if is_answer(document, entity))
        return replace(document, entities=own, relations=(), labels=(), label_scores=())
    if kind == ROLES:
        return replace(document, entities=(), relations=(), labels=(), label_scores=())
    said = tuple(label for label in document.labels if not labels or label in labels)
    return replace(document, entities=(), relations=(), labels=said)


def kind_of(learned: Learned) -> str:
    """What a task is scored by."""
    return NUMBERS if learned.scale else KINDS[learned.task]


def scored_as(learned: Learned, gold: Sequence[Document]) -> Choices:
    """Which entity types are scored, and which relations without regard to the order of their arguments."""
    relations = {relation.label for document in gold for relation in document.relations}
    return Choices(
        types=learned.labels if learned.task == "ner" else (),
        symmetric=frozenset() if learned.directed else frozenset(relations),
    )
