"""What several models say together is the mean of their probabilities, for every task."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, softmax

from biogloss import tasks
from every_task import CASES

NUMBERS = st.floats(-200, 200, width=32)


def probabilities(task, logits):
    """By another library: of each group of logits that exclude one another, or of each by itself."""
    if getattr(task, "scale", ()):
        return np.clip(logits, 0, 1)
    if getattr(task, "several", False) and task.outputs == len(task.labels) > 1:
        return expit(logits.astype(np.float64))
    group = 3 if task.outputs == 3 * len(task.labels) else task.outputs
    return softmax(logits.astype(np.float64).reshape(len(logits), -1, group), axis=-1).reshape(logits.shape)


def test_every_task_has_a_case():
    assert {case.task for case in CASES.values()} == set(tasks.names())


@pytest.mark.parametrize("name", sorted(CASES))
@given(values=st.data())
def test_the_mean_of_probabilities_and_no_other(name, values):
    task = CASES[name].made
    rows = st.lists(NUMBERS, min_size=2 * task.outputs, max_size=2 * task.outputs)
    members = [np.array(values.draw(rows), np.float32).reshape(2, -1) for _ in range(values.draw(st.integers(1, 4)))]
    found = task.mean(members)
    assert found.shape == members[0].shape
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    expected = np.mean([probabilities(task, one) for one in members], axis=0)
    assert probabilities(task, found) == pytest.approx(expected, abs=1e-5)
