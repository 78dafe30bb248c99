"""The page: every word that is read, shaded by what it adds; nothing that stands in a text can run."""

import base64
import hashlib

import numpy as np
import pytest
from lxml import html as parser

from biogloss.documents import Document, Span, entity_at
from every_task import CASES

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

from biogloss.explanation import explainer as explaining  # noqa: E402
from biogloss.explanation import page as pages  # noqa: E402
from biogloss.explanation.job import Explained  # noqa: E402

NASTY = "</style><script>alert(1)</script><img src=x onerror=alert(1)>\u202e gout \x00 & <b>"


@pytest.fixture(scope="module")
def explained(untrained):
    """An explanation of each case by gradients, of the first one by attention too, with neighbours."""
    explainer = explaining.load(untrained)
    found = []
    for name, case in CASES.items():
        head = explainer.head(name)
        question = explainer.questions(case.document, head)[0]
        methods = explaining.METHODS if name == "ner" else explaining.METHODS[:1]
        own = tuple(explainer.explain(question, head, method=method, orders=4) for method in methods)
        found.append(Explained(case.document, own, 2))
    return found


def parsed(source):
    return parser.document_fromstring(source.encode(), parser=parser.HTMLParser(encoding="utf-8"))


def test_every_explanation_shows_its_text_its_prediction_and_how_far_to_trust_it(explained):
    tree = parsed(pages.page(explained, "my-model-1"))
    sections = tree.xpath("//section[@class='why']")
    every = [(one.document, own) for one in explained for own in one.explanations]
    assert len(sections) == len(every)
    for section, (document, own) in zip(sections, every, strict=True):
        words = section.xpath("p[@class='words']//span[starts-with(@class, 'w')]")
        assert [word.text_content() for word in words] == [
            document.text[word.span.start : word.span.end] for word in own.question.words
        ]
        outlined = "".join(span.text_content() for span in section.xpath(".//span[@class='it']"))
        assert all(document.text[span.start : span.end] in outlined for span in own.question.item.spans)
        assert len(section.xpath(".//span[@class='it']")) <= len(own.question.item.spans)
        assert section.xpath("string(.//span[@class='badge'])") == own.question.item.label
        assert f"{own.probability:.3f}" in section.xpath("string(h3)")
        assert "random orders" in section.xpath("string(p[contains(@class, 'verdict')])")
        assert len(section.xpath(".//*[name()='svg']")) == 2
        about = section.xpath("string(p[@class='about'])")
        assert ("completeness error" in about) == (own.method == "gradients")
        assert all(name in about for name in ("deletion", "insertion", "comprehensiveness", "sufficiency"))
    assert len(tree.xpath("//p[@class='about' and contains(., '2 more predictions are not explained')]")) == len(CASES)


def test_shades_are_signed_and_the_strongest_word_has_all_of_it(explained):
    for one in (own for found in explained for own in found.explanations):
        levels = np.array(pages.shades(one))
        strongest = np.abs(one.values).argmax()
        assert abs(levels[strongest]) == pages.LEVELS
        assert (np.sign(levels) * np.sign(one.values) >= 0).all()
        assert np.abs(levels).max() <= pages.LEVELS


def test_sign_is_told_without_colour_and_values_without_shade(explained):
    source = pages.page(explained, "my-model-1")
    tree = parsed(source)
    style = tree.xpath("string(//style)")
    assert "dashed" in style
    assert "prefers-color-scheme: dark" in style
    (first, *_) = (own for found in explained for own in found.explanations)
    rows = tree.xpath("(//section[@class='why'])[1]//tbody/tr")
    assert [(row[0].text_content(), row[1].text) for row in rows] == [
        (first.question.text[span.start : span.end], f"{value:+.3f}") for span, value in first.top(pages.TOP)
    ]


def test_hostile_text_stays_text_and_the_policy_allows_this_style_alone(untrained):
    explainer = explaining.load(untrained)
    head = explainer.head("ner")
    found = entity_at(NASTY, Span(NASTY.index("gout"), NASTY.index("gout") + 4), "Disease", id=NASTY)
    document = Document(NASTY, NASTY, NASTY, entities=(found,))
    (question,) = explainer.questions(document, head)
    source = pages.page([Explained(document, (explainer.explain(question, head, orders=2),), 0)], NASTY)
    tree = parsed(source)
    assert not tree.xpath("//script|//img|//b|//*[@style]|//*[@src]|//link")
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    assert "\x00" not in source
    assert "\u202e" not in source
    (policy,) = tree.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    digest = base64.b64encode(hashlib.sha256(tree.xpath("string(//style)").encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_a_document_without_predictions_says_so():
    assert "Nothing is predicted here." in pages.page([Explained(Document("1", "Gout."), (), 0)], "m")
