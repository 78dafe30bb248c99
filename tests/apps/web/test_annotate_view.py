"""Annotate, as a person does it in a browser."""

import json
import zipfile

import pytest
from hostile_text import HOSTILE
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from biogloss.formats._detect import open_documents

SELECT = """
const block = document.querySelector("article [data-s]");
const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const at = node.data.indexOf(arguments[0]);
  if (at < 0) continue;
  getSelection().setBaseAndExtent(node, at, node, at + arguments[0].length);
  block.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
  return true;
}
"""


def annotate(page, text, query=""):
    page.open(f"/annotate{query}")
    page.run("document.getElementById('text').value = arguments[0]", text)
    page.one("#go").click()
    return page.one("article")


def documents(page):
    return json.loads(page.run("return document.getElementById('data').dataset.documents"))


def test_the_first_page_is_annotate_and_empty(page):
    page.open("/")
    assert page.driver.current_url.endswith("/annotate")
    assert page.one("#result .empty").text
    page.one("#go").click()
    assert "nothing to annotate" in page.one("#trouble").text


@pytest.mark.parametrize(("language", "heading"), [("en", "Annotate a text"), ("zh", "标注文本")])
def test_a_sample_is_annotated_at_its_own_address(page, language, heading):
    page.open(f"/annotate?lang={language}")
    page.one(".samples a").click()
    assert page.one("h1").text == heading
    assert page.one('article .e[data-label="Disease"]')
    assert "sample=" in page.driver.current_url


def test_types_are_hidden_and_entities_say_what_they_are(page):
    annotate(page, "Metformin was given for gout.")
    drug = page.one('article .e[data-label="Chemical"]')
    ActionChains(page.driver).move_to_element(drug).perform()
    tip = page.one("#tip").text
    for words in ("MESH:D008687", "score", "why: ", "also: "):
        assert words in tip
    box = page.one(f"#types input[data-type='{drug.get_attribute('data-t')}']")
    box.click()
    assert "off" in drug.get_attribute("class")


def test_words_are_marked_relabelled_removed_and_kept_as_training_data(page, downloads):
    annotate(page, "\U0001f480 Gout\r\nhurts the patient known as Zorblax today.")
    before = len(documents(page)[0].get("entities", []))
    assert page.run(SELECT, "Zorblax")
    page.one("#side select").send_keys("Gene")
    page.one("#side .button.main").click()
    mark = page.one('article .e[data-e="H1"]')
    (made,) = [one for one in documents(page)[0]["entities"] if one["id"] == "H1"]
    text = documents(page)[0]["text"]
    assert (made["text"], made["label"]) == ("Zorblax", "Gene")
    assert text[slice(*made["spans"][0])] == "Zorblax"
    mark.send_keys(Keys.ENTER)  # by keyboard
    page.one("#side select").send_keys("Chemical")
    page.one("#side .button.main").click()
    page.one('article .e[data-e="H1"][data-label="Chemical"]')
    page.one('[data-save="corrected"]').click()
    page.until((downloads / "biogloss-corrected.jsonl").exists)
    (line,) = (downloads / "biogloss-corrected.jsonl").read_text(encoding="utf-8").splitlines()
    assert {"Zorblax": "Chemical"}.items() <= {
        one["text"]: one["label"] for one in json.loads(line)["entities"]
    }.items()
    page.one('article .e[data-e="H1"]').click()
    page.all("#side .button")[1].click()
    page.until(lambda: not page.all('article .e[data-e="H1"]'))
    assert len(documents(page)[0].get("entities", [])) == before


def corrected(page, downloads, kind, name):
    """The file of a format, after Zorblax was marked as a gene."""
    annotate(page, "Gout hurts\r\nthe \U0001f480 patient known as Zorblax.")
    assert page.run(SELECT, "Zorblax")
    page.one("#side select").send_keys("Gene")
    page.one("#side .button.main").click()
    page.one('article .e[data-e="H1"]')
    page.one(f"#as option[value='{kind}']").click()
    page.one('[data-save="corrected"]').click()
    page.until((downloads / name).exists)
    return downloads / name


def test_corrections_are_kept_as_pairs_of_brat_that_finetune_reads(page, downloads, tmp_path):
    with zipfile.ZipFile(corrected(page, downloads, "brat", "biogloss-corrected.zip")) as archive:
        archive.extractall(tmp_path)
    (found,) = open_documents(tmp_path)
    assert ("Zorblax", "Gene") in {(one.text, one.label) for one in found.entities}
    assert found.text == documents(page)[0]["text"]
    assert "scores" in page.one("#leftout").text


def test_corrections_are_kept_as_annotations_of_label_studio_that_finetune_reads(page, downloads):
    file = corrected(page, downloads, "label-studio", "biogloss-corrected.labelstudio.json")
    (task,) = json.loads(file.read_text(encoding="utf-8"))
    assert task["annotations"]
    assert "predictions" not in task
    (found,) = open_documents(file)
    assert ("Zorblax", "Gene") in {(one.text, one.label) for one in found.entities}
    assert found.text == documents(page)[0]["text"]


def test_a_file_of_any_format_is_read_and_a_broken_one_is_an_error_that_is_said(page, tmp_path):
    (tmp_path / "in.pubtator").write_text("7|t|Gout.\n7|a|Metformin helps.\n\n", encoding="utf-8")
    (tmp_path / "in.gz").write_bytes(b"\x1f\x8bbroken")
    page.open("/annotate")
    page.all("#file")[0].send_keys(str(tmp_path / "in.pubtator"))
    page.one("article .e")
    assert [one["id"] for one in documents(page)] == ["7"]
    page.all("#file")[0].send_keys(str(tmp_path / "in.gz"))
    assert "error" in page.one("#trouble").text


def test_a_hostile_document_is_only_text(page):
    article = annotate(page, HOSTILE)
    assert page.driver.title == "Annotate · Biogloss"
    assert not page.all("#result img, #result script")
    assert "<script>" in article.text
    assert "NUL" in article.text
    assert "U+202E" in article.text


def test_a_line_of_a_megabyte_is_shown(page):
    annotate(page, "Gout " + "A" * 999_000)
    assert page.one("article .e")
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")


def test_it_is_readable_on_a_phone_and_in_the_dark(page):
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 375, "height": 700, "deviceScaleFactor": 2, "mobile": True}
    )
    try:
        page.open("/annotate?sample=arthritis")
        page.one("article .e")
        assert page.run("return document.documentElement.scrollWidth") <= 375
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
