"""Concepts that cannot be wrong, and identifiers that are written in one way."""

import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.knowledge.concept import MAX_NAME_CHARACTERS, Concept, Synonym, clean, synonyms
from biogloss.knowledge.curies import PREFIXES, curie, namespace, prefix_of

GOUT = Concept("MESH:D006073", "Disease", "Gout", source="mesh", synonyms=(Synonym("Gouts"),))
OURS = {"orpha", "icd9"}  # what Mondo and the Human Disease Ontology call ORDO and ICD-9-CM
LOCALS = {
    "MESH": "D006073",
    "HGNC": "3236",
    "OMIM": "138900",
    "OMIMPS": "PS138900",
    "DrugBank": "DB00331",
    "Cellosaurus": "CVCL_0030",
    "UMLS": "C0018099",
    "ICD10": "M10.9",
    "ICD10CM": "M10.9",
    "ICD9CM": "274.9",
    "NCIT": "C34650",
    "UniProtDisease": "DI-00005",
    "UniProt": "P00533",
    "Ensembl": "ENSG00000146648",
    "MedGen": "C0018099",
    "ATC": "M04AA01",
    "CAS": "50-35-1",
    "ICDO": "8000/3",
}


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("MESH:D003924", "MESH:D003924"),
        ("MSH:D003924", "MESH:D003924"),
        ("mesh:d003924", "MESH:D003924"),
        ("MONDO:MONDO:0005148", "MONDO:0005148"),
        ("http://purl.obolibrary.org/obo/MONDO_0005148", "MONDO:0005148"),
        ("SNOMEDCT_US_2020_09_01:44054006", "SNOMEDCT:44054006"),
        ("SCTID:44054006", "SNOMEDCT:44054006"),
        ("UMLS_CUI:C0011860", "UMLS:C0011860"),
        ("ORPHA:79095", "Orphanet:79095"),
        ("entrez:1956", "NCBIGene:1956"),
        ("CVCL:0030", "Cellosaurus:CVCL_0030"),
        ("LAB:anything-goes", "LAB:anything-goes"),
    ],
)
def test_an_identifier_is_written_in_one_way(written, wanted):
    assert curie(written) == wanted


@pytest.mark.parametrize("prefix", PREFIXES, ids=lambda prefix: prefix.written)
def test_all_names_of_a_vocabulary_lead_to_one(prefix):
    local = LOCALS.get(prefix.written, "0000001")
    assert {curie(f"{name}:{local}") for name in (prefix.written, prefix.bioregistry, *prefix.others)} == {
        f"{prefix.written}:{local}"
    }
    assert {namespace(name) for name in (prefix.written.lower(), prefix.bioregistry)} == {prefix.written}


@given(
    text=st.one_of(
        st.text(max_size=30),
        st.builds(
            lambda prefix, local: f"{prefix}:{local}",
            st.sampled_from([name for prefix in PREFIXES for name in (prefix.written, *prefix.others)]),
            st.from_regex(r"([A-Z]{0,3}[0-9]{1,7}|CVCL_[0-9]{4}|[A-Za-z]+:[0-9]{7})", fullmatch=True),
        ),
    )
)
def test_writing_an_identifier_again_changes_nothing(text):
    try:
        written = curie(text)
    except ValueError:
        return
    assert curie(written) == written
    assert prefix_of(written)


@pytest.mark.parametrize("text", ["D003924", "", "MESH:", "MESH:D 1", "MESH:banana", "HP:12", "x" * 300, ":1"])
def test_what_is_no_identifier_is_refused(text):
    with pytest.raises(ValueError, match=r"no identifier|characters"):
        curie(text)


def test_prefixes_are_those_of_bioregistry(wheels):
    with zipfile.ZipFile(wheels / "bioregistry-0.15.6-py3-none-any.whl") as wheel:
        registry = json.loads(wheel.read("bioregistry/data/bioregistry.json"))
    for prefix in PREFIXES:
        record = registry[prefix.bioregistry]
        known = {name.lower() for name in (prefix.bioregistry, *(record.get("synonyms") or ()))}
        known.add((record.get("preferred_prefix") or "").lower())
        assert {other.lower() for other in prefix.others} - known <= OURS, prefix.written


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "D006073"}, "no identifier"),
        ({"id": "msh:D006073"}, "is written 'MESH:D006073' here"),
        ({"name": ""}, "is empty or has white space around it"),
        ({"name": " Gout"}, "is empty or has white space around it"),
        ({"name": "Go\x00ut"}, r"holds the character '\\x00'"),
        ({"name": "x" * 10_000_000}, "10,000,000 characters, more than 2,000"),
        ({"type": ""}, "the type or the source of 'MESH:D006073' is empty"),
        ({"parents": ("MESH:D006073",)}, "is its own parent"),
        ({"xrefs": ("gout",)}, "no identifier"),
        ({"definition": "x" * 30_000}, "30,000 characters"),
    ],
)
def test_a_wrong_concept_cannot_be_built(change, words):
    with pytest.raises(ValueError, match=words):
        replace(GOUT, **change)


def test_a_synonym_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind 'close'; expected one of exact, abbreviation"):
        Synonym("Gouts", "close")


def test_names_say_what_they_are():
    assert GOUT.names() == (("Gout", "preferred"), ("Gouts", "exact"))


@given(text=st.text())
def test_a_cleaned_name_is_one_or_nothing(text):
    name = clean(text)
    assert len(name) <= MAX_NAME_CHARACTERS
    assert not name or Synonym(name).text == clean(name)


def test_synonyms_are_cleaned_and_come_once():
    found = synonyms("Gout", [("Gout", "exact"), (" podagra\n", "exact"), ("podagra", "related"), ("", "exact")])
    assert found == (Synonym("podagra"),)


def test_an_inverted_heading_is_said_the_other_way_round_where_that_is_a_name():
    inverted = replace(GOUT, name="Diabetes Mellitus, Type 2", synonyms=(Synonym("Type 2 Diabetes mellitus"),))
    assert inverted.spoken == "Type 2 Diabetes mellitus"
    assert replace(inverted, synonyms=()).spoken == "Diabetes Mellitus, Type 2"
    assert replace(GOUT, synonyms=(Synonym("gout"),)).spoken == "Gout"
