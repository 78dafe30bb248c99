"""The tiny models, for the tests of this folder."""

from tiny import (  # noqa: F401 - fixtures are found by name
    tiny_encoder,
    tiny_float32,
    tiny_inference,
    tiny_model,
    tiny_onnx,
    tiny_tokenizer,
)
