"""The page of a concept: nothing fetched, nothing that stands in a text can run, every sentence to be read."""

import hashlib
import re
from importlib.resources import files

import pytest
from graph_documents import DRUG, PRESSURE, made, said
from lxml import html

from biogloss import markup
from biogloss.errors import ConfigError, OutputError
from biogloss.knowledge.graph import page
from biogloss.knowledge.graph.filters import Filter

EVIL = made(
    "</script><b>",
    "<script>alert(1)</script> \u202ereversed causes hypotension.",
    [("<script>alert(1)</script>", "Chemical", "LAB:</script>"), ("hypotension", "Disease", PRESSURE)],
    ("CID", "T1", "T2"),
)


@pytest.fixture
def written(graph, tmp_path):
    """Write the page of a concept; gives its text."""

    def _written(documents, concept=PRESSURE, **options):
        page.write(
            graph(documents, name=f"{len(list(tmp_path.iterdir()))}.graph"),
            concept,
            tmp_path / "page.html",
            force=True,
            **options,
        )
        return (tmp_path / "page.html").read_text(encoding="utf-8")

    return _written


def test_every_statement_has_its_sentences_with_the_mentions_marked(written):
    text = written([said("1"), said("2", attributes={"negation": "negated"})])
    (statement,) = html.fromstring(text).xpath("//details")
    assert "Alpha-methyldopa" in statement.xpath("string(summary)")
    quotes = statement.xpath(".//blockquote")
    assert [quote.text_content() for quote in quotes] == ["Alpha-methyldopa 🧪 caused hypotension."] * 2
    assert [(mark.get("class"), mark.text) for mark in quotes[0]] == [("s", "Alpha-methyldopa"), ("o", "hypotension")]
    assert statement.xpath("string(.//b)") == "negated"


def test_it_fetches_nothing_and_lets_only_its_own_script_run(written):
    text = written([said(), EVIL])
    tree = html.fromstring(text)
    assert tree.xpath("//@src | //link | //*[@href]") == []
    scripts = [one for one in tree.xpath("//script") if one.get("type") != "application/json"]
    (policy,) = tree.xpath("//meta[@http-equiv]/@content")
    assert len(scripts) == 1
    assert f"script-src '{markup.digest(scripts[0].text)}'" in policy
    assert f"style-src '{markup.digest(tree.xpath('string(//style)'))}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "alert(1)</script>" not in text
    assert "\u202e" not in text


def test_the_drawing_s_library_is_the_one_that_was_published():
    folder = files(page.__package__) / "vendor"
    assert "Permission is hereby granted, free of charge" in (folder / "cytoscape.LICENSE").read_text(encoding="utf-8")
    pinned = re.search(r"SHA-256: ([0-9a-f]{64})", (folder / "README.md").read_text(encoding="utf-8"))[1]
    assert hashlib.sha256((folder / "cytoscape.min.js").read_bytes()).hexdigest() == pinned


def test_neighbours_are_joined_and_what_is_left_out_is_said(written):
    triangle = made(
        "7",
        "aspirin, gout and uric acid",
        [
            *(("aspirin", "Chemical", "MESH:D001241"), ("gout", "Disease", "MESH:D006073")),
            ("uric acid", "Chemical", "MESH:D014527"),
        ],
    )
    assert len(html.fromstring(written([triangle], "gout")).xpath("//details")) == 3
    short = written([triangle], "gout", limit=1)
    assert len(html.fromstring(short).xpath("//details")) == 1
    assert "2 neighbours in all" in short
    assert html.fromstring(written([triangle], "gout", wanted=Filter(least=0.99))).xpath("//details") == []


def test_a_file_in_the_way_is_kept_and_an_unknown_concept_refused(graph, tmp_path):
    (tmp_path / "mine.html").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        page.write(graph([said()]), DRUG, tmp_path / "mine.html")
    with pytest.raises(ConfigError, match="no concept 'nothing'"):
        page.write(graph([said()], name="b"), "nothing", tmp_path / "new.html")
    assert (tmp_path / "mine.html").read_text() == "mine"
