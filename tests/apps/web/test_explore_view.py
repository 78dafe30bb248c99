"""Explore, as a person does it in a browser."""

from selenium.webdriver.common.keys import Keys
from serving import running


def test_a_concept_is_searched_and_its_statements_lead_to_marked_sentences(page):
    page.open("/explore")
    assert page.one(".empty").text
    page.one("#q").send_keys("metformin", Keys.ENTER)
    assert page.one(".card h2").text == "Metformin"
    assert "q=metformin" in page.driver.current_url
    assert page.one("#graph canvas")
    statement = page.one("#said summary")
    statement.click()
    marks = [one.text.lower() for one in page.all("#said details[open] mark")]
    assert {"metformin", "lactic acidosis"} <= set(marks)


def test_a_line_of_the_drawing_opens_its_sentences(page):
    page.open("/explore?q=metformin")
    page.one("#graph canvas")
    place = page.run(
        "const g = document.getElementById('graph')._cyreg.cy; const m = g.edges()[0].renderedMidpoint();"
        "const b = document.getElementById('graph').getBoundingClientRect(); return [b.left + m.x, b.top + m.y]"
    )
    for kind in ("mousePressed", "mouseReleased"):
        page.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent", {"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        )
    assert page.one("#said details[open] blockquote").text


def test_what_is_not_there_and_what_is_hostile_is_said_as_text(page):
    page.open("/explore?q=%3Cscript%3Edocument.title%3D1%3C%2Fscript%3E%E2%80%AE")
    assert page.one("#found")
    page.until(lambda: "<script>" in page.one("#found").text)
    assert page.driver.title == "Explore · Biogloss"
    page.open("/explore?q=MESH%3AD019344")
    assert page.one(".card h2").text
    assert not page.all("#found script")


def test_without_a_graph_the_page_says_how_to_get_one():
    with running("--no-link") as plain, plain.client() as client:
        assert "--graph" in client.get("/explore").text
        assert client.get("/web/explore?q=gout").status_code == 404
