"""Cues that medspaCy knows, against ours: each phrase of its English ConText rules says the same, or is listed below.

Its rules are read where it is installed, or from ``medspacy-*.tar.gz`` in the folder that ``BIOGLOSS_ORACLES`` names
(``pip download --no-deps medspacy``); nothing of them is kept here but the few phrases that we read differently.
"""

import json
import os
import tarfile
from importlib import metadata
from itertools import product
from pathlib import Path

import pytest

from biogloss.documents import Document, Span, attributes_of, entity_at
from biogloss.pipeline.steps import assertions

RULES = "en/context_rules.json"
SAYS = {
    "NEGATED_EXISTENCE": ("negation", "negated"),
    "POSSIBLE_EXISTENCE": ("certainty", "possible"),
    "HYPOTHETICAL": ("condition", "hypothetical"),
    "HISTORICAL": ("temporality", "historical"),
    "FAMILY": ("experiencer", "family"),
}
FRAMES = {"FORWARD": "{cue} pneumonia today", "BACKWARD": "Today pneumonia {cue}"}
MAX_FORMS = 60

DIFFERENT = {
    # To look for a thing is not to have found none.
    **dict.fromkeys(["checked for", "evaluate for", "test for", "to exclude"], ("certainty", "possible")),
    "prophylaxis": ("condition", "hypothetical"),  # what is to be prevented
    "can be ruled out": ("negation", "negated"),
    # They only go on with what a cue before them began.
    **dict.fromkeys(["any other", "as well as any"], None),
    # A relative's only where something says so: "children with asthma" are patients.
    **{f"{one}{end}": None for one in ("child", "children", "partner") for end in ("", " 's", " '")},
}


def rules():
    try:
        paths = [path for path in metadata.files("medspacy") or () if str(path).endswith(RULES)]
        text = Path(str(paths[0].locate())).read_text(encoding="utf-8") if paths else ""
    except metadata.PackageNotFoundError:
        text = ""
    for archive in sorted(Path(os.environ.get("BIOGLOSS_ORACLES", "/nowhere")).glob("medspacy-*.tar.gz")):
        with tarfile.open(archive) as opened:
            name = next(name for name in opened.getnames() if name.endswith(RULES))
            text = opened.extractfile(name).read().decode("utf-8")
    return json.loads(text)["context_rules"] if text else []


def forms(rule):
    """The phrases of a rule: its words, or the combinations of its pattern."""
    if not rule.get("pattern"):
        return [rule["literal"]]
    slots = []
    for token in rule["pattern"]:
        lower = token["LOWER"]
        words = lower["IN"] if isinstance(lower, dict) else [lower]
        slots.append([*words, ""] if token.get("OP") == "?" else words)
    found = [" ".join(filter(None, form)).replace(" n't", "n't").replace("cann't", "can't") for form in product(*slots)]
    return [form for form in found if not form.startswith("n't")]  # half a word, as spaCy cuts "didn't"


def said(sentence):
    at = sentence.index("pneumonia")
    entity = entity_at(sentence, Span(at, at + len("pneumonia")), "Disease", id="T1")
    return attributes_of(assertions.step()(Document("1", sentence, entities=(entity,))).entities[0])


RULE_LIST = rules()
CUES = [rule for rule in RULE_LIST if rule["direction"] in FRAMES]
STOPS = [rule for rule in RULE_LIST if rule["direction"] == "TERMINATE"]
CARRIERS = {
    "NEGATED_EXISTENCE": ("No cough {cue} pneumonia", "negation"),
    "HYPOTHETICAL": ("If fever {cue} pneumonia", "condition"),
    "HISTORICAL": ("History of cough {cue} pneumonia", "temporality"),
}

pytestmark = pytest.mark.skipif(not RULE_LIST, reason="medspaCy's rules are not at hand")


@pytest.mark.parametrize("rule", CUES, ids=lambda rule: f"{rule['category']}-{rule['direction']}-{rule['literal']}")
def test_every_cue_says_the_same(rule):
    missed = []
    for form in forms(rule)[:MAX_FORMS]:
        wanted = DIFFERENT.get(form, SAYS[rule["category"]])
        found = said(
            FRAMES[rule["direction"]].format(cue=form.capitalize() if rule["direction"] == "FORWARD" else form)
        )
        if wanted is not None and found.get(wanted[0]) != wanted[1]:
            missed.append((form, found))
    assert missed == []


@pytest.mark.parametrize("rule", STOPS, ids=lambda rule: f"{rule['category']}-{rule['literal']}")
def test_every_stop_stops(rule):
    sentence, name = CARRIERS[rule["category"]]
    assert [form for form in forms(rule)[:MAX_FORMS] if name in said(sentence.format(cue=form))] == []
