"""A recipe of a corpus that cannot be is refused before anything runs, with what would be right."""

import pytest

from biogloss import recipes
from biogloss.errors import ConfigError
from biogloss.preparation.recipe import Recipe, Source

SOURCE = '[[sources]]\nname = "notes"\npaths = ["notes"]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min_words = 0\n" + SOURCE, r"min_words = 0 cannot be; expected at least 1"),
        ('language = "fr"\n' + SOURCE, r"language = 'fr' cannot be; expected one of en, zh"),
        ('cleaners = ["soap"]\n' + SOURCE, r"cleaners = .*soap.* cannot be; expected any of unicode, markup"),
        ("held_out = 1.0\n" + SOURCE, r"held_out = 1\.0 cannot be; expected a share"),
        (SOURCE + SOURCE, r"sources = \['notes', 'notes'\] cannot be; expected one or more, each name once"),
        ("sources = []\n", r"sources = \[\] cannot be; expected one or more"),
        ('[[sources]]\nname = "none"\n', r"source none: expected either paths or url"),
        ('[[sources]]\nname = "db"\nurl = "sqlite://"\n', r"source db: a database needs url, query and fields"),
    ],
)
def test_a_wrong_recipe_is_refused_by_its_words(tmp_path, text, words):
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        recipes.load(path, Recipe, prefix="corpus-")


def test_the_record_of_a_recipe_has_no_password():
    source = Source(name="db", url="postgresql://me:se/c:r@t@host/notes", query="select 1", fields=("text",))
    (record,) = Recipe(sources=(source,)).as_dict()["sources"]
    assert record["url"] == "postgresql://me:***@host/notes"
