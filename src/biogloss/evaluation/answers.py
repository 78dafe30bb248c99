"""Answers to questions: exact match and token F1, lists of candidates for one fact, lists of answers.

    gold {"q1": ["TNF-alpha", "tumor necrosis factor"]}
    extracted(gold, {"q1": "The TNF-alpha."})                          exact_match 1, token_f1 1
    factoid(gold, {"q1": ["IL-6", "Tumor necrosis factor"]})           strict 0, lenient 1, mrr 1/2
    listed({"q2": [["aspirin"], ["ibuprofen", "Advil"]]}, {"q2": ["advil", "gout"]})    precision, recall and F1 1/2

Answers are compared as SQuAD does (Rajpurkar et al. 2016): in lower case, without the articles a, an, the, and without
punctuation, of any script, as MLQA does; each Chinese character is a token of its own. Of several gold answers the best
one counts. Candidates for a fact and lists are scored as BioASQ does (task B, phase B): strict is the first candidate,
lenient any of the first five, MRR the mean of one over the rank of the first right one among five; of a list each gold
answer counts once, however many of its names are given, and F1 is the mean over questions. The maps are keyed by
question; draws are of questions.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter, deque
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from biogloss.documents.kinds import ANSWER, QUESTION
from biogloss.evaluation.bootstrap import Measure, Name
from biogloss.evaluation.rates import ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document, Entity

    Floats = NDArray[np.float64]

ALL = "all"
CANDIDATES = 5
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_CHINESE = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")

Right = TypeVar("Right")
Found = TypeVar("Found")
Answers = TypeVar("Answers", bound="Sequence[object]")


def is_answer(document: Document, entity: Entity) -> bool:
    """Whether an entity answers the question that a part of its document asks."""
    return entity.label == ANSWER and QUESTION in dict(document.parts)


def given(document: Document) -> list[Entity]:
    """The distinct answers that a document holds, the likeliest first; none where it asks nothing."""
    ordered = sorted(
        (entity for entity in document.entities if is_answer(document, entity)),
        key=lambda entity: -(entity.score or 0.0),
    )
    distinct: dict[str, Entity] = {}
    for entity in ordered:
        distinct.setdefault(normalised(entity.text), entity)
    return list(distinct.values())


def extracted(gold: Mapping[str, Sequence[str]], predicted: Mapping[str, str]) -> Measure:
    """Exact match and token F1 of one answer a question.

    Args:
        gold: question -> its right answers; none where the right answer is that there is none.
        predicted: question -> the answer; empty where there is none.

    Raises:
        ValueError: a question of one side is missing on the other, or there is none.
    """
    rows = [
        (
            max(float(normalised(answer) == normalised(right)) for right in answers or [""]),
            max(token_f1(right, answer) for right in answers or [""]),
        )
        for answers, answer in _both(gold, predicted)
    ]
    return _means(("exact_match", "token_f1"), rows)


def factoid(gold: Mapping[str, Sequence[str]], predicted: Mapping[str, Sequence[str]]) -> Measure:
    """Strict accuracy, lenient accuracy and MRR of candidates for one fact, best first.

    Args:
        gold: question -> the names of the right answer.
        predicted: question -> candidates; those behind the fifth do not count.

    Raises:
        ValueError: as in :func:`extracted`, or a question has no right answer.
    """
    rows = []
    for names, candidates in _both(_answered(gold), predicted):
        right = {normalised(name) for name in names}
        ranks = [rank for rank, one in enumerate(candidates[:CANDIDATES], 1) if normalised(one) in right]
        rows.append((float(ranks[:1] == [1]), float(bool(ranks)), 1 / ranks[0] if ranks else 0.0))
    return _means(("strict_accuracy", "lenient_accuracy", "mrr"), rows)


def listed(gold: Mapping[str, Sequence[Sequence[str]]], predicted: Mapping[str, Sequence[str]]) -> Measure:
    """Precision, recall and F1 of lists of answers, each the mean over questions.

    Args:
        gold: question -> the right answers, each with all its names.
        predicted: question -> answers; a second name of the same answer counts as a wrong one.

    Raises:
        ValueError: as in :func:`factoid`.
    """
    rows = []
    for answers, found in _both(_answered(gold), predicted):
        given = {normalised(one) for one in found}
        right = _matched([{normalised(name) for name in names} & given for names in answers])
        precision, recall = right / max(len(given), 1), right / len(answers)
        rows.append((precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0))
    return _means(("precision", "recall", "f1"), rows)


def normalised(answer: str) -> str:
    """``The TNF-alpha.`` as it is compared: ``tnfalpha``."""
    return " ".join(_tokens(answer))


def token_f1(gold: str, predicted: str) -> float:
    """The F1 of the tokens of two answers, in [0, 1]; an answer without tokens is only equal to another such."""
    right, found = _tokens(gold), _tokens(predicted)
    if not right or not found:
        return float(right == found)
    common = sum((Counter(right) & Counter(found)).values())
    return 2 * common / (len(right) + len(found))


def _tokens(answer: str) -> list[str]:
    plain = "".join(character for character in answer.lower() if not _is_punctuation(character))
    return _CHINESE.sub(r" \1 ", _ARTICLES.sub(" ", plain)).split()


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def _matched(names: Sequence[set[str]]) -> int:
    """How many answers can have a given name of their own at once: a maximum matching, by augmenting paths."""
    owner: dict[str, int] = {}
    held: dict[int, str] = {}
    for answer in range(len(names)):
        asked_by: dict[str, int] = {}
        waiting = deque([answer])
        while waiting and answer not in held:
            asking = waiting.popleft()
            for name in names[asking] - asked_by.keys():
                asked_by[name] = asking
                if name in owner:
                    waiting.append(owner[name])
                else:
                    _pass_on(name, asked_by, owner, held)
                    break
    return len(held)


def _pass_on(free: str, asked_by: Mapping[str, int], owner: dict[str, int], held: dict[int, str]) -> None:
    """Give a free name to who asked for it, what that one had to who asked for that, and so on."""
    name: str | None = free
    while name is not None:
        asking = asked_by[name]
        owner[name], given = asking, held.get(asking)
        held[asking], name = name, given


def _both(gold: Mapping[str, Right], predicted: Mapping[str, Found]) -> list[tuple[Right, Found]]:
    """What is right and what was found for each question."""
    if not gold:
        raise ValueError("no question: one at least expected")
    for side, other, name in ((gold, predicted, "predicted"), (predicted, gold, "gold")):
        if missing := next((question for question in side if question not in other), None):
            raise ValueError(f"question {missing}: no {name} answer; the same questions on both sides expected")
    return [(right, predicted[question]) for question, right in gold.items()]


def _answered(gold: Mapping[str, Answers]) -> Mapping[str, Answers]:
    for question, answers in gold.items():
        if not answers:
            raise ValueError(f"question {question} has no right answer; one at least expected")
    return gold


def _means(metrics: Sequence[str], rows: Sequence[Sequence[float]]) -> Measure:
    table = np.array(rows, dtype=np.float64)

    def values(times: Floats) -> Floats:
        return ratio(times @ table, times.sum(axis=1, keepdims=True) + np.zeros(len(metrics)))

    return Measure(tuple(Name(ALL, metric) for metric in metrics), len(table), values)
