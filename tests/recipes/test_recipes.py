"""Every kind of recipe is read in the same way: what cannot be is refused by its place, with what would be right."""

from dataclasses import fields

import pytest

from biogloss import recipes
from biogloss.errors import ConfigError
from biogloss.preparation import recipe as corpus
from biogloss.training import pretrain_recipe as pretrain
from biogloss.training import recipe as model

# Prefix of the shipped ones -> the dataclass, and the least that such a recipe says.
KINDS = {
    "corpus-": (corpus.Recipe, {"sources": '[{name = "notes", paths = ["notes"]}]'}),
    "pretrain-": (pretrain.Recipe, {"encoder": '"minilm"', "corpus": '"corpus"', "pieces": "1"}),
    model.PREFIX: (model.Recipe, {"encoder": '"minilm"', "labels": '["Disease"]', "corpora": "{bc5cdr = 2}"}),
}
SHIPPED = [(prefix, name) for prefix in KINDS for name in recipes.shipped(prefix)]
FIELDS = [(prefix, field) for prefix, (kind, _) in KINDS.items() for field in fields(kind)]
RIGHT = {  # annotation -> what is of that kind, of all that TOML can say
    "str": {'"a"'},
    "int": {"1"},
    "float": {"1", "1.5"},
    "bool": {"true"},
    "tuple[str, ...]": {"[]", '["a"]'},
    "tuple[int, ...]": {"[]", "[1]"},
    "tuple[float, ...]": {"[]", "[1]", "[1.5]"},
    "Mapping[str, float]": {"{}", "{a = 1, b = 1.5}"},
    "Mapping[str, list[str]]": {"{}", '{a = ["b"]}'},
    "tuple[Learned, ...]": {"[]", '[{name = "a", url = "b", query = "c", fields = ["d"]}]'},
    "tuple[Source, ...]": {"[]", '[{name = "a", url = "b", query = "c", fields = ["d"]}]'},
}
WRONG = {"2026-01-31", '["a", 1]', "[true]", "[[1]]", "{a = true}", "{a = [1]}", '[{name = "a"}, 1]'}


def read(folder, text, prefix="corpus-"):
    path = folder / "recipe.toml"
    path.write_text(text, encoding="latin-1")
    return recipes.load(path, KINDS[prefix][0], prefix=prefix)


def said(keys):
    return "\n".join(f"{key} = {value}" for key, value in keys.items())


def test_a_recipe_is_read_with_its_defaults(tmp_path):
    source = corpus.Source(name="notes", paths=("notes",))
    assert read(tmp_path, said(KINDS["corpus-"][1])) == corpus.Recipe(sources=(source,))
    made = model.Recipe(encoder="minilm", labels=("Disease",), corpora={"bc5cdr": 2})
    assert read(tmp_path, said(KINDS[model.PREFIX][1]), model.PREFIX) == made


@pytest.mark.parametrize(("prefix", "field"), FIELDS, ids=[f"{prefix} {field.name}" for prefix, field in FIELDS])
def test_only_values_of_its_kind_get_into_a_field(tmp_path, prefix, field):
    for value in WRONG.union(*RIGHT.values()):
        try:
            read(tmp_path, said(KINDS[prefix][1] | {field.name: value}), prefix)
            message = ""
        except ConfigError as error:
            message = str(error)
        assert (" is not of the kind " not in message) == (value in RIGHT[field.type]), (value, message)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min_word = 1\n", r"recipe\.toml: unknown key min_word; the keys are: name, sources, .*shard_pieces$"),
        ("", r"recipe\.toml: missing key sources"),
        ("name = \n", r"recipe\.toml: not TOML \(.*line 1"),
        ("name = '\xe9'\n", r"recipe\.toml: cannot be read as UTF-8 text"),
        ("min_words = true\nsources = []", r"recipe\.toml: min_words = True is not of the kind int"),
        ("cleaners = [1]\nsources = []", r"recipe\.toml: cleaners = \[1\] is not of the kind tuple\[str, \.\.\.\]"),
        ("sources = [1]\n", r"recipe\.toml: sources = \[1\] is not of the kind tables, \[\[sources\]\]"),
        ("[[sources]]\nfield = 'a'\n", r"toml, \[\[sources\]\] 1: unknown key field; the keys are: name, paths"),
        ("[[sources]]\nname = 'a'\nurl = 1\n", r"toml, \[\[sources\]\] 1: url = 1 is not of the kind str"),
        ("[[sources]]\nname = 'a'\npaths = ['a']\n[[sources]]\n", r"\[\[sources\]\] 2: missing key name"),
    ],
)
def test_a_wrong_recipe_is_refused_by_its_words(tmp_path, text, words):
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, text)


@pytest.mark.parametrize(("prefix", "name"), SHIPPED)
def test_every_shipped_recipe_is_read(prefix, name):
    assert isinstance(recipes.load(name, KINDS[prefix][0], prefix=prefix), KINDS[prefix][0])


def test_every_shipped_recipe_is_of_one_kind():
    assert sorted(name for _, name in SHIPPED) == recipes.shipped("")
    assert {prefix for prefix, _ in SHIPPED} == set(KINDS)


@pytest.mark.parametrize("name", ["ner-fr", "corpus-en"])
def test_an_unknown_recipe_lists_the_shipped_ones_of_its_kind(name):
    listed = ", ".join(recipes.shipped(model.PREFIX))
    with pytest.raises(ConfigError, match=rf"no recipe {name}: neither a file nor one of {listed}$"):
        recipes.load(name, model.Recipe, prefix=model.PREFIX)


def test_a_path_that_the_system_cannot_look_at_is_named():
    with pytest.raises(ConfigError, match=r"x{300}"):
        recipes.load("x" * 300, model.Recipe, prefix=model.PREFIX)


@pytest.mark.parametrize(
    ("changes", "made"),
    [
        (["epochs=8"], {"epochs": 8}),
        (["epochs = 8", "epochs = 9"], {"epochs": 9}),
        (["name='a = b.c'"], {"name": "a = b.c"}),
        (["corpora.cdr = 0.5"], {"corpora": {"bc5cdr": 2, "cdr": 0.5}}),
        (["corpora = {cdr = 0.5}"], {"corpora": {"cdr": 0.5}}),
        (["augment.delete = 0.1"], {"augment": {"delete": 0.1}}),
        (["fold = [2, 5]"], {"fold": (2, 5)}),
    ],
)
def test_a_change_takes_the_place_of_what_the_recipe_says(tmp_path, changes, made):
    path = tmp_path / "recipe.toml"
    path.write_text(said(KINDS[model.PREFIX][1]), encoding="utf-8")
    expected = {"encoder": "minilm", "labels": ("Disease",), "corpora": {"bc5cdr": 2}} | made
    assert recipes.load(path, model.Recipe, prefix=model.PREFIX, changes=changes) == model.Recipe(**expected)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("epoch=8", "--set epoch=8: unknown key epoch; the keys are: name, task, labels, "),
        (
            "epochs=many",
            "--set epochs=many: expected one KEY=VALUE with a value of TOML, text in quotes: --set 'name",
        ),
        ("epochs", "--set epochs: expected one KEY=VALUE"),
        ("", "--set : expected one KEY=VALUE"),
        ("epochs=1\nseed=2", "expected one KEY=VALUE"),
        ("epochs='8'", "--set epochs='8': epochs = '8' is not of the kind int"),
        ("epochs.a=8", "--set epochs.a=8: epochs = {'a': 8} is not of the kind int"),
        ("corpora.cdr='a'", "--set corpora.cdr='a': corpora = .* is not of the kind Mapping"),
        ("epochs=0", "recipe model: epochs = 0 cannot be; expected at least 1"),
    ],
)
def test_a_wrong_change_is_refused_by_its_words(tmp_path, change, words):
    path = tmp_path / "recipe.toml"
    path.write_text(said(KINDS[model.PREFIX][1]), encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        recipes.load(path, model.Recipe, prefix=model.PREFIX, changes=[change])
