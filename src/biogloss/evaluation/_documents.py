"""Gold documents beside predicted ones: every score starts with the check that both are the same documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from biogloss.documents import Document


def pairs(gold: Iterable[Document], predicted: Iterable[Document]) -> list[tuple[Document, Document]]:
    """Each gold document with the predicted one in its place.

    Raises:
        ValueError: they are not the same documents in the same order.
    """
    left, right = list(gold), list(predicted)
    if len(left) != len(right):
        msg = f"{len(left)} gold documents but {len(right)} predicted ones: same documents in the same order expected"
        raise ValueError(msg)
    found = list(zip(left, right, strict=True))
    for one, other in found:
        if one.id != other.id or one.text != other.text:
            msg = (
                f"gold document {one.id} stands beside predicted {other.id}: same documents in the same order expected"
            )
            raise ValueError(msg)
    return found
