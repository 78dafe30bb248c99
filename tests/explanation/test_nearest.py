"""The nearest training examples: those of a plain search, and those of the kind that a trained model tells apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Span
from biogloss.explanation.nearest import Neighbour, excerpt, nearest
from every_task import CASES
from tiny import eight

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

from biogloss.explanation import explainer as explaining  # noqa: E402


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 4))
def test_groups_give_what_one_search_gives(seed, most, groups):
    rng = np.random.default_rng(seed)
    wanted, examples = (rng.standard_normal((count, 6)).astype(np.float32) for count in (3, 11))
    shown = [Neighbour(str(place % 4), str(place), "", "", "", "") for place in range(11)]
    parts = [(examples[own], [shown[at] for at in own]) for own in np.array_split(np.arange(11), groups)]
    found = nearest(wanted, ["0", "none", "1"], parts, most=most)
    for own, text, row in zip(found, ["0", "none", "1"], wanted @ examples.T, strict=True):
        best = [place for place in np.argsort(-row) if shown[place].text != text][:most]
        assert [int(one.document) for one in own] == best
        assert [one.similarity for one in own] == pytest.approx(row[best].tolist(), abs=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_every_item_is_nearest_to_itself(untrained, name):
    explainer = explaining.load(untrained)
    document, head = CASES[name].document, explainer.head(name)
    asked = explainer.questions(document, head)
    vectors = np.stack(explainer._vectors(asked, head))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    again = explainer._vectors(explainer.questions(document, head), head)
    assert (vectors @ np.stack(again).T).diagonal() == pytest.approx(1, abs=1e-5)
    assert explainer.neighbours(asked, [document], head) == [()] * len(asked)  # no example but the very same text


def test_a_trained_model_finds_mentions_of_the_same_type(tiny_model):
    explainer = explaining.load(tiny_model)
    head = explainer.head()
    document = explainer.predicted(Document("new", "Aspirin treats gout."), head)
    asked = explainer.questions(document, head)
    found = explainer.neighbours(asked, eight(), head, most=2)
    assert [one.item.label for one in asked] == ["Chemical", "Disease"]
    for one, own in zip(asked, found, strict=True):
        assert [near.label for near in own] == [one.item.label] * 2
        for near in own:
            (gold,) = [document for document in eight() if document.id == near.document]
            assert near.words in gold.text
            assert near.before.strip() in gold.text


def test_what_stands_around_is_shortened_and_on_one_line():
    text = f"{'a' * 200} the\r\npatient has gout \n and {'b ' * 200}"
    start = text.index("gout")
    before, words, after = excerpt(text, [Span(start, start + 4)])
    assert (before[0], after[-1], words) == ("…", "…", "gout")
    assert before.endswith("the patient has ")
    assert after.startswith(" and b b")
    assert excerpt("Gout.", []) == ("", "Gout.", "")
