"""What a graph is written as loads where it should, and says the same there."""

import csv
import json
import os
import re
from pathlib import Path

import networkx as nx
import pytest
import rdflib
import yaml
from graph_documents import DRUG, PRESSURE, made, said

from biogloss import corpora
from biogloss.errors import ConfigError, MissingExtra, OutputError
from biogloss.knowledge.graph import biolink, exports, layers
from biogloss.knowledge.graph.exports import neo4j

NASTY = made(
    "doc;1|<2>",
    'Gout "&<\x07>|\ttab; aspirin\r\nand\u2028more 🧪.',
    [('Gout "&<\x07>|\ttab', "Disease", "LAB:a|b;c"), ("aspirin", "Chemical", 'LAB:"quoted"<x>\\')],
    ("treats", "T1", "T2"),
)


@pytest.fixture
def opened(graph):
    """A graph of what is hard to write; with BioRED's development part where the corpora are."""
    documents = [said("1"), said("2", attributes={"negation": "negated"}), NASTY]
    if Path(os.environ["BIOGLOSS_DATA"]).is_dir():
        documents += list(corpora.documents("biored", "dev"))[:15]
    return graph(documents)


@pytest.fixture
def written(opened, tmp_path):
    """Write the graph in a form; gives the place."""

    def _written(form):
        exports.export(opened, form, tmp_path / f"out.{form}")
        return tmp_path / f"out.{form}"

    return _written


def triples(opened):
    return sorted((edge.subject.id, edge.predicate, edge.object.id) for edge in opened.all_edges())


@pytest.mark.parametrize("form", exports.names())
def test_nothing_is_written_over_unasked_and_twice_gives_the_same(opened, form, tmp_path):
    target = tmp_path / "there"
    exports.export(opened, form, target)
    with pytest.raises(OutputError, match="exists already"):
        exports.export(opened, form, target)
    before = [path.read_bytes() for path in sorted(target.rglob("*")) or [target] if path.is_file()]
    exports.export(opened, form, target, force=True)
    after = [path.read_bytes() for path in sorted(target.rglob("*")) or [target] if path.is_file()]
    assert form == "ladybug" or before == after
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".new-")] == []


def test_graphml_is_read_by_networkx(opened, written):
    found = nx.read_graphml(written("graphml"), force_multigraph=True)
    assert sorted((one, data["predicate"], other) for one, other, data in found.edges(data=True)) == triples(opened)
    assert found.nodes[DRUG]["name"] == "Alpha-methyldopa"
    (cause,) = found[DRUG][PRESSURE].values()
    edge = opened.between(DRUG, PRESSURE)[0]
    assert (cause["belief"], cause["pieces"], cause["first_year"]) == (edge.belief, 2, 1978)


@pytest.mark.parametrize("form", ["turtle", "trig"])
def test_rdf_is_read_by_rdflib(opened, written, form):
    found = rdflib.Dataset(default_union=True)
    found.parse(written(form), format=form)
    belief, subject = rdflib.URIRef("urn:biogloss:belief"), rdflib.RDF.subject
    statements = set(found.subjects(rdflib.RDF.type, rdflib.RDF.Statement))
    assert len(statements) == opened.counts().edges
    assert all(0 <= found.value(one, belief).toPython() <= 1 for one in statements)
    (cause,) = (one for one in statements if str(found.value(one, subject)).endswith("mesh:D008750"))
    evidence = list(found.objects(cause, rdflib.URIRef("urn:biogloss:evidence")))
    assert len(evidence) == 2
    words = {str(text) for text in found.objects(None, rdflib.URIRef("http://www.w3.org/ns/oa#exact"))}
    assert {"Alpha-methyldopa 🧪 caused hypotension.", NASTY.text.partition("\r\n")[0]} & words
    if form == "trig":
        ends = found.value(cause, subject), found.value(cause, rdflib.RDF.object)
        assert [ends] == [(s, o) for s, _, o in found.graph(cause)]


def test_kgx_says_what_biolink_wants(opened, written):
    folder = written("kgx-jsonl")
    nodes, edges = (
        [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")] for name in ("nodes", "edges")
    )
    found = [(edge["subject"], edge["predicate"], edge["object"]) for edge in edges]
    assert sorted(found) == sorted((s.replace("|", "%7C"), p, o.replace("|", "%7C")) for s, p, o in triples(opened))
    assert "negated" not in edges[0]
    known = {node["id"] for node in nodes}
    assert all({edge["subject"], edge["object"]} <= known for edge in edges)
    for one in nodes:
        assert one["category"][0].startswith("biolink:")
        assert one["name"]
    for one in edges:
        assert one["knowledge_level"] in {"knowledge_assertion", "text_co_occurrence", "not_provided"}
        assert one["agent_type"] in {"manual_agent", "text_mining_agent"}
        assert one["primary_knowledge_source"].startswith("infores:")
    assert len({edge["id"] for edge in edges}) == len(edges)


def test_kgx_tables_say_what_the_json_lines_say(written):
    tables, lines = written("kgx"), written("kgx-jsonl")
    for name in ("nodes", "edges"):
        objects = [json.loads(line) for line in (lines / f"{name}.jsonl").open(encoding="utf-8")]
        text = (tables / f"{name}.tsv").read_text(encoding="utf-8").split("\n")[:-1]
        header, *rows = (line.split("\t") for line in text)
        assert len(rows) == len(objects)
        for row, one in zip(rows, objects, strict=True):
            found = dict(zip(header, row, strict=True))
            assert found["id"] == one["id"]
            assert all(
                found[key] == value for key, value in one.items() if isinstance(value, str) and "\t" not in value
            )


def test_what_biolink_does_not_know_is_not_said():
    """With the package biolink-model, which brings the model as a file; KGX itself fetches it."""
    model = pytest.importorskip("biolink_model")
    schema = yaml.safe_load((Path(model.__file__).parent / "schema" / "biolink_model.yaml").read_text(encoding="utf-8"))
    words = {name.replace(" ", "_") for name in schema["slots"]}
    words |= {"".join(part[0].upper() + part[1:] for part in name.split()) for name in schema["classes"]}
    said = {*biolink.CATEGORIES.values(), *biolink.BY_PREFIX.values(), *biolink.PREDICATES.values(), *biolink.SYMMETRIC}
    said |= {name for layer in layers.names() for name in layers.card(layer).predicates}
    assert {name.removeprefix("biolink:") for name in said} - words == set()


def test_neo4j_tables_keep_the_rules_of_its_import(opened, written):
    folder = written("neo4j")
    rows = {
        name: list(csv.reader((folder / f"{name}.csv").open(encoding="utf-8", newline="")))
        for name in ("nodes", "statements", "evidence")
    }
    headers = {"nodes": neo4j.NODES, "statements": neo4j.STATEMENTS, "evidence": neo4j.EVIDENCE}
    field = re.compile(r"\w*(?::(?:ID|LABEL|TYPE|START_ID|END_ID|int|double|boolean|string(?:\[\])?))?")
    for name, (header, *cells) in rows.items():
        assert tuple(header) == headers[name]
        assert all(field.fullmatch(one) for one in header)
        assert {len(row) for row in cells} == {len(header)}
        assert not any("\n" in cell or "\r" in cell for row in cells for cell in row), "one record a line"
        for at, kind in enumerate(header):
            for row in cells:
                {"int": int, "double": float}.get(kind.partition(":")[2], str)(row[at] or 0)
    identifiers = [row[0] for row in rows["nodes"][1:]]
    assert len(set(identifiers)) == len(identifiers)
    assert {end for row in rows["statements"][1:] for end in row[:2]} <= set(identifiers)
    kind = neo4j.STATEMENTS.index(":TYPE")
    assert sorted((row[0], f"biolink:{row[kind]}", row[1]) for row in rows["statements"][1:]) == triples(opened)
    assert len(rows["evidence"]) - 1 == opened.counts().evidence
    assert "neo4j-admin database import full" in (folder / "load.sh").read_text(encoding="utf-8")


def test_sif_has_a_line_for_each_statement(opened, written):
    lines = [line.split("\t") for line in written("sif").read_text(encoding="utf-8").split("\n")[:-1]]
    assert sorted((one, f"biolink:{kind}", other) for one, kind, other in lines) == triples(opened)


def test_ladybug_answers_cypher(opened, written):
    ladybug = pytest.importorskip("ladybug")
    database = ladybug.Database(str(written("ladybug")), read_only=True)
    connection = ladybug.Connection(database)

    def asked(query):
        return connection.execute(query).get_all()

    assert asked("MATCH (c:Concept) RETURN count(*)") == [[opened.counts().nodes]]
    assert asked("MATCH ()-[s:Statement]->() RETURN count(*)") == [[opened.counts().edges]]
    found = asked("MATCH (c:Concept)-[s:Statement]->(d:Concept) RETURN c.id, s.predicate, d.id")
    assert sorted(map(tuple, found)) == triples(opened)
    connection.close()
    database.close()


def test_a_form_that_is_not_there_or_needs_more_is_refused(opened, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="no exports plug-in named 'pdf'; there are: graphml"):
        exports.export(opened, "pdf", tmp_path / "x")
    monkeypatch.setitem(__import__("sys").modules, "ladybug", None)
    with pytest.raises(MissingExtra, match=r"biogloss\[ladybug\]"):
        exports.export(opened, "ladybug", tmp_path / "x")
    assert not (tmp_path / "x").exists()
