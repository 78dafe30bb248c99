"""A recipe that cannot be is refused before anything runs, with what would be right."""

import pytest

from biogloss.errors import ConfigError
from biogloss.preparation import recipe as recipes
from biogloss.preparation.cleaning import CLEANERS
from biogloss.training import recipe as models

SOURCE = '[[sources]]\nname = "notes"\npaths = ["notes"]\n'


def written(tmp_path, text):
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_is_read_with_its_defaults(tmp_path):
    read = recipes.load(written(tmp_path, SOURCE))
    assert read == recipes.Recipe(sources=(recipes.Source(name="notes", paths=("notes",)),))
    assert read.cleaners == tuple(CLEANERS)


@pytest.mark.parametrize("name", recipes.shipped())
def test_every_shipped_recipe_is_read(name):
    assert recipes.load(name).name == name


def test_recipes_of_corpora_and_of_models_are_kept_apart():
    assert recipes.shipped()
    assert models.shipped()
    assert not set(recipes.shipped()) & set(models.shipped())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min_word = 1\n" + SOURCE, r"unknown key min_word; the keys are: name, sources, language, .*shard_pieces"),
        (SOURCE + 'field = ["text"]\n', r"\[\[sources\]\] 1: unknown key field; the keys are: name, paths, fields"),
        ("min_words = 3\n", r"missing key sources"),
        ('[[sources]]\npaths = ["a"]\n', r"missing key name"),
        ("name = \n", r"not TOML"),
        ("near_duplicates = 1\n" + SOURCE, r"near_duplicates = 1 is not of the kind bool"),
        ("min_words = true\n" + SOURCE, r"min_words = True is not of the kind int"),
        ("cleaners = [1]\n" + SOURCE, r"cleaners = \[1\] is not of the kind"),
        ("sources = [1]\n", r"sources holds 1; expected tables"),
        ("min_words = 0\n" + SOURCE, r"min_words = 0 cannot be; expected at least 1"),
        ('language = "fr"\n' + SOURCE, r"language = 'fr' cannot be; expected one of en, zh"),
        ('cleaners = ["soap"]\n' + SOURCE, r"cleaners = .*soap.* cannot be; expected any of unicode, markup"),
        ("held_out = 1.0\n" + SOURCE, r"held_out = 1\.0 cannot be; expected a share"),
        (SOURCE + SOURCE, r"sources = \['notes', 'notes'\] cannot be; expected one or more, each name once"),
        ('[[sources]]\nname = "none"\n', r"source none: expected either paths or url"),
        ('[[sources]]\nname = "db"\nurl = "sqlite://"\n', r"source db: a database needs url, query and fields"),
    ],
)
def test_a_wrong_recipe_is_refused_by_its_words(tmp_path, text, words):
    with pytest.raises(ConfigError, match=words):
        recipes.load(written(tmp_path, text))


def test_an_unknown_recipe_lists_the_shipped_ones():
    with pytest.raises(ConfigError, match=r"no recipe corpus-fr: neither a file nor one of .*corpus-en"):
        recipes.load("corpus-fr")


def test_the_record_of_a_recipe_has_no_password():
    source = recipes.Source(name="db", url="postgresql://me:se/c:r@t@host/notes", query="select 1", fields=("text",))
    (record,) = recipes.Recipe(sources=(source,)).as_dict()["sources"]
    assert record["url"] == "postgresql://me:***@host/notes"
