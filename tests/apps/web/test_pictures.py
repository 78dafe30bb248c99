"""Pictures of the pages for the README, made by looking at them: `BIOGLOSS_SCREENSHOTS=docs/images pytest FILE`."""

import io
import json
import os
from pathlib import Path

import by_hand
import httpx
import lactate
import pytest
from serving import running

Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")

MOST_BYTES = 150_000
SAID = {  # invented, and as many documents of each pair of a chemical and a disease
    ("Methotrexate", "MESH:D008727"): {
        ("arthritis", "MESH:D001168"): 4,
        ("neutropenia", "MESH:D009503"): 2,
        ("nausea", "MESH:D009325"): 1,
        ("psoriasis", "MESH:D011565"): 2,
    },
    ("Folic acid", "MESH:D005492"): {("nausea", "MESH:D009325"): 2, ("anemia", "MESH:D000740"): 1},
    ("Prednisolone", "MESH:D011239"): {("arthritis", "MESH:D001168"): 2, ("psoriasis", "MESH:D011565"): 1},
}


def pubtator():
    """The documents of the graph."""
    found, number = [], 0
    for (drug, chemical), diseases in SAID.items():
        for (words, disease), count in diseases.items():
            for _ in range(count):
                number += 1
                title = f"{drug} in {words}."
                at = len(drug) + 4
                found.append(
                    f"{number}|t|{title}\n{number}|a|Invented.\n{number}\t0\t{len(drug)}\t{drug}\tChemical\t{chemical}\n"
                    f"{number}\t{at}\t{at + len(words)}\t{words}\tDisease\t{disease}\n"
                    f"{number}\tAssociation\t{chemical}\t{disease}\n\n"
                )
    return "".join(found)


def lines():
    """The documents of the corpus: one drug comes up as another goes."""
    for year in range(2001, 2021):
        for number in range(10):
            drug = "methotrexate" if number < (year - 1999) // 3 else "prednisolone"
            text = f"A trial of {drug} in {'rheumatoid arthritis' if number % 3 else 'psoriasis'}, with nausea in few."
            citation = {"dates": [["published", str(year)]]}
            yield json.dumps({"biogloss": 1, "id": f"{year}-{number}", "text": text, "citation": citation}) + "\n"


@pytest.fixture(scope="module")
def stocked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    with running("--graph", lactate.graph(folder, pubtator()), "--state", folder / "state", "--workers", "1") as server:
        yield server.url


@pytest.fixture
def folder(artefacts):
    """Where pictures go: the folder that is asked for, else where all goes that tests make for people."""
    found = Path(os.environ.get("BIOGLOSS_SCREENSHOTS") or artefacts)
    found.mkdir(parents=True, exist_ok=True)
    return found


def annotate(page, _):
    with by_hand.serving() as address:
        page.url = address
        page.open("/annotate")
        page.run("document.getElementById('text').value = arguments[0]", by_hand.TEXT)
        page.one("#go").click()
        page.one("svg.arcs text")
        page.one("article summary").click()
        yield


def explore(page, address):
    page.url = address
    page.open("/explore?q=methotrexate")
    page.one("#graph canvas")
    page.one("#said summary").click()
    yield


def corpus(page, address):
    with httpx.Client(base_url=address, timeout=240, trust_env=False) as client:
        headers = {"content-type": "application/jsonl"}
        job = client.post("/v1/jobs", content="".join(lines()), headers=headers).json()["id"]
        client.get(f"/v1/jobs/{job}/events")
    page.url = address
    page.open(f"/corpus?job={job}&key=Chemical%7CMESH%3AD008727")
    assert len(page.one(".trend svg").find_elements("css selector", "rect")) == 20
    yield


VIEWS = {
    "annotate": (annotate, "light", "#result"),
    "explore": (explore, "light", ".intro"),
    "corpus": (corpus, "dark", ".intro"),
}
"""How each is come to, in which colours, and what stands at its top."""


@pytest.mark.parametrize("name", VIEWS)
def test_a_picture_shows_the_view_and_is_small(page, stocked, folder, name):
    look, scheme, top = VIEWS[name]
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    size = {"width": 1100, "height": 860, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    try:
        for _ in look(page, stocked):
            page.run("document.activeElement.blur(); document.querySelector(arguments[0]).scrollIntoView()", top)
            page.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
            picture = Image.open(io.BytesIO(page.driver.get_screenshot_as_png())).convert("RGB")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": False})
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert picture.size == (1100, 860)
    corner = picture.getpixel((2, 855))
    assert (sum(corner) < 200) == (scheme == "dark")
    file = folder / f"{name}.png"
    picture.save(file, optimize=True)
    assert 10_000 < file.stat().st_size < MOST_BYTES
