"""The report stands alone, can be read by everyone, and lets nothing of a document act."""

import base64
import hashlib
import random
import re
from dataclasses import replace

import pytest
from lxml import etree, html

from biogloss.documents import Document, Mark, Relation, Span, entity_at
from biogloss.evaluation import figures, overall
from biogloss.evaluation.bootstrap import Name
from biogloss.evaluation.classes import Confusion
from biogloss.evaluation.overall import Choices, Evaluation
from biogloss.evaluation.report import page
from biogloss.evaluation.rows import rows
from biogloss.evaluation.splits import shared
from biogloss.evaluation.tables import summary, tables
from biogloss.evaluation.unseen import unseen_recall

NASTY = "<script>alert(1)</script> & \"quoted\" 'too' \u202eevil\x00 痛风 gout"
CHOICES = Choices(samples=30)


def documents(right, count=60, classes=("review", "trial", "<b>")):
    """Documents of hostile text and labels with everything that is scored, about a share of it right."""
    rng = random.Random(1)

    def is_right():
        return rng.random() < right

    made = []
    for number in range(count):
        place = Span(NASTY.index("gout"), len(NASTY)) if is_right() else Span(0, 8)
        entities = (
            entity_at(NASTY, place, "<i>Disease", id="T1", score=0.9),
            entity_at(NASTY, Span(9, 14), "Gene", id="T2", score=0.8),
        )
        label = classes[number % len(classes)] if is_right() else classes[(number + 1) % len(classes)]
        scores = {name: 0.8 if name == label else round(0.2 / max(len(classes) - 1, 1), 3) for name in classes}
        role = "aim" if is_right() else "<u>end"
        made.append(
            Document(
                f"d&{number}",
                NASTY,
                marks=(Mark(Span(0, len(NASTY)), "sentence", role),),
                entities=entities,
                relations=(Relation("R1", "<eases>", (("<a>", "T1"), ("b", "T2"))),) if is_right() else (),
                labels=(label,),
                label_scores=tuple(sorted(scores.items())),
            )
        )
    return made


def evaluated(gold, predicted, against=None):
    kinds = overall.kinds(gold)
    names = {"gold": "<gold>.jsonl", "predicted": "<system>.jsonl", "against": "<other>.jsonl"}
    scored = overall.scored(gold, predicted, kinds, CHOICES)
    other = overall.scored(gold, against, kinds, CHOICES) if against else ()
    return Evaluation(
        names, gold, predicted, scored, CHOICES, compared=overall.compared(other, scored) if against else ()
    )


@pytest.fixture(scope="module")
def source():
    gold, predicted, against = documents(1.0), documents(0.8), documents(0.4)
    found = evaluated(gold, predicted, against)
    unseen = unseen_recall(gold, predicted, against[:5], labels=["<i>Disease", "Gene"], samples=30)
    return page(replace(found, unseen=unseen, shared=shared(against[:5], gold), notes=["<note>"]))


@pytest.fixture(scope="module")
def tree(source):
    return html.document_fromstring(source)


def test_nothing_is_fetched_and_nothing_runs(source, tree):
    for element in tree.iter(etree.Element):
        assert element.tag not in {"script", "link", "img", "iframe", "object", "embed", "form", "b", "i", "u", "eases"}
        for name, value in element.attrib.items():
            assert name not in {"src", "href", "srcset", "style"}, element.tag
            assert not name.startswith("on")
            assert "http:" not in value
            assert "https:" not in value
    assert not re.search(r"url\(|@import", source)


def test_the_policy_lets_its_own_style_apply_and_no_other(tree):
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (style,) = tree.xpath("//style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "prefers-color-scheme: dark" in style.text
    assert "@media print" in style.text


def test_tables_and_figures_say_what_they_are(tree):
    tables, svgs = tree.xpath("//table"), tree.xpath("//svg")
    assert len(tables) > 10
    assert len(svgs) == 5  # two matrices, two figures of curves, one of reliability
    for table in tables:
        assert table.xpath("string(caption)").strip()
        assert table.xpath("thead//th[@scope='col']")
        assert len(table.xpath("tbody/tr")) == len(table.xpath("tbody/tr/th[@scope='row']"))
    for svg in svgs:
        assert svg.get("role") == "img"
        assert svg.xpath("string(title)").strip()
        assert svg.xpath("title/@id") == [svg.get("aria-labelledby")]
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert tree.get("lang") == "en"


def test_what_stands_in_documents_is_shown_as_it_stands(tree):
    text = tree.text_content()
    assert "<script>alert(1)</script>" in text
    assert "<i>Disease" in text
    assert "<eases>: <a> gout, b lert(" in text
    assert "U+202E" in text
    assert "NUL" in text
    assert "<note>" in text
    marks = {mark.text_content() for mark in tree.xpath("//mark")}
    assert "<script>" in marks
    assert "gout" in marks


def test_every_scored_thing_has_its_place(tree):
    assert tree.xpath("//h2/text()") == [
        *("Entities", "Relations", "Classes", "Sentence roles", "What training has shown"),
    ]
    captions = [" ".join(caption.split()) for caption in tree.xpath("//caption/text()")]
    assert captions[0] == "in short, in percent"
    assert any("McNemar" in caption for caption in captions)
    assert tree.xpath("//td[@class='w verdict better']")


def test_areas_stand_side_by_side_and_a_mean_over_one_label_is_left_out():
    gold, predicted = documents(1.0), documents(0.8)
    found = {table.title: table for table in tables(evaluated(gold, predicted))}
    areas = found["classes, areas below curves, in percent"]
    assert areas.header == ("type", "ROC-AUC", "95 %", "average precision", "95 %")
    assert [row[0] for row in areas.rows] == ["<b>", "review", "trial", "macro"]
    assert all("ROC-AUC" not in row[0] for row in found["classes, other scores, in percent"].rows)
    types = [[row[0] for row in found[f"{name}, in percent"].rows] for name in ("entities, strict", "classes")]
    assert types == [["<i>Disease", "Gene", "all", "macro"], ["<b>", "review", "trial", "all", "macro", "weighted"]]
    alone = evaluated([replace(one, labels=(), label_scores=(), entities=one.entities[1:]) for one in gold], predicted)
    (strict, *_) = tables(alone)
    assert [row[0] for row in strict.rows] == ["Gene", "all"]
    assert "macro" in {row["type"] for row in rows(alone)}


def test_many_classes_are_shown_in_part_and_the_title_says_so():
    names = tuple(f"class {number:02d}" for number in range(30))
    gold, predicted = documents(1.0, 300, names), documents(0.7, 300, names)
    tree = html.document_fromstring(page(evaluated(gold, predicted)))
    titles = tree.xpath("//svg/title/text()")
    assert any("the 24 most frequent of 30" in title for title in titles)
    assert any("8 most frequent of 30 classes" in title for title in titles)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, label_scores=()),
        lambda one: replace(one, labels=(*one.labels, "x"), label_scores=()),
        lambda one: replace(one, labels=()) if one.id.endswith("7") else one,
        lambda one: replace(one, entities=(), relations=(), marks=()),
    ],
    ids=["no scores", "several classes", "no class", "classes only"],
)
def test_other_documents_have_their_report_too(change):
    gold, predicted = ([change(one) for one in documents(right)] for right in (1.0, 0.8))
    html.document_fromstring(page(evaluated(gold, predicted)))


def test_a_perfect_system_has_no_mistake():
    gold = documents(1.0)
    assert page(evaluated(gold, gold)).count("<p>No mistake.</p>") == 4


def test_one_document_is_enough():
    gold = documents(1.0, 1)
    html.document_fromstring(page(evaluated(gold, gold)))


def test_a_matrix_counts_what_was_taken_for_what():
    import numpy as np  # noqa: PLC0415

    svg = figures.confusion("m", Confusion(("a", "b"), ("a", "b", "(none)"), np.array([[5, 1, 0], [0, 3, 2]])))
    tree = etree.fromstring(svg)
    numbers = [text.text for text in tree.iter("text") if text.text.isdigit()]
    assert numbers == ["5", "1", "0", "0", "3", "2"]
    assert tree.find("rect").find("title").text == "gold a, predicted a: 5, 83% of the row"


def test_each_part_of_a_cross_validation_has_the_scores_that_it_has_alone():
    gold, predicted = documents(1.0), documents(0.7)
    parts = {"fold-1": 25, "fold-<2>": 35}
    found = replace(evaluated(gold, predicted), parts=parts)
    alone = [evaluated(gold[:25], predicted[:25]), evaluated(gold[25:], predicted[25:])]
    made = [row for row in rows(found) if "part" in row]
    assert {row["part"]: row["documents"] for row in made} == parts
    for name, own in zip(parts, alone, strict=True):
        for one in own.scored:
            expected = [100 * one.estimates[Name(mean, "f1")].value for mean in ("micro", "macro")]
            (row,) = (row for row in made if (row["task"], row["match"], row["part"]) == (one.kind, one.rule, name))
            assert [row["f1"], row["macro_f1"]] == pytest.approx(expected, abs=0.005)
    assert [row for row in rows(found) if "part" not in row] == rows(replace(found, parts={}))
    assert summary(found) == summary(replace(found, parts={}))
    text = html.document_fromstring(page(found)).text_content()
    assert "entities, strict, each part by itself, in percent" in text
    assert "fold-<2>" in text
