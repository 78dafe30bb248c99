"""Corpora of classes, answers and roles: what the text is, and that it does not give the answer away. Made-up files."""

import gzip
import json

import pytest

from biogloss.corpora._card import split_of
from biogloss.errors import FormatError, InputError


def texts(document):
    """The named parts of a document."""
    return {name: document.text[span.start : span.end] for name, span in document.parts}


# --- PubMedQA


def question(**changes):
    entry = {
        "QUESTION": "Does rest help?",
        "CONTEXTS": ["We asked.", "Ten rested."],
        "LONG_ANSWER": "Rest helps.",
        "final_decision": "yes",
    }
    return {**entry, **changes}


def test_a_question_has_its_context_and_never_the_long_answer(put, read):
    put("qa/pubmedqa-500.json", json.dumps({"11": question(), "12": question(final_decision="maybe")}))
    (first, second), _ = read("pubmedqa")
    assert first.text == "We asked. Ten rested.\nDoes rest help?"
    assert texts(first) == {"context": "We asked. Ten rested.", "question": "Does rest help?"}
    assert (first.id, first.citation.pmid, first.labels, second.labels) == ("11", "11", ("yes",), ("maybe",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON; expected one object"),
        ("[]", "not an object of objects"),
        (
            json.dumps({"11": question(), "12": question(final_decision="no idea")}),
            "entry 2: final_decision is 'no idea'",
        ),
        (json.dumps({"11": question(CONTEXTS=[])}), "entry 1: empty, reversed or negative span"),
        (json.dumps({"11": question(CONTEXTS=[1])}), "entry 1: CONTEXTS holds something else than text"),
        (json.dumps({"11": question(QUESTION=None)}), "entry 1: QUESTION is 'None'; expected QUESTION: str"),
    ],
)
def test_a_damaged_entry_is_named(put, read, content, message):
    put("qa/pubmedqa-500.json", content)
    with pytest.raises(FormatError, match=rf"pubmedqa-500\.json(, |: ){message}"):
        read("pubmedqa")


# --- symptoms


def test_a_text_that_comes_again_is_left_out(put, read):
    rows = '0,Acne,"I have spots, many."\n1,Migraine,My head aches.\n2,Acne,"I have spots, many"\n'
    put("classification/symptom2disease.csv", "index,label,text\n" + rows)
    found, left_out = read("symptom2disease")
    assert [(document.id, document.labels) for document in found] == [
        ("train:2", ("Acne",)),
        ("train:3", ("Migraine",)),
    ]
    assert left_out == 1
    put("classification/symptom2disease.csv", "index,label,text\n0,Gout,My toe aches.\n")
    with pytest.raises(FormatError, match=r"symptom2disease\.csv, line 2: label is 'Gout'; expected one of Acne"):
        read("symptom2disease")


# --- roles of sentences


def record(pmid, sections):
    """A PubMed record; sections are (label, category, text)."""
    abstract = ""
    for label, category, text in sections:
        given = {"Label": label, "NlmCategory": category}
        attributes = "".join(f' {name}="{value}"' for name, value in given.items() if value)
        abstract += f"<AbstractText{attributes}>{text}</AbstractText>"
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>On gout.</ArticleTitle>"
        f"<Abstract>{abstract}</Abstract></Article></MedlineCitation></PubmedArticle>"
    )


def pubmed(put, *found):
    content = f"<PubmedArticleSet>{''.join(found)}</PubmedArticleSet>"
    put("pubmed/pubmed21n0001.xml.gz", gzip.compress(content.encode()))


WHOLE = [
    ("AIMS", "OBJECTIVE", "To treat gout. And pain."),
    ("WHAT WE DID", "METHODS", "We gave <i>drugol</i>\n to ten."),
    ("Findings", "UNASSIGNED", "No one died (Fig. 2). Pain fell."),
    ("CONCLUSION", "", "Give drugol."),
]


def roles(document):
    return [(mark.label, document.text[mark.span.start : mark.span.end]) for mark in document.marked("sentence")]


def test_the_category_of_nlm_gives_the_role_and_the_label_where_there_is_none(put, read):
    pubmed(put, record(1, WHOLE))
    (document,), left_out = read("section_roles", split_of("1"))
    assert roles(document) == [
        ("objective", "To treat gout."),
        ("objective", "And pain."),
        ("methods", "We gave drugol to ten."),
        ("results", "No one died (Fig. 2)."),
        ("results", "Pain fell."),
        ("conclusions", "Give drugol."),
    ]
    assert document.text == " ".join(sentence for _, sentence in roles(document))
    assert (document.id, document.citation.pmid, left_out) == ("1", "1", 0)


@pytest.mark.parametrize(
    "sections",
    [
        [*WHOLE, ("ABBREVIATIONS", "UNASSIGNED", "DG, drugol.")],
        [*WHOLE, ("", "", "More.")],
        [("RESULTS", "RESULTS", "Pain fell.")],
        [*WHOLE, ("DISCUSSION", "CONCLUSIONS", "It works. Results: pain fell.")],
    ],
    ids=["no role", "no label", "one role", "a label in the text"],
)
def test_an_abstract_that_is_not_all_roles_or_gives_them_away_is_left_out(put, read, sections):
    pubmed(put, record(1, sections))
    assert read("section_roles", split_of("1")) == ([], 1)


def test_unstructured_abstracts_and_second_versions_are_passed_over(put, read):
    pubmed(put, record(1, [("", "", "Gout hurts.")]), record(2, WHOLE), record(2, WHOLE), record(3, WHOLE))
    splits = [read("section_roles", split) for split in ("train", "dev", "test")]
    assert sorted(document.id for found, _ in splits for document in found) == ["2", "3"]
    assert sum(left_out for _, left_out in splits) == 0


def test_a_damaged_record_stops_the_reading(put, read):
    pubmed(put, record(1, WHOLE), record(2, WHOLE).replace("</Abstract>", ""))
    with pytest.raises(InputError, match=r"pubmed21n0001\.xml\.gz, record 2.*malformed"):
        [read("section_roles", split) for split in ("train", "dev", "test")]


def test_a_catalogue_without_pubmed_files_says_what_it_should_have(put, read):
    put("pubmed/readme.txt", "nothing here")
    with pytest.raises(InputError, match=r"no PubMed file there; expected files named \*\.xml\.gz"):
        read("section_roles")
