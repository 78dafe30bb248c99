"""`biogloss graph`: built, added to, asked, drawn, exported."""

import json
import os

import lactate
import pytest

BIORED = lactate.pubtator()


@pytest.fixture
def graph(run, tmp_path):
    (tmp_path / "in.pubtator").write_text(BIORED, encoding="utf-8")
    code, out, _ = run("graph", "build", tmp_path / "in.pubtator", "-o", tmp_path / "my.graph", "--source", "lab")
    assert code == 0
    assert "3 concepts, 2 statements, 3 pieces of evidence, 2 documents" in out
    return tmp_path / "my.graph"


def test_the_same_file_twice_adds_nothing(run, graph, tmp_path):
    code, _, err = run("graph", "add", tmp_path / "in.pubtator", "-g", graph, "--source", "lab")
    assert (code, "0 documents added, 0 replaced, 2 there already, 0 failed" in err) == (0, True)
    code, _, err = run("graph", "build", tmp_path / "in.pubtator", "-o", graph)
    assert (code, "exists already" in err) == (2, True)
    code, _, err = run("graph", "build", tmp_path / "in.pubtator", "-o", graph, "--resume", "--source", "lab")
    assert (code, "2 there already" in err) == (0, True)


def test_nor_does_a_file_with_two_forms_of_a_document(run, tmp_path):
    older = BIORED.replace("Metformin and lactic", "Metformin for lactic")
    (tmp_path / "in.pubtator").write_text(older + BIORED, encoding="utf-8")
    _, out, err = run("graph", "build", tmp_path / "in.pubtator", "-o", tmp_path / "my.graph")
    assert "2 documents added" in err
    assert "3 concepts, 2 statements, 3 pieces of evidence, 2 documents" in out
    _, again, err = run("graph", "add", tmp_path / "in.pubtator", "-g", tmp_path / "my.graph")
    assert "0 documents added, 0 replaced, 3 there already" in err  # the second document comes twice, too
    assert again == out
    assert "[Metformin] and" in run("graph", "show", "metformin", "-g", tmp_path / "my.graph")[1]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only to this user")
def test_a_read_only_folder_is_read_and_left_alone(run, graph, tmp_path):
    graph.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert run("graph", "show", "metformin", "-g", graph)[0] == 0
        assert run("graph", "remove", "1", "-g", graph)[0] == 2
        assert "2 documents" in run("graph", "layers", "-g", graph)[1]
    finally:
        tmp_path.chmod(0o755)


def test_a_concept_is_shown_with_its_sentences(run, graph):
    code, out, _ = run("graph", "show", "metformin", "-g", graph)
    assert code == 0
    assert "0.665  Metformin (MESH:D008687) causes lactic acidosis (MESH:D000140)" in out
    assert "[Metformin] causes [lactic acidosis]." in out or "[Metformin] and [lactic acidosis]." in out
    code, _, err = run("graph", "show", "nothing", "-g", graph)
    assert (code, "no concept 'nothing'" in err) == (2, True)


def test_a_page_is_written(run, graph, tmp_path):
    assert run("graph", "show", "MESH:D000140", "-g", graph, "--html", tmp_path / "x.html")[0] == 0
    assert "<mark" in (tmp_path / "x.html").read_text(encoding="utf-8")


def test_neighbours_paths_discovery_top_and_trend(run, graph):
    asked = ("graph", "neighbours", "metformin", "-g", graph)
    assert "causes" in run(*asked, "--predicates", "causes", "--evidence", 2)[1]
    assert run(*asked, "--belief", 0.9)[1] == ""
    out = run("graph", "paths", "metformin", "lactate", "-g", graph)[1]
    assert "Metformin — lactic acidosis — Lactic Acid" in out
    assert "Metformin — lactic" in run("graph", "paths", "metformin", "lactate", "-g", graph, "--shortest")[1]
    assert "Lactic Acid  over 1: lactic acidosis" in run("graph", "discover", "metformin", "-g", graph)[1]
    assert "lactic acidosis" in run("graph", "discover", "metformin", "lactate", "-g", graph)[1]
    assert run("graph", "top", "-g", graph, "--category", "Disease")[1].startswith("MESH:D000140  lactic acidosis")
    assert run("graph", "trend", "metformin", "lactic acidosis", "-g", graph) == (0, "", "")
    assert "no path" in run("graph", "paths", "metformin", "lactate", "-g", graph, "--categories", "Gene")[1]


def test_a_document_is_taken_out(run, graph):
    code, out, err = run("graph", "remove", "2", "17", "-g", graph)
    assert (code, out.startswith("removed: 1"), "no '17'" in err) == (3, True, True)
    assert "2 concepts, 1 statements" in run("graph", "layers", "-g", graph)[1]


def test_it_is_exported_and_checked(run, graph, tmp_path):
    assert run("graph", "export", "--to", "kgx-jsonl", "-g", graph, "-o", tmp_path / "kgx")[0] == 0
    lines = (tmp_path / "kgx" / "edges.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["predicate"] for line in lines} == {
        "biolink:causes",
        "biolink:occurs_together_in_literature_with",
    }
    code, out, _ = run("graph", "check", "-g", graph)
    assert (code, "whole:" in out) == (0, True)


def test_layers_are_listed(run):
    code, out, _ = run("graph", "layers")
    assert code == 0
    assert "hpo_disease_phenotypes  Human Phenotype Ontology" in out


def test_mentions_without_identifier_are_reported(run, tmp_path):
    text = "1|t|Gout or aspirin\n1|a|None.\n1\t0\t4\tGout\tDisease\t-\n1\t8\t15\taspirin\tChemical\t-\n\n"
    (tmp_path / "in.pubtator").write_text(text, encoding="utf-8")
    code, out, err = run("graph", "build", tmp_path / "in.pubtator", "-o", tmp_path / "a.graph")
    assert (code, "note, 2 times: mention without identifier left out" in err) == (0, True)
    assert "0 statements" in out
    run("graph", "build", tmp_path / "in.pubtator", "-o", tmp_path / "b.graph", "--unlinked")
    assert "name:disease/gout" in run("graph", "top", "-g", tmp_path / "b.graph")[1]


def test_nothing_to_read_is_refused(run, tmp_path):
    code, _, err = run("graph", "build", "-o", tmp_path / "my.graph")
    assert (code, "name documents" in err, (tmp_path / "my.graph").exists()) == (2, True, False)


def test_an_input_that_is_not_there_leaves_nothing(run, tmp_path):
    code, _, err = run("graph", "build", tmp_path / "none.jsonl", "-o", tmp_path / "my.graph")
    assert (code, "no such file" in err, (tmp_path / "my.graph").exists()) == (2, True, False)
