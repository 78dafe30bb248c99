"""Relations are compared by what they say: spans, labels, roles and identifiers, never by ids."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Link, Relation, Span, entity_at
from biogloss.evaluation import relations
from biogloss.evaluation.bootstrap import estimates

metrics = pytest.importorskip("sklearn.metrics")

TEXT = "Naloxone reverses the pain and fever of gout."
PLACES = ((Span(0, 8), "Chemical", "MESH:D009270"), (Span(22, 26), "Sign", "MESH:D010146"))
PLACES += ((Span(31, 36), "Sign", "MESH:D005334"), (Span(40, 44), "Disease", "MESH:D006073"))
LABELS = ("causes", "eases")


def entities(prefix="T", *, linked=True):
    return tuple(
        entity_at(TEXT, span, label, id=f"{prefix}{number}", links=(Link(concept),) if linked else ())
        for number, (span, label, concept) in enumerate(PLACES)
    )


def document(found, number=7, prefix="T"):
    """One relation for each of the (label, first place, second place)."""
    made = tuple(
        Relation(f"R{at}", label, (("agent", f"{prefix}{one}"), ("target", f"{prefix}{other}")))
        for at, (label, one, other) in enumerate(found)
    )
    return Document(str(number), TEXT, entities=entities(prefix), relations=made)


def values(gold, predicted, **options):
    measure = relations.measure(gold, predicted, **options)
    return {tuple(name): estimate.value for name, estimate in estimates(measure, samples=0).items()}


STATED = st.lists(
    st.tuples(st.sampled_from(LABELS), st.integers(0, 3), st.integers(0, 3)).filter(lambda one: one[1] != one[2]),
    max_size=8,
)
SETS = st.lists(st.tuples(STATED, STATED), min_size=1, max_size=4).filter(lambda sets: any(one for one, _ in sets))


def sides(sets):
    gold = [document(pair[0], number) for number, pair in enumerate(sets)]
    return gold, [document(pair[1], number, "X") for number, pair in enumerate(sets)]


@pytest.mark.parametrize("level", ["mention", "concept"])
@given(sets=SETS)
def test_scores_are_those_of_scikit_learn_over_all_pairs(level, sets):
    """Each ordered pair of mentions of each document is an item that may have several labels."""
    ours = values(*sides(sets), labels=LABELS, level=level)
    ordered = [(one, other) for one in range(4) for other in range(4)]
    gold, predicted = (
        [[(label, *pair) in set(both[side]) for label in LABELS] for both in sets for pair in ordered]
        for side in (0, 1)
    )
    theirs = metrics.precision_recall_fscore_support(gold, predicted, average=None, zero_division=0)
    for label, *row in zip(LABELS, *theirs[:3], strict=True):
        assert [ours[label, metric] for metric in ("precision", "recall", "f1")] == pytest.approx(row)
    micro = metrics.precision_recall_fscore_support(gold, predicted, average="micro", zero_division=0)
    assert [ours["micro", metric] for metric in ("precision", "recall", "f1")] == pytest.approx(list(micro[:3]))
    present = [label for label in LABELS if any(label == one[0] for both in sets for side in both for one in side)]
    assert ours["macro", "f1"] == pytest.approx(sum(ours[label, "f1"] for label in present) / len(present))


@given(sets=SETS, seed=st.integers(0, 5))
def test_names_and_order_change_nothing(sets, seed):
    gold, predicted = sides(sets)
    rng = random.Random(seed)

    def other(one):
        names = {entity.id: f"Z{number}" for number, entity in enumerate(one.entities)}
        renamed = [replace(entity, id=names[entity.id]) for entity in one.entities]
        moved = [
            replace(each, id=f"Q{at}", arguments=tuple((role, names[name]) for role, name in reversed(each.arguments)))
            for at, each in enumerate(one.relations)
        ]
        rng.shuffle(renamed)
        rng.shuffle(moved)
        return replace(one, entities=tuple(renamed), relations=tuple(moved))

    assert values(gold, [other(one) for one in predicted]) == values(gold, predicted)


@given(sets=SETS)
def test_gold_against_itself_is_perfect_and_nothing_scores_nothing(sets):
    gold, _ = sides(sets)
    for level in relations.levels(gold):
        assert values(gold, gold, level=level)["macro", "f1"] == 1
        silent = [replace(one, relations=()) for one in gold]
        assert values(gold, silent, level=level)["micro", "f1"] == 0


@pytest.mark.parametrize(("symmetric", "f1"), [((), 0), (("eases",), 1), (("causes",), 0)])
def test_roles_matter_unless_a_label_is_symmetric(symmetric, f1):
    gold, turned = document([("eases", 0, 1)]), document([("eases", 1, 0)])
    assert values([gold], [turned], symmetric=symmetric)["eases", "f1"] == f1


def test_other_spans_are_wrong_between_mentions_and_right_between_concepts():
    gold = document([("eases", 0, 3)])
    wider = entity_at(TEXT, Span(37, 44), "Disease", id="T3", links=(Link("MESH:D006073"),))
    predicted = replace(gold, entities=(*gold.entities[:3], wider))
    assert values([gold], [predicted])["eases", "f1"] == 0
    assert values([gold], [predicted], level="concept")["eases", "f1"] == 1


def test_another_type_is_another_mention():
    gold = document([("eases", 0, 3)])
    other = replace(gold.entities[3], label="Sign")
    predicted = replace(gold, entities=(*gold.entities[:3], other))
    assert values([gold], [predicted])["eases", "f1"] == 0


def test_relations_between_mentions_meet_those_between_concepts_and_count_once():
    stated = (("agent", "MESH:D009270"), ("target", "MESH:D006073"))
    gold = Document("7", TEXT, relations=(Relation("R1", "eases", stated),))
    predicted = document([("eases", 0, 3), ("eases", 0, 3)])
    found = values([gold], [predicted], level="concept")
    assert (found["eases", "precision"], found["eases", "recall"]) == (1, 1)
    assert relations.levels([gold]) == ("concept",)
    assert relations.levels([predicted]) == ("mention", "concept")


def test_a_relation_without_identifiers_is_left_out_between_concepts():
    bare = replace(document([("eases", 0, 3), ("causes", 1, 2)]), entities=entities(linked=False))
    assert relations.levels([bare]) == ("mention",)
    assert relations.left_out([bare]) == 2
    gold = document([("eases", 0, 3)])
    assert values([gold], [bare], level="concept")["micro", "recall"] == 0


@pytest.mark.parametrize(("places", "f1"), [((0, 1, 2), 1), ((0, 1), 0), ((0, 1, 3), 0), ((0, 1, 2, 3), 0)])
def test_all_arguments_of_an_n_ary_relation_must_be_right(places, f1):
    def combination(own):
        stated = tuple(("drug", f"T{place}") for place in own)
        return Document("7", TEXT, entities=entities(), relations=(Relation("R1", "combined", stated),))

    assert values([combination((2, 1, 0))], [combination(places)])["combined", "f1"] == f1


def test_intervals_hold_the_score_and_narrow_with_more_documents():
    widths = []
    for count in (10, 160):
        rng = random.Random(1)
        gold = [document([("eases", 0, 1), ("causes", 1, 2)], number) for number in range(count)]
        predicted = [
            replace(one, relations=tuple(each for each in one.relations if rng.random() < 0.7)) for one in gold
        ]
        found = estimates(relations.measure(gold, predicted), samples=300)["micro", "f1"]
        assert found.low <= found.value <= found.high
        widths.append(found.high - found.low)
    assert widths[0] > 2 * widths[1] > 0


def test_labels_that_are_not_scored_do_not_count():
    gold = document([("eases", 0, 1)])
    predicted = document([("eases", 0, 1), ("causes", 1, 2)])
    assert values([gold], [predicted])["micro", "precision"] == 1
    assert values([gold], [predicted], labels=LABELS)["micro", "precision"] == 0.5


def test_bad_input_is_named():
    one = document([("eases", 0, 1)])
    with pytest.raises(ValueError, match="gold document 7 stands beside predicted 8"):
        relations.measure([one], [document([], 8)])
    with pytest.raises(ValueError, match="the gold documents have no relation"):
        relations.measure([document([])], [one])
    with pytest.raises(ValueError, match="unknown level 'word'; there are: mention, concept"):
        relations.measure([one], [one], level="word")


def test_a_real_corpus_agrees_with_itself(catalogue):
    from biogloss.formats import pubtator  # noqa: PLC0415

    path = catalogue / "relations" / "biored" / "Dev.PubTator"
    if not path.is_file():
        pytest.skip("BioRED is not here")
    gold = [one for one in pubtator.read(path) if isinstance(one, Document)]
    assert relations.levels(gold) == ("concept",)
    found = values(gold, gold, level="concept")
    assert set(found.values()) == {1}
    turned = [
        replace(
            one,
            relations=tuple(
                replace(
                    each,
                    arguments=tuple(
                        (role, name)
                        for (role, _), (_, name) in zip(each.arguments, reversed(each.arguments), strict=True)
                    ),
                )
                for each in one.relations
            ),
        )
        for one in gold
    ]
    labels = {each.label for one in gold for each in one.relations}
    assert values(gold, turned, level="concept")["micro", "f1"] < 0.1
    assert values(gold, turned, level="concept", symmetric=labels)["micro", "f1"] == 1
