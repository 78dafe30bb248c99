"""Questions to a graph, beside nx."""

import math
import os
import random
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from graph_documents import DRUG, KIDNEY, PRESSURE, made, said

from biogloss import corpora
from biogloss.errors import ConfigError
from biogloss.knowledge.graph import discovery
from biogloss.knowledge.graph.filters import Filter, years_of
from biogloss.knowledge.graph.paths import best, shortest

RENIN = made(
    "5", "Renin and hypotension.", [("Renin", "Gene", KIDNEY), ("hypotension", "Disease", PRESSURE)], year="1990"
)


@pytest.fixture
def corpus(graph):
    """BioRED's development part as our graph and as networkx's, which keeps the best edge of a pair."""
    if not Path(os.environ["BIOGLOSS_DATA"]).is_dir():
        pytest.skip("the corpora are not here")
    ours = graph(corpora.documents("biored", "dev"))
    theirs = nx.Graph()
    for edge in ours.all_edges():
        ends = edge.subject.id, edge.object.id
        if not theirs.has_edge(*ends) or theirs.edges[ends]["belief"] < edge.belief:
            theirs.add_edge(*ends, belief=edge.belief)
    return ours, theirs


def product(theirs, nodes):
    return math.prod(theirs.edges[pair]["belief"] for pair in pairwise(nodes))


def pairs(theirs, count):
    """Pairs of concepts, most of them not far from each other."""
    random_, names = random.Random(5), sorted(theirs)
    for _ in range(count):
        one = random_.choice(names)
        near = sorted(nx.single_source_shortest_path_length(theirs, one, 4).keys() - {one})
        yield one, random_.choice(near or names)


@pytest.mark.parametrize(("longest", "count"), [(1, 15), (2, 15), (3, 15), (4, 5)])
def test_the_best_paths_are_those_that_trying_all_finds(corpus, longest, count):
    ours, theirs = corpus
    for one, other in pairs(theirs, count):
        every = nx.all_simple_paths(theirs, one, other, longest)
        scores = sorted((product(theirs, nodes) for nodes in every), reverse=True)[:7]
        found = best(ours, one, other, k=7, longest=longest)
        assert [path.score for path in found] == pytest.approx(scores)
        for path in found:
            nodes = [concept.id for concept in path.concepts]
            assert (nodes[0], nodes[-1], len(set(nodes))) == (one, other, len(nodes))
            assert path.score == pytest.approx(math.prod(edge.belief for edge in path.edges))
            steps = [{edge.subject.id, edge.object.id} for edge in path.edges]
            assert steps == [{*step} for step in pairwise(nodes)]
            assert all(ours.evidence(edge) for edge in path.edges)


def test_the_shortest_path_is_the_best_of_the_shortest(corpus):
    ours, theirs = corpus
    for one, other in pairs(theirs, 20):
        path = shortest(ours, one, other)
        every = list(nx.all_shortest_paths(theirs, one, other))
        assert len(path.concepts) == len(every[0])
        assert path.score == pytest.approx(max(product(theirs, nodes) for nodes in every))


def test_concepts_that_nothing_joins_have_no_path(graph):
    apart = made("9", "aspirin, gout", [("aspirin", "Chemical", "MESH:D001241"), ("gout", "Disease", "MESH:D006073")])
    opened = graph([said(), apart])
    assert best(opened, DRUG, "MESH:D006073", longest=4) == []
    assert shortest(opened, DRUG, "MESH:D006073") is None


def test_paths_go_only_over_what_is_wanted(graph):
    opened = graph([said(), RENIN])
    (path,) = best(opened, DRUG, KIDNEY)
    assert [concept.id for concept in path.concepts] == [DRUG, PRESSURE, KIDNEY]
    assert best(opened, DRUG, KIDNEY, wanted=Filter(categories=("biolink:Gene",))) == []
    assert best(opened, DRUG, KIDNEY, wanted=Filter(predicates=("biolink:causes",))) == []
    assert best(opened, DRUG, KIDNEY, wanted=Filter(least=0.5)) == []
    assert shortest(opened, DRUG, KIDNEY, wanted=Filter(years=(1985, 2000))) is None


@pytest.mark.parametrize(
    ("ends", "longest"), [((DRUG, "alpha-methyldopa"), 3), ((DRUG, "nothing"), 3), ((DRUG, PRESSURE), 5)]
)
def test_what_cannot_be_a_path_is_refused(graph, ends, longest):
    with pytest.raises(ConfigError, match=r"same concept|no concept|expected 1 to 4"):
        best(graph([said()]), *ends, longest=longest)


def test_a_concept_is_found_by_id_name_or_beginning(graph):
    opened = graph([said(), RENIN])
    assert [found.id for found in opened.find(DRUG)] == [DRUG]
    assert [found.id for found in opened.find("ALPHA-methyldopa")] == [DRUG]
    assert [found.id for found in opened.find("hypo")] == [PRESSURE]
    assert opened.find("") == opened.find("nothing") == []
    with pytest.raises(ConfigError, match=r"names that begin so: hypotension \(MESH:D007022\)"):
        opened.concept("hypo")


def test_neighbours_are_filtered(graph):
    denied = said("3", attributes={"negation": "negated"}, year="2001")
    opened = graph([said("1", year="1978"), denied, RENIN], source="us")

    def near(**wanted):
        return {edge.predicate.removeprefix("biolink:") for edge in opened.neighbours(PRESSURE, Filter(**wanted))}

    both, together = {"causes", "occurs_together_in_literature_with"}, {"occurs_together_in_literature_with"}
    assert near() == near(years=(1978, 1990)) == both
    assert near(predicates=("biolink:causes",)) == near(categories=("biolink:ChemicalEntity",)) == {"causes"}
    assert near(years=(1985, 1995)) == near(sources=("co-mention",)) == together
    assert near(sources=("us",)) == {"causes"}
    assert near(years=(2001, 2001), asserted=True) == set()
    assert near(least=1) == set()


def test_the_most_believed_come_first_and_only_so_many(corpus):
    ours, theirs = corpus
    hub = ours.top(limit=1)[0]
    assert hub.degree == max(degree for _, degree in theirs.degree()) == theirs.degree(hub.id)
    beliefs = [edge.belief for edge in ours.neighbours(hub.id)]
    assert beliefs == sorted(beliefs, reverse=True)
    assert ours.neighbours(hub.id, limit=3) == ours.neighbours(hub.id)[:3]
    assert {edge.other(hub.number).id for edge in ours.neighbours(hub.id)} == set(theirs[hub.id])


def test_of_what_joins_two_concepts_only_so_many_are_read(corpus):
    ours, theirs = corpus
    several = [found for one, other in theirs.edges if len(found := ours.between(one, other)) > 1]
    assert several
    for found in several:
        ends = found[0].subject.id, found[0].object.id
        assert ours.between(*ends, limit=1) == found[:1]


def test_top_newest_and_trend(graph):
    opened = graph([said("1", year="1978"), said("2", year="2001", attributes={"negation": "negated"}), RENIN])
    assert [found.id for found in opened.top(limit=1)] == [PRESSURE]
    assert [found.id for found in opened.top("biolink:Gene")] == [KIDNEY]
    assert [edge.last_year for edge in opened.newest()] == [2001, 1990]
    assert opened.trend(DRUG, PRESSURE) == [(1978, 1, 0), (2001, 1, 1)]
    assert opened.trend(DRUG, PRESSURE, Filter(predicates=("biolink:treats",))) == []


def test_what_is_common_is_weighed_as_networkx_does(corpus):
    ours, theirs = corpus
    for one, other in pairs(theirs, 10):
        found = discovery.common(ours, one, other)
        assert {shared.concept.id for shared in found} == set(nx.common_neighbors(theirs, one, other))
        unweighed = sum(shared.score / shared.first / shared.second for shared in found)
        ((_, _, expected),) = nx.adamic_adar_index(theirs, [(one, other)])
        assert unweighed == pytest.approx(expected)


def test_what_is_suggested_is_two_steps_away_and_not_one(corpus):
    ours, theirs = corpus
    for one, _ in pairs(theirs, 5):
        found = discovery.suggested(ours, one, limit=10_000)
        away = nx.single_source_shortest_path_length(theirs, one, 2)
        assert {suggestion.concept.id for suggestion in found} == {name for name, steps in away.items() if steps == 2}
        scores = [suggestion.score for suggestion in found]
        assert scores == sorted(scores, reverse=True)
        for suggestion in found[:3]:
            shared = discovery.common(ours, one, suggestion.concept.id)
            assert suggestion.score == pytest.approx(sum(between.score for between in shared))
            assert (suggestion.between, suggestion.over) == (len(shared), tuple(shared[: discovery.SHOWN]))


def test_swanson_s_discovery(graph):
    """Fish oil and Raynaud's: each is written about with blood viscosity, never together."""
    oil, blood, raynaud = (
        *(("fish oil", "Chemical", "MESH:D005395"), ("blood viscosity", "Phenotype", "MESH:D001809")),
        ("Raynaud disease", "Disease", "MESH:D011928"),
    )
    documents = [
        made("1", "fish oil lowers blood viscosity", [oil, blood]),
        made("2", "blood viscosity in Raynaud disease", [blood, raynaud]),
    ]
    opened = graph(documents)
    (found,) = discovery.suggested(opened, "fish oil", to=("biolink:Disease",))
    assert (found.concept.name, [shared.concept.name for shared in found.over]) == (
        "Raynaud disease",
        ["blood viscosity"],
    )
    assert discovery.suggested(opened, "fish oil", to=("biolink:Gene",)) == []


def test_a_way_over_what_is_only_denied_is_believed_nothing(graph):
    kidneys = made("6", "Renin of kidneys.", [("Renin", "Gene", KIDNEY), ("kidneys", "Anatomy", "UBERON:0002113")])
    opened = graph([said("1", attributes={"negation": "negated"}), RENIN, kidneys])
    (way,) = best(opened, DRUG, "UBERON:0002113", longest=3)
    assert [concept.id for concept in way.concepts] == [DRUG, PRESSURE, KIDNEY, "UBERON:0002113"]
    assert way.score == 0
    assert shortest(opened, DRUG, "UBERON:0002113") == way


@pytest.mark.parametrize(
    ("text", "years"),
    [("2010-2020", (2010, 2020)), ("2010-", (2010, 9999)), ("2015", (2015, 2015)), ("-1990", (0, 1990))],
)
def test_years_are_read(text, years):
    assert years_of(text) == years


@pytest.mark.parametrize("text", ["", "-", "10-20", "2010 to 2020"])
def test_what_are_no_years_is_refused(text):
    with pytest.raises(ConfigError, match="expected 2010-2020"):
        years_of(text)
