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


# --- MeSH descriptors


def indexed(pmid, *headings, abstract="Gout hurts.", other=""):
    listed = "".join(
        f'<MeshHeading><DescriptorName UI="{heading}">x</DescriptorName><QualifierName UI="Q000188"/></MeshHeading>'
        for heading in headings
    )
    article = record(pmid, [("", "", abstract)] if abstract else [])
    more = f"{other}<MeshHeadingList>{listed}</MeshHeadingList><SupplMeshList>"
    more += '<SupplMeshName UI="C000657245">y</SupplMeshName></SupplMeshList></MedlineCitation>'
    return article.replace("</MedlineCitation>", more)


def test_descriptors_are_the_classes_of_title_and_abstract(put, read):
    other = '<OtherAbstract Type="Publisher" Language="fre"><AbstractText>La goutte.</AbstractText></OtherAbstract>'
    pubmed(
        put, indexed(1, "D006073", "D000818", "D006073", other=other), indexed(2), indexed(3, "D006073", abstract="")
    )
    splits = {split: read("pubmed_mesh", split) for split in ("train", "dev", "test")}
    ((document,), _) = splits[split_of("1")]
    assert sum(len(found) for found, _ in splits.values()) == 1
    assert sum(left_out for _, left_out in splits.values()) == 2
    assert document.text == "On gout.\nGout hurts."
    assert document.labels == ("MESH:D006073", "MESH:D000818")
    assert [mark.kind for mark in document.marks] == ["title", "abstract"]
    assert document.citation.mesh == ()  # the classes stand nowhere else


# --- hallmarks of cancer


def hallmarks(labels):
    return json.dumps({"id": "11", "text": "We grew cells .\nThey died .\n", "labels": labels}) + "\n"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("< < <", ()),
        ("<NULL<", ()),
        (
            "<Resisting cell death--Apoptosis ANDInducing angiogenesis--<Resisting cell death--",
            ("Inducing angiogenesis", "Resisting cell death"),
        ),
        (
            "<Sustaining proliferative signaling--Receptors-- AND Avoiding immune destruction--Immune response< ",
            ("Avoiding immune destruction", "Sustaining proliferative signaling"),
        ),
    ],
)
def test_an_abstract_has_the_hallmarks_of_its_sentences(put, read, labels, expected):
    put("classification/hoc-RESTRICTED.jsonl.xz", hallmarks(labels))
    (document,), _ = read("hoc")
    assert (document.labels, document.citation.pmid) == (expected, "11")


def test_an_unknown_hallmark_is_named(put, read):
    put("classification/hoc-RESTRICTED.jsonl.xz", hallmarks("<") + hallmarks("<Growing taller--"))
    with pytest.raises(FormatError, match=r"hoc-RESTRICTED\.jsonl\.xz, line 2: hallmark 'Growing taller'"):
        read("hoc")


# --- Chinese


def test_criteria_that_come_again_or_are_in_the_development_part_are_left_out(put, read):
    put(
        "chinese/cmedtc/train.txt.xz",
        "Age\t年龄18岁以上\r\nSign\t年龄18岁以上\r\nAge\t70岁以下\r\nSmoking Status\t 吸烟\r\n",
    )
    put("chinese/cmedtc/dev.txt", "Age\t70岁以下\r\nAge\t70岁以下\r\n")
    found, left_out = read("cmedtc")
    assert [(document.id, document.text, document.labels) for document in found] == [
        ("train:1", "年龄18岁以上", ("Age",)),
        ("train:4", " 吸烟", ("Smoking Status",)),
    ]
    assert left_out == 2
    assert len(read("cmedtc", "dev")[0]) == 1


def test_searches_have_their_class_and_pairs_say_whether_they_ask_the_same(put, read):
    put("chinese/cmedic/test.txt", "2\t头痛\n0\t你好\n")
    put("chinese/cmedqq/dev.txt", "1\t头痛怎么办\t头痛，怎么办？\n0\t头痛\t发烧\n")
    (first, second), _ = read("cmedic", "test")
    assert (first.text, first.labels, first.language, second.labels) == ("头痛", ("2",), "zh", ("0",))
    (same, different), _ = read("cmedqq", "dev")
    assert texts(same) == {"first": "头痛怎么办", "second": "头痛，怎么办？"}
    assert (same.labels, different.labels, same.language) == (("same",), ("different",), "zh")


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("chinese/cmedtc/dev.txt", "Age\t年龄\nWeight\t体重\n", r"dev\.txt, line 2: label is 'Weight'"),
        ("chinese/cmedic/dev.txt", "1\t头痛\n3\t发烧\n", r"dev\.txt, line 2: label is '3'; expected one of 0, 1, 2"),
        ("chinese/cmedqq/dev.txt", "1\t头痛\t头痛\n1\t头痛\n", r"dev\.txt, line 2: 2 cells; expected 3"),
    ],
)
def test_a_damaged_line_of_chinese_is_named(put, read, path, content, message):
    put(path, content)
    with pytest.raises(FormatError, match=message):
        read(path.split("/")[1], "dev")


# --- summaries of questions

SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}'
    "</sheetData></worksheet>"
)
STRINGS = '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>'


def workbook(*rows, strings=("File", "CHQ", "Summary")):
    """The parts of an .xlsx; a number in a row names a string, other cells stand in it."""
    lines = ""
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f'<c r="{column}{number}" t="s"><v>{cell}</v></c>'
            if isinstance(cell, int)
            else f'<c r="{column}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for column, cell in zip("ABC", row, strict=False)
        )
        lines += f'<row r="{number}">{cells}</row>'
    return {
        "xl/worksheets/sheet1.xml": SHEET.format(lines),
        "xl/sharedStrings.xml": STRINGS.format("".join(f"<si>{string}</si>" for string in map(rich, strings))),
    }


def rich(text):
    """A string of two runs, with how it is said above it."""
    return f"<r><t>{text[:2]}</t></r><r><t>{text[2:]}</t></r><rPh><t>say</t></rPh>"


def test_a_question_stands_with_its_summary(put, read):
    strings = ("File", "CHQ", "Summary", "1.txt", "Subject: drugol\nI want to know who makes it.")
    put("summarisation/meqsum.xlsx", workbook((0, 1, 2), (3, 4, "Who makes drugol?"), strings=strings))
    (document,), left_out = read("meqsum")
    assert texts(document) == {"question": strings[4], "summary": "Who makes drugol?"}
    assert (document.id, left_out) == ("train:2", 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no archive", r"meqsum\.xlsx: no zip archive, or a damaged one"),
        ({"readme": "x"}, r"meqsum\.xlsx: there is no xl/sharedStrings\.xml in it; expected an \.xlsx workbook"),
        (workbook((0, 2, 1)), r"row 1: the header is"),
        (workbook((0, 1, 2), (0, 1)), r"row 2: empty, reversed or negative span"),
        (workbook((0, 1, 2), (0, 1, 9)), r"row 2: cell C2 names text '9' of 3"),
        ({"xl/sharedStrings.xml": STRINGS.format("<si><t>a</si>")}, r"sharedStrings\.xml, record 1.*malformed"),
    ],
)
def test_a_damaged_workbook_is_named(put, read, content, message):
    put("summarisation/meqsum.xlsx", content)
    with pytest.raises(FormatError, match=message):
        read("meqsum")
