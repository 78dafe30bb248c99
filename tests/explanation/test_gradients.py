"""Integrated gradients of every task: those of captum, complete, and the same however the batches are cut."""

import numpy as np
import pytest

from biogloss import tasks
from biogloss.explanation import explainer as explaining
from biogloss.explanation.gradients import TOLERANCE, baseline, integrated_gradients, of_steps
from biogloss.explanation.question import NO_PIECE
from every_task import CASES, LONG

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

STEPS = 24


@pytest.fixture(scope="module")
def explainer(untrained):
    return explaining.load(untrained)


def asked(explainer, name):
    """The head of a case, and a question about each item of its document."""
    head = explainer.head(name)
    return head, explainer.questions(CASES[name].document, head)


def test_every_task_can_be_explained():
    assert {case.task for case in CASES.values()} == set(tasks.names())


@pytest.mark.parametrize("name", CASES)
def test_attributions_are_those_of_captum(explainer, name):
    attr = pytest.importorskip("captum.attr", reason="captum is not installed")
    head, questions = asked(explainer, name)
    asker = explainer._askers[head.name]
    assert questions
    for question in questions:
        oracle = attr.IntegratedGradients(lambda embeddings, one=question: asker.log_odds(one, embeddings).mean(1))
        inputs, start = (asker.embeddings(ids)[None] for ids in (question.ids, baseline(question, asker.mask)))
        wanted = oracle.attribute(inputs, start, n_steps=STEPS, method="gausslegendre", internal_batch_size=4)
        wanted = wanted[0].sum(-1).detach().numpy()
        found = of_steps(asker, question, STEPS)
        assert found.pieces == pytest.approx(question.per_piece(wanted), abs=1e-4)
        assert wanted[question.shown == NO_PIECE] == pytest.approx(0)


@pytest.mark.parametrize("name", CASES)
def test_what_words_add_sums_to_what_the_text_changes(explainer, name):
    head, questions = asked(explainer, name)
    asker = explainer._askers[head.name]
    for question in questions:
        found = integrated_gradients(asker, question)
        difference = found.output - found.baseline
        missed = abs(found.pieces.sum() - difference)
        assert found.error == pytest.approx(missed / max(abs(difference), 0.01))
        assert found.error <= TOLERANCE
        assert question.per_word(found.pieces).sum() == pytest.approx(found.pieces.sum())


def test_the_output_is_the_log_odds_of_the_tags_computed_by_hand(explainer):
    head, questions = asked(explainer, "ner")
    question = next(one for one in questions if one.item.words == "type 2 diabetes")
    model = explainer._model
    states = model.encoder(input_ids=torch.from_numpy(question.ids)).last_hidden_state[0]
    logits = model.heads["ner"](states[question.places])[:, 3:]  # the tags of Disease
    shares = logits.softmax(-1)[range(3), [1, 2, 2]]
    found = of_steps(explainer._askers[head.name], question, 2)
    assert found.output == pytest.approx(float((shares / (1 - shares)).log().mean()), abs=1e-4)
    probability = explainer._askers[head.name].probabilities(question, np.zeros((1, len(question.words)), bool))
    assert probability == pytest.approx([float(shares.mean())], abs=1e-5)


@pytest.mark.parametrize("name", ["classes", "ner", "concepts", "answers"])
def test_small_batches_give_what_large_ones_give(untrained, explainer, name):
    small = explaining.load(untrained, budget=16)
    for question in asked(explainer, name)[1]:
        one, other = (of_steps(own._askers[name], question, 5) for own in (explainer, small))
        assert other.pieces == pytest.approx(one.pieces, abs=1e-5)
        assert other.output == pytest.approx(one.output, abs=1e-5)


def test_few_steps_are_told_by_their_error(explainer):
    head, (question,) = asked(explainer, "classes")
    found = integrated_gradients(explainer._askers[head.name], question, tolerance=0.0, most_steps=1)
    assert (found.steps, found.error > 0) == (1, True)


@pytest.mark.parametrize("name", CASES)
def test_words_are_those_of_the_raw_text_in_its_order(explainer, name):
    text = CASES[name].document.text
    for question in asked(explainer, name)[1]:
        spans = [word.span for word in question.words]
        assert len(set(spans)) == len(spans)
        assert all(text[span.start : span.end].strip() for span in spans)
        assert spans == sorted(spans)
        own = set(range(len(text))) & {at for span in question.item.spans for at in range(span.start, span.end)}
        read = {at for span in spans for at in range(span.start, span.end)}
        assert {at for at in own if text[at].strip()} <= read


def test_a_text_of_several_windows_is_explained_as_a_whole(explainer):
    _, (question,) = asked(explainer, "classes")
    assert len(question.ids) > 2
    assert "".join(LONG[word.span.start : word.span.end] for word in question.words) == LONG.replace(" ", "")


@pytest.mark.parametrize("name", ["placeholders", "markers"])
def test_what_stands_for_a_mention_is_shown_at_the_mention(explainer, name):
    _, (question,) = asked(explainer, name)
    words = [LONG[word.span.start : word.span.end] for word in question.words]
    assert {"Metformin", "type 2 diabetes", "lowers", "glucose"} <= set(words)


def test_words_between_tags_are_those_of_the_text(explainer):
    _, (question, *_) = asked(explainer, "tagged")
    words = [LONG[word.span.start : word.span.end] for word in question.words]
    assert {"Metformin", "lowers", "diabetes"} <= set(words)


def test_only_windows_that_an_item_is_told_from_are_read(explainer):
    _, questions = asked(explainer, "ner")
    colchicine = next(one for one in questions if one.item.words == "Colchicine")
    assert len(colchicine.ids) == 1
    assert "fever" not in [LONG[word.span.start : word.span.end] for word in colchicine.words]
