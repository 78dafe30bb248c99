"""New entities beside old ones, with ids that no other annotation has.

with_new([T1], [Entity("", ...)])    T1 and T2, in reading order
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biogloss.documents import Entity


def with_new(kept: Sequence[Entity], new: Iterable[Entity]) -> tuple[Entity, ...]:
    """Old entities as they are and new ones with free ids ``T1``, ``T2`` ..., all in reading order.

    Args:
        kept: entities whose ids stay.
        new: entities whose ids are given here, in their order.
    """
    used = {entity.id for entity in kept}
    free = (name for number in count(1) if (name := f"T{number}") not in used)
    added = [replace(entity, id=name) for entity, name in zip(new, free, strict=False)]
    return tuple(sorted([*kept, *added], key=lambda entity: (entity.start, entity.end))) if added else tuple(kept)
