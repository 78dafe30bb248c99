"""Relations in the text, as a person sees and reaches them in a browser."""

from dataclasses import replace

import by_hand
import pytest
from hostile_text import TAKE
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

BOXES = """
return [...document.querySelectorAll("svg.arcs g")].map((one) => {
  const text = one.querySelector("text");
  return { label: text.textContent, words: text.getBoundingClientRect().toJSON(), ends: JSON.parse(one.dataset.ends) };
});
"""
MENTION = """
const [{ left, right, top, bottom }] = document.querySelector(`.e.first[data-e="${arguments[0]}"]`).getClientRects();
return { left, right, top, bottom };
"""


@pytest.fixture(scope="module")
def address():
    with by_hand.serving() as found:
        yield found


def shown(page, address, text=by_hand.TEXT):
    page.url = address
    page.open("/annotate")
    page.run("document.getElementById('text').value = arguments[0]", text)
    page.one("#go").click()
    page.one("article")


def drawn(page):
    return page.until(lambda: page.run(BOXES))


def overlap(one, other):
    return (
        one["left"] < other["right"]
        and other["left"] < one["right"]
        and (one["top"] < other["bottom"] and other["top"] < one["bottom"])
    )


@pytest.mark.parametrize("width", [1280, 375])
def test_arcs_stand_above_their_mentions_and_their_labels_cover_nothing(page, address, width):
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    try:
        shown(page, address)
        found = drawn(page)
        assert {one["label"] for one in found} == {label for label, *_ in by_hand.SAYS}
        labels = [one["words"] for one in found]
        mentions = [page.run(MENTION, one.get_attribute("data-e")) for one in page.all("article .e.first")]
        assert not any(overlap(one, other) for one in labels for other in mentions)
        assert not any(overlap(one, other) for at, one in enumerate(labels) for other in labels[:at])
        for one in found:
            tops = [page.run(MENTION, name)["top"] for name in one["ends"]]
            assert any(0 < top - one["words"]["top"] < 120 for top in tops)
        # Where the mentions of a relation are on different lines, it is drawn at both.
        wrapped = [one for one in found if len({page.run(MENTION, name)["top"] // 20 for name in one["ends"]}) > 1]
        assert wrapped
        assert len(wrapped) % 2 == 0
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def hot(page):
    return {one.get_attribute("data-e") for one in page.all("article .e.hot")}


def test_an_arc_that_is_pointed_at_lights_up_both_ends_and_leads_to_the_list(page, address):
    shown(page, address)
    ends = set(drawn(page)[0]["ends"])
    label = page.one("svg.arcs text")
    words = label.text
    ActionChains(page.driver).move_to_element(label).perform()
    assert hot(page) == ends
    assert page.all("svg.arcs g.hot")
    ActionChains(page.driver).click(label).perform()
    assert page.one("details[open] li:focus").text.startswith(words)


def test_the_list_is_reached_by_keys_and_lights_up_the_same(page, address):
    shown(page, address)
    drawn(page)
    page.one("article summary").send_keys(Keys.ENTER)
    page.one("article summary").send_keys(Keys.TAB)
    item = page.driver.switch_to.active_element
    assert item.text.startswith("treats subject methotrexate → object rheumatoid arthritis")
    assert len(hot(page)) >= 2
    assert page.run("return [...document.querySelectorAll('svg.arcs g.hot text')].map((one) => one.textContent)") == [
        "treats"
    ]
    assert page.one("svg.arcs").get_attribute("aria-hidden") == "true"


def test_arcs_go_with_their_mentions_and_by_their_own_box(page, address):
    shown(page, address)
    drawn(page)
    gene = page.one('article .e[data-label="Gene"]').get_attribute("data-t")
    page.one(f"#types input[data-type='{gene}']").click()
    page.until(lambda: "lowers" not in {one["label"] for one in page.run(BOXES)})
    assert page.run(BOXES)
    height = page.one("article").size["height"]
    page.one("#joined").click()
    page.until(lambda: not page.all("svg.arcs"))
    assert page.one("article").size["height"] < height
    page.one("#joined").click()
    assert drawn(page)


def test_an_arc_goes_with_the_mention_that_is_removed_by_hand(page, address):
    shown(page, address, "Methotrexate and nausea.")
    assert [one["label"] for one in drawn(page)] == ["causes"]
    page.one('article .e[data-label="Disease"]').click()
    page.all("#side .button")[1].click()
    page.until(lambda: not page.all("svg.arcs, article details, #joined"))


def test_a_text_without_relations_has_nothing_that_speaks_of_them(page, address):
    shown(page, address, "Methotrexate.")
    assert page.one("article .e")
    assert not page.all("svg.arcs, article details, #joined")
    assert "elation" not in page.one("#result").text
    assert "Arcs" not in page.one("#result").text


def test_hostile_types_of_relations_are_only_text(page):
    nasty = f"<img src=x onerror={TAKE}></text><script>{TAKE}</script>\u202e"

    def said(document):
        found = by_hand.said(document)
        return replace(found, relations=tuple(replace(one, label=nasty * 20) for one in found.relations))

    with by_hand.serving(said) as address:
        shown(page, address, "Methotrexate and nausea.\n" + "x" * 300_000)
        (one,) = drawn(page)[:1]
        assert "<script>" in one["label"]
        assert page.driver.title == "Annotate · Biogloss"
        assert not page.all("#result img, #result script")
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")
