"""Changed training documents say what they said: every entity at its words, every relation, label and mark."""

from dataclasses import replace

import pytest
from document_strategies import documents
from hypothesis import given
from hypothesis import strategies as st
from related import metformin

from biogloss.documents import Document, Link, Mark, Relation, Span
from biogloss.training import material
from biogloss.training.augment import KINDS, Augmenter
from biogloss.training.material import Source
from tiny import labelled

ALL = dict.fromkeys(KINDS, 1.0)
SHARES = st.dictionaries(st.sampled_from(KINDS), st.floats(0, 1))
TEXT = (
    "Chronic heart failure (CHF) was studied. Patients with CHF took metformin; heart rate (HR) rose. "
    "Chronic heart failure without HR variability hurts."
)
CHF = labelled(1, TEXT, {"Chronic heart failure": "Disease", "metformin": "Chemical", "HR variability": "Finding"})


def counted(document):
    return [len(getattr(document, what)) for what in ("entities", "relations", "marks", "parts")]


@given(found=st.lists(documents(), min_size=1, max_size=3), shares=SHARES, epoch=st.integers(0, 3))
def test_nothing_that_is_said_of_a_text_is_lost(found, shares, epoch):
    augmenter = Augmenter.of(shares, found, seed=1)
    for document in found:
        made = augmenter(document, epoch)  # building it has checked every entity against its words
        assert counted(made) == counted(document)
        for before, after in zip(document.entities, made.entities, strict=True):
            assert replace(after, spans=before.spans, text=before.text) == before
        for before, after in zip(document.relations, made.relations, strict=True):
            assert replace(after, evidence=before.evidence) == before
        assert [(mark.kind, mark.label) for mark in made.marks] == [(mark.kind, mark.label) for mark in document.marks]
        kept = {field: getattr(document, field) for field in ("text", "marks", "entities", "relations", "parts")}
        assert replace(made, **kept) == document


@given(found=documents())
def test_nothing_changes_where_nothing_is_probable(found):
    names = {entity.label: ["another"] for entity in found.entities}
    assert Augmenter({}, names, seed=1)(found, 0) is found
    assert Augmenter(dict.fromkeys(KINDS, 0.0), names, seed=1)(found, 0) is found


@given(found=documents(), shares=SHARES)
def test_names_stay_where_only_words_around_them_change(found, shares):
    around = {kind: share for kind, share in shares.items() if kind in {"delete", "noise"}}
    made = Augmenter.of(around, [found], seed=1)(found, 0)
    assert [entity.text for entity in made.entities] == [entity.text for entity in found.entities]


@given(found=st.lists(documents(), min_size=1, max_size=3), epoch=st.integers(0, 3))
def test_a_document_is_changed_alike_in_any_company(found, epoch):
    augmenter = Augmenter.of(ALL, found, seed=1)
    together = augmenter.many(found[:1] + found, epoch)
    assert together[0] == augmenter(found[0], epoch)
    assert together[1] == augmenter(found[0], epoch, time=1)
    again = Augmenter.of(ALL, found, seed=1)
    assert again.many(found[:1] + found, epoch) == together


def test_each_epoch_and_seed_changes_otherwise():
    shares = {"delete": 0.5}
    made = {
        Augmenter.of(shares, [CHF], seed)(CHF, epoch, time).text
        for seed in (1, 2)
        for epoch in (0, 1)
        for time in (0, 1)
    }
    assert len(made) == 8


def test_a_name_becomes_another_of_its_type_wherever_it_stands():
    document = labelled(1, "Gout hurts. Aspirin helps.", {"Gout": "Disease", "Aspirin": "Chemical"})
    twice = replace(document, text="Gout hurts. Aspirin helps. Gout.", entities=())
    twice = twice.with_entities([*document.entities, replace(document.entities[0], id="T9", spans=(Span(27, 31),))])
    other = labelled(2, "Type 2 diabetes and asthma.", {"Type 2 diabetes": "Disease", "asthma": "Disease"})
    augmenter = Augmenter.of({"replace_mentions": 1.0}, [twice, other], seed=1)
    texts = {augmenter(twice, epoch).text for epoch in range(40)}
    assert texts == {f"{name} hurts. Aspirin helps. {name}." for name in ("Gout", "Type 2 diabetes", "asthma")}


def test_relations_between_concepts_and_mentions_still_hold():
    document = metformin()
    others = labelled(2, "Aspirin and fever.", {"Aspirin": "Chemical", "fever": "Disease"})
    made = Augmenter.of({"replace_mentions": 1.0}, [others], seed=1)(document, 0)
    assert made.text == "Aspirin lowers Aspirin in fever and fever."
    assert made.relations == document.relations
    concepts = {link.id for entity in made.entities for link in entity.links}
    ids = {entity.id for entity in made.entities}
    assert {reference for relation in made.relations for _, reference in relation.arguments} <= concepts | ids


def test_names_that_overlap_others_stay():
    text = "heart rate variability"
    nested = labelled(1, text, {"heart rate": "Finding", "heart rate variability": "Finding"})
    other = labelled(2, "pain", {"pain": "Finding"})
    assert Augmenter.of({"replace_mentions": 1.0}, [other], seed=1)(nested, 0) == nested


def test_short_and_long_forms_change_places_but_not_where_they_are_defined():
    made = Augmenter.of({"synonyms": 1.0}, [], seed=1)(CHF, 0)
    assert made.text == (
        "Chronic heart failure (CHF) was studied. Patients with Chronic heart failure took metformin; heart rate (HR) "
        "rose. CHF without heart rate variability hurts."
    )
    assert [entity.text for entity in made.entities if entity.label == "Finding"] == ["heart rate variability"]


def test_a_form_that_an_entity_begins_or_ends_in_stays():
    text = "Heart rate (HR) rose. HR fell."
    document = labelled(1, text, {}).with_entities(())
    cut = document.with_marks([Mark(Span(0, 23), "sentence"), Mark(Span(23, 30), "sentence")])  # within the second HR
    assert Augmenter.of({"synonyms": 1.0}, [], seed=1)(cut, 0) == cut


def test_of_every_sentence_and_part_a_word_is_left():
    text = "Gout hurts. Aspirin really helps. No."
    marks = tuple(Mark(Span(*ends), "sentence") for ends in ((0, 11), (12, 33), (34, 37)))
    document = Document("1", text, marks=marks, parts=(("first", Span(0, 11)), ("second", Span(12, 37))))
    made = Augmenter.of({"delete": 1.0}, [], seed=1)(document, 0)
    assert made.text == "Gout . Aspirin . No."
    assert [made.text[mark.span.start : mark.span.end] for mark in made.marks] == ["Gout .", "Aspirin .", "No."]


def test_noise_is_inside_of_words_and_leaves_names_and_short_words():
    document = labelled(1, "The severe pain of α-TNF 2024 metformin", {"metformin": "Chemical"})
    for epoch in range(20):
        the, severe, pain, *rest = Augmenter.of({"noise": 1.0}, [], seed=1)(document, epoch).text.split(" ")
        assert (the, rest) == ("The", ["of", "α-TNF", "2024", "metformin"])
        assert severe != "severe"
        assert pain != "pain"
        assert (severe[0], severe[-1], pain[0], pain[-1]) == ("s", "e", "p", "n")


def test_chinese_words_go_one_by_one():
    document = labelled(1, "痛风患者服用秋水仙碱后出现腹泻", {"秋水仙碱": "Chemical"})
    made = Augmenter.of({"delete": 0.5}, [], seed=1)(document, 0)
    assert 5 < len(made.text) < len(document.text)
    assert "秋水仙碱" in made.text


def test_a_run_reads_changed_documents_each_epoch(tiny_tokenizer):
    from biogloss.tasks._examples import Coverage  # noqa: PLC0415
    from biogloss.tasks.ner import Ner  # noqa: PLC0415
    from tiny import LABELS, recipe  # noqa: PLC0415

    own = Source("files", Coverage(frozenset(LABELS)), (CHF, metformin()), (), 1.0)
    chosen = recipe("none", "none", augment={"delete": 0.3, "replace_mentions": 0.5})

    def read(recipe, epoch):
        batches = material.epoch_batches([own], Ner(LABELS), tiny_tokenizer, recipe, epoch)
        return sorted(tuple(example.reading.windows[0].tolist()) for batch in batches for example in batch)

    assert read(chosen, 0) == read(chosen, 0)
    assert read(chosen, 0) != read(chosen, 1)
    assert read(replace(chosen, augment={}), 0) != read(chosen, 0)


@pytest.mark.parametrize("link", [(), (Link("MESH:D006333"),)])
def test_what_follows_an_entity_without_a_blank_stays_apart(link):
    document = labelled(1, "the gout-related pain", {"gout": "Disease"})
    document = document.with_entities([replace(entity, links=link) for entity in document.entities])
    document = replace(document, relations=(Relation("R1", "x", (("a", "T1"),), (Span(0, 3),)),))
    made = Augmenter.of({"delete": 1.0}, [], seed=1)(document, 0)
    assert made.entities[0].text == "gout"
    assert made.text.startswith("the gout-related")
