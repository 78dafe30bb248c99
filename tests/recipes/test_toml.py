"""A recipe that is written is read again as the same recipe, whatever stands in it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss import recipes
from biogloss.preparation import recipe as corpus
from biogloss.recipes.toml import to_toml
from biogloss.training import pretrain_recipe as pretrain
from biogloss.training import recipe as ner


@dataclass(frozen=True, kw_only=True)
class Inner:
    name: str = ""
    share: float = 1.0
    passes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Everything:
    """A field of every kind that recipes have, two of them needed."""

    name: str
    count: int
    share: float = 0.5
    is_on: bool = False
    words: tuple[str, ...] = ("a",)
    sizes: tuple[int, ...] = ()
    scale: tuple[float, ...] = (0.0, 1.0)
    passes: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, list[str]] = field(default_factory=lambda: {"train": ["a"]})
    inner: tuple[Inner, ...] = ()


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
FLOAT = st.floats(allow_nan=False)
PASSES = st.dictionaries(TEXT, FLOAT, max_size=3)
INNER = st.builds(Inner, name=TEXT, share=FLOAT, passes=PASSES)
EVERYTHING = st.builds(
    Everything,
    name=TEXT,
    count=st.integers(-(2**63), 2**63 - 1),
    share=FLOAT,
    is_on=st.booleans(),
    words=st.lists(TEXT, max_size=3).map(tuple),
    sizes=st.lists(st.integers(0, 999), max_size=3).map(tuple),
    scale=st.lists(FLOAT, max_size=3).map(tuple),
    passes=PASSES,
    files=st.dictionaries(TEXT, st.lists(TEXT, max_size=2), max_size=2),
    inner=st.lists(INNER, max_size=3).map(tuple),
)
SHARES = st.dictionaries(st.sampled_from(["bc5cdr", "cdr", "jnlpba"]), st.floats(0.01, 9), min_size=1)
LEARNED = st.builds(
    ner.Learned,
    name=TEXT,
    task=st.sampled_from(["classification", "pairs"]),
    corpora=SHARES,
    files=st.dictionaries(st.just("train"), st.lists(TEXT, max_size=2), max_size=1),
    weight=st.floats(0.1, 9),
    balanced=st.booleans(),
    smoothing=st.floats(0, 0.9),
)
PLAIN = {"encoder": TEXT, "epochs": st.integers(1, 99), "learning_rate": FLOAT, "cuts": st.just((64, 128))}
ONE_TASK = st.builds(ner.Recipe, labels=st.just(("Gene", "α")), corpora=SHARES, thresholds=st.just({"α": 0.5}), **PLAIN)
SEVERAL = st.builds(
    ner.Recipe, tasks=st.lists(LEARNED, min_size=1, max_size=3, unique_by=lambda own: own.head).map(tuple), **PLAIN
)


def again(recipe, folder):
    path = folder / "recipe.toml"
    path.write_text(to_toml(recipe), encoding="utf-8", newline="\n")
    return recipes.load(path, type(recipe), prefix="ner-")


@given(recipe=st.one_of(EVERYTHING, ONE_TASK, SEVERAL))
def test_a_written_recipe_is_read_again_as_it_was(recipe, tmp_path_factory):
    assert again(recipe, tmp_path_factory.getbasetemp()) == recipe


@pytest.mark.parametrize(
    ("kind", "prefix"), [(ner.Recipe, ner.PREFIX), (corpus.Recipe, "corpus-"), (pretrain.Recipe, "pretrain-")]
)
def test_the_recipes_that_ship_are_written_and_read_again(kind, prefix, tmp_path):
    for name in recipes.shipped(prefix):
        recipe = recipes.load(name, kind, prefix=prefix)
        assert again(recipe, tmp_path) == recipe


def test_only_what_is_not_the_default_is_written():
    recipe = ner.Recipe(encoder="minilm", labels=("Disease",), files={"train": ["a.jsonl"]}, dropout=0.1, epochs=5)
    assert to_toml(recipe) == (
        'labels = ["Disease"]\nfiles = { train = ["a.jsonl"] }\nencoder = "minilm"\nepochs = 5\n'
    )


def test_tables_come_last_whatever_the_order_of_the_fields():
    recipe = ner.Recipe(encoder="a", epochs=9, tasks=(ner.Learned(task="classification", corpora={"hoc": 1.0}),))
    written = to_toml(recipe)
    assert written.endswith('[[tasks]]\ntask = "classification"\ncorpora = { hoc = 1.0 }\n')
    assert tomllib.loads(written)["epochs"] == 9
