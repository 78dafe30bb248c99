"""The head at hidden places alone gives the loss of transformers' own model, for the families that are known."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.errors import ModelError  # noqa: E402
from biogloss.training.objectives import masked_words  # noqa: E402
from biogloss.training.objectives._masking import Masking  # noqa: E402

SHAPE = {
    "vocab_size": 60,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}
MASKING = Masking(mask=4, ordinary=np.arange(5, 60, dtype=np.int32), rate=0.3)


@pytest.fixture
def hidden():
    rng = np.random.default_rng(0)
    ids = rng.integers(5, 60, size=(3, 20)).astype(np.int32)
    words = np.tile(np.repeat(np.arange(10), 2), (3, 1)).astype(np.int32)
    return ids, masked_words.hide(ids, words, MASKING, rng)


@pytest.mark.parametrize("family", ["Bert", "Roberta", "Albert", "XLMRoberta"])
def test_the_loss_is_that_of_transformers(family, hidden):
    ids, chosen = hidden
    torch.manual_seed(0)
    config = getattr(transformers, f"{family}Config")(**SHAPE)
    model = transformers.AutoModelForMaskedLM.from_config(config).eval()
    labels = torch.full(ids.shape, -100)
    labels.view(-1)[chosen.places] = chosen.pieces
    with torch.no_grad():
        theirs = model(input_ids=chosen.ids, labels=labels).loss.item()
        states = model.base_model(input_ids=chosen.ids).last_hidden_state
        ours = masked_words.losses(states, masked_words.head_of(model), chosen)
    assert ours.shape == chosen.pieces.shape
    assert ours.mean().item() == pytest.approx(theirs, abs=1e-5)
    assert ours.mean().item() == pytest.approx(math.log(60), rel=0.15)  # nothing is learned yet


def test_what_was_hidden_is_what_stood_there(hidden):
    ids, chosen = hidden
    assert (ids.reshape(-1)[chosen.places.numpy()] == chosen.pieces.numpy()).all()
    changed = np.flatnonzero(chosen.ids.numpy().reshape(-1) != ids.reshape(-1))
    assert set(changed) <= set(chosen.places.tolist())


def test_a_family_with_its_head_elsewhere_is_refused():
    config = transformers.DistilBertConfig(vocab_size=60, dim=32, n_layers=1, n_heads=2, hidden_dim=64)
    with pytest.raises(ModelError, match="no head that is known"):
        masked_words.head_of(transformers.AutoModelForMaskedLM.from_config(config))
