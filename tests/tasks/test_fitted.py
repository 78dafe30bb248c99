"""What a task takes from training documents, and what it refuses of a recipe."""

import numpy as np
import pytest

from biogloss.documents import Document, Mark, Span
from biogloss.errors import ConfigError
from biogloss.tasks.classification import Classification
from biogloss.tasks.question_answering import QuestionAnswering
from biogloss.tasks.relations import Relations
from biogloss.tasks.roles import Roles
from every_task import related


def test_pairs_that_are_not_related_have_a_class_of_their_own_beside_those_named():
    task = Relations.fitted([related()], several=False, labels=("causes", "treats"))
    assert task.labels == ("causes", "treats", "none")
    assert Relations.fitted([related()], labels=("causes",)).labels == ("causes",)


@pytest.mark.parametrize("key", ["form", "level"])
def test_an_unknown_way_to_read_is_refused(key):
    with pytest.raises(ConfigError, match=f"{key} = 'else' cannot be; expected one of"):
        Relations(labels=("causes",), types=(), roles=(), **{key: "else"})


def test_a_question_may_have_several_answers_where_it_is_meant():
    assert QuestionAnswering.fitted([], several=True).most > 1
    assert QuestionAnswering.fitted([]).most == 1


def test_thresholds_of_one_class_are_refused():
    documents = [Document("1", "Gout.", labels=("a",)), Document("2", "Pain.", labels=("b",))]
    with pytest.raises(ConfigError, match='thresholds are for classes = "several"'):
        Classification.fitted(documents, thresholds={"a": 0.7})


def test_a_sentence_that_is_not_read_keeps_no_role_of_before(tiny_tokenizer):
    text = "Gout hurts. \u200b"
    marks = (Mark(Span(0, 11), "sentence", "aim"), Mark(Span(12, 13), "sentence", "aim"))
    document = Document("1", text).with_marks(marks)
    task = Roles(labels=("aim", "finding"))
    pieces = tiny_tokenizer.pieces(text)
    found = [
        (one, np.array([[0.0, 1.0]] * len(one.about), np.float32))
        for one in task.examples(document, pieces, tiny_tokenizer)
    ]
    said = [mark.label for mark in task.annotate(document, pieces, found).marked("sentence")]
    assert said[0] == "finding"
    assert said[1] != "aim"
