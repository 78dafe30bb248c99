"""What annotators chose: for each normal form of a mention the identifiers that corpora give it, and how often.

    Disease   rheumatoid arthritis   MESH:D001172   41

The table ``mentions.tsv`` is made of the training parts of corpora that may be given away, by ``tools/link_ranker.py``.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.knowledge.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Counts = Mapping[str, int]

FILE = "mentions.tsv"


class Learned:
    """Identifiers of mentions as annotators gave them, by label and normal form.

    Args:
        rows: (label, normal form, id, count).
    """

    def __init__(self, rows: Iterable[tuple[str, str, str, int]]) -> None:
        self._counts: dict[tuple[str, str], dict[str, int]] = {}
        for label, form, identifier, count in rows:
            own = self._counts.setdefault((label, form), {})
            own[identifier] = own.get(identifier, 0) + count

    def counts(self, label: str, text: str) -> Counts:
        """How often each identifier stands for a text; empty where no annotator saw it."""
        return self._counts.get((label, normalise(text)), {})

    def __len__(self) -> int:
        return len(self._counts)


@cache
def shipped() -> Learned:
    """The table that comes with the package.

    Raises:
        FormatError: a row of it is damaged.
    """
    text = resources.files("biogloss.knowledge.linker").joinpath(FILE).read_text(encoding="utf-8")
    return Learned(map(_row, enumerate(text.splitlines(), 1)))


def _row(numbered: tuple[int, str]) -> tuple[str, str, str, int]:
    number, line = numbered
    try:
        label, form, identifier, count = line.split("\t")
        return label, form, identifier, int(count)
    except ValueError as error:
        place = f"line {number:,}"
        raise FormatError("a damaged row", file=FILE, place=place, todo="Install Biogloss again") from error
