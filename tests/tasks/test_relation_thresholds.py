"""A pair of one class is said to be related where that is likeliest, or related at all, and likely enough."""

from dataclasses import replace

import numpy as np
import pytest

from biogloss.documents import Mark, Span
from biogloss.tasks.relations import Relations
from every_task import TYPES, related

TASK = Relations(labels=("none", "causes", "treats"), several=False, **TYPES)


@pytest.mark.parametrize(
    ("shares", "thresholds", "said"),
    [
        ((0.2, 0.7, 0.1), {}, {"causes"}),
        ((0.4, 0.35, 0.25), {}, set()),
        ((0.2, 0.7, 0.1), {"causes": 0.6, "treats": 0.9}, {"causes"}),
        ((0.2, 0.7, 0.1), {"causes": 0.8}, set()),
        ((0.05, 0.05, 0.9), {"causes": 0.99}, {"treats"}),
    ],
)
def test_what_is_likeliest_is_said_where_it_is_likely_enough(tiny_tokenizer, shares, thresholds, said):
    task = replace(TASK, thresholds=thresholds)
    document = related()
    pieces = tiny_tokenizer.pieces(document.text)
    (example,) = task.examples(document, pieces, tiny_tokenizer)
    logits = np.log(np.tile(np.array(shares, dtype=np.float32), (len(example.about), 1)))
    found = task.annotate(document, pieces, [(example, logits)])
    assert {relation.label for relation in found.relations} == said
    assert all(relation.score == pytest.approx(max(shares), abs=0.001) for relation in found.relations)


@pytest.mark.parametrize(
    ("shares", "thresholds", "said"),
    [
        ((0.3, 0.5, 0.2), {}, {"causes": 0.5}),
        ((0.4, 0.35, 0.25), {}, {"treats": 0.6}),
        ((0.4, 0.15, 0.45), {}, {"treats": 0.6}),
        ((0.6, 0.4, 0.0), {}, {}),
        ((0.4, 0.35, 0.25), {"treats": 0.7}, {}),
        ((0.4, 0.6, 0.0), {"causes": 0.7}, {"treats": 0.6}),
    ],
)
def test_what_is_related_in_no_sure_way_is_said_with_the_general_label(tiny_tokenizer, shares, thresholds, said):
    task = replace(TASK, thresholds=thresholds, general="treats")
    document = related()
    pieces = tiny_tokenizer.pieces(document.text)
    (example,) = task.examples(document, pieces, tiny_tokenizer)
    logits = np.log(np.tile(np.array(shares, dtype=np.float32) + 1e-9, (len(example.about), 1)))
    found = task.annotate(document, pieces, [(example, logits)])
    assert {relation.label: relation.score for relation in found.relations} == pytest.approx(said, abs=0.001)


def test_together_nothing_is_said_of_what_no_sentence_mentions_both(tiny_tokenizer):
    document = related().with_marks(())
    pieces = tiny_tokenizer.pieces(document.text)
    (example,) = TASK.examples(document, pieces, tiny_tokenizer)
    logits = np.log(np.tile(np.array((0.1, 0.8, 0.1), dtype=np.float32), (len(example.about), 1)))
    whole = document.with_marks((Mark(Span(0, len(document.text)), "sentence"),))
    for task, read, expected in (
        (TASK, document, len(example.about)),
        (replace(TASK, together=True), document, 0),
        (replace(TASK, together=True), whole, len(example.about)),
    ):
        assert len(task.annotate(read, pieces, [(example, logits)]).relations) == expected
