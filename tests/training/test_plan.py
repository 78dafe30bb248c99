"""Every row and every window has its turn, in whichever pass of a step it stands."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the extra `train` is not installed")

from biogloss.errors import ConfigError
from biogloss.training.plan import Plan
from biogloss.training.pretrain_recipe import Recipe

RECIPE = Recipe(preset="tiny", corpus="corpus", pieces=1000, length=16, budget_pieces=64, batch_pieces=256)
ENTITIES = {"masked_words": 1.0, "entities": 1.0}


@given(rows=st.integers(1, 5), text=st.integers(1, 5), annotated=st.integers(0, 4), steps=st.integers(1, 5))
def test_passes_over_text_and_over_windows_leave_nothing_out(rows, text, annotated, steps):
    plan = Plan(rows, text + annotated, 0, steps, annotated)
    found = [plan.place(row) for row in range(0, steps * plan.passes * rows, rows)]
    assert [row for row, _ in found if row >= 0] == list(range(0, steps * text * rows, rows))
    assert [window for _, window in found if window >= 0] == list(range(0, steps * annotated * rows, rows))
    assert all((row < 0) != (window < 0) for row, window in found)


def test_without_annotated_documents_every_pass_is_over_text():
    assert Plan.of(RECIPE, 1).place(128) == (128, -1)


@pytest.mark.parametrize(("share", "passes"), [(0.0, 1), (0.2, 1), (0.5, 2)])
def test_a_share_of_the_passes_is_over_annotated_documents(share, passes):
    recipe = replace(RECIPE, silver=("silver.jsonl",), objectives=ENTITIES, annotated_share=share)
    assert Plan.of(recipe, 1).annotated == passes


def test_a_step_without_room_for_text_is_refused():
    recipe = replace(RECIPE, silver=("silver.jsonl",), objectives=ENTITIES, batch_pieces=64)
    with pytest.raises(ConfigError, match="leave none for text; raise batch_pieces"):
        Plan.of(recipe, 1)
