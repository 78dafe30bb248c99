"""The web page: every character and entity is there, and nothing that stands in a text can run."""

import base64
import hashlib
import io
import json
import re

import pytest
from document_strategies import documents
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from biogloss.documents import Citation, Document, Link, Mark, Relation, Span, entity_at
from biogloss.formats import html
from biogloss.formats._arcs import MOST_ARCS, between_mentions
from biogloss.formats._source import Report

NASTY = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\' onmouseover="alert(1)\u202e\x00'


def page(*written, report=None):
    stream = io.StringIO(newline="")
    html.write(written, stream, report)
    return stream.getvalue()


def parsed(*written):
    return parser.document_fromstring(page(*written).encode(), parser=parser.HTMLParser(encoding="utf-8"))


def classes(part):
    return part.get("class", "").split()


def shown(element):
    """The words of an element, control characters back in place, white space aside."""
    for control in element.xpath('.//span[@class="control"]'):
        control.text = f"<{control.get('title')}>"
    return "".join(element.text_content().split())


def expected(text):
    hidden = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
    return "".join(re.sub(hidden, lambda found: f"<U+{ord(found[0]):04X}>", text).split())


@given(documents().filter(lambda document: document.id != "#1"))
def test_all_words_are_shown_and_each_entity_stands_on_its_own(document):
    (article,) = parsed(document).xpath("//main/article")
    # Without a title the heading is the id, and the line below it then shows a number.
    titled = article.xpath("string(p[@class='about']/a)") != "#1"
    blocks = article.xpath("h2|h3|p[not(@class='about')]" if titled else "h3|p[not(@class='about')]")
    words = "".join(map(shown, blocks))
    spelt = {entity.id: "" for entity in document.entities}
    for part in article.xpath(".//span[@data-e]"):
        if any(other.get("data-e") == part.get("data-e") for other in part.iterancestors("span")):
            continue
        spelt[part.get("data-e")] += shown(part)
    # The title comes first wherever it stands, so the order of characters may be another.
    assert sorted(words) == sorted(expected(document.text))
    wanted = {entity.id: expected(entity.text) for entity in document.entities}
    assert {name: sorted(found) for name, found in spelt.items()} == {name: sorted(w) for name, w in wanted.items()}


@given(documents())
def test_each_entity_takes_the_focus_once(document):
    (article,) = parsed(document).xpath("//main/article")
    parts = article.xpath(".//span[@data-e]")
    focused = [part.get("data-e") for part in parts if part.get("tabindex") == "0"]
    assert len(focused) == len(set(focused))
    assert {entity.id for entity in document.entities if entity.text[:1].strip()} <= set(focused)


def test_hostile_text_stays_text_everywhere():
    length = len(NASTY)
    found = entity_at(
        NASTY, Span(0, length), NASTY, id=NASTY, links=(Link(NASTY),), attributes=((NASTY, NASTY),), source=NASTY
    )
    document = Document(
        NASTY,
        NASTY,
        NASTY,
        marks=(Mark(Span(0, 9), NASTY), Mark(Span(3, 20), "title")),
        entities=(found,),
        relations=(Relation(NASTY, NASTY, ((NASTY, NASTY),), (Span(0, length),), NASTY),),
        labels=(NASTY,),
        citation=Citation(pmid=NASTY, journal=NASTY, dates=(("published", NASTY),)),
    )
    source = page(document)
    tree = parser.document_fromstring(source.encode(), parser=parser.HTMLParser(encoding="utf-8"))
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//img")
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    assert "\x00" not in source
    assert "\u202e" not in source
    assert source.count("</script>") == 1


def test_the_policy_lets_this_style_and_this_script_run_and_nothing_else():
    tree = parsed(Document("7", "Gout."))
    (policy,) = tree.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (element,) = tree.xpath(f"//{tag}")
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_nothing_is_fetched():
    document = Document("7", "Gout.", citation=Citation(pmid="7"))
    tree = parsed(document)
    assert not tree.xpath("//@src|//link|//iframe|//object|//embed|//@style")
    assert "url(" not in page(document)
    assert "@import" not in page(document)
    assert tree.xpath("//main//a/@href") == ["#d1", "https://pubmed.ncbi.nlm.nih.gov/7/"]


def test_overlapping_entities_are_on_different_lanes_and_crossing_ones_are_cut():
    text = "Left ventricular ejection fraction"
    found = (
        entity_at(text, Span(0, 16), "Anatomy", id="T1"),
        entity_at(text, Span(5, 34), "Measurement", id="T2"),
        entity_at(text, Span(5, 16), "Anatomy", id="T3"),
    )
    parts = parsed(Document("7", text, entities=found)).xpath("//main//span[@data-e]")
    lanes = {part.get("data-e"): {name for name in classes(part) if re.fullmatch(r"l\d", name)} for part in parts}
    assert len({name for names in lanes.values() for name in names}) == 3
    crossing = [part for part in parts if part.get("data-e") == "T2"]
    assert ["first" in classes(part) for part in crossing] == [True, False]
    assert ["last" in classes(part) for part in crossing] == [False, True]
    assert [part.get("tabindex") for part in crossing] == ["0", None]


def test_pieces_of_a_discontinuous_entity_say_that_they_belong_together():
    text = "breast and ovarian cancer"
    found = entity_at(text, (Span(0, 6), Span(19, 25)), "Disease", id="T1")
    first, last = parsed(Document("7", text, entities=(found,))).xpath("//main//span[@data-e='T1']")
    assert {"gap", "first", "on"} <= set(classes(first))
    assert {"gap", "from", "last"} <= set(classes(last))


def test_pointing_at_an_entity_shows_ids_and_scores():
    found = entity_at(
        "Gout", Span(0, 4), "Disease", id="T1", links=(Link("MESH:D006073", 0.9),), source="ner@1", score=0.98
    )
    (part,) = parsed(Document("7", "Gout", entities=(found,))).xpath("//main//span[@data-e]")
    assert part.get("title").splitlines() == ["Disease: Gout", "MESH:D006073 · score 0.900", "T1 · score 0.980 · ner@1"]


def test_the_legend_counts_types_over_all_documents_and_known_types_keep_their_colour():
    gout = entity_at("Gout", Span(0, 4), "Disease", id="T1")
    other = entity_at("Gout", Span(0, 4), "My type", id="T2")
    tree = parsed(
        *[Document(str(number), "Gout", entities=(other, gout)) for number in range(3)], Document("x", "Gout")
    )
    (legend,) = tree.xpath('//section[@id="types"]')
    rows = [" ".join(item.text_content().split()) for item in legend.xpath(".//li")]
    assert rows == ["Disease 3", "My type 3"]
    assert "4 documents, 6 entities" in legend.text_content()
    (only,) = parsed(Document("7", "Gout", entities=(gout,))).xpath("//main//span[@data-e]")
    (both,) = tree.xpath('//article[@id="d1"]//span[@data-e="T1"]')
    assert "c1" in classes(only)
    assert "c1" in classes(both)


def test_titles_sections_and_what_is_known_of_the_document():
    text = "On gout\nBACKGROUND: Gout hurts."
    marks = (Mark(Span(0, 7), "title"), Mark(Span(8, 31), "section", "BACKGROUND"), Mark(Span(8, 31), "sentence"))
    citation = Citation(pmid="12", journal="Nature", dates=(("published", "2022-12"),), retracted=True, volume="3")
    report = Report()
    scores = (("Review", 0.931), ("Trial", 0.069))
    found = Document("12", text, marks=marks, labels=("Review",), citation=citation, label_scores=scores)
    source = page(found, report=report)
    (article,) = parser.document_fromstring(source).xpath("//article")
    assert article.xpath("string(h2)") == "On gout"
    about = "12 · PubMed · Nature · 2022-12 · Retracted · Review 0.931 · Trial 0.069"
    assert article.xpath("string(p[@class='about'])") == about
    assert [part.text for part in article.xpath("p[not(@class)]")] == ["BACKGROUND: Gout hurts."]
    assert any("bibliographic" in what for what in report)


def test_marks_of_words_do_not_cut_paragraphs():
    text = "No heart rate (HR) was taken."
    marks = (Mark(Span(0, 29), "sentence"), Mark(Span(15, 17), "abbreviation", "heart rate"), Mark(Span(0, 2), "cue"))
    assert [part.text for part in parsed(Document("7", text, marks=marks)).xpath("//p[not(@class)]")][-1:] == [text]


def test_what_is_absent_is_struck_and_its_cue_is_told():
    text = "No gout, possible gout; mother had gout."
    said = [("negation", "negated"), ("certainty", "possible"), ("experiencer", "family")]
    starts = [3, 18, 35]
    found = tuple(
        entity_at(text, Span(at, at + 4), "Disease", id=f"T{number}", attributes=((name, value), (f"{name}_cue", "x")))
        for number, (at, (name, value)) in enumerate(zip(starts, said, strict=True), 1)
    )
    spans = parsed(Document("7", text, entities=found)).xpath("//main//span[@data-e]")
    assert [{"not", "may", "far"} & set(classes(span)) for span in spans] == [{"not"}, {"may"}, {"far"}]
    assert "negation: negated\nnegation_cue: x" in spans[0].get("title")


def test_relations_quote_their_evidence():
    text = "Aspirin eases gout."
    found = (entity_at(text, Span(0, 7), "Chemical", id="T1"),)
    joined = Relation("R1", "treats", (("a", "T1"), ("b", "MESH:D006073")), (Span(0, 19),), "re@1", 0.5)
    (item,) = parsed(Document("7", text, entities=found, relations=(joined,))).xpath("//article//li")
    words = " ".join(item.text_content().split())
    assert words == "treats a Aspirin → b MESH:D006073 score 0.500 · re@1Aspirin eases gout."


@pytest.mark.parametrize("spans", [[Span(0, 9)] * 50, [Span(at, at + 20) for at in range(50)]])
def test_a_crowd_at_one_place_is_drawn_in_part_and_the_page_says_so(spans):
    text = "x" * 80
    found = tuple(entity_at(text, span, "Disease", id=f"T{number}") for number, span in enumerate(spans))
    (article,) = parsed(Document("7", text, entities=found)).xpath("//article")
    drawn = {part.get("data-e") for part in article.xpath(".//span[@data-e]")}
    assert f"{50 - len(drawn)} more entities" in article.text_content()
    assert max(len(list(part.iterancestors("span"))) for part in article.xpath(".//span[@data-e]")) < 12


@given(st.integers(0, 3))
def test_the_page_is_written_document_by_document(count):
    stream = io.StringIO()
    seen = []

    def stream_of():
        for number in range(count):
            seen.append(stream.getvalue().count("</article>"))
            yield Document(str(number), "Gout.")

    html.write(stream_of(), stream)
    assert seen == list(range(count))


JOINED = "Aspirin. Gout, aspirin. Aspirin helps in gout. Gout."


def mentions(*more):
    found = [
        entity_at(JOINED, Span(at.start(), at.end()), label, id=f"{label[0]}{at.start()}", links=(Link(concept),))
        for words, label, concept in (("aspirin", "Chemical", "MESH:D001241"), ("gout", "Disease", "MESH:D006073"))
        for at in re.finditer(words, JOINED, re.IGNORECASE)
    ]
    return Document("7", JOINED, entities=tuple(found), relations=more)


CONCEPTS = (("a", "MESH:D001241"), ("b", "MESH:D006073"))


@pytest.mark.parametrize(
    ("relation", "drawn"),
    [
        (Relation("R", "treats", CONCEPTS), [["C15", "D9"]]),  # the nearest of the text
        (Relation("R", "treats", CONCEPTS, (Span(24, 46),)), [["C24", "D41"]]),  # those of the sentence that says it
        (Relation("R", "treats", (("a", "C0"), ("b", "D47"))), [["C0", "D47"]]),
        (Relation("R", "treats", (*CONCEPTS, ("c", "C0"))), [["C15", "D9"], ["C15", "C0"]]),
        (Relation("R", "is", (("a", "MESH:D001241"), ("b", "X:1"))), []),
        (Relation("R", "is", ()), []),
    ],
)
def test_a_relation_is_drawn_between_the_mentions_that_say_it(relation, drawn):
    (item,) = parsed(mentions(relation)).xpath("//article//li")
    assert json.loads(item.get("data-arcs", "[]")) == drawn


def test_of_many_relations_the_list_has_all_and_the_text_some():
    many = [Relation(f"R{number}", "treats", CONCEPTS) for number in range(MOST_ARCS + 5)]
    items = parsed(mentions(*many)).xpath("//article//li")
    assert len(items) == MOST_ARCS + 5
    assert sum("data-arcs" in item.attrib for item in items) == MOST_ARCS


def test_relations_of_concepts_become_those_of_the_mentions_that_say_them():
    twice = Relation("R7", "treats", CONCEPTS, (Span(9, 23), Span(24, 46)), score=0.5)
    document, report = mentions(twice, Relation("R8", "is", (("a", "MESH:D001241"), ("b", "X:1")))), Report()
    made = between_mentions(document, report)
    assert [(one.id, one.arguments, one.score) for one in made.relations] == [
        ("R1", (("a", "C15"), ("b", "D9")), 0.5),
        ("R2", (("a", "C24"), ("b", "D41")), 0.5),
    ]
    assert sum(report.values()) == 1
