"""The learning curve: larger shares hold smaller ones, all are scored on the same documents, nothing is done twice."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document
from biogloss.errors import ConfigError
from biogloss.evaluation.folds import sources
from biogloss.training import lesson, shots
from tiny import eight, recipe, write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.training.learning_curve import learning_curve  # noqa: E402
from biogloss.training.turns import Plan  # noqa: E402

SHARES = st.floats(0.01, 1)
IDS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True, min_size=1, max_size=40)


@given(ids=IDS, shares=st.tuples(SHARES, SHARES), seed=st.integers(0, 3))
def test_a_larger_share_holds_a_smaller_one_and_sources_stay_whole(ids, shares, seed):
    found = [Document(f"paper{paper}-{number}", "Gout.") for paper, number in ids]
    small, large = (shots.portion(found, share, seed=seed) for share in sorted(shares))
    assert set(small) <= set(large)
    assert list(small) == [document for document in found if document in small]
    source_of = dict(zip([one.id for one in found], sources(found), strict=True))
    for drawn, share in ((small, min(shares)), (large, max(shares))):
        names = {source_of[document.id] for document in drawn}
        assert len(drawn) == sum(source_of[document.id] in names for document in found)
        assert len(drawn) >= max(1, round(share * len(found)))
        most = max(sum(source_of[one.id] == name for one in found) for name in names)
        assert len(drawn) < max(1, round(share * len(found))) + most
    assert shots.portion(found, 1.0, seed=seed) == tuple(found)


@pytest.fixture
def chosen(tiny_encoder, tmp_path):
    made = [replace(one, id=f"{side}{one.id}") for side in "ab" for one in eight() if len(one.text) < 25]
    return recipe(tiny_encoder, write_jsonl(tmp_path / "train.jsonl", made), epochs=2, cuts=(30,))


def test_each_share_is_scored_on_all_documents_by_models_of_fewer(chosen, tmp_path):
    seen = []
    points = learning_curve(chosen, tmp_path / "curve", (1.0, 0.5), Plan(folds=2), lambda *one: seen.append(one))
    small, large = points
    assert (small.share, large.share) == (0.5, 1.0)
    assert [one.id for one in small.evaluation.gold] == [one.id for one in large.evaluation.gold]
    (whole,) = lesson.lessons(chosen)
    everything = len(whole.sources[0].train)
    assert len(large.evaluation.gold) == everything
    assert (small.documents, large.documents) == (2, 3)
    assert everything == 6
    assert len(seen) == 4
    again = learning_curve(chosen, tmp_path / "curve", (0.5, 1.0), Plan(folds=2), lambda *one: seen.append(one))
    assert len(seen) == 4, "what was finished is trained again"
    assert [one.evaluation.predicted for one in again] == [one.evaluation.predicted for one in points]


@pytest.mark.parametrize("shares", [(), (1.0,), (0.5, 0.5), (0.0, 1.0), (0.5, 1.1)])
def test_shares_that_cannot_be_are_refused_before_anything_is_trained(chosen, tmp_path, shares):
    with pytest.raises(ConfigError, match="expected two or more, above 0 and at most 1"):
        learning_curve(chosen, tmp_path / "curve", shares, Plan())
    assert not (tmp_path / "curve").exists()
