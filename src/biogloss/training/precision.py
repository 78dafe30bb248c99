"""In which precision matrices are multiplied; weights, sums and what the optimizer keeps are always float32.

with multiplied("bfloat16"): states = model(ids)
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from torch import Tensor, nn

FLOAT32, BFLOAT16, AUTO = PRECISIONS = ("float32", "bfloat16", "auto")
INSTRUCTIONS = ("avx512_bf16", "amx_bf16")
"""Of processors that multiply bfloat16 themselves; others emulate it, eight times slower than float32."""
_ATTENTION = "sdpa_float32"


def resolve(precision: str) -> str:
    """``auto`` is bfloat16 where the hardware multiplies it, float32 elsewhere; the others are themselves."""
    if precision != AUTO:
        return precision
    if torch.cuda.is_available():
        return BFLOAT16 if torch.cuda.is_bf16_supported(including_emulation=False) else FLOAT32
    has: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return BFLOAT16 if any(has.get(name) for name in INSTRUCTIONS) else FLOAT32


def multiplied(precision: str, device: str = "cpu") -> AbstractContextManager[object]:
    """The context of a forward pass in a resolved precision, on a device (``cpu``, ``cuda:0``)."""
    return torch.autocast(device.partition(":")[0], torch.bfloat16) if precision == BFLOAT16 else nullcontext()


def prepare(model: Any, precision: str, device: str = "cpu") -> None:  # noqa: ANN401 - any transformers model
    """What a model needs so that passes in a resolved precision are fast on a device."""
    if precision == BFLOAT16 and device == "cpu":
        _attend_in_float32(model)


def _attend_in_float32(model: Any) -> None:  # noqa: ANN401 - any transformers model
    """Let a model's attention compute in float32 whatever its inputs are, for passes in bfloat16 on a processor.

    The gradient of torch's fused attention takes three times as long in bfloat16 as in float32 there, though the
    products around it take half as long.
    """
    from transformers import AttentionInterface  # noqa: PLC0415 - four seconds
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask  # noqa: PLC0415

    AttentionInterface.register(_ATTENTION, _attention)
    AttentionMaskInterface.register(_ATTENTION, sdpa_mask)
    model.set_attn_implementation(_ATTENTION)


def _attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **more: Any,  # noqa: ANN401 - as transformers calls it
) -> tuple[Tensor, None]:
    from transformers.integrations.sdpa_attention import sdpa_attention_forward  # noqa: PLC0415

    with torch.autocast(query.device.type, enabled=False):
        states, _ = sdpa_attention_forward(module, query.float(), key.float(), value.float(), attention_mask, **more)
    return states.to(query.dtype), None
