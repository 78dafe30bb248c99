"""Models, as a person does it in a browser."""

import json
import shutil

import pytest
from serving import running

from biogloss.apps.web.cards import html_of
from biogloss.apps.web.views.models import compared
from biogloss.documents import Document, Span, entity_at
from biogloss.models import folder as folders
from biogloss.pipeline import gloss


def test_a_card_is_shown_with_its_scores(page):
    page.open("/models")
    assert page.one("#card table")
    assert "Intended use" in page.one("#card").text
    assert page.one(".compare summary")


def test_a_model_that_is_not_there_is_said(page):
    page.open("/models?name=%3Cb%3Enone")
    assert "<b>none" in page.one(".empty").text


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A server with the embedded model, and with the same under another name."""
    copy = tmp_path_factory.mktemp("models") / "copy"
    shutil.copytree(gloss.folder("biogloss-en"), copy)
    manifest = json.loads((copy / folders.MANIFEST).read_text(encoding="utf-8"))
    manifest["name"] = "second"
    (copy / folders.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with running("--no-link", "--model", "biogloss-en", "--model", copy) as started:
        yield started


def test_two_models_are_compared_on_a_text(page, two):
    page.url = two.url
    page.open("/models?name=second")
    page.one("#go").click()
    assert "nothing" in page.one("#trouble").text
    page.one("#text").send_keys("Metformin was given for gout.")
    page.one("#go").click()
    page.one(".columns article .e")
    assert len(page.all(".columns article")) == 2
    assert "second" in page.all(".columns h3")[1].text
    assert page.one(".tally").text.endswith("0 that only one finds")


def test_what_only_one_model_finds_is_listed_in_reading_order():
    text = "Gout and metformin"
    gout, drug = entity_at(text, Span(0, 4), "Disease", id="1"), entity_at(text, Span(9, 18), "Chemical", id="2")
    both = [Document("1", text, entities=(drug,)), Document("1", text, entities=(gout,))]
    assert compared(both) == (0, [("Gout", "Disease", 1), ("metformin", "Chemical", 0)])
    assert compared(both[:1] * 2) == (1, [])


def test_a_card_runs_and_fetches_nothing():
    card = "# T\n<script>x</script> [a](javascript:x) ![p](http://example.org/p.png)\n\n|a|\n|-:|\n|1|\n"
    made = html_of(card)
    assert made.startswith("<h2>T</h2>")
    for part in ("<script", 'href="javascript', "<img", "style="):
        assert part not in made
    assert '<td class="number">1</td>' in made
