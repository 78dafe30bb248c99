"""A learning curve as rows, table and page: the score of each point, and whether more documents made it better."""

import json
from itertools import pairwise

import pytest
from lxml import html

from biogloss.documents import Document, Span, entity_at
from biogloss.evaluation import overall
from biogloss.evaluation.bootstrap import Name
from biogloss.evaluation.learning_curve import Point, json_rows, page, rows, table
from biogloss.evaluation.overall import Choices, Evaluation

NAME = "<b>mine</b>"


def entities(right):
    """Sixty documents, a share of them with their disease."""
    return [
        Document(str(number), "Gout hurts.", entities=(entity_at("Gout hurts.", Span(0, 4), "Disease", id="T1"),))
        if number < right * 60
        else Document(str(number), "Gout hurts.")
        for number in range(60)
    ]


def classes(right):
    """Sixty documents of two classes, a share of them with the right one."""
    kinds = ("review", "trial")
    return [
        Document(str(number), "Gout.", labels=(kinds[(number + (number >= right * 60)) % 2],)) for number in range(60)
    ]


def point(share, documents, made, right):
    gold, predicted = made(1), made(right)
    names = {"gold": "folds", "predicted": NAME}
    scored = overall.scored(gold, predicted, overall.kinds(gold))
    return Point(share, documents, Evaluation(names, gold, predicted, scored, Choices()))


def curve(made):
    return [point(0.1, 12, made, 0.4), point(0.5, 60, made, 0.7), point(1.0, 120, made, 0.75)]


@pytest.mark.parametrize(("made", "name"), [(entities, Name("micro", "f1")), (classes, Name("all", "accuracy"))])
def test_rows_have_the_score_of_each_point_and_what_more_documents_add(made, name):
    points = curve(made)
    found = rows(points)
    assert json.loads(json_rows(points)) == found
    values = [100 * one.evaluation.scored[0].estimates[name].value for one in points]
    assert [row["value"] for row in found] == pytest.approx(values, abs=0.01)
    assert [row["documents"] for row in found] == [12, 60, 120]
    assert all(row["low"] < row["value"] < row["high"] for row in found)
    assert "difference" not in found[0]
    more = [after - before for before, after in pairwise(values)]
    assert [row["difference"] for row in found[1:]] == pytest.approx(more, abs=0.02)
    assert [row["verdict"] for row in found[1:]] == ["better", "no measurable difference"]


def test_the_page_shows_the_curve_and_runs_nothing_that_stands_in_a_name():
    points = curve(entities)
    tree = html.document_fromstring(page(points))
    assert not tree.xpath("//script | //b")
    assert NAME in tree.xpath("string(//h1)")
    (svg,) = tree.xpath("//svg")
    assert svg.xpath("title/@id") == [svg.get("aria-labelledby")]
    shown = [circle.get("cx") for circle in svg.xpath(".//circle")]
    assert sorted(shown, key=float) == shown
    assert len(set(shown)) == 3
    cells = [[cell.text_content() for cell in row] for row in tree.xpath("//tbody/tr")]
    assert cells == [list(row) for row in table(points).rows]
    assert [row[0] for row in cells] == ["12", "60", "120"]


def numbers(right):
    """Sixty documents with a number each; where none is right, all are told the same."""
    return [Document(str(one), "Gout.", labels=(f"{one / 60 if right else 0.5:.3f}",)) for one in range(60)]


def test_a_score_that_is_not_defined_is_no_number():
    points = [point(0.1, 12, numbers, 0), point(1.0, 120, numbers, 1)]
    first, last = rows(points)
    assert first["value"] is None
    assert last["value"] == 100
    assert "difference" not in last
    assert [row[2] for row in table(points).rows] == ["-", "100.0"]
    assert len(html.document_fromstring(page(points)).xpath("//svg//circle")) == 1
