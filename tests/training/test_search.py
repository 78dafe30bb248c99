"""What is searched: any field by its name, within bounds that a recipe can have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.errors import ConfigError
from biogloss.training import search
from biogloss.training.recipe import Learned, Recipe

ONE = Recipe(encoder="minilm", labels=("Disease",), corpora={"bc5cdr": 2}, dropout=0.3)
TWO = Recipe(
    encoder="minilm",
    tasks=(
        Learned(labels=("Disease",), corpora={"bc5cdr": 2}),
        Learned(task="relations", corpora={"cdr": 1}, hidden=64),
        Learned(name="mesh", task="classification", corpora={"pubmed_mesh": 1}),
    ),
)


def space(tmp_path, text, recipe=ONE):
    path = tmp_path / "space.toml"
    path.write_text(text, encoding="utf-8")
    return search.load(path, recipe)


def test_ranges_and_choices_are_read_with_or_without_their_table(tmp_path):
    text = (
        "learning_rate = { low = 1e-4, high = 1e-3, log = true }\nepochs = { low = 2, high = 8 }\ndropout = [0, 0.1]\n"
    )
    rate, epochs, dropout = found = space(tmp_path, text)
    assert found == space(tmp_path, f"[search]\n{text}")
    assert (rate.low, rate.high, rate.log) == (1e-4, 1e-3, True)
    assert (epochs.low, epochs.high) == (2, 8)
    assert isinstance(epochs.low, int)
    assert dropout.choices == (0.3, 0, 0.1)  # the recipe's own among them


@pytest.mark.parametrize("name", ["relations.hidden", '"relations.hidden"', '"2.hidden"'])
def test_fields_of_tasks_are_named_by_head_or_place(tmp_path, name):
    (found,) = space(tmp_path, f"{name} = [128, 256]", TWO)
    assert found.choices == (64, 128, 256)
    made = search.changed(TWO, {found.field: 128})
    assert [own.hidden for own in made.tasks] == [0, 128, 0]
    assert search.value(made, found.field) == 128


def test_of_a_single_task_the_fields_stand_at_the_top(tmp_path):
    for name in ("weight", "ner.weight", '"1.weight"'):
        (found,) = space(tmp_path, f"{name} = [1, 2.5]")
        assert search.changed(ONE, {found.field: 2.5}).weight == 2.5


def test_an_entry_of_a_table_is_searched_alone(tmp_path):
    (found,) = space(tmp_path, "corpora.bc5cdr = { low = 0.5, high = 3 }")
    assert (found.low, found.high) == (0.5, 3.0)
    assert search.changed(ONE, {"corpora.bc5cdr": 0.7}).corpora == {"bc5cdr": 0.7}
    (absent,) = space(tmp_path, '"corpora.jnlpba" = [0.1, 0.2]')
    assert absent.choices == (0.1, 0.2)
    assert not absent.holds(search.value(ONE, absent.field))
    made = search.changed(TWO, {"1.corpora.jnlpba": 0.1, "1.weight": 2.0, "mesh.least": 3, "epochs": 9})
    assert made.tasks[0].corpora == {"bc5cdr": 2, "jnlpba": 0.1}
    assert (made.tasks[0].weight, made.tasks[2].least, made.epochs) == (2.0, 3, 9)


def test_lists_are_choices_too(tmp_path):
    (found,) = space(tmp_path, "cuts = [[64, 128], [254]]")
    assert found.choices == ((254,), (64, 128))


@pytest.mark.parametrize("recipe", [ONE, TWO, Recipe(encoder="a", labels=("b",), files={"train": []}, epochs=1)])
def test_the_usual_search_is_around_the_recipe(recipe):
    for one in search.usual(recipe):
        assert one.holds(search.value(recipe, one.field))


@given(low=st.floats(1e-9, 1), more=st.floats(0, 1), at=st.floats(0, 1))
def test_a_rounded_number_stays_in_its_range(low, more, at):
    found = search.Dimension(field="dropout", low=low, high=low + more)
    value = found.rounded(low + at * more)
    assert found.holds(value)
    assert value in {found.low, found.high} or float(f"{value:.3g}") == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("momentum = [1]", r"space\.toml: momentum: no field momentum there; the fields are: name, .*, test_corpora$"),
        ("tasks = [1]", "no field tasks there"),
        ("relations.hidden = [1]", "no field relations there"),
        ("epochs.low = 1\nepochs.hgh = 2", "epochs: unknown key hgh; a range has low, high and, if it is meant, log"),
        ("epochs = { low = 1 }", "epochs: a range needs high"),
        ("epochs = { low = 9, high = 2 }", "epochs: low = 9 is above high = 2"),
        ("epochs = { low = 1.5, high = 2 }", r"epochs: low: epochs = 1\.5 is not of the kind int"),
        ("epochs = { low = 0, high = 2 }", "epochs: recipe model: epochs = 0 cannot be; expected at least 1"),
        ("epochs = { low = 1, high = 2, log = 1 }", "log = 1; expected true or false"),
        ("dropout = { low = 0, high = 0.2, log = true }", r"low = 0 cannot be where log = true"),
        ("dropout = { low = 0, high = 1.0 }", r"dropout = 1\.0 cannot be"),
        ("dropout = [0.1, true]", "dropout = True is not of the kind float"),
        ("precision = { low = 1, high = 2 }", r"precision: a range is for numbers; name choices"),
        ("precision = ['float16']", "precision = 'float16' cannot be"),
        ("dropout = []", r"dropout = \[\]: expected a range, .* or choices"),
        ("dropout = 0.1", r"dropout = 0\.1: expected a range"),
        ("epochs.first = [1]", "epochs is no table, so it has no first"),
        ("[search]", "nothing to search"),
        ("search = 1", "no field search there"),
        ("dropout = ", "cannot be read as TOML"),
    ],
)
def test_what_cannot_be_searched_is_refused_by_its_words(tmp_path, text, words):
    with pytest.raises(ConfigError, match=words):
        space(tmp_path, text)


def test_a_field_of_a_task_is_not_at_the_top_where_there_are_several(tmp_path):
    with pytest.raises(ConfigError, match="no field hidden there; the fields are: name, encoder, temperature"):
        space(tmp_path, "hidden = [1]", TWO)
    with pytest.raises(ConfigError, match=r"relations\.width: no field width there; the fields are: name, task"):
        space(tmp_path, "relations.width = [1]", TWO)
    with pytest.raises(ConfigError, match="the task roles has no form") as refused:
        space(tmp_path, '"1.form" = ["markers"]', Recipe(encoder="a", tasks=(Learned(task="roles", corpora={"a": 1}),)))
    assert "space.toml: 1.form: " in str(refused.value)
