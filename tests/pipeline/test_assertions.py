"""What is asserted of entities: sentences that users of other tools complained of, and the rules as users meet them."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Mark, Span, attributes_of, entity_at
from biogloss.documents.edits import Edit, apply
from biogloss.documents.jsonl import from_line, to_line
from biogloss.errors import ConfigError, InputError
from biogloss.pipeline.files import bare
from biogloss.pipeline.steps import abbreviations, assertions, sections, sentences
from biogloss.pipeline.steps._phrases import Phrases, parsed, places, words
from biogloss.pipeline.steps.assertions import CUE, VALUES, cues_of, step

GOLDEN = Path(__file__).parent / "assertions.tsv"


def document(text, *targets, language="en"):
    """A text with an entity for each target, at its first place."""
    spans = [Span(text.index(target), text.index(target) + len(target)) for target in targets]
    entities = tuple(entity_at(text, span, "Disease", id=f"T{number}") for number, span in enumerate(spans, 1))
    return Document("1", text, language, entities=entities)


def annotated(made, **options):
    return step(**options)(sentences.step()(sections.step(**options)(made)))


def said(entity):
    """What is asserted, without the cues: ``negation=negated``."""
    return " ".join(f"{name}={value}" for name, value in entity.attributes if not name.endswith(CUE)) or "-"


def golden():
    with GOLDEN.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = golden()


@pytest.mark.parametrize("row", ROWS, ids=[row["sentence"][:40] for row in ROWS])
def test_golden_sentences(row):
    expected = [entry.rsplit(": ", 1) for entry in row["expected"].split(" | ")]
    text = row["sentence"].replace("\\n", "\n")
    whole = annotated(document(text, *(target for target, _ in expected), language=row["language"]))
    assert [[entity.text, said(entity)] for entity in whole.entities] == expected


def test_there_are_enough_golden_sentences():
    counts = [row["language"] for row in ROWS]
    assert len({row["sentence"] for row in ROWS}) >= 150
    assert (counts.count("en"), counts.count("zh")) >= (90, 60)
    known = {f"{name}={value}" for name, values in VALUES.items() for value in values[1:]}
    assert {
        one for row in ROWS for entry in row["expected"].split(" | ") for one in entry.rsplit(": ", 1)[1].split()
    } == {
        *known,
        "-",
    }


WORDS = st.sampled_from(
    ["no", "fever", "cough", "not", ",", "or", "and", "but", "(-)", "denies", "mother", "had", "if", "?", "history of",
     "unlikely", ".", "FAMILY HISTORY:", "无", "发热", "、", "，", "否认", "病史", "可能", "\n", "[ ]",
     "İ", "\x00", "😀", "ruled out", ": no"]
)  # fmt: skip


@st.composite
def documents(draw):
    text = " ".join(draw(st.lists(WORDS, min_size=1, max_size=20)))
    starts = draw(st.lists(st.integers(0, len(text) - 1), max_size=5))
    spans = [Span(start, min(len(text), start + draw(st.integers(1, 8)))) for start in starts]
    entities = tuple(entity_at(text, span, "Disease", id=f"T{number}") for number, span in enumerate(spans, 1))
    return Document("1", text, draw(st.sampled_from(["en", "zh", "zh-Hans", "fr"])), entities=entities)


@given(documents())
def test_each_assertion_has_its_cue_in_the_text_and_survives_json_lines(made):
    whole = annotated(made)
    assert annotated(whole) == whole
    assert from_line(to_line(whole)) == whole
    for entity in whole.entities:
        asserted = {name: value for name, value in entity.attributes if name in VALUES}
        cues = {cue.name: cue for cue in cues_of(whole, entity)}
        assert {name: cue.value for name, cue in cues.items()} == asserted
        for name, cue in cues.items():
            shown = " ".join(whole.text[cue.span.start : cue.span.end].split())
            assert shown == attributes_of(entity)[name + CUE]
            assert asserted[name] in VALUES[name][1:]


def test_the_nearest_cue_counts_and_cues_are_told_in_order():
    whole = annotated(document("No evidence of fever; mother had no gout.", "fever", "gout"))
    fever, gout = whole.entities
    assert attributes_of(fever) == {"negation": "negated", "negation_cue": "No evidence of"}
    assert [(cue.name, cue.value, cue.span) for cue in cues_of(whole, gout)] == [
        ("experiencer", "family", Span(22, 28)),
        ("negation", "negated", Span(33, 35)),
    ]
    assert [mark.label for mark in whole.marked("cue")] == [
        "negation=negated T1",
        "experiencer=family T2",
        "negation=negated T2",
    ]


def test_a_heading_is_a_cue_unless_the_sentence_says_otherwise():
    text = "PMH: gout.\nFAMILY HISTORY: asthma. The patient has eczema."
    gout, asthma, eczema = annotated(document(text, "gout", "asthma", "eczema")).entities
    assert attributes_of(gout) == {"temporality": "historical", "temporality_cue": "PMH"}
    assert said(asthma) == "experiencer=family"
    assert said(eczema) == "-"


def test_labels_of_sections_that_others_marked_count_too():
    text = "Gout.\n\nAsthma."
    made = document(text, "Gout", "Asthma").with_marks([Mark(Span(0, 5), "section", "Family History")])
    gout, asthma = annotated(made).entities
    assert attributes_of(gout) == {"experiencer": "family", "experiencer_cue": "Family History"}
    assert said(asthma) == "-"


def test_a_short_form_that_the_document_defines_is_no_cue():
    text = "Nitric oxide (NO) rose. NO impairs asthma. There is no gout."
    made = abbreviations.step()(document(text, "asthma", "gout"))
    assert [said(entity) for entity in annotated(made).entities] == ["-", "negation=negated"]


def test_what_is_asserted_already_stays():
    text = "No gout."
    gold = entity_at(text, Span(3, 7), "Disease", id="T1", attributes=(("negation", "affirmed"), ("seen", "yes")))
    (gout,) = annotated(Document("1", text, entities=(gold,))).entities
    assert gout.attributes == gold.attributes


def test_chinese_sentences_of_an_english_document_and_other_languages():
    assert said(annotated(document("无发热。", "发热")).entities[0]) == "negation=negated"
    assert said(annotated(document("HIV (-)。无发热。", "HIV", language="zh")).entities[0]) == "negation=negated"
    assert said(annotated(document("No fever.", "fever", language="zh")).entities[0]) == "negation=negated"
    assert said(annotated(document("Pas de fever, no fever.", "fever", language="fr")).entities[0]) == "-"


def test_cues_move_with_edits_and_go_with_the_entities():
    whole = annotated(document("No fever.", "fever"))
    moved = apply(whole, [Edit(0, 0, "Seen today. ")]).document
    (cue,) = cues_of(moved, moved.entities[0])
    assert moved.text[cue.span.start : cue.span.end] == "No"
    assert not bare(whole).marked(assertions.KIND)


def test_a_text_without_stops_takes_no_square_of_its_length():
    text = "no fever cough (-) 无发热 family history of gout or if " * 2_000
    starts = [place for place in range(len(text)) if text.startswith(("fever", "发热", "gout"), place)]
    entities = tuple(entity_at(text, Span(at, at + 2), "Disease", id=f"T{at}") for at in starts)
    whole = annotated(Document("1", text, entities=entities))
    assert len(entities) == 6_000
    assert {said(entity) for entity in whole.entities[:2]} == {"negation=negated"}


OWN = """
language = "en"
pseudo = ["no"]

[[cues]]
says = ["negation=negated", "temporality=historical"]
direction = "backward"
commas = "stop"
phrases = ["went? bye", "is {end}"]

[[stops]]
of = ["negation"]
phrases = ["tralala"]
"""


def test_own_rules_go_first(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    text = "No gout. Asthma, fever wen bye. Denies cough tralala eczema. Rash is."
    whole = annotated(document(text, "gout", "Asthma", "fever", "cough", "eczema", "Rash"), rules=own)
    both = "negation=negated temporality=historical"
    assert list(map(said, whole.entities)) == ["-", "-", both, "negation=negated", "-", both]


def test_own_rules_may_stand_instead_and_speak_another_language(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(f"replace = true\n{OWN}", encoding="utf-8")
    assert said(annotated(document("Denies cough.", "cough"), rules=own).entities[0]) == "-"
    assert said(annotated(document("无发热。", "发热"), rules=own).entities[0]) == "negation=negated"
    own.write_text(
        'language = "fr"\n[[cues]]\nsays = ["negation=negated"]\nphrases = ["pas (de|d\')?"]\n', encoding="utf-8"
    )
    assert (
        said(annotated(document("Pas de fièvre.", "fièvre", language="fr"), rules=own).entities[0])
        == "negation=negated"
    )
    assert said(annotated(document("Denies cough.", "cough"), rules=own).entities[0]) == "negation=negated"


CUE_OF = '[[cues]]\nsays = ["negation=negated"]\nphrases = ["no"]\n'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CUE_OF.replace("negated", "gone"), r"\[\[cues\]\] 1: says 'negation=gone'; expected one of negation=affirmed"),
        (CUE_OF + 'direction = "left"', r"\[\[cues\]\] 1: direction is 'left'; expected one of forward, backward"),
        (CUE_OF + 'commas = "maybe"', r"\[\[cues\]\] 1: commas is 'maybe'; expected one of pass, list, stop"),
        (CUE_OF + "reach = -1", r"\[\[cues\]\] 1: reach is -1; expected a number of words"),
        (CUE_OF.replace('["no"]', "[]"), r"\[\[cues\]\] 1: says or phrases is empty"),
        (CUE_OF + CUE_OF.replace('"no"', '"no)"'), r"\[\[cues\]\] 2: the phrase 'no\)' closes a bracket"),
        (CUE_OF.replace('"no"', '"(no)?"'), r"\[\[cues\]\] 1: the phrase '\(no\)\?' may be no word at all"),
        ('[[stops]]\nof = ["time"]\nphrases = ["but"]', r"\[\[stops\]\] 1: of is 'time'; expected one of negation"),
        ("[[stops]]\nphrases = []", r"\[\[stops\]\] 1: phrases is empty"),
        ('[sections]\nsecret = "negation=negated"', r"\[sections\]: the kind is 'secret'; expected one of"),
        ('[[cue]]\nphrases = ["no"]', "unknown key cue; the keys are: language"),
        ('[[cues]]\nphrases = ["no"]', "missing key says"),
        ("language = ", "not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_own_rules_is_named(tmp_path, content, words):
    own = tmp_path / "own.toml"
    own.write_text(content if "language" in content else f'language = "en"\n{content}', encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"own\.toml.*{words}"):
        step(rules=own)


def test_a_missing_rule_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml: no such file"):
        step(rules=tmp_path / "none.toml")


@given(st.text(max_size=60))
def test_words_are_found_where_they_stand(text):
    found = [text[start:end] for start, end in places(text)]
    assert len(found) == len(words(text))
    assert "".join(found) == "".join(text.split())


@pytest.mark.parametrize(
    ("phrase", "text", "finds"),
    [
        ("no (new|old)? signs? of", "no sign of", True),
        ("no (new|old)? signs? of", "NO NEW  SIGNS OF", True),
        ("no (new|old)? signs? of", "no young signs of", False),
        ("no {end}", "no, x", True),
        ("no {end}", "no x", False),
        ("{start} no", "x; no", True),
        ("{start} no", "x no", False),
        ("a (b (c|d)?|e) f", "a b f", True),
        ("a (b (c|d)?|e) f", "a c f", False),
        (r"\( - \) \?", "(–)?", True),
        ("can't", "can’t", True),
        ("未(见|及)", "未见", True),
    ],
)
def test_how_phrases_are_written(phrase, text, finds):
    assert bool(Phrases([(parsed(phrase), "x")]).find(words(text))) == finds


def test_of_phrases_that_begin_together_the_longest_is_found_and_of_equal_ones_the_first():
    known = Phrases([(parsed(phrase), phrase) for phrase in ["no", "no (sign|signs) of", "no signs? of"]])
    assert [(m.first, m.last, m.meaning) for m in known.find(words("no sign of no"))] == [
        (0, 3, "no (sign|signs) of"),
        (3, 4, "no"),
    ]
