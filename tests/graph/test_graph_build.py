"""What documents say becomes statements that point back to the sentence."""

import os
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from graph_documents import DRUG, KIDNEY, PRESSURE, made, said

import biogloss
from biogloss import corpora
from biogloss.documents import Document, Span, span_text
from biogloss.knowledge.graph import check
from biogloss.knowledge.graph._concepts import node_id
from biogloss.knowledge.graph.biolink import TOGETHER
from biogloss.knowledge.graph.build import MAX_TOGETHER, Reading, record

TWO = [("aspirin", "Chemical", "MESH:D001241"), ("gout", "Disease", "MESH:D006073")]


def statements(document, report=None, **options):
    return record(document, Reading(**options), Counter() if report is None else report).statements


@pytest.mark.parametrize(
    ("corpus", "split"), [("biored", "train"), ("biored", "dev"), ("cdr", "train"), ("pgr", "train")]
)
def test_every_edge_resolves_to_a_sentence_whose_marked_characters_are_the_mentions(graph, corpus, split):
    if not Path(os.environ["BIOGLOSS_DATA"]).is_dir():
        pytest.skip("the corpora are not here")
    documents = {one.id: one for one in list(corpora.documents(corpus, split))[:400]}
    opened = graph(documents.values(), source=corpus)
    assert all_resolve(opened, documents) >= opened.counts().edges > 100


@pytest.mark.usefixtures("catalogue")
def test_what_the_embedded_model_relates_resolves_too(graph):
    texts = (Document(one.id, one.text) for one in islice(corpora.documents("biored", "dev"), 20))
    documents = {one.id: one for one in biogloss.load(relations=True).pipe(texts)}
    opened = graph(documents.values(), source="biored")
    assert all_resolve(opened, documents) >= opened.counts().edges > 50
    related = [edge for edge in opened.all_edges() if edge.predicate != TOGETHER]
    assert len(related) > 20


def all_resolve(opened, documents):
    """How many pieces of evidence there are; each is what its document says at its place."""
    count = 0
    for edge in opened.all_edges():
        found = opened.evidence(edge)
        assert found
        for one in found:
            document = documents[one.document]
            for end, spans in ((edge.subject, one.subject), (edge.object, one.object)):
                mentions = [entity for entity in document.entities if entity.spans == spans]
                assert one.words(spans) == span_text(document.text, spans) == mentions[0].text
                assert end.id in {node_id(link.id) for mention in mentions for link in mention.links}
            for sentence in one.sentences:
                assert document.text[sentence.start : sentence.end] == sentence.text
            count += 1
    assert list(check.problems(opened)) == []
    return count


def test_a_relation_of_concepts_has_every_sentence_with_both_and_the_nearest_mentions():
    text = "Aspirin, aspirin and gout. Nothing. Gout is eased by aspirin. Aspirin is old."
    mentions = [
        *(("Aspirin", "Chemical", "MESH:D001241"), ("aspirin", "Chemical", "MESH:D001241")),
        *(("gout", "Disease", "MESH:D006073"), ("Gout", "Disease", "MESH:D006073")),
        *(("aspirin", "Chemical", "MESH:D001241"), ("Aspirin", "Chemical", "MESH:D001241")),
    ]
    found = statements(made("1", text, mentions, ("treats", "MESH:D006073", "MESH:D001241")))
    assert [one.evidence.sentences[0].text for one in found] == [
        "Aspirin, aspirin and gout.",
        "Gout is eased by aspirin.",
    ]
    assert found[0].evidence.subject == (Span(9, 16),)
    assert {(one.subject.id, one.predicate, one.object.id) for one in found} == {
        ("MESH:D001241", "biolink:treats", "MESH:D006073")
    }


RELATED = ("MESH:D001241", "MESH:D006073")


def test_a_relation_over_sentences_has_both():
    document = made("1", "We gave aspirin. The gout went away.", TWO, ("treats", "MESH:D001241", "MESH:D006073"))
    (found,) = statements(document)
    assert [one.text for one in found.evidence.sentences] == ["We gave aspirin.", "The gout went away."]
    assert [found.evidence.words(spans) for spans in (found.evidence.subject, found.evidence.object)] == [
        "aspirin",
        "gout",
    ]


def test_a_relation_of_mentions_has_theirs():
    document = made("1", "Gout needs aspirin. Aspirin eased gout.", [*TWO], ("treats", "T1", "T2"))
    (found,) = statements(document)
    assert found.evidence.subject == document.entities[0].spans


@pytest.mark.parametrize(
    ("attributes", "assertion"),
    [
        ({"negation": "negated", "certainty": "possible"}, "negated"),
        ({"certainty": "possible"}, "possible"),
        ({"condition": "conditional"}, "hypothetical"),
        ({"experiencer": "family"}, "other person"),
        ({"temporality": "historical"}, "historical"),
        ({}, "asserted"),
    ],
)
def test_what_is_asserted_of_a_mention_is_asserted_of_the_statement(attributes, assertion):
    assert statements(said(attributes=attributes))[0].evidence.assertion == assertion


def test_denials_and_contradictions_lower_belief(graph):
    def belief(*documents, name):
        opened = graph(documents, name=name)
        return {edge.predicate: edge.belief for edge in opened.all_edges()}

    alone = belief(said("1"), name="a")["biolink:causes"]
    denied = belief(said("1"), said("2", attributes={"negation": "negated"}), name="b")["biolink:causes"]
    doubted = belief(said("1", attributes={"certainty": "possible"}), name="c")["biolink:causes"]
    assert alone > doubted > denied > 0
    for_, against = (said(one, label=f"{sign}_Correlation") for one, sign in (("1", "Positive"), ("2", "Negative")))
    contradicted = belief(for_, against, name="d")
    assert contradicted["biolink:positively_correlated_with"] == contradicted["biolink:negatively_correlated_with"]
    assert (
        contradicted["biolink:positively_correlated_with"]
        < belief(for_, name="e")["biolink:positively_correlated_with"]
    )


def test_scores_and_independent_papers_raise_belief(graph):
    beliefs = [
        next(graph(documents, name=str(number)).all_edges()).belief
        for number, documents in enumerate([[said("1", score=0.3)], [said("1", score=0.9)], [said("1"), said("2")]])
    ]
    assert beliefs == sorted(set(beliefs))


def test_without_relations_a_sentence_s_concepts_stand_together_and_are_believed_less(graph):
    document = made(
        "1", "Aspirin and gout. Here aspirin, there gout.", [("Aspirin", "Chemical", "MESH:D001241"), TWO[1]]
    )
    (found,) = statements(document)
    assert (found.predicate, found.evidence.kind) == ("biolink:occurs_together_in_literature_with", "co-mention")
    assert statements(document, co_mentions=False) == ()
    assert next(graph([document]).all_edges()).belief < next(graph([said()], name="b").all_edges()).belief


def test_beside_relations_only_other_pairs_stand_together():
    three = [*TWO, ("colchicine", "Chemical", "MESH:D003078")]
    document = made("1", "We gave aspirin or colchicine for gout.", three, ("treats", *RELATED))
    found = {(one.subject.id, one.object.id): one.predicate.removeprefix("biolink:") for one in statements(document)}
    together = "occurs_together_in_literature_with"
    assert found.pop(RELATED) == "treats"
    assert {frozenset(pair) for pair in found} == {frozenset((one, "MESH:D003078")) for one in RELATED}
    assert set(found.values()) == {together}


def test_a_list_of_everything_says_nothing():
    words = [f"drug{number}" for number in range(MAX_TOGETHER + 1)]
    document = made("1", " ".join(words), [(word, "Chemical", f"MESH:C{at:06}") for at, word in enumerate(words)])
    report = Counter()
    assert statements(document, report) == ()
    assert report == {f"sentence with more than {MAX_TOGETHER} concepts left out": 1}


def test_mentions_without_identifier_are_counted_or_nodes_of_their_own():
    document = made("1", "Aspirins against brain fog.", [("Aspirins", "Chemical", ""), ("brain fog", "Disease", "")])
    report = Counter()
    assert statements(document, report) == ()
    assert report == {"mention without identifier left out": 2}
    (found,) = statements(document, unlinked=True)
    assert {found.subject.id, found.object.id} == {"name:chemicalentity/aspirin", "name:disease/brain_fog"}


def test_variants_that_files_write_without_prefix_get_one():
    mentions = [("C61G", "SequenceVariant", "p|SUB|C|61|G"), ("rs713041", "SequenceVariant", "RS713041")]
    document = made("1", "C61G and rs713041.", mentions, ("Association", "p|SUB|C|61|G", "RS713041"))
    (found,) = statements(document)
    assert (found.subject.id, found.object.id) == ("DBSNP:rs713041", "tmVar:p|SUB|C|61|G")
    assert found.subject.category == "biolink:SequenceVariant"


def test_a_mention_of_two_concepts_serves_relations_of_either():
    mentions = [("breast or ovarian cancer", "Disease", ("MESH:D001943", "MESH:D010051")), ("BRCA1", "Gene", KIDNEY)]
    document = made(
        "1", "In breast or ovarian cancer BRCA1 matters.", mentions, ("Association", "MESH:D010051", KIDNEY)
    )
    (found,) = statements(document, co_mentions=False)
    assert found.subject.id == "MESH:D010051"


def test_what_cannot_be_resolved_is_counted():
    report = Counter()
    document = made("1", "aspirin, gout", TWO, ("CID", "MESH:D001241", "MESH:D000000"))
    assert statements(document, report, co_mentions=False) == ()
    assert statements(made("1", "aspirin, gout", TWO, ("CID", "MESH:D001241", "T1")), report, co_mentions=False) == ()
    assert set(report) == {
        "relation with an argument that no mention with an identifier has left out",
        "relation of a concept with itself left out",
    }


def test_a_retracted_paper_says_nothing():
    report = Counter()
    assert statements(made("1", "aspirin, gout", TWO, ("CID", "T1", "T2"), retracted=True), report) == ()
    assert report["retracted document left out"] == 1


def test_year_section_and_label_come_along():
    one = statements(said(year="1978-03"))[0].evidence
    assert (one.year, one.label, one.source) == (1978, "CID", "documents")


def test_an_index_names_the_nodes():
    named = record(said(), Reading(), Counter(), name={DRUG: "methyldopa", PRESSURE: ""}.get)
    assert [(node.id, node.name) for node in named.names] == [(DRUG, "methyldopa")]
