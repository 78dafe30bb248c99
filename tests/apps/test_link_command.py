"""`biogloss link`: names in, identifiers out; and documents that get identifiers."""

import json

import pytest

TABLE = "text,type,context\nRA,Disease,We saw rheumatoid arthritis (RA).\nRA,Disease,We saw refractory anemia (RA).\n"


@pytest.fixture
def names(tmp_path):
    def _names(content, name="names.txt"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _names


def rows(out):
    header, *lines = (line.split("\t") for line in out.splitlines())
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_a_list_of_names_gets_identifiers(run, names):
    code, out, err = run("link", names("heart attack\n\nNIDDM\r\nthe flurbish of qwxz-17\n"), "--types", "Disease")
    assert code == 0
    found = rows(out)
    assert [(row["text"], row["id"]) for row in found] == [
        ("heart attack", "MESH:D009203"),
        ("NIDDM", "MESH:D003924"),
        ("the flurbish of qwxz-17", ""),
    ]
    assert "heart attack" in found[0]["why"]
    assert "3 names, 2 with an id" in err


def test_context_tells_what_a_short_form_is(run, names):
    _, out, _ = run("link", names(TABLE, "names.csv"))
    assert [row["id"] for row in rows(out)] == ["MESH:D001172", "MESH:D000753"]
    _, out, _ = run("link", names(TABLE.replace(",", "\t"), "names.tsv"), "--to", "jsonl", "--top", 3)
    first = json.loads(out.splitlines()[0])
    assert (first["text"], first["ids"][0]["id"]) == ("RA", "MESH:D001172")
    assert "long form" in first["ids"][0]["why"]


def test_runners_up_are_shown_below_the_best(run, names):
    _, out, _ = run("link", names("RA\n"), "--types", "Disease", "--top", 2, "--threshold", 0)
    found = rows(out)
    assert len({row["id"] for row in found}) == 2
    assert float(found[0]["score"]) >= float(found[1]["score"])


def test_vocabularies_can_be_chosen_and_a_table_is_for_people(run, names):
    code, out, _ = run("link", names("gout\n"), "--types", "Disease", "--ids", "MONDO", "--to", "table")
    assert code == 0
    assert "MONDO:0005393" in out
    assert "\t" not in out


def test_a_users_own_index_is_asked(run, names, tmp_path):
    own = names("id,name,type\nLAB:17,brain fog,Disease\n", "lab.csv")
    run("terms", "build", own, "-o", tmp_path / "my.terms")
    _, out, _ = run("link", names("Brain Fogs\n"), "--types", "Disease", "--index", tmp_path / "my.terms")
    assert rows(out)[0]["id"] == "LAB:17"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("text\ttype\nRA\n", "line 2: 1 cells; expected 2"),
        ("name\ttype\nRA\tDisease\n", "line 1: the header is 'name\\ttype'; expected columns out of text"),
        ("gout\n" + "a" * 3_000_000 + "\n", "line 2: a name of 3,000,000 characters; expected 2,000 at most"),
        ("text,type\ngout," + "a" * 20_000_000 + "\n", "line 2: a line of more than 10,000,000 bytes"),
        ('text,type\n"gout,Disease\n', "the table is damaged"),
        (b"gout\n\xff\xfe\n", "line 2"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(run, names, tmp_path, content, said):
    code, _, err = run("link", names(content), "-o", tmp_path / "out.tsv")
    assert (code, said in err) == (2, True), err
    assert not (tmp_path / "out.tsv").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--types", "Spaceship"), "no concept for mentions of type 'Spaceship'"),
        (("--to", "xml"), "no form of output 'xml'; there are: tsv, jsonl, table"),
        (("--species", "mouse"), "write it as NCBITaxon:9606"),
        (("--index", "nowhere.terms"), "no such index"),
        (("--rerank", "nowhere"), "no linker.toml"),
    ],
)
def test_wrong_options_are_named(run, names, options, said):
    code, _, err = run("link", names("gout\n"), *options)
    assert (code, said in " ".join(err.split())) == (2, True), err


def test_an_output_that_exists_is_not_written_over(run, names, tmp_path):
    (tmp_path / "out.tsv").write_text("mine")
    assert run("link", names("gout\n"), "-o", tmp_path / "out.tsv")[0] == 2
    assert (tmp_path / "out.tsv").read_text() == "mine"
    assert run("link", names("gout\n"), "-o", tmp_path / "out.tsv", "--types", "Disease", "--force")[0] == 0
    assert rows((tmp_path / "out.tsv").read_text())[0]["id"].startswith("MESH:")


def test_annotated_documents_have_identifiers_unless_one_says_no(run, names):
    text = names("Metformin lowers glucose.")
    assert "MESH:D008687" in run("annotate", text, "--to", "tsv")[1]
    assert "MESH:" not in run("annotate", text, "--to", "tsv", "--no-link")[1]


def test_documents_are_linked_to_the_users_own_index(run, names, tmp_path):
    text, out = names("Metformin lowers glucose."), tmp_path / "out.jsonl"
    own = names("id,name,type\nLAB:17,metformin,Chemical\n", "lab.csv")
    run("terms", "build", own, "-o", tmp_path / "my.terms")
    assert run("annotate", text, "-o", out, "--index", tmp_path / "my.terms")[0] == 0
    assert "LAB:17" in out.read_text()


def test_terms_of_the_index_that_ships_are_shown_and_found(run):
    code, out, _ = run("terms", "show", "MESH:D006073")
    assert (code, "Gout" in out) == (0, True)
    assert "MESH:D006073" in run("terms", "search", "gouts", "--types", "Disease")[1]
