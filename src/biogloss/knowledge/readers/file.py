"""One door for all files of terms: told apart by their endings, checked as a whole.

    my.csv my.tsv    a table        hp.obo    OBO        hp.json    OBO graph        MRCONSO.RRF    a subset of UMLS

Each may be compressed (.gz). Besides what its reader checks, no identifier may stand for two concepts, and no concept
may be above itself.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.knowledge.readers import obo, obograph, rrf, table
from biogloss.knowledge.readers._reading import Reading

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from biogloss.knowledge.concept import Concept

__all__ = ["FORMS", "Reading", "read"]

FORMS: Mapping[str, Callable[[Path, Reading, Counter[str]], Iterator[tuple[str, Concept]]]] = MappingProxyType(
    {
        ".csv": table.concepts,
        ".tsv": table.concepts,
        ".obo": obo.concepts,
        ".json": obograph.concepts,
        ".rrf": rrf.concepts,
    }
)
_GZIP = re.compile(r"\.gz$", re.IGNORECASE)


def read(path: Path, reading: Reading, report: Counter[str]) -> Iterator[Concept]:
    """The concepts of a file, in its order; what is left out is counted in ``report``.

    Raises:
        FormatError: an unknown ending, a row that is wrong, an identifier or cross-reference that two concepts claim, a
            concept above itself.
        InputError, EncodingError: the file cannot be read.
    """
    name = _GZIP.sub("", path.name)
    ending = "." + name.rpartition(".")[2].lower()
    if ending not in FORMS:
        expected = f"one of {', '.join(FORMS)}, plain or .gz"
        raise FormatError(f"files that end in {ending!r} are not read", file=str(path), expected=expected)
    named = replace(reading, source=reading.source or name.rpartition(".")[0])
    return _checked(FORMS[ending](path, named, report), str(path), report, strict=ending in (".csv", ".tsv"))


def _checked(
    found: Iterator[tuple[str, Concept]], file: str, report: Counter[str], *, strict: bool
) -> Iterator[Concept]:
    """The concepts again, until one contradicts another; cross-references are held against each other where strict."""
    places: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    claims: dict[str, str] = {}
    for place, concept in found:
        if (first := places.setdefault(concept.id, place)) != place:
            todo = "Put all names of a concept in one row" if strict else "Repair the file"
            what = f"{concept.id} stands for a second concept; the first is at {first}"
            raise FormatError(what, file=file, place=place, expected="each identifier once", todo=todo)
        for xref in concept.xrefs:
            if (other := claims.setdefault(xref, concept.id)) != concept.id:
                _refuse_or_note(xref, (other, places[other]), (concept.id, place), (file, report, strict))
        parents[concept.id] = concept.parents
        yield concept
    _refuse_cycles(parents, places, file)
    if unknown := sum(parent not in parents for found_parents in parents.values() for parent in found_parents):
        report["parent that is not in the file"] += unknown


def _refuse_or_note(
    xref: str, one: tuple[str, str], two: tuple[str, str], context: tuple[str, Counter[str], bool]
) -> None:
    file, report, strict = context
    report["cross-reference that several concepts claim"] += 1
    if strict:
        raise FormatError(
            f"{two[0]} and {one[0]} ({one[1]}) contradict each other: both say that they are {xref}",
            file=file,
            place=two[1],
            expected="each identifier of another vocabulary at one concept",
            todo="Leave it where it fits best, and take it out of the other row",
        )


def _refuse_cycles(parents: Mapping[str, tuple[str, ...]], places: Mapping[str, str], file: str) -> None:
    """Depth first, without recursion: what is on the way down and met again closes a cycle."""
    done: set[str] = set()
    for start in parents:
        way: list[tuple[str, Iterator[str]]] = [(start, iter(parents[start]))] if start not in done else []
        on_way = {start}
        while way:
            here, rest = way[-1]
            above = next((parent for parent in rest if parent in parents and parent not in done), None)
            if above is None:
                done.add(here)
                on_way.discard(here)
                way.pop()
            elif above in on_way:
                names = [name for name, _ in way]
                cycle = " -> ".join([*names[names.index(above) :], above])
                what = f"{above} is above itself: {cycle[:300]}"
                todo = "Take out one of these parents"
                raise FormatError(what, file=file, place=places[above], expected="parents without a circle", todo=todo)
            else:
                on_way.add(above)
                way.append((above, iter(parents[above])))
