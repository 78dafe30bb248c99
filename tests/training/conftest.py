"""The tiny models, and one thread, for the tests of this folder."""

import pytest

from tiny import (  # noqa: F401 - fixtures are found by name
    tiny_encoder,
    tiny_float32,
    tiny_inference,
    tiny_model,
    tiny_onnx,
    tiny_tokenizer,
)


@pytest.fixture(autouse=True)
def _one_thread():
    """Sums in one order, and no threads that wait for one another."""
    try:
        import torch  # noqa: PLC0415 - not all tests here need it
    except ImportError:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
