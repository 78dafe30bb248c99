"""Each mistake is counted once, called by its name, and shown in its context."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Link, Mark, Relation, Span, entity_at
from biogloss.evaluation import mistakes

TEXT = "Naloxone reverses the pain and fever of severe gout."
DRUG, PAIN, GOUT = Span(0, 8), Span(22, 26), Span(47, 51)


def document(*found, **fields):
    entities = tuple(
        entity_at(TEXT, span, label, id=f"T{number}", score=score, links=(Link(f"MY:{span.start}"),))
        for number, (span, label, score) in enumerate(found)
    )
    return Document("7", TEXT, entities=entities, **fields)


def entities(gold, predicted):
    return list(mistakes.of_entities([(gold, predicted)], {"Disease", "Chemical"}))


@pytest.mark.parametrize(
    ("predicted", "kind", "gold", "said"),
    [
        ((GOUT, "Chemical"), "wrong type", "Disease", "Chemical"),
        ((Span(40, 51), "Disease"), "wrong boundary", "Disease: gout", "Disease"),
        ((Span(40, 51), "Chemical"), "wrong type", "Disease", "Chemical"),
    ],
)
def test_a_wrong_mention_stands_for_the_one_it_touches(predicted, kind, gold, said):
    (found,) = entities(document((GOUT, "Disease", None)), document((*predicted, 0.9)))
    assert (found.kind, found.gold, found.predicted, found.score) == (kind, gold, said, 0.9)


def test_what_touches_nothing_is_spurious_and_what_is_not_touched_missed():
    gold, predicted = document((GOUT, "Disease", None)), document((PAIN, "Disease", 0.7))
    spurious, missed = entities(gold, predicted)
    assert (spurious.kind, spurious.words, spurious.score) == ("spurious", "pain", 0.7)
    assert (missed.kind, missed.words, missed.score) == ("missed", "gout", None)


def test_beside_a_mention_that_was_found_another_one_is_spurious():
    gold = document((GOUT, "Disease", None))
    (found,) = entities(gold, document((GOUT, "Disease", 0.9), (Span(40, 51), "Disease", 0.8)))
    assert (found.kind, found.words) == ("spurious", "severe gout")


def test_types_that_are_not_scored_are_no_mistakes():
    assert entities(document((GOUT, "Sign", None)), document((PAIN, "Sign", 0.9))) == []


SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 10), st.sampled_from(["Disease", "Chemical"])), max_size=5
)


@given(gold=SPANS, predicted=SPANS)
def test_every_prediction_that_is_wrong_is_one_mistake(gold, predicted):
    sides = []
    for own in (gold, predicted):
        distinct = dict.fromkeys((Span(start, start + length), label, 0.5) for start, length, label in own)
        sides.append(document(*distinct))
    right = {(one.spans, one.label) for one in sides[0].entities}
    wrong = [one for one in sides[1].entities if (one.spans, one.label) not in right]
    found = entities(*sides)
    assert len([one for one in found if one.kind != "missed"]) == len(wrong)
    assert len([one for one in found if one.kind == "missed"]) <= len(right)
    assert entities(sides[0], sides[0]) == []


def test_the_context_is_whole_words_of_at_most_sixty_characters_on_either_side():
    text = "Of all of those who came late, many with gout in the family had been treated for it before, in vain."
    start = text.index("been treated")
    gold, predicted = Document("7", text), Document("7", text, entities=(mention(text, start, start + 4),))
    (found,) = entities(gold, predicted)
    assert (found.before, found.after) == (
        "… of those who came late, many with gout in the family had ",
        " treated for it before, in vain.",
    )
    (found,) = entities(gold, Document("7", text, entities=(mention(text, 0, 2),)))
    assert (found.before, found.after) == ("", " all of those who came late, many with gout in the family …")


def mention(text, start, end):
    return entity_at(text, Span(start, end), "Disease", id="T1")


def test_without_spaces_the_context_is_sixty_characters_and_long_words_are_cut():
    text = "a" * 100 + "b" * 400 + "c" * 100
    gold = Document("7", text)
    predicted = Document("7", text, entities=(entity_at(text, Span(100, 500), "Disease", id="T1"),))
    (found,) = entities(gold, predicted)
    assert (found.before, found.after) == ("…" + "a" * 60, "c" * 60 + "…")
    assert len(found.words) <= 165


def test_relations():
    base = document((DRUG, "Chemical", None), (PAIN, "Disease", None), (GOUT, "Disease", None))

    def stated(*found):
        made = (
            Relation(f"R{at}", label, (("agent", one), ("target", other)), score=0.8)
            for at, (label, one, other) in enumerate(found)
        )
        return replace(base, relations=tuple(made))

    gold = stated(("eases", "T0", "T1"), ("eases", "T0", "T2"))
    predicted = stated(("causes", "T0", "T1"), ("eases", "T1", "T2"))
    found = {
        one.kind: one for one in mistakes.of_relations([(gold, predicted)], level="mention", symmetric=frozenset())
    }
    assert found["wrong type"].gold == "eases: agent Naloxone, target pain"
    assert found["wrong type"].predicted == "causes: agent Naloxone, target pain"
    assert found["wrong type"].words == "Naloxone reverses the pain"
    assert (found["spurious"].score, found["spurious"].words) == (0.8, "pain and fever of severe gout")
    assert (found["missed"].gold, found["missed"].score) == ("eases: agent Naloxone, target gout", None)


def test_a_relation_between_concepts_is_shown_where_they_are_first_mentioned():
    base = document((DRUG, "Chemical", None), (GOUT, "Disease", None))
    gold = replace(base, relations=(Relation("R1", "eases", (("a", "MY:0"), ("b", "MY:47"), ("c", "MY:99"))),))
    (found,) = mistakes.of_relations([(gold, base)], level="concept", symmetric=frozenset())
    assert found.gold == "eases: a Naloxone, b gout, c MY:99"
    assert found.words == TEXT[:51]


def test_classes_and_roles():
    gold = Document("7", TEXT, labels=("review",), marks=(Mark(Span(0, 52), "sentence", "aim"),))
    scores = (("review", 0.3), ("trial", 0.7))
    predicted = replace(gold, labels=("trial",), label_scores=scores, marks=())
    (of_class,) = mistakes.of_classes([(gold, predicted)])
    assert (of_class.gold, of_class.predicted, of_class.score) == ("review", "trial", 0.7)
    (of_role,) = mistakes.of_roles([(gold, predicted)])
    assert (of_role.gold, of_role.predicted, of_role.words) == ("aim", "-", TEXT)
    assert list(mistakes.of_classes([(gold, gold)])) == list(mistakes.of_roles([(gold, gold)])) == []


def test_the_worst_are_the_most_confident_of_each_kind():
    found = [mistakes.Mistake("spurious", "7", "-", "Disease", score=score / 100) for score in range(50)]
    found += [mistakes.Mistake("missed", "7", "Disease", "-") for _ in range(3)]
    kept, counts = mistakes.worst(found, most=5)
    assert [one.score for one in kept] == [0.49, 0.48, 0.47, 0.46, 0.45, None, None, None]
    assert counts == {"spurious": 50, "missed": 3}


MENTIONS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=12)


@given(gold=MENTIONS, predicted=MENTIONS)
def test_spurious_and_missed_are_what_touches_no_mistake_of_the_other_side(gold, predicted):
    sides = [
        document(*((Span(start, start + length), "Disease", None) for start, length in dict.fromkeys(side)))
        for side in (gold, predicted)
    ]
    found = entities(*sides)
    right = {entity.spans for entity in sides[0].entities} & {entity.spans for entity in sides[1].entities}
    wrong = [[entity for entity in side.entities if entity.spans not in right] for side in sides]
    for kind, own, others in (("missed", *wrong), ("spurious", *wrong[::-1])):
        alone = [one for one in own if not any(one.start < other.end and other.start < one.end for other in others)]
        assert sorted(one.words for one in found if one.kind == kind) == sorted(one.text for one in alone)
