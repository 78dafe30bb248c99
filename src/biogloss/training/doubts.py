"""What a person should know of a run's documents before it trains.

doubts(lessons)      ["ner: 3 development documents have the label Symptom, and no training document has: ..."]
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from biogloss.documents import Document
    from biogloss.training.lesson import Lesson

SHOWN = 5


def doubts(lessons: Iterable[Lesson]) -> Iterator[str]:
    """Documents that are left out, and labels that cannot be learned, in words.

    Raises:
        ConfigError: the recipe asks for a label that no document has.
    """
    for lesson in lessons:
        for source in lesson.sources:
            for what, count in source.notes.items():
                yield f"{source.name}: {what}" + (f" ({count:,} times)" if count > 1 else "")
            if source.leaked:
                yield (
                    f"{source.name}: {len(source.leaked):,} training documents share text with documents that are held "
                    f"out, and are left out: {_listed(source.leaked)}"
                )
        yield from _never_learned(lesson)


def _never_learned(lesson: Lesson) -> Iterator[str]:
    if lesson.learned.scale:  # a number has no labels
        return
    train, dev, test = (
        _held(lesson, (getattr(source, split) for source in lesson.sources)) for split in ("train", "dev", "test")
    )
    asked = set(lesson.learned.labels)
    if unknown := sorted(asked - (train + dev + test).keys()):
        raise ConfigError(
            f"{lesson.name}: no document has the label {', '.join(unknown)}; training documents have: "
            f"{', '.join(sorted(train)) or 'none'}"
        )
    for split, held in (("development", dev), ("test", test)):
        for label in sorted((held.keys() & asked if asked else held.keys()) - train.keys()):
            yield (
                f"{lesson.name}: {held[label]:,} {split} documents have the label {label}, and no training document "
                "has: it will be missed in each of them"
            )


def _held(lesson: Lesson, parts: Iterable[Sequence[Document]]) -> Counter[str]:
    """In how many documents each label is."""
    return Counter(label for part in parts for document in part for label in lesson.task.said(document))


def _listed(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
