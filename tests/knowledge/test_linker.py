"""Linking names to identifiers: what a reader of papers would expect of an index they know."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.errors import ConfigError, ModelError
from biogloss.knowledge import Terms
from biogloss.knowledge._build import Batch, Manifest, build
from biogloss.knowledge.concept import Concept, Synonym
from biogloss.knowledge.linker import (
    Learnt,
    Linker,
    Mention,
    Surroundings,
    _features,
    is_short,
    nearness,
    wanted,
)
from biogloss.knowledge.linker._forms import nouns, parts
from biogloss.knowledge.linker.learned import Learned
from biogloss.knowledge.linker.ranker import ANY, Ranker, shares

HUMAN, MOUSE = "NCBITaxon:9606", "NCBITaxon:10090"
NOTHING = Learned(())


def linker(terms, ids=(), taxa=(), **learnt):
    return Linker(terms, wanted(ids, taxa, terms.types()), Learnt(annotated=NOTHING, **learnt))


@pytest.fixture
def curated(tmp_path):
    """An index whose terms are of a vocabulary, not the user's own."""
    arthritis = Concept("MESH:D001172", "Disease", "Arthritis, Rheumatoid", "x", synonyms=(Synonym("RA"),))
    anemia = Concept("MESH:D000753", "Disease", "Anemia, Refractory", "x", synonyms=(Synonym("RA", "abbreviation"),))
    ischemia = Concept("MESH:D007511", "Disease", "Ischemia", "x")
    myalgia = Concept("MESH:D063806", "Disease", "Myalgia", "x")
    vitamin = Concept("MESH:D001205", "Chemical", "Ascorbic Acid", "x")
    drug = Concept("DrugBank:DB00126", "Chemical", "Vitamin C", "x", synonyms=(Synonym("ascorbic acid"),))
    alone = Concept("DrugBank:DB00619", "Chemical", "Imatinib", "x", synonyms=(Synonym("Glivec"), Synonym("STI-571")))
    human = Concept("NCBIGene:1956", "Gene", "EGFR", "x", taxon=HUMAN)
    mouse = Concept("NCBIGene:13649", "Gene", "Egfr", "x", taxon=MOUSE)
    rows = [arthritis, anemia, ischemia, myalgia, vitamin, drug, alone, human, mouse]
    path = tmp_path / "curated.terms"
    build(path, [Batch(Manifest("x", "1"), rows)])
    with Terms.open(path) as terms:
        yield terms


def best(choices):
    return choices[0].id if choices else None


def test_a_long_form_decides_what_a_short_one_is(curated):
    ask = linker(curated)
    assert best(ask.choices(Mention("RA", "Disease", "rheumatoid arthritis"))) == "MESH:D001172"
    assert best(ask.choices(Mention("RA", "Disease", "refractory anaemia"))) == "MESH:D000753"


def test_a_short_form_alone_is_less_sure_than_a_name(curated):
    ask = linker(curated)
    (short, *_), (name, *_) = ask.choices(Mention("RA", "Disease")), ask.choices(Mention("ischaemia", "Disease"))
    assert (short.score < 0.6, name.score > 0.8) == (True, True)


def test_adjectives_and_more_specific_mentions_are_found(curated):
    ask = linker(curated)
    assert best(ask.choices(Mention("ischemic", "Disease"))) == "MESH:D007511"
    (choice, *_) = ask.choices(Mention("postoperative myalgia", "Disease"))
    assert (choice.id, choice.how.split(", ")[0]) == ("MESH:D063806", "part of the mention")


@pytest.mark.parametrize("ids", [["MESH"], []])
def test_other_names_lead_from_one_vocabulary_to_another(curated, ids):
    (choice, *_) = linker(curated, ids).choices(Mention("vitamin C", "Chemical"))
    assert (choice.id, choice.concept) == ("MESH:D001205", "DrugBank:DB00126")
    assert "other names of the same concept" in choice.how


def test_what_only_another_vocabulary_has_gets_its_id_unless_one_was_named(curated):
    (choice, *_) = linker(curated).choices(Mention("imatinib", "Chemical"))
    assert (choice.id, choice.score > 0.5) == ("DrugBank:DB00619", True)
    assert linker(curated, ["MESH"]).choices(Mention("imatinib", "Chemical")) == ()


def test_vocabularies_that_are_named_are_the_only_ones(curated):
    asked = [Mention("vitamin C", "Chemical"), Mention("EGFR", "Gene"), Mention("myalgia", "Disease")]
    for mention in asked:
        assert {c.id.split(":")[0] for c in linker(curated, ["OMIM"]).choices(mention)} <= {"OMIM"}


def test_a_gene_is_of_the_species_that_the_text_speaks_of(curated):
    ask = linker(curated)
    for taxon, gene in ((HUMAN, "NCBIGene:1956"), (MOUSE, "NCBIGene:13649")):
        around = Surroundings(taxon, taxon, frozenset({taxon}))
        assert best(ask.choices(Mention("egfr", "Gene"), around)) == gene
        assert best(linker(curated, taxa=[taxon]).choices(Mention("egfr", "Gene"))) == gene
    assert best(ask.choices(Mention("egfr", "Gene"))) == "NCBIGene:1956"


def test_types_keep_apart_what_has_one_name(curated):
    assert linker(curated).choices(Mention("EGFR", "Disease")) == ()
    assert linker(curated).choices(Mention("EGFR", "Spaceship")) == ()


def test_what_annotators_chose_counts(curated):
    learned = Learned([("Disease", "woe", "MESH:D063806", 9), ("Disease", "woe", "MESH:D007511", 1)])
    choices = Linker(curated, learnt=Learnt(annotated=learned)).choices(Mention("Woes", "Disease"))
    assert [choice.id for choice in choices] == ["MESH:D063806", "MESH:D007511"]
    assert "as annotators chose" in choices[0].reason()


def test_the_users_own_names_win(terms):
    learned = Learned([("Disease", "t2dm", "MESH:D000001", 99)])
    choices = Linker(terms, learnt=Learnt(annotated=learned)).choices(Mention("T2DM", "Disease"))
    assert [choice.id for choice in choices] == ["MESH:D003924"]


@given(st.text(max_size=40), st.sampled_from(["Disease", "Gene", "Chemical", ""]))
def test_probabilities_are_those_of_one_answer(text, label):
    with_counts = _features.of(Mention(text, label), [], {"MESH:D1": 3, "MESH:D2": 1}, ("MESH",))
    scores = Ranker.shipped().scores(label, with_counts)
    assert list(scores) == ["MESH:D1", "MESH:D2"]
    assert 0 <= sum(scores.values()) <= 1
    assert scores["MESH:D1"] > scores["MESH:D2"]


@given(st.dictionaries(st.text(max_size=5), st.floats(-800, 800), max_size=8))
def test_shares_are_probabilities_in_the_order_of_the_sums(sums):
    found = shares(sums)
    assert all(0 <= share <= 1 for share in found.values())
    assert sum(found.values()) <= 1 + 1e-9
    ordered = sorted(sums, key=sums.__getitem__)
    assert all(found[one] <= found[other] for one, other in pairwise(ordered))


@given(st.text(max_size=60))
def test_parts_are_in_the_text_and_nouns_are_not_endless(text):
    assert all(part in text and 0 <= share <= 1 for part, share in parts(text).items())
    assert len(list(nouns(text))) <= 30 * max(1, len(text))


def test_one_mention_or_many_is_the_same(curated):
    ask = linker(curated)
    asked = [Mention(text, "Disease") for text in ("RA", "ischemic", "myalgia", "nothing of the kind", "")]
    together = linker(curated).all_choices([(mention, Surroundings()) for mention in asked])
    assert together == [ask.choices(mention) for mention in asked]
    assert together == [ask.choices(mention) for mention in asked]  # and again, from what is kept


def test_short_forms_look_like_short_forms():
    assert [is_short(text) for text in ("RA", "OAB", "IL-6", "gout", "Egfr", "TOO LONG")] == [True] * 3 + [False] * 3


def test_an_encoder_ranks_what_names_leave_open(curated):
    asked = []

    def embed(texts):
        asked.extend(texts)
        return np.array([[1.0, 0.0] if "nemia" in text or text == "RA" else [0.0, 1.0] for text in texts], np.float32)

    weights = Ranker({ANY: {"near": 5.0}})
    learned = Learned([("Disease", "myalgia", "MESH:D063806", 50)])
    ask = Linker(curated, learnt=Learnt(annotated=learned, nearness=nearness.Nearness(embed, weights)))
    assert best(ask.choices(Mention("RA", "Disease"))) == "MESH:D000753"
    assert set(asked) == {"RA", "Arthritis, Rheumatoid", "Anemia, Refractory"}
    asked.clear()
    assert best(ask.choices(Mention("Myalgia", "Disease"))) == "MESH:D063806"
    assert asked == []  # a name settles it


def test_an_encoder_without_weights_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"no linker\.toml.*link_ranker"):
        nearness.weights_of(tmp_path)
    (tmp_path / "linker.toml").write_text("[Disease\n")
    with pytest.raises(ModelError, match=r"linker\.toml: cannot be read"):
        nearness.weights_of(tmp_path)


@pytest.mark.parametrize(
    ("tables", "said"), [({}, "no table \\[any\\]"), ({ANY: {"long": float("nan")}}, "weight of long.*nan")]
)
def test_weights_that_cannot_be_are_refused(tables, said):
    with pytest.raises(ConfigError, match=said):
        Ranker(tables)


def test_a_species_that_is_none_is_refused(terms):
    with pytest.raises(ConfigError, match="write it as NCBITaxon:9606 or 9606"):
        wanted((), ["no mouse"], terms.types())
    assert wanted((), ["9606"], terms.types()).taxa == {HUMAN}
