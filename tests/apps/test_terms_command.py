"""`biogloss terms`: an index of one's own, built, added to and asked."""

import pytest

from biogloss.knowledge import sources

TABLE = (
    "id,name,synonyms,type,definition,parents,xrefs\n"
    "LAB:1,brain fog,mental fog|fogginess,Disease,Slow thinking.,LAB:2,MESH:D003221\n"
    "LAB:2,symptom,,Disease,,,\n"
)


@pytest.fixture
def index(run, tmp_path):
    table = tmp_path / "lab.csv"
    table.write_text(TABLE, encoding="utf-8")
    code, out, _ = run("terms", "build", table, "-o", tmp_path / "my.terms")
    assert (code, "lab" in out) == (0, True)
    return tmp_path / "my.terms"


def test_what_is_built_can_be_searched(run, index):
    code, out, _ = run("terms", "search", "Mental Fogs", "nothing at all", "--index", index, "--ids", "MESH")
    assert code == 0
    assert [word in out for word in ("MESH:D003221", "mental fog", "spelling", "nothing at all: not known")] == [
        True
    ] * 4


def test_a_misspelled_name_is_found_too(run, index):
    _, out, _ = run("terms", "search", "brian fog", "--index", index)
    assert ("LAB:1" in out, "similar" in out) == (True, True)


def test_a_concept_is_shown(run, index):
    code, out, _ = run("terms", "show", "LAB:1", "--index", index)
    assert code == 0
    assert "definition: Slow thinking." in out
    assert "parents: LAB:2" in out
    assert "same as: MESH:D003221" in out
    assert "exact: mental fog" in out


def test_adding_twice_changes_nothing(run, index, tmp_path):
    more = tmp_path / "more.tsv"
    more.write_text("id\tname\n17\thaze\n", encoding="utf-8")
    given = ("terms", "add", index, more, "--type", "Disease", "--prefix", "LAB")
    assert run(*given)[1] == "added: more\n"
    assert "has all of that already" in run(*given)[1]
    assert "LAB:17" in run("terms", "search", "haze", "--index", index)[1]


def test_an_index_may_stand_on_another(run, index, tmp_path):
    more = tmp_path / "more.csv"
    more.write_text("id,name,type\nLAB:17,haze,Disease\n", encoding="utf-8")
    code, out, _ = run("terms", "build", more, "-o", tmp_path / "both.terms", "--base", index)
    assert (code, "lab" in out, "more" in out) == (0, True, True)


def test_sources_of_an_index_and_all_there_are(run, index):
    assert "the user's own" in run("terms", "sources", "--index", index)[1]
    _, out, _ = run("terms", "sources")
    assert [name for name in sources.names() if name not in out] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "LAB:99"), "has no concept LAB:99"),
        (("show", "fog"), "no identifier with a prefix"),
        (("search", "fog", "--types", "Drug"), "no concept of type 'Drug'; there are: Disease"),
    ],
)
def test_a_mistake_is_a_message_and_exit_code_2(run, index, arguments, words):
    code, out, err = run("terms", *arguments, "--index", index)
    assert (code, out) == (2, "")
    assert words in err


def test_what_is_there_is_kept(run, index, tmp_path):
    code, _, err = run("terms", "build", tmp_path / "lab.csv", "-o", index)
    assert (code, "exists already" in err) == (2, True)
    assert run("terms", "build", tmp_path / "lab.csv", "-o", index, "--force")[0] == 0


def test_what_a_reader_leaves_out_is_told(run, tmp_path):
    table = tmp_path / "lab.csv"
    table.write_text("id,name,type,colour\nLAB:1,x,Disease,red\n", encoding="utf-8")
    _, _, err = run("terms", "build", table, "-o", tmp_path / "my.terms")
    assert "note, 1 times: the column 'colour' was not read" in err
