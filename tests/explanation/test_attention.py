"""Attention roll-out is the product of the matrices that the paper defines, for the pieces of an item."""

import numpy as np
import pytest

from biogloss.errors import ModelError
from biogloss.explanation import explainer as explaining
from biogloss.explanation.attention import attended, rollout
from every_task import CASES

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")


@pytest.fixture(scope="module")
def explainer(untrained):
    return explaining.load(untrained)


def by_hand(encoder, ids):
    """(seq, seq): 0.5 A + 0.5 I of each layer, multiplied, the last layer leftmost."""
    encoder.set_attn_implementation("eager")
    layers = encoder(torch.tensor([ids.tolist()]), output_attentions=True).attentions
    encoder.set_attn_implementation("sdpa")
    product = np.eye(len(ids))
    for layer in layers:
        product = (0.5 * layer[0].mean(0).double().numpy() + 0.5 * np.eye(len(ids))) @ product
    return product


@pytest.mark.parametrize("name", ["ner", "concepts", "classes"])
def test_an_item_holds_what_its_pieces_hold(explainer, name):
    asker = explainer._askers[name]
    before = asker.model.encoder.config._attn_implementation
    for question in explainer.questions(CASES[name].document, explainer.head(name)):
        wanted = np.zeros(len(question.pieces))
        count = len(question.places)
        shares = np.full(count, 1 / count)
        if question.pooling is not None:
            shares = np.bincount(*question.pooling.pieces(), minlength=count)
            shares /= shares.sum()
        for place, share in zip(question.places, shares, strict=True):
            window, position = divmod(int(place), question.ids.shape[1])
            length = int(question.mask[window].sum())
            row = by_hand(asker.model.encoder, question.ids[window, :length])[position]
            assert row.sum() == pytest.approx(1)
            for at, piece in enumerate(question.shown[window, :length]):
                wanted[piece] += share * row[at] if piece >= 0 else 0
        found = attended(asker, question)
        assert found == pytest.approx(wanted, abs=1e-5)
        assert 0 < found.sum() < 1
    assert asker.model.encoder.config._attn_implementation == before


def test_attention_that_stays_where_it_is_holds_itself_alone():
    assert rollout([np.eye(4, dtype=np.float32)[None]] * 3) == pytest.approx(np.eye(4))


def test_an_encoder_that_hides_its_attention_is_refused(explainer, monkeypatch):
    asker = explainer._askers["ner"]
    (question, *_) = explainer.questions(CASES["ner"].document, explainer.head("ner"))
    whole = asker.model.encoder.forward

    def hiding(*given, output_attentions, **others):
        assert output_attentions
        return whole(*given, **others)

    monkeypatch.setattr(asker.model.encoder, "forward", hiding)
    with pytest.raises(ModelError, match="family bert do not give their attention weights; take gradients"):
        attended(asker, question)
