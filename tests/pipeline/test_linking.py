"""Identifiers of entities: what the document adds, what stays, and that it says why."""

from dataclasses import replace
from itertools import islice

import pytest

import biogloss
from biogloss import corpora
from biogloss.documents import Document, Link, Mark, Span, entity_at
from biogloss.errors import ConfigError, KnowledgeError, OutputError
from biogloss.knowledge import shipped
from biogloss.knowledge.linker import species
from biogloss.pipeline import files
from biogloss.pipeline.asked import Asked
from biogloss.pipeline.steps import linking


@pytest.fixture(scope="module")
def step():
    """The step with the index that ships, unpacked once for all tests."""
    return linking.step()


def document(text, *mentions):
    """A document with these mentions, given as (words, label)."""
    entities = []
    for number, (words, label) in enumerate(mentions, 1):
        start = text.index(words)
        entities.append(entity_at(text, Span(start, start + len(words)), label, id=f"T{number}"))
    return Document("1", text, entities=tuple(entities))


def without_links(found):
    return found.with_entities(replace(entity, links=()) for entity in found.entities)


def ids(found):
    return {entity.text: entity.concept for entity in found.entities}


def test_entities_get_the_identifiers_that_databases_use(step):
    found = step(
        document(
            "Metformin in NIDDM and heart attacks: human INSR in the liver of mice.",
            *(("Metformin", "Chemical"), ("NIDDM", "Disease"), ("heart attacks", "Disease")),
            *(("INSR", "Gene"), ("liver", "Anatomy"), ("mice", "Species")),
        )
    )
    assert ids(found) == {
        "Metformin": "MESH:D008687",
        "NIDDM": "MESH:D003924",
        "heart attacks": "MESH:D009203",
        "INSR": "NCBIGene:3643",
        "liver": "UBERON:0002107",
        "mice": "NCBITaxon:10090",
    }
    assert all(0.3 <= link.score <= 1 for entity in found.entities for link in entity.links)


def test_an_abbreviation_is_what_its_document_says(step):
    for long, identifier in (("rheumatoid arthritis", "MESH:D001172"), ("refractory anemia", "MESH:D000753")):
        found = step(document(f"We saw {long} (RA). It hurts.", ("RA", "Disease")))
        assert ids(found) == {"RA": identifier}


def test_a_short_form_that_is_not_defined_may_stand_for_another_mention(step):
    text = "Overactive bladder is common. Of patients, some had OAB."
    found = step(document(text, ("Overactive bladder", "Disease"), ("OAB", "Disease")))
    assert len(set(ids(found).values()) - {None}) == 1


def test_what_is_not_known_has_no_identifier(step):
    assert ids(step(document("The flurbish of qwxz-17.", ("flurbish of qwxz-17", "Disease")))) == {
        "flurbish of qwxz-17": None
    }
    assert ids(step(document("V600E", ("V600E", "Variant")))) == {"V600E": None}


def test_identifiers_that_are_there_stay(step):
    own = document("Gout hurts.", ("Gout", "Disease"))
    own = own.with_entities([entity_at(own.text, Span(0, 4), "Disease", id="T1", links=(Link("LAB:1"),))])
    assert step(own) == own


def test_it_says_why_and_what_else(step):
    found = step(document("We saw rheumatoid arthritis (RA).", ("RA", "Disease")))
    (entity,) = found.entities
    best, *others = step.explain(found, entity)
    assert (best.id, best.score) == (entity.concept, pytest.approx(entity.links[0].score, abs=1e-3))
    assert "long form" in best.reason()
    assert [choice.score for choice in others] == sorted((choice.score for choice in others), reverse=True)
    assert all(choice.score <= best.score for choice in others)


@pytest.mark.usefixtures("catalogue")
def test_many_documents_or_one_give_the_same(step):
    bare = list(map(without_links, islice(corpora.labelled("bc5cdr", "dev"), 15)))
    fresh = linking.step()
    assert [step(text) for text in bare] == fresh.many(bare)


@pytest.mark.usefixtures("catalogue")
def test_most_gold_mentions_get_their_identifier():
    strict = linking.step(ids=["MESH"])
    right = total = 0
    for text in islice(corpora.labelled("bc5cdr", "dev"), 40):
        gold = {entity.id: corpora.identifiers(entity) for entity in text.entities if entity.links}
        choices = strict.choices(without_links(text))
        right += sum(bool(choices[name]) and choices[name][0].id in own for name, own in gold.items())
        total += len(gold)
    assert right / total > 0.8


@pytest.mark.parametrize(
    ("text", "gene", "taxon"),
    [
        ("In mice, Trp53 fell. Human TP53 did not.", "Trp53", "NCBITaxon:10090"),
        ("In mice, Trp53 fell. Human TP53 did not.", "TP53", "NCBITaxon:9606"),
        ("The Egfr gene of the rat. Rats are fed.", "Egfr", "NCBITaxon:10116"),
        ("Egfr was lost. Mice died, mice lived, one man left.", "Egfr", "NCBITaxon:10090"),
        ("Egfr was lost.", "Egfr", ""),
    ],
)
def test_a_gene_is_of_the_nearest_species(text, gene, taxon):
    own = document(text, (gene, "Gene"))
    assert linking.surroundings(own)["T1"].species == taxon


def test_species_that_are_annotated_count_too():
    own = document("A lamprey gene, Egfr.", ("Egfr", "Gene"))
    lamprey = entity_at(own.text, Span(2, 9), "Species", id="T9", links=(Link("NCBITaxon:7757"),))
    own = own.with_entities([*own.entities, lamprey])
    assert [place.taxon for place in species.places(own)] == ["NCBITaxon:7757"]
    assert linking.surroundings(own)["T1"].species == "NCBITaxon:7757"


def test_long_forms_are_read_from_marks_where_there_are_some():
    own = document("Of RA. x", ("RA", "Disease"))
    own = own.with_marks([Mark(Span(3, 5), "abbreviation", "refractory anemia")])
    assert linking.mentions(own)["T1"].long == "refractory anemia"


def test_vocabularies_and_species_can_be_chosen():
    own = document("Gout and EGFR.", ("Gout", "Disease"), ("EGFR", "Gene"))
    assert ids(linking.step(ids=["MONDO", "HGNC"])(own)) == {"Gout": "MONDO:0005393", "EGFR": "HGNC:3236"}
    assert ids(linking.step(taxa=["10090"])(own))["EGFR"] is None  # the index that ships has human genes


def test_loading_links_and_can_be_told_not_to():
    text = "Metformin lowers glucose."
    assert "MESH:D008687" in ids(biogloss.load()(text)).values()
    assert set(ids(biogloss.load(link=False)(text)).values()) == {None}


def test_a_run_is_not_resumed_with_other_identifiers(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SECONDS_BETWEEN_COMMITS", -1.0)
    source = tmp_path / "in.txt"
    source.write_text("Gout hurts.\n\nMetformin lowers glucose.\n", encoding="utf-8")

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.annotate_with(files.Job((source,), tmp_path / "out"), Asked(), stop)
    again = files.Job((source,), tmp_path / "out", resume=True)
    with pytest.raises(ConfigError, match="other settings \\(link\\)"):
        files.annotate_with(again, Asked(ids=("MONDO",)))
    files.annotate_with(again, Asked())
    assert "MESH:D008687" in (tmp_path / "out").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"index": "nowhere.terms"}, KnowledgeError, "no such index"),
        ({"taxa": ["mouse"]}, ConfigError, "write it as NCBITaxon:9606"),
        ({"threshold": 1.5}, ConfigError, "outside 0 to 1"),
    ],
)
def test_options_that_cannot_be_are_refused(options, error, said):
    with pytest.raises(error, match=said):
        linking.step(**options)


def test_a_cache_that_cannot_be_written_is_named_and_nothing_is_left(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv(shipped.CACHE, str(tmp_path / "file" / "cache"))
    with pytest.raises(OutputError, match=r"cannot be unpacked.*BIOGLOSS_CACHE"):
        biogloss.load()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_index_that_ships_may_be_given_away_and_names_its_sources(step):
    sources = step.linker.terms.sources()
    assert {"mesh", "mondo", "hpo", "drugs", "hgnc"} <= {source.name for source in sources}
    assert all(source.ship and source.licence and source.version for source in sources)
    assert step.linker.terms.check() == []
