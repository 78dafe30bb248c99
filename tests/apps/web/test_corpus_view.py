"""Corpus, as a person does it in a browser."""

import json

import pytest
from hostile_text import HOSTILE
from serving import running

from biogloss.apps.web.facets import MOST_CHARACTERS, MOST_DOCUMENTS, Corpus, Known, browse, read, year_of
from biogloss.apps.web.trend import figure, years
from biogloss.documents import Citation, Document, Span, entity_at
from biogloss.documents.jsonl import to_line


def test_a_file_is_uploaded_watched_browsed_by_entity_and_removed(page, tmp_path):
    texts = ["Metformin was given for gout.", "Gout again.", "Nothing here.", HOSTILE]
    lines = [json.dumps({"biogloss": 1, "id": f"n{n}", "text": text}) + "\n" for n, text in enumerate(texts)]
    (tmp_path / "notes.jsonl").write_text("".join(lines), encoding="utf-8")
    page.open("/corpus")
    page.one("#corpora .empty, #corpora table")
    page.all("#file")[0].send_keys(str(tmp_path / "notes.jsonl"))
    page.one(".facets")
    assert "job=" in page.driver.current_url
    assert len(page.all("article")) == 4
    assert page.driver.title == "Corpus · Biogloss"
    assert not page.all("article img, article script")
    drug = next(one for one in page.all(".facets li") if one.text.startswith("metformin"))
    assert drug.text.split()[-1] == "1"
    drug.find_element("css selector", "a").click()
    page.until(lambda: "key=" in page.driver.current_url and page.one(".facets"))
    assert len(page.all("article")) == 1
    assert "Metformin" in page.one("article").text
    page.one("[data-forget]").click()
    page.until(lambda: "job=" not in page.driver.current_url)


def dated(number, year, text):
    citation = {"pmid": str(number), "dates": [["published", f"{year}-03"]]} if year else {"pmid": str(number)}
    return json.dumps({"biogloss": 1, "id": str(number), "text": text, "citation": citation}) + "\n"


def test_the_years_of_an_entity_are_drawn_and_are_a_table(page, tmp_path):
    given = "Metformin was given for gout."
    said = [(1998, given), (1998, "Nothing here."), (2001, given), (0, given), (2001, given)]
    lines = [dated(number, *one) for number, one in enumerate(said)]
    (tmp_path / "dated.jsonl").write_text("".join(lines), encoding="utf-8")
    page.open("/corpus")
    page.all("#file")[0].send_keys(str(tmp_path / "dated.jsonl"))
    page.one(".facets")
    assert not page.all(".trend")
    next(one for one in page.all(".facets a") if one.text == "metformin").click()
    page.one(".trend svg")
    heights = [float(one.get_attribute("height")) for one in page.all(".trend rect")]
    assert len(heights) == 2
    assert heights[1] == 2 * heights[0] > 0
    page.one(".trend summary").click()
    rows = [one.text.split() for one in page.all(".trend table tr")[1:]]
    assert rows == [["1998", "1", "2", "50.0", "%"], ["2001", "2", "2", "100.0", "%"]]


def test_what_is_not_there_is_said(page):
    page.open(f"/corpus?job={'0' * 32}")
    assert "no such job" in page.one("#trouble").text


def test_a_file_that_cannot_be_read_is_said(page, tmp_path):
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    page.open("/corpus")
    page.all("#file")[0].send_keys(str(tmp_path / "empty.jsonl"))
    assert "no documents" in page.one("#trouble").text


def test_without_a_folder_the_page_says_how_to_get_one():
    with running("--no-link") as plain, plain.client() as client:
        assert "--state" in client.get("/corpus").text
        assert client.get("/web/jobs").status_code == 404


def of(year, *keys):
    return Known(0, keys, year)


def test_a_trend_needs_an_entity_and_two_years():
    corpus = Corpus([of(1998, "a"), of(0, "a"), of(2020), of(2020, "a", "b"), of(2020, "a")], {}, is_cut=False)
    assert years(corpus, "a") == [(1998, 1, 1), (2020, 2, 3)]
    assert years(corpus, "") == []
    assert years(Corpus(corpus.documents[1:], {}, is_cut=False), "a") == []
    bars, lines = figure(years(corpus, "b"))
    assert [round(share, 3) for share, _ in lines] == [0, 0.25, 0.5]
    assert [bar.height for bar in bars] == [0, pytest.approx(154 * 2 / 3, abs=0.1)]
    assert bars[1].left - bars[0].left > bars[0].width


@pytest.mark.parametrize(("said", "year"), [("1998-03", 1998), ("2021", 2021), ("19981", 0), ("0001", 0), ("", 0)])
def test_a_year_is_one_in_which_documents_are_published(said, year):
    assert year_of(Document("1", "x", citation=Citation(dates=(("published", said),)))) == year
    assert year_of(Document("1", "x")) == 0


def test_entities_are_counted_once_a_document_and_pages_are_cut():
    text = "Gout, gout."
    one = Document(
        "1", text, entities=tuple(entity_at(text, Span(*at), "Disease", id=str(at)) for at in ((0, 4), (6, 10)))
    )
    lines = enumerate([to_line(one)] * 25 + [to_line(Document("2", "None."))] * MOST_DOCUMENTS)
    corpus = read(lines)
    seen = browse(corpus, "Disease|gout", page=3)
    assert [(facet.name, facet.documents) for facet in seen.groups["Disease"]] == [("gout", 25)]
    assert (seen.places, seen.pages) == ([20, 21, 22, 23, 24], 3)
    assert (len(corpus.documents), corpus.is_cut) == (MOST_DOCUMENTS, True)
    assert browse(corpus, "Gene|none").matching == 0


def test_of_long_documents_fewer_are_read():
    line = to_line(Document("1", "x" * (MOST_CHARACTERS // 2)))
    corpus = read([(number, line) for number in range(3)])
    assert (len(corpus.documents), corpus.is_cut) == (2, True)
    assert not read([(0, line)]).is_cut
