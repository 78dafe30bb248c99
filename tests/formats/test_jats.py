"""JATS: every word of the body is in the text, once and in order; marks say what it is; damage costs one article."""

import os
import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from biogloss.errors import BioglossError, Failure, FormatError, UnsafeInputError
from biogloss.formats import jats
from biogloss.formats._source import Report

ROOT = Path(__file__).parents[2]
ARTICLE = ROOT / "tests" / "fixtures" / "pubmed" / "article.nxml"
FULL_TEXT = Path(os.environ.get("BIOGLOSS_DATA", ROOT.parent / "shared" / "data")) / "pubmed" / "jats"
REAL = sorted(FULL_TEXT.glob("*.nxml")) or [ARTICLE]


def article(body, meta="<title-group><article-title>Gout</article-title></title-group>", rest=""):
    return (
        '<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="research-article" xml:lang="en"><front>'
        f"<article-meta>{meta}</article-meta></front><body>{body}</body>{rest}</article>"
    )


def xml_file(tmp_path, content, name="article.nxml"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def one(tmp_path, body, *, report=None, **parts):
    [document] = jats.read(xml_file(tmp_path, article(body, **parts)), report=report)
    return document


def words(document, mark):
    return document.text[mark.span.start : mark.span.end]


def test_lines_are_titles_paragraphs_items_and_notes(tmp_path):
    body = """<sec><label>2.1</label><title>Methods</title>
        <p>We gave <italic>allo<bold>purinol</bold></italic>
           to   all<sup><xref ref-type="bibr" rid="r1">7</xref></sup>.</p>
        <p>Doses:<list><list-item><label>•</label><p>10<sup>2</sup> mg</p></list-item>
           <list-item><p>two<break/>lines</p></list-item></list> as tolerated.</p></sec>"""
    document = one(tmp_path, body)
    assert document.text.split("\n") == [
        "Gout",
        "2.1 Methods",
        "We gave allopurinol to all 7.",
        "Doses:",
        "• 102 mg",
        "two lines",
        "as tolerated.",
    ]
    [section] = document.marked("section")
    assert (section.label, words(document, section)) == ("Methods", document.text.removeprefix("Gout\n"))


def test_sections_nest(tmp_path):
    body = "<sec><title>A</title><sec><title>B</title><p>b</p></sec><p>a</p></sec><sec sec-type='intro'><p>c</p></sec>"
    document = one(tmp_path, body)
    assert [(mark.label, words(document, mark)) for mark in document.marked("section")] == [
        ("A", "A\nB\nb\na"),
        ("B", "B\nb"),
        ("intro", "c"),
    ]


def test_tables_have_a_line_a_row_and_a_tab_between_cells(tmp_path):
    table = """<table-wrap id="t"><object-id>10.1/t</object-id><label>Table 1</label><caption><title>Doses</title>
        <p>In mg.</p></caption><table><thead><tr><th/><th>Low</th><th>High</th></tr></thead>
        <tbody><tr><td><p>Day</p><p>one</p></td><td>1<hr/></td><td> </td></tr></tbody></table>
        <table-wrap-foot><fn><label>a</label><p>Mean.</p></fn></table-wrap-foot></table-wrap>"""
    report = Report()
    document = one(tmp_path, f"<p>See the table{table} below.</p>", report=report)
    [mark] = document.marked("table")
    assert (mark.label, words(document, mark)) == (
        "Table 1",
        "Table 1 Doses\nIn mg.\n\tLow\tHigh\nDay one\t1\t\na Mean.",
    )
    assert document.text.startswith("Gout\nSee the table below.\nTable 1")
    assert report["jats: <object-id> left out"] == 1


def test_figures_footnotes_back_matter_and_floats_are_there(tmp_path):
    figure = (
        "<fig><label>Figure {0}</label><caption><p>Joint {0}</p></caption><permissions><copyright-holder>X"
        "</copyright-holder></permissions><graphic><alt-text>a knee</alt-text></graphic></fig>"
    )
    rest = (
        "<back><ack><title>Thanks</title><p>To all at me@example.org: <email>me@example.org</email>.</p></ack>"
        "<fn-group><fn><p>No interests.</p></fn></fn-group><glossary><def-list><def-item><term>UA</term><def><p>"
        "uric acid</p></def></def-item></def-list></glossary><ref-list><title>References</title><ref><mixed-citation>"
        'Gout.<pub-id pub-id-type="doi">10.1/x</pub-id><pub-id pub-id-type="pmid">123</pub-id></mixed-citation></ref>'
        "<ref><mixed-citation>A book.</mixed-citation></ref></ref-list></back>"
        f"<floats-group>{figure.format(2)}</floats-group>"
    )
    report = Report()
    document = one(tmp_path, f"<p>Text.{figure.format(1)}</p>", rest=rest, report=report)
    assert [(mark.label, words(document, mark)) for mark in document.marked("caption")] == [
        ("Figure 1", "Figure 1 Joint 1\na knee"),
        ("Figure 2", "Figure 2 Joint 2\na knee"),
    ]
    assert "Thanks\nTo all at me@example.org: .\nNo interests.\nUA\nuric acid\nFigure 2" in document.text
    assert document.citation.references == ("PMID:123",)
    assert {note: count for note, count in report.items() if "left out" in note} == {
        "jats: <permissions> left out": 2,
        "jats: <graphic> itself left out, the words in it kept": 2,
        "jats: <email> left out": 1,
        "jats: <ref-list> left out": 1,
        "jats: reference without PMID, DOI or PMCID left out": 1,
    }


def test_a_formula_stands_in_its_sentence_once(tmp_path):
    math = '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi><mml:mo>=</mml:mo></mml:math>'
    body = f"<p>As<disp-formula><alternatives><tex-math>$x=$</tex-math>{math}</alternatives></disp-formula>holds.</p>"
    assert one(tmp_path, body).text == "Gout\nAs x= holds."
    assert one(tmp_path, body.replace(math, "")).text == "Gout\nAs $x=$ holds."


def test_front_matter_in_other_languages(tmp_path):
    meta = (
        "<title-group><article-title>Gout<xref>*</xref></article-title><subtitle>a trial</subtitle><trans-title-group "
        'xml:lang="de"><trans-title>Gicht</trans-title></trans-title-group></title-group><abstract><p>It hurts.</p>'
        '</abstract><trans-abstract xml:lang="fr"><title>Résumé</title><p>Mal.</p></trans-abstract>'
    )
    document = one(tmp_path, "<p>x</p>", meta=meta)
    assert document.text == "Gout*\na trial\nGicht\nIt hurts.\nRésumé\nMal.\nx"
    assert [(mark.kind, mark.label, mark.language) for mark in document.marks] == [
        ("title", "", ""),
        ("title", "", ""),
        ("title", "", "de"),
        ("abstract", "", ""),
        ("abstract", "Résumé", "fr"),
    ]


def test_sub_articles_follow(tmp_path):
    sub = (
        "<sub-article><front-stub><title-group><article-title>Reply</article-title></title-group></front-stub>"
        "<body><p>Indeed.</p></body><response><body><p>Thanks.</p></body></response></sub-article>"
    )
    document = one(tmp_path, "<p>x</p>", rest=sub)
    assert document.text == "Gout\nx\nReply\nIndeed.\nThanks."


def test_a_real_bibliographic_record():
    [document] = jats.read(ARTICLE)
    found = document.citation
    assert (document.id, found.pmcid, found.pmid) == ("PMC5960937", "PMC5960937", "29805898")
    assert found.doi == "10.5195/cajgh.2014.169"
    assert (found.journal, found.volume) == ("Central Asian Journal of Global Health", "3")
    assert dict(found.dates) == {"published": "2014", "electronic": "2014-12-12"}
    assert found.authors[0].count(", ") == 1
    assert found.types == ("research-article", "Articles")
    assert found.licence
    assert (document.language, found.languages, document.composition) == ("en", (), "jats-1")
    assert "@" not in repr(document)


def expected_words(path):
    """The text nodes of body, back matter and floats, less what the module says it leaves out, by another way."""
    root = etree.parse(path, etree.XMLParser(load_dtd=False, no_network=True, remove_comments=True, remove_pis=True))
    left_out = "self::ref-list or self::email or self::object-id or self::permissions"
    nodes = root.xpath(
        f"/article/*[self::body or self::back or self::floats-group]//text()[not(ancestor::*[{left_out}])]"
    )
    twins = {node for node in nodes if node.getparent().tag == "tex-math" and not node.is_tail}
    return [part for node in nodes if node not in twins and (part := "".join(node.split()))]


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_every_word_of_a_real_article_is_in_the_text(path):
    [document] = jats.read(path)
    front = [words(document, mark) for mark in document.marks if mark.kind in {"title", "abstract"}]
    body = document.text[sum(len(part) + 1 for part in front) :]
    packed, expected = "".join(body.split()), expected_words(path)
    assert [part for part in expected if part not in packed] == []
    assert Counter(packed) == Counter("".join(expected))
    for mark in document.marks:
        assert words(document, mark) == words(document, mark).strip(" \n")


def test_an_article_set_and_a_damaged_article_in_it(tmp_path):
    articles = [article(f"<p>{n}</p>") for n in range(3)]
    articles[1] = articles[1].replace("</p>", "")
    path = xml_file(tmp_path, '<?xml version="1.0"?>\n<pmc-articleset>\n' + "\n".join(articles) + "</pmc-articleset>")
    first, failure, last = jats.read(path)
    assert (first.id, first.text, last.id, last.text) == ("article-1", "Gout\n0", "article-3", "Gout\n2")
    assert isinstance(failure, Failure)
    assert "article.nxml, record 2, line 4: the XML is malformed" in str(failure)


def test_hostile_and_foreign_files_are_refused(tmp_path):
    with pytest.raises(UnsafeInputError, match="declares entities"):
        list(
            jats.read(
                xml_file(tmp_path, '<!DOCTYPE article [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + article("&x;"))
            )
        )
    with pytest.raises(FormatError, match="there is no <article>"):
        list(jats.read(xml_file(tmp_path, "<PubmedArticleSet/>")))
    deep = article("<sec>" * 300 + "</sec>" * 300)
    [failure] = jats.read(xml_file(tmp_path, deep))
    assert isinstance(failure.error, UnsafeInputError)


@pytest.mark.parametrize(
    "nested",
    ["<sec><p>{}</p></sec>", "<p><boxed-text>{}</boxed-text></p>", "<sub-article><body>{}</body></sub-article>"],
)
def test_the_deepest_nesting_the_parser_lets_through_is_read(tmp_path, nested):
    body = "x"
    for _ in range(110):
        body = nested.format(body)
    assert one(tmp_path, body).text.startswith("Gout")


def test_detection_by_content():
    assert jats.sniff(ARTICLE.read_bytes()[:4096])
    assert jats.sniff(b"<pmc-articleset><article/>")
    assert not jats.sniff(
        b'<!DOCTYPE article PUBLIC "-//OASIS//DTD DocBook XML V4.5//EN" "d"><article><title>x</title>'
    )
    assert not jats.sniff(b"<PubmedArticleSet>")


BLOCKS = st.sampled_from(
    ["sec", "p", "fig", "table-wrap", "table", "tr", "td", "list", "label", "title", "italic", "sup"]
)
WORDS = st.sampled_from(["gout", " ", "\n", "α-Syn", "患者", "😀", "e\u0301", "5&lt;6", "\u00a0"])
TREES = st.recursive(
    WORDS,
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", BLOCKS, st.lists(inner, max_size=4)),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TREES, max_size=4))
def test_no_word_is_lost_however_elements_nest(tmp_path_factory, trees):
    body = "".join(trees)
    document = one(tmp_path_factory.getbasetemp(), body)
    plain = re.sub(r"<[^>]*>", "", body).replace("&lt;", "<")
    assert Counter("".join(document.text.removeprefix("Gout").split())) == Counter("".join(plain.split()))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_but_our_errors_leaves_the_reader(tmp_path_factory, seed):
    rng, content = random.Random(seed), ARTICLE.read_bytes()
    for _ in range(rng.randint(1, 6)):
        at, length = rng.randrange(len(content)), rng.choice([1, 1, 4, 40, 4000])
        new = rng.choice([b"", content[at : at + length] * 2, rng.randbytes(3), b"<", b"<p>", b"<!--", b"&", b"\x00"])
        content = content[:at] + new + content[at + length :]
    try:
        for found in jats.read(xml_file(tmp_path_factory.getbasetemp(), content, "mutated.nxml")):
            assert not isinstance(found, Failure) or isinstance(found.error, BioglossError)
    except BioglossError as error:
        assert "mutated.nxml" in str(error)  # noqa: PT017
