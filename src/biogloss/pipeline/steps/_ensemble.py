"""Several models asked together: whether they can be, and what they are as one.

    united([ner-seed-1, ner-seed-2])    Settings(name="ner-1 + ner-2", heads=(Head("ner", thresholds of both, ...),))

Their probabilities are averaged place by place, so they must read the same windows of the same pieces and say the same
labels in the same order. Their thresholds may differ, as may their encoders.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from biogloss.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from biogloss.models.folder import Head, Settings

THRESHOLDS = "thresholds"
READER = "tokenizer.json"
_OF_BATCHES = ("truncation", "padding")  # what a tokenizer.json says of them is not used


def united(folders: Sequence[Path], settings: Sequence[Settings]) -> Settings:
    """The settings of several models as one; those of a single one as they are.

    Args:
        folders: of the models.
        settings: of each.

    Returns:
        The names with ``+`` between them, heads in the order of the first model, and of each label's thresholds the
        mean over the models that have one.

    Raises:
        ModelError: models differ in what must be the same; the message says in what.
    """
    first, *others = settings
    for place, other in zip(folders[1:], others, strict=True):
        found = [*_differences(first, other)]
        if _reader(folders[0]) != _reader(place):
            found.append("their tokenizers")
        if found:
            raise ModelError(f"{folders[0]} and {place} cannot be asked together, they differ in {'; '.join(found)}")
    if not others:
        return first
    heads = (_head([own for one in settings for own in one.heads if own.name == head.name]) for head in first.heads)
    return replace(first, name=" + ".join(one.name for one in settings), heads=tuple(heads))


def _head(heads: Sequence[Head]) -> Head:
    options = dict(heads[0].options)
    if THRESHOLDS in options:
        options[THRESHOLDS] = _means([head.options.get(THRESHOLDS, {}) for head in heads])
    return replace(heads[0], options=options)


def _means(thresholds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    given: dict[str, list[float]] = {}
    for own in thresholds:
        for label, least in own.items():
            given.setdefault(label, []).append(least)
    return {label: sum(values) / len(values) for label, values in given.items()}


def _differences(one: Settings, other: Settings) -> Iterator[str]:
    """What must be the same and is not, in words."""
    heads, theirs = ({head.name: head for head in own.heads} for own in (one, other))
    if heads.keys() != theirs.keys():
        yield _both("heads", ", ".join(sorted(heads)), ", ".join(sorted(theirs)))
    for name in (name for name in heads if name in theirs):
        mine, its = _said(heads[name]), _said(theirs[name])
        yield from (
            _both(f"{key} of {name}", mine.get(key), its.get(key))
            for key in sorted(mine | its)
            if mine.get(key) != its.get(key)
        )
    for key in ("max_pieces", "overlap"):
        if getattr(one, key) != getattr(other, key):
            yield _both(key, getattr(one, key), getattr(other, key))


def _said(head: Head) -> dict[str, Any]:
    """What decides the examples of a head and the order of its outputs."""
    options = {key: value for key, value in head.options.items() if key != THRESHOLDS}
    return {"task": head.task, "labels": ", ".join(head.labels), **options}


def _both(what: str, one: object, other: object) -> str:
    return f"{what} ({one} against {other})"


def _reader(folder: Path) -> dict[str, Any]:
    """What a tokenizer does with a text."""
    found: dict[str, Any] = json.loads((folder / READER).read_text(encoding="utf-8"))
    return {key: value for key, value in found.items() if key not in _OF_BATCHES}
