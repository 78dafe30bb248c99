"""Every view can be read, in the light and in the dark, and used with the keyboard alone."""

import json
from dataclasses import replace
from itertools import cycle, pairwise
from pathlib import Path

import by_hand
import httpx
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from biogloss.documents import Relation, Span, entity_at

LEGIBLE = (Path(__file__).parent / "legible.js").read_text(encoding="utf-8")
COLOURS = 16
ASSERTED = [(), (("negation", "negated"),), (("certainty", "possible"),), (("experiencer", "family"),)]
FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']"


def colourful(document):
    """Words of every colour that there is for types, asserted in every way, related in every colour too."""
    asserted = cycle(ASSERTED)
    found, at = [], 0
    for number in range(COLOURS + 10):  # the first ten types have their own
        end = at + 4
        label = ("Chemical", "Disease", "Gene")[number] if number < 3 else f"Type{number}"
        found.append(entity_at(document.text, Span(at, end), label, id=f"T{number}", attributes=next(asserted)))
        at = end + 1
    relations = tuple(
        Relation(f"R{number}", f"is{number}", (("a", one.id), ("b", other.id)))
        for number, (one, other) in enumerate(pairwise(found))
    )
    return replace(document, entities=tuple(found), relations=relations)


WORDS = " ".join(["gout"] * (COLOURS + 10))


@pytest.fixture(scope="module")
def addresses(server):
    with by_hand.serving(colourful) as found:
        yield {"real": server.url, "colourful": found}


def annotated(page):
    page.run("document.getElementById('text').value = arguments[0]", WORDS)
    page.one("#go").click()
    page.one("svg.arcs text")
    page.one("article summary").click()


def corrected(page):
    annotated(page)
    page.all("article .e")[3].click()
    page.one("#side")


def pointed(page):
    annotated(page)
    ActionChains(page.driver).move_to_element(page.one("article .e")).perform()
    page.one("#tip")


def troubled(page):
    page.one("#go").click()
    page.one("#trouble")


def browsed(page):
    texts = {1998: "Metformin was given for gout.", 2001: "Metformin was given for gout again."}
    lines = [
        {"biogloss": 1, "id": str(at), "text": text, "citation": {"dates": [["published", str(at)]]}}
        for at, text in texts.items()
    ]
    body = "".join(json.dumps(one) + "\n" for one in lines)
    with httpx.Client(base_url=page.url, trust_env=False) as client:
        sent = client.post("/v1/jobs", content=body, headers={"content-type": "application/jsonl"}).json()
    page.open(f"/corpus?job={sent['id']}&key=Chemical%7CMESH%3AD008687")
    page.one(".facets")
    page.one(".trend summary").click()


VIEWS = {
    "annotate": ("real", "/annotate", lambda page: page.one(".empty")),
    "trouble": ("real", "/annotate", troubled),
    "sample": ("real", "/annotate?sample=discharge", lambda page: page.one("article .e")),
    "colours": ("colourful", "/annotate", annotated),
    "panel": ("colourful", "/annotate", corrected),
    "tip": ("colourful", "/annotate", pointed),
    "explore": ("real", "/explore", lambda page: page.one(".empty")),
    "concept": ("real", "/explore?q=metformin", lambda page: page.one("#said summary").click()),
    "models": ("real", "/models", lambda page: page.one("#card table")),
    "corpora": ("real", "/corpus", lambda page: page.one("#corpora .empty, #corpora table")),
    "corpus": ("real", "/corpus", browsed),
}


@pytest.fixture(params=VIEWS)
def view(request, page, addresses):
    """A tab with a view as somebody has it who uses it."""
    server, path, use = VIEWS[request.param]
    page.url = addresses[server]
    page.open(path)
    use(page)
    return page


def in_colours(page, scheme):
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )


def test_all_words_stand_out_from_what_is_behind_them(view):
    try:
        for scheme in ("light", "dark"):
            in_colours(view, scheme)
            count, found = view.run(LEGIBLE)
            assert count > 10
            assert found == [], scheme
    finally:
        in_colours(view, "")


def test_grey_on_grey_is_found(page):
    page.open("/annotate")
    page.run("document.querySelector('h1').classList.add('e'); document.querySelector('h1').style.color = '#999'")
    page.run("document.querySelector('.intro p').style.opacity = .4")
    _, found = page.run(LEGIBLE)
    assert len(found) == 2


def test_controls_have_names_and_headings_follow_each_other(view):
    unnamed = [
        one.get_attribute("outerHTML")[:200]
        for one in view.all("input, select, textarea, button, summary, a[href]")
        if one.is_displayed() and not one.accessible_name
    ]
    assert unnamed == []
    levels = [int(one.tag_name[1]) for one in view.all("h1, h2, h3, h4") if one.is_displayed()]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


OUTLINED = """
const shown = (one) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  return outlineStyle !== "none" && outlineWidth !== "0px";
};
return shown(document.activeElement) || [...(document.activeElement.labels ?? [])].some(shown);
"""


def test_the_tab_key_reaches_everything_shows_where_it_is_and_gets_out_again(view):
    wanted = [one for one in view.all(FOCUSABLE) if one.is_displayed() and one.is_enabled()]
    view.run("scrollTo(0, 0); document.querySelector('.skip').focus()")
    reached = [view.driver.switch_to.active_element]
    while len(reached) < len(wanted) + 20:
        ActionChains(view.driver).send_keys(Keys.TAB).perform()
        active = view.driver.switch_to.active_element
        if active.tag_name == "body" or active in reached:
            break
        assert view.run(OUTLINED), active.get_attribute("outerHTML")[:200]
        reached.append(active)
    else:
        pytest.fail("the Tab key does not get out of the page")
    assert [one.get_attribute("outerHTML")[:120] for one in wanted if one not in reached] == []
