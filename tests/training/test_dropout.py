"""Dropout of bytes drops what it says, keeps the mean, and is a function of torch's generator."""

import pytest

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

from transformers import BertConfig, BertModel  # noqa: E402

from biogloss.training.dropout import Dropout, set_dropout  # noqa: E402


def dropped(p, *, seed=1, size=(64, 1001)):
    torch.manual_seed(seed)
    return Dropout(p)(torch.ones(size))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_share_is_that_of_torch_to_a_256th_and_the_mean_stays(p):
    states = dropped(p)
    share = round(256 * p) / 256
    assert float((states == 0).float().mean()) == pytest.approx(share, abs=0.01)
    assert states.unique().tolist() == pytest.approx([0.0, 1 / (1 - share)])


def test_every_byte_of_a_drawn_word_is_as_likely():
    places = dropped(0.5, size=(8, 4000)).view(-1, 8)
    assert ((places == 0).float().mean(dim=0) - 0.5).abs().max() < 0.05


def test_the_draws_follow_the_seed():
    assert torch.equal(dropped(0.1), dropped(0.1))
    assert not torch.equal(dropped(0.1), dropped(0.1, seed=2))


def test_the_gradient_passes_where_the_states_did():
    torch.manual_seed(1)
    states = torch.rand(50, 7, requires_grad=True)
    found = Dropout(0.25)(states)
    found.sum().backward()
    assert torch.equal(found.detach(), states.detach() * states.grad)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_the_kind_of_the_states_stays(kind):
    assert Dropout(0.1)(torch.ones(3, 5, dtype=kind)).dtype == kind


def test_nothing_is_dropped_in_evaluation_or_at_zero():
    states = torch.rand(9)
    assert torch.equal(Dropout(0.5).eval()(states), states)
    assert torch.equal(Dropout(0.0)(states), states)


def test_hidden_states_of_an_encoder_are_dropped_and_attention_weights_are_not():
    config = BertConfig(hidden_size=8, num_attention_heads=2, num_hidden_layers=2, intermediate_size=8, vocab_size=9)
    model = BertModel(config)
    set_dropout(model, 0.25)
    found = {path: module for path, module in model.named_modules() if isinstance(module, torch.nn.Dropout)}
    assert {type(module) for module in found.values()} == {Dropout}
    assert {path: module.p for path, module in found.items() if module.p != 0.25} == {
        f"encoder.layer.{layer}.attention.self.dropout": 0.0 for layer in (0, 1)
    }
