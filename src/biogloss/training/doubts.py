"""What a person should know of a run's documents before it trains.

doubts(lessons)      ["ner: no training document has the label Symptom, which 3 development documents have: ..."]
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
                several = len(source.leaked) > 1
                yield (
                    f"{source.name}: {len(source.leaked):,} training document{'s share' if several else ' shares'} "
                    f"text with documents that are held out, and {'are' if several else 'is'} left out: "
                    f"{_listed(source.leaked)}"
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
        unseen = (held.keys() & asked if asked else held.keys()) - train.keys()
        if len(unseen) == 1:
            (label,) = unseen
            yield (
                f"{lesson.name}: no training document has the label {label}, which {held[label]:,} {split} document"
                f"{'s have' if held[label] > 1 else ' has'}: it will be missed there"
            )
        elif unseen:
            often = sorted(unseen, key=lambda label: (-held[label], label))
            yield (
                f"{lesson.name}: {len(unseen):,} labels of {split} documents are in no training document and will be "
                f"missed there: {_listed([f'{label} ({held[label]:,})' for label in often])}"
            )


def _held(lesson: Lesson, parts: Iterable[Sequence[Document]]) -> Counter[str]:
    """In how many documents each label is."""
    return Counter(label for part in parts for document in part for label in lesson.task.said(document))


def _listed(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
