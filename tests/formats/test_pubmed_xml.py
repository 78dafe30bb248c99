"""PubMed XML: real citations keep every field, the text is PubTator's, and damage or malice costs one record."""

import gzip
import os
import random
import re
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biogloss.documents import MeshHeading
from biogloss.errors import BioglossError, Failure, FormatError, UnsafeInputError
from biogloss.formats import pubmed_xml
from biogloss.formats._citation import bcp47, iso_date, medline_date
from biogloss.formats._source import Report

ROOT = Path(__file__).parents[2]
EXCERPT = ROOT / "tests" / "fixtures" / "pubmed" / "excerpt.xml"
SAMPLE = ROOT / "examples" / "pubmed_sample.xml"
PUBMED = Path(os.environ.get("BIOGLOSS_DATA", ROOT.parent / "shared" / "data")) / "pubmed"


def documents(path, report=None):
    return {document.id: document for document in pubmed_xml.read(path, report=report)}


def words(document, mark):
    return document.text[mark.span.start : mark.span.end]


def citation(pmid, title="Gout.", inside=""):
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>{title}</ArticleTitle>'
        f"{inside}</Article></MedlineCitation></PubmedArticle>\n"
    )


def article_set(*records):
    return "<?xml version='1.0'?>\n<PubmedArticleSet>\n" + "".join(records) + "</PubmedArticleSet>\n"


def xml_file(tmp_path, content, name="pubmed.xml"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def one(tmp_path, inside, title="Gout.", report=None):
    [document] = pubmed_xml.read(xml_file(tmp_path, article_set(citation(7, title, inside))), report=report)
    return document


def test_a_real_structured_abstract():
    document = documents(SAMPLE)["10704411"]
    title, abstract, *sections = document.marks
    assert words(document, title) == (
        "Dopamine modulates acute responses to cocaine, nicotine and ethanol in Drosophila."
    )
    assert document.text == f"{words(document, title)}\n{words(document, abstract)}"
    assert [(mark.kind, mark.label) for mark in sections] == [
        ("section", "BACKGROUND"),
        ("section", "RESULTS"),
        ("section", "CONCLUSIONS"),
    ]
    assert " ".join(words(document, section) for section in sections) == words(document, abstract)
    assert words(document, sections[1]).startswith("RESULTS: We present evidence that dopamine")
    assert (document.language, document.composition) == ("en", "pubmed-1")


def test_a_real_bibliographic_record():
    found = documents(SAMPLE)["10704411"].citation
    assert (found.pmid, found.doi, found.pmcid) == ("10704411", "10.1016/s0960-9822(00)00336-5", "")
    assert (found.journal, found.issn) == ("Current biology : CB", "0960-9822")
    assert (found.volume, found.issue, found.pages) == ("10", "4", "187-94")
    assert dict(found.dates) == {"published": "2000-02-24", "completed": "2000-04-25", "revised": "2021-06-07"}
    assert found.authors[0] == "Bainton, R J"
    assert found.types[0] == "Journal Article"
    assert MeshHeading("MESH:D003042", "Cocaine", True, (("MESH:Q000378", "metabolism"),)) in found.mesh  # noqa: FBT003
    assert MeshHeading("MESH:D000818", "Animals") in found.mesh
    assert found.chemicals[0] == ("MESH:D000431", "Ethanol")
    assert found.languages == ("en",)
    assert documents(SAMPLE)["27602157"].citation.references[:2] == ("PMID:23111103", "PMID:24633485")
    assert "liver cancer" in " ".join(documents(SAMPLE)["27602157"].citation.keywords)


def test_abstracts_in_other_languages_follow_the_english_one():
    document = documents(SAMPLE)["30600808"]
    kinds = [(mark.kind, mark.language) for mark in document.marks if mark.kind != "section"]
    assert kinds == [("title", ""), ("abstract", ""), ("title", "es"), ("abstract", "es")]
    english, spanish = (words(document, mark) for mark in document.marked("abstract"))
    title, vernacular = (words(document, mark) for mark in document.marked("title"))
    assert document.text == f"{title}\n{english}\n{vernacular}\n{spanish}"
    assert spanish.startswith("Objetivo: El propósito de este estudio")
    assert {mark.label for mark in document.marked("section") if mark.language == "es"} >= {"Método", "Resultados"}
    assert (document.language, document.citation.languages) == ("en", ("es",))


def test_an_article_without_english_words_is_in_its_own_language():
    document = documents(EXCERPT)["32472320"]
    assert (document.language, document.text) == ("de", "\n\nBriefsammlung Wittelshöfer.")
    assert [(mark.kind, mark.language) for mark in document.marks] == [("title", "")]


def test_retractions_and_deletions_are_told():
    report = Report()
    found = documents(EXCERPT, report)
    assert found["33104149"].citation.retracted
    assert ("RetractionIn", "PMID:34095918") in found["33104149"].citation.corrections
    assert not found["34092205"].citation.retracted
    assert report["pubmed_xml: the file deletes PMID 31688362"] == 1
    assert sum("deletes PMID" in note for note in report) == 2


def test_formulas_and_inline_markup_stay_as_text_in_order(tmp_path):
    report = Report()
    inside = (
        "<Abstract><AbstractText>Ca<sup>2+</sup> and <i>E. <b>coli</b></i> K<sub>m</sub>, "
        '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi>\n <mml:mn>2</mml:mn></mml:math>!'
        "<!-- no text --></AbstractText></Abstract>"
    )
    assert one(tmp_path, inside, report=report).text == "Gout.\nCa2+ and E. coli Km, x 2!"
    assert report["pubmed_xml: <sup> in a title or abstract kept as its plain text"] == 1
    assert report["pubmed_xml: <math> in a title or abstract kept as its plain text"] == 1


def test_sections_with_and_without_a_label():
    document = documents(EXCERPT)["32730190"]
    sections = document.marked("section")
    assert [mark.label for mark in sections] == ["", "METHODS", "RESULTS", "CONCLUSION"]
    assert " ".join(words(document, mark) for mark in sections) == words(document, document.marked("abstract")[0])


def test_a_plain_language_summary_is_an_abstract_with_that_label():
    document = documents(EXCERPT)["33726504"]
    assert [(mark.label, mark.language) for mark in document.marked("abstract")] == [
        ("", ""),
        ("plain-language-summary", ""),
    ]


def test_no_address_passes_and_what_is_left_out_is_counted(tmp_path):
    report = Report()
    author = (
        "<AuthorList><Author><LastName>Doe</LastName><ForeName>Jo</ForeName><Suffix>Jr</Suffix><AffiliationInfo>"
        "<Affiliation>Ward 7. jo@example.org</Affiliation></AffiliationInfo></Author><Author ValidYN='N'><LastName>Do"
        "</LastName></Author><Author><CollectiveName>The Gout Group</CollectiveName></Author></AuthorList><Novelty/>"
    )
    document = one(tmp_path, author, report=report)
    assert document.citation.authors == ("Doe, Jo, Jr", "The Gout Group")
    assert "@" not in repr(document)
    assert report == {
        "pubmed_xml: <AffiliationInfo> of an author left out": 1,
        "pubmed_xml: author name marked as wrong (ValidYN=N) left out": 1,
        "pubmed_xml: <Novelty> left out": 1,
    }


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("2021 Jan-Feb", "2021-01/2021-02"),
        ("1977 Apr 25-27", "1977-04-25/1977-04-27"),
        ("1977 Aug 27-Sep 3", "1977-08-27/1977-09-03"),
        ("1979 Nov-1980 May", "1979-11/1980-05"),
        ("1979-1980", "1979/1980"),
        ("2021 Apr-Jun 01", "2021-04/2021-06-01"),
        ("2021 3rd Quarter", "2021"),
        ("1979-1980 Fall", "1979/1980"),
        ("1977 Fall-Winter", "1977"),
        ("Fall", ""),
        ("", ""),
    ],
)
def test_dates_in_words(words, date):
    assert medline_date(words) == date


@pytest.mark.parametrize(
    ("parts", "date"),
    [
        (("2021", "Feb", "5"), "2021-02-05"),
        (("2021", "02"), "2021-02"),
        (("2021", "", "5"), "2021"),
        (("2021", "13", "5"), "2021"),
        (("2021", "2", "32"), "2021-02"),
        (("21",), ""),
    ],
)
def test_dates_are_as_precise_as_what_is_understood(parts, date):
    assert iso_date(*parts) == date


def test_languages_are_bcp_47_and_unknown_ones_pass():
    assert [bcp47(code) for code in ("eng", "ger", "chi", "mul", "pt-BR")] == ["en", "de", "zh", "mul", "pt-BR"]


def test_malformed_xml_far_into_the_file_costs_one_record(tmp_path):
    records = [citation(number) for number in range(1, 7101)]
    records[6999] = "<PubmedArticle><MedlineCitation><PMID>7000</PMID></Article>\n"
    found = list(pubmed_xml.read(xml_file(tmp_path, gzip.compress(article_set(*records).encode()), "p.xml.gz")))
    [failure] = [item for item in found if isinstance(item, Failure)]
    assert [document.id for document in found if document is not failure] == [
        str(number) for number in range(1, 7101) if number != 7000
    ]
    assert found.index(failure) == 6999
    assert str(failure).startswith("record 7,000: pubmed_xml: ")
    assert "p.xml.gz, record 7,000, line 7,002: the record is damaged: it has no end" in str(failure)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ("<PubmedArticle><MedlineCitation/></PubmedArticle>", "a record without PMID"),
        ("<PubmedArticle/>", "a record without PMID"),
        (citation("seven"), "a record without PMID"),
        ("<PubmedBookArticle><BookDocument><PMID>1</PMID></BookDocument></PubmedBookArticle>", "a book"),
    ],
)
def test_a_record_that_is_no_citation_is_a_failure(tmp_path, record, says):
    found = list(pubmed_xml.read(xml_file(tmp_path, article_set(citation(1), record, citation(3)))))
    assert [getattr(item, "id", "") for item in found] == ["1", "", "3"]
    assert says in str(found[1].error)


def test_hostile_and_foreign_files_are_refused(tmp_path):
    laughs = "<!DOCTYPE PubmedArticleSet [<!ENTITY a 'ha'>]>" + article_set(citation(1)).removeprefix(
        "<?xml version='1.0'?>"
    )
    with pytest.raises(UnsafeInputError, match="declares entities"):
        list(pubmed_xml.read(xml_file(tmp_path, laughs)))
    with pytest.raises(FormatError, match="there is no <PubmedArticle>"):
        list(pubmed_xml.read(xml_file(tmp_path, "<collection><document/></collection>")))


def test_detection_by_content():
    assert pubmed_xml.sniff(EXCERPT.read_bytes()[:4096])
    assert not pubmed_xml.sniff(b"<?xml version='1.0'?><!DOCTYPE collection SYSTEM 'BioC.dtd'><collection>")
    assert not pubmed_xml.sniff(b"7|t|<PubmedArticleSet>")


# What XML 1.0 can hold, and its reader gives back: no control characters, no lone surrogates, CR only as a reference.
XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from(["\n", "\t", "&", "<", ">", "]", "😀", "\u0301", "患", "α", " "])
)


@settings(max_examples=60, deadline=None)
@given(XML_TEXT, st.lists(st.tuples(XML_TEXT, XML_TEXT), max_size=3))
def test_the_text_is_title_line_break_abstract(tmp_path_factory, title, sections):
    quote = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
    abstract = "".join(
        f'<AbstractText Label="{escape(label, quote)}">{escape(body)}</AbstractText>' for label, body in sections
    )
    inside = f"<Abstract>{abstract}</Abstract>" if sections else ""
    document = one(tmp_path_factory.getbasetemp(), inside, escape(title))
    rendered = [(tidy(label), tidy(body)) for label, body in sections]
    joined = " ".join(f"{label}: {body}" if label else body for label, body in rendered if body)
    assert document.text == (f"{tidy(title)}\n{joined}" if joined else tidy(title))
    assert "\n" not in words(document, document.marks[0]) if document.marks else not document.text.strip()


def tidy(text):
    return re.sub(r"[ \t\n]+", lambda run: run[0] if set(run[0]) == {" "} else " ", text).strip(" \t\n")


def mutated(content, seed):
    """Real bytes with a few of them cut, doubled, swapped or replaced."""
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 6)):
        at, length = rng.randrange(len(content)), rng.choice([1, 1, 4, 40, 4000])
        part = content[at : at + length]
        new = rng.choice(
            [b"", part * 2, part[::-1], rng.randbytes(min(length, 8)), b"<", b"]]>", b"<!--", b"&", b"\x00"]
        )
        content = content[:at] + new + content[at + length :]
    return content


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_nothing_but_our_errors_leaves_the_reader(tmp_path_factory, seed, packed):
    content = EXCERPT.read_bytes()
    content = mutated(gzip.compress(content), seed) if packed else mutated(content, seed)
    found = []
    try:
        for item in pubmed_xml.read(xml_file(tmp_path_factory.getbasetemp(), content, "mutated.xml")):
            found.append(item)  # noqa: PERF402 - what came before an error counts
    except BioglossError as error:
        assert "mutated.xml" in str(error)  # noqa: PT017
    for item in found:
        assert not isinstance(item, Failure) or isinstance(item.error, BioglossError)


COUNTS = {
    # The catalogue's counts, checked below against the raw bytes: citations, abstracts, author keywords, MeSH-indexed.
    "pubmed21n1298.xml.gz": (20_788, 18_446, 15_078, 335),
    "pubmed20n0014.xml.gz": (30_000, 14_832, 122, 29_998),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTS)
def test_every_field_of_a_whole_file_is_there(name):
    if not (PUBMED / name).exists():
        pytest.skip(f"needs {name} in BIOGLOSS_DATA/pubmed")
    raw = gzip.decompress((PUBMED / name).read_bytes()).decode()
    found = Counter()
    for document in pubmed_xml.read(PUBMED / name):
        assert not isinstance(document, Failure)
        record = document.citation
        found["citations"] += 1
        found["abstracts"] += bool([mark for mark in document.marked("abstract") if not mark.label])
        found["structured"] += any(not mark.language for mark in document.marked("section"))
        found["keywords"] += len(record.keywords)
        found["headings"] += len(record.mesh)
        found["qualifiers"] += sum(len(heading.qualifiers) for heading in record.mesh)
        found["chemicals"] += len(record.chemicals)
        found["corrections"] += len(record.corrections)
        found["types"] += len(record.types)
        found["authors"] += len(record.authors)
        found["PMCIDs"] += bool(record.pmcid)
        found["published"] += "published" in dict(record.dates)
    assert (
        raw.count("<MedlineCitation "),
        raw.count("<Abstract>"),
        raw.count("<KeywordList"),
        raw.count("<MeshHeadingList>"),
    ) == (COUNTS[name])
    assert found == expected(raw)


def expected(raw):
    """The same counts by regular expression, an element that is empty or all white space not counted."""
    keywords = re.findall(r"<Keyword [^>]*>(.*?)</Keyword>", raw, re.DOTALL)
    abstracts = re.findall(r"<Abstract>(.*?)</Abstract>", raw, re.DOTALL)
    sections = [
        re.findall(r"<AbstractText([^>/]*)>(.*?)</AbstractText>", abstract, re.DOTALL) for abstract in abstracts
    ]
    labels = [[label for label, body in found if re.sub(r"<[^>]*>|\s", "", body)] for found in sections]
    return Counter(
        {
            "citations": raw.count("<PubmedArticle>"),
            "abstracts": sum(map(bool, labels)),
            "structured": sum(any("Label=" in label for label in found) for found in labels),
            "keywords": sum(bool(re.sub(r"<[^>]*>|\s", "", keyword)) for keyword in keywords),
            "headings": raw.count("<MeshHeading>") + raw.count("<SupplMeshName "),
            "qualifiers": raw.count("<QualifierName "),
            "chemicals": raw.count("<Chemical>"),
            "corrections": raw.count("<CommentsCorrections "),
            "types": raw.count("<PublicationType "),
            "authors": raw.count('<Author ValidYN="Y"'),
            "PMCIDs": raw.count('<ArticleId IdType="pmc">'),
            "published": raw.count("<PubDate>"),
        }
    )
