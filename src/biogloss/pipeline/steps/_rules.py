"""Rule files of the steps that read sections and assertions: what may stand in them, and what is wrong with one.

    language = "en"

    [[cues]]
    says = ["negation=negated"]
    direction = "forward"
    phrases = ["no", "no (evidence|sign) of"]

    [[headings]]
    kind = "family_history"
    phrases = ["FHx", "family (history|hx)"]

Those that ship are in ``rules/``; ``assertions-en.toml`` and ``sections-en.toml`` there explain the keys. A user's file
of the same form goes before them, with cues, headings or both.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - recipes.load reads the annotations
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss import recipes
from biogloss.documents.kinds import SECTIONS
from biogloss.errors import ConfigError, InputError
from biogloss.pipeline.steps._phrases import parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from biogloss.pipeline.steps._phrases import Phrase

VALUES: Mapping[str, tuple[str, ...]] = {
    "negation": ("affirmed", "negated"),
    "certainty": ("certain", "possible"),
    "condition": ("actual", "hypothetical", "conditional"),
    "temporality": ("current", "historical"),
    "experiencer": ("patient", "family", "other"),
}
"""What may be asserted: the first value of each is what is meant where nothing is said, and is never written."""

DIRECTIONS = ("forward", "backward", "both", "mark")
COMMAS = ("pass", "list", "stop")
LANGUAGES = ("en", "zh")
"""Those that have rules which ship."""


@dataclass(frozen=True)
class Headings:
    """Headings of one kind of section.

    Args:
        kind: one of ``SECTIONS``.
        phrases: see :mod:`biogloss.pipeline.steps._phrases`.
    """

    kind: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Cue:
    """Phrases that say the same thing of what stands beside them.

    Args:
        says: ``name=value``, one or several; names and values are those of ``VALUES``.
        phrases: see :mod:`biogloss.pipeline.steps._phrases`.
        direction: of which side they speak: what follows (``forward``), what stands before (``backward``), ``both``,
            or, as a sign such as (-), of the side where the sentence's first sign has an entity (``mark``).
        commas: whether they speak across commas (``pass``), only where those part a list that a word such as "or"
            closes (``list``), or not (``stop``).
        reach: how many words away, at most; 0 sets no limit.
        inside: whether they may be part of what was marked as an entity ("no headache").
        except_labels: types of entities of which they say nothing.
    """

    says: tuple[str, ...]
    phrases: tuple[str, ...]
    direction: str = "forward"
    commas: str = "list"
    reach: int = 0
    inside: bool = False
    except_labels: tuple[str, ...] = ()

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What it says, as pairs of name and value."""
        return tuple((name, value) for name, _, value in (one.partition("=") for one in self.says))


@dataclass(frozen=True)
class Stop:
    """Phrases beyond which a cue says nothing: "but", "although".

    Args:
        phrases: as those of cues.
        of: which attributes' cues they stop; empty stops all.
    """

    phrases: tuple[str, ...]
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleFile:
    """A rule file.

    Args:
        language: two letters.
        headings: of sections.
        inside: headings in capitals of parts of a section, which do not end it.
        cues: what speaks of entities.
        stops: where cues end.
        pseudo: phrases that look like cues and are none.
        sections: kind of section -> what its entities are without any cue, ``name=value``.
        joins: words that close a list.
        closes: words at the end of a list that close it (Chinese).
        item_words: how many words one item of a list has, at most.
        replace: whether its cues and its headings, where it has some, stand instead of those that ship.
    """

    language: str
    headings: tuple[Headings, ...] = ()
    inside: tuple[str, ...] = ()
    cues: tuple[Cue, ...] = ()
    stops: tuple[Stop, ...] = ()
    pseudo: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    joins: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    item_words: int = 6
    replace: bool = False


def read(path: Path | str) -> RuleFile:
    """A user's rule file.

    Raises:
        InputError: no such file.
        ConfigError: it is not of that form; the message says where and what is expected.
    """
    if not Path(path).is_file():
        raise InputError("no such file", file=str(path), expected="rules in TOML")
    return _checked(recipes.load(path, RuleFile, prefix="rules-"), str(path))


def shipped(name: str) -> RuleFile:
    """A rule file that ships: ``assertions-en``."""
    path = Path(str(files(__package__).joinpath("rules", f"{name}.toml")))
    return _checked(recipes.load(path, RuleFile, prefix="rules-"), path.name)


def phrases_of(phrases: Iterable[str], place: str) -> Iterator[Phrase]:
    """Phrases ready to be looked up.

    Args:
        phrases: as a file has them.
        place: where, for the message.

    Raises:
        ConfigError: one that is not written as phrases are.
    """
    for phrase in phrases:
        try:
            yield parsed(phrase)
        except ValueError as error:
            raise ConfigError(f"{place}: {error}") from error


def _checked(file: RuleFile, name: str) -> RuleFile:
    for number, own in enumerate(file.headings, 1):
        _among(own.kind, tuple(sorted(SECTIONS)), f"{name}, [[headings]] {number}: kind")
    for number, cue in enumerate(file.cues, 1):
        _check_cue(cue, f"{name}, [[cues]] {number}")
    for number, stop in enumerate(file.stops, 1):
        place = f"{name}, [[stops]] {number}"
        if not stop.phrases:
            raise ConfigError(f"{place}: phrases is empty; expected at least one")
        for one in stop.of:
            _among(one, tuple(VALUES), f"{place}: of")
    for kind, said in file.sections.items():
        _among(kind, tuple(sorted(SECTIONS)), f"{name}, [sections]: the kind")
        _check_said(said, f"{name}, [sections]")
    return file


def _check_cue(cue: Cue, place: str) -> None:
    _among(cue.direction, DIRECTIONS, f"{place}: direction")
    _among(cue.commas, COMMAS, f"{place}: commas")
    if not cue.says or not cue.phrases:
        raise ConfigError(f"{place}: says or phrases is empty; expected at least one of each")
    if cue.reach < 0:
        raise ConfigError(f"{place}: reach is {cue.reach}; expected a number of words, or 0 for no limit")
    for said in cue.says:
        _check_said(said, place)


def _check_said(said: str, place: str) -> None:
    name, _, value = said.partition("=")
    if value not in VALUES.get(name, ()):
        known = "; ".join(f"{name}={'|'.join(values)}" for name, values in VALUES.items())
        raise ConfigError(f"{place}: says {said[:60]!r}; expected one of {known}")


def _among(value: str, known: tuple[str, ...], place: str) -> None:
    if value not in known:
        raise ConfigError(f"{place} is {value[:60]!r}; expected one of {', '.join(known)}")
