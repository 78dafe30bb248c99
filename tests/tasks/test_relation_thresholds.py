"""A pair of one class is said to be related where that is likeliest and likely enough."""

from dataclasses import replace

import numpy as np
import pytest

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
