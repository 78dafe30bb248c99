"""The catalogues of the pages, and the rules of the frame that no browser is needed for."""

import re
from importlib.resources import files

import httpx
import pytest
from serving import running

from biogloss.apps.rest import keys
from biogloss.apps.web.words import LANGUAGES, in_articles, words
from biogloss.documents import Document, Relation, Span, entity_at
from biogloss.formats import html

VIEWS = ("/annotate", "/explore", "/explore?q=gout&lang=zh", "/models", "/corpus", f"/corpus?job={32 * '0'}")


def test_every_language_says_everything():
    for language in LANGUAGES:
        assert words(language).keys() == words("en").keys()
        assert all(words(language).values())


@pytest.mark.parametrize(
    ("count", "english", "chinese"), [(1, "1 relation", "1 个关系"), (2, "2 relations", "2 个关系")]
)
def test_documents_in_colour_speak_the_language_of_the_page(count, english, chinese):
    text = "Aspirin helps fever."
    found = (entity_at(text, Span(0, 7), "Chemical", id="T1"), entity_at(text, Span(14, 19), "Disease", id="T2"))
    related = tuple(Relation(f"R{one}", f"Treats{one}", (("a", "T1"), ("b", "T2"))) for one in range(count))
    document = Document("7", text, entities=found, relations=related)
    for language, summary in (("en", english), ("zh", chinese)):
        (article,) = html.parts([(document, {})], in_articles(language)).articles
        assert f"<summary>{summary}<" in article


def test_every_word_is_used():
    web = files("biogloss.apps.web")
    sources = [one for folder in (".", "templates", "static", "views") for one in web.joinpath(folder).iterdir()]
    text = "".join(one.read_text(encoding="utf-8") for one in sources if one.name.endswith((".py", ".js", ".html")))
    for key in words("en"):
        used = re.escape(key) if not key.startswith("js.") else rf"(said\.{key[3:]}\b|{re.escape(key)})"
        assert re.search(used, text) or key.startswith(("nav.", "status.")), key


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_that_stands_in_a_page_runs(server, view):
    with server.client() as client:
        answer = client.get(view)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=|\sstyle=", answer.text)
    assert not re.search(r"(?:src|href)=\"(?!/|#|\?)", answer.text)


HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
ADDRESSES = {
    "/annotate": ("sample", "model", "lang"),
    "/explore": ("q", "lang"),
    "/models": ("name", "lang"),
    "/corpus": ("job", "key", "page", "lang"),
    "/web/explore": ("q", "lang"),
    "/web/card": ("model", "lang"),
    "/web/job": ("job", "key", "page", "lang"),
    "/web/jobs": ("lang",),
}


@pytest.mark.parametrize(("view", "name"), [(view, name) for view, names in ADDRESSES.items() for name in names])
def test_no_word_of_an_address_becomes_markup(server, view, name):
    with server.client() as client:
        answer = client.get(view, params={"job": 32 * "0", name: HOSTILE})
    assert answer.status_code < 500
    is_page = answer.headers["content-type"].startswith("text/html")
    assert not is_page or not {"<script>", "<img"} & set(re.findall(r"<(?:script>|img)", answer.text))


def test_pages_are_open_and_what_they_ask_for_needs_a_key(tmp_path):
    file = tmp_path / "keys.json"
    key, other = keys.add(file, "ward", ("annotate",)), keys.add(file, "lab", ("link",))
    with running("--no-link", "--keys", file) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        assert 'id="key"' in client.get("/annotate").text
        sent = {
            "annotate": ("text/plain", "Gout."),
            "show": ("application/json", '{"text": "Gout."}'),
            "export?as=brat": ("application/json", '{"text": "Gout."}'),
        }
        for path, (kind, body) in sent.items():
            headers = [{"authorization": f"Bearer {one}"} for one in ("none", other, key)]
            codes = [
                client.post(f"/web/{path}", content=body, headers={"content-type": kind, **own}).status_code
                for own in headers
            ]
            assert codes == [401, 403, 200]
