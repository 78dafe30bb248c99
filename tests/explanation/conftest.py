"""The tiny models, and untrained ones of every task."""

import pytest

from tiny import tiny_encoder, tiny_inference, tiny_model, tiny_tokenizer  # noqa: F401 - fixtures are found by name


@pytest.fixture(autouse=True)
def _one_thread():
    torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def untrained(tiny_encoder, tmp_path_factory):  # noqa: F811 - the fixture
    """The folder of a model with a head of random weights for each case."""
    from every_task import write_model  # noqa: PLC0415

    return write_model(tmp_path_factory.mktemp("untrained") / "model", tiny_encoder)
