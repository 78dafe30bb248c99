"""Who a patient is, put otherwise: words of one group in place of those of another, annotations carried along.

    swaps.swap(document, "sex", "female", "male")
    "A 45-year-old woman took her pills."    ->  "A 45-year-old man took his pills."

The words are lists in ``lists/*.toml``, which a file of the user's may extend. Words of both groups change places, so
that swapping back gives the text as it was, where one form stands for one other. A document that names organs or states
of one sex has its sex left alone, and is counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping  # noqa: TC003 - recipes.load reads the annotations
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss import recipes
from biogloss.documents.edits import Edit, apply
from biogloss.errors import ConfigError, InputError
from biogloss.explanation import _forms

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence

    from biogloss.documents import Document, Span
    from biogloss.explanation._forms import Form

AGE = "{age}"
DECADE = 10


@dataclass(frozen=True)
class Attribute:
    """What patients differ in; see ``lists/en.toml``.

    Args:
        name: of the attribute.
        groups: what they differ by.
        rows: a form for each group; of forms that stand in several rows the first counts.
        bound: words that leave a document's attribute alone.
        ages: ways of writing an age.
        decades: for each group the decade, in years, that stands for those of the others.
    """

    name: str
    groups: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    bound: tuple[str, ...] = ()
    ages: tuple[str, ...] = ()
    decades: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.groups)) < 2 or len(set(self.groups)) != len(self.groups):
            raise ConfigError(f"the attribute {self.name} has the groups {list(self.groups)}; expected two or more")
        for row in (*self.rows, *self.decades):
            if len(row) != len(self.groups):
                what = f"the attribute {self.name} has the row {list(row)}"
                raise ConfigError(f"{what}; expected {len(self.groups)} forms, for {', '.join(self.groups)}")


@dataclass(frozen=True)
class Lists:
    """A file of words; see ``lists/en.toml``.

    Args:
        attributes: what patients differ in.
        protected: phrases in which nothing is swapped.
        among: name -> words of which one must stand beside.
        besides: name -> words of which none may follow, where a word must.
    """

    attributes: tuple[Attribute, ...] = ()
    protected: tuple[str, ...] = ()
    among: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    besides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """A form in a text: where it stands, and for each of its groups what stands there for every group."""

    start: int
    end: int
    rows: Mapping[int, tuple[str, ...]]

    def instead(self, one: int, other: int) -> str:
        """What stands there when two groups change places; empty where it stays."""
        if (one in self.rows) == (other in self.rows):
            return ""
        return self.rows[one][other] if one in self.rows else self.rows[other][one]


def load(extra: Path | str | None = None) -> Swaps:
    """The lists that ship, and a user's own.

    Raises:
        InputError: no such file.
        ConfigError: it is not of that form.
    """
    shipped = sorted(entry.name for entry in files(__package__).joinpath("lists").iterdir())
    paths = [Path(str(files(__package__).joinpath("lists", name))) for name in shipped if name.endswith(".toml")]
    if extra is not None:
        if not Path(extra).is_file():
            raise InputError("no such file", file=str(extra), expected="a list of words in TOML")
        paths.insert(0, Path(extra))
    return Swaps([recipes.load(path, Lists, prefix="swaps-") for path in paths])


class Swaps:
    """Lists of words, joined: earlier ones go first.

    Raises:
        ConfigError: a form names a list of neighbours that there is not.
    """

    def __init__(self, lists: Sequence[Lists]) -> None:
        self._lists = lists
        self._finders: dict[str, _Finder] = {}
        for attribute in (own for one in lists for own in one.attributes):
            known = self._finders.get(attribute.name)
            if known is None:
                self._finders[attribute.name] = _Finder([attribute], self)
            elif known.groups == attribute.groups:
                self._finders[attribute.name] = _Finder([*known.attributes, attribute], self)

    @cached_property
    def neighbours(self) -> Mapping[str, _forms.Neighbours]:
        """The lists of neighbours by name."""
        found: dict[str, _forms.Neighbours] = {}
        for one in reversed(self._lists):
            found |= {name: _forms.Neighbours(frozenset(words), wanted=True) for name, words in one.among.items()}
            found |= {name: _forms.Neighbours(frozenset(words), wanted=False) for name, words in one.besides.items()}
        return found

    @cached_property
    def protected(self) -> re.Pattern[str]:
        """Phrases in which nothing is swapped."""
        return _forms.any_of([phrase for one in self._lists for phrase in one.protected])

    @property
    def attributes(self) -> Mapping[str, tuple[str, ...]]:
        """Name -> groups."""
        return {name: finder.groups for name, finder in self._finders.items()}

    def only(self, names: Iterable[str]) -> list[str]:
        """The attributes of those names; all for none.

        Raises:
            ConfigError: there is none of a name.
        """
        names = list(names)
        if unknown := [name for name in names if name not in self._finders]:
            raise ConfigError(f"no attribute {unknown[0]!r}; there are: {', '.join(self._finders)}")
        return names or list(self._finders)

    def is_bound(self, text: str, attribute: str) -> bool:
        """Whether a text names what only one group has, so that another cannot stand in its place."""
        return bool(self._finders[attribute].bound.search(text))

    def found(self, text: str, attribute: str) -> list[Hit]:
        """What says of a text's patients which group they are of, in order and apart."""
        return list(self._finders[attribute].hits(text))

    def pairs(self, text: str, attribute: str) -> list[tuple[str, str]]:
        """The groups that stand in a text, each with every other that can take its place."""
        groups, hits = self.attributes[attribute], self.found(text, attribute)
        standing = {next(iter(hit.rows)) for hit in hits if len(hit.rows) == 1}
        return [
            (groups[one], groups[other])
            for one, other in permutations(range(len(groups)), 2)
            if one in standing and any(hit.instead(one, other) for hit in hits if set(hit.rows) == {one})
        ]

    def swap(self, document: Document, attribute: str, one: str, other: str) -> tuple[Document, list[Edit]]:
        """The document with words of two groups in each other's place, and the edits that made it.

        Articles agree with the new words ("a Black man", "an Asian man").
        """
        groups = self.attributes[attribute]
        edits = []
        for hit in self.found(document.text, attribute):
            words = document.text[hit.start : hit.end]
            if instead := hit.instead(groups.index(one), groups.index(other)):
                instead = _forms.in_case(instead, words)
                edits += [*_forms.article(document.text, hit.start, words, instead), Edit(hit.start, hit.end, instead)]
        return apply(document, edits).document, edits


class _Finder:
    """The forms of an attribute, in whatever lists it stands."""

    def __init__(self, attributes: Sequence[Attribute], swaps: Swaps) -> None:
        self.attributes = attributes
        self.groups = attributes[0].groups
        self.bound = _forms.any_of([phrase for own in attributes for phrase in own.bound])
        self._swaps = swaps
        self._ages = [form for own in attributes for form in own.ages]
        self._decades = [row for own in attributes for row in own.decades]

    @cached_property
    def _rows(self) -> dict[Form, dict[int, tuple[str, ...]]]:
        """Form -> group -> the words of the first row in which it stands for that group."""
        found: dict[Form, dict[int, tuple[str, ...]]] = defaultdict(dict)
        for row in (row for own in self.attributes for row in own.rows):
            forms = [_forms.form(words) for words in row]
            for group, form in enumerate(forms):
                if form.words:
                    found[form].setdefault(group, tuple(one.words for one in forms))
        unknown = {name for form in found for name in form.neighbours if name not in self._swaps.neighbours}
        if unknown:
            known = ", ".join(sorted(self._swaps.neighbours)) or "none"
            raise ConfigError(f"a form has {{{min(unknown)}}} beside it; the lists of neighbours are: {known}")
        return dict(found)

    @cached_property
    def _by_words(self) -> dict[str, list[Form]]:
        """Words -> the forms of them; those that need a neighbour go first."""
        found = defaultdict(list)
        for form in sorted(self._rows, key=lambda form: not form.neighbours):
            found[form.words].append(form)
        return dict(found)

    @cached_property
    def _words(self) -> re.Pattern[str]:
        return _forms.any_of(list(self._by_words), in_any_case=False)

    @cached_property
    def _ages_pattern(self) -> re.Pattern[str]:
        return _forms.numbers([form.split(AGE, 1) for form in self._ages])

    def hits(self, text: str) -> Iterator[Hit]:
        """Where a form stands, but for protected phrases; numbers before words."""
        protected = [match.span() for match in self._swaps.protected.finditer(text)]
        free = 0
        for hit in sorted([*self._numbers(text), *self._named(text)], key=lambda hit: hit.start):
            before = bisect_left(protected, (hit.end, 0))
            if hit.start >= free and not (before and protected[before - 1][1] > hit.start):
                free = hit.end
                yield hit

    def _named(self, text: str) -> Iterator[Hit]:
        for match in self._words.finditer(text):
            words = match.group()
            forms = self._by_words.get(words) or self._by_words.get(words.lower(), [])
            for form in forms:
                if _forms.fits(form, text, match, self._swaps.neighbours):
                    yield Hit(match.start(), match.end(), self._rows[form])
                    break

    def _numbers(self, text: str) -> Iterator[Hit]:
        if not self._ages:
            return
        for match in self._ages_pattern.finditer(text):
            digits = next(name for name, value in match.groupdict().items() if value is not None)
            years = int(match[digits])
            decade, rest = years // DECADE * DECADE, years % DECADE
            rows: dict[int, tuple[str, ...]] = {}
            for row in self._decades:
                for group in (group for group, own in enumerate(row) if own == decade):
                    rows.setdefault(group, tuple(str(own + rest) for own in row))
            if rows:
                yield Hit(match.start(digits), match.end(digits), rows)


def sentences_with(hits: Sequence[Hit], spans: Iterable[Span]) -> int:
    """How many sentences hold something that can be swapped; hits are in order."""
    starts = [hit.start for hit in hits]
    return sum(bisect_left(starts, span.start) < bisect_left(starts, span.end) for span in spans)
