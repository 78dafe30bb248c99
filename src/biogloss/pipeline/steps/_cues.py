"""Cues ready to be looked up: the phrases of one language's rule files, and where they stop.

Languages().get("en").cues.find(["no", "sign", "of", "gout"])    [Match(0, 3, Cue(says=("negation=negated",), ...))]
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from biogloss.pipeline.steps import _rules
from biogloss.pipeline.steps._phrases import Phrases
from biogloss.pipeline.steps._rules import LANGUAGES, VALUES, phrases_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from biogloss.pipeline.steps._phrases import Phrase
    from biogloss.pipeline.steps._rules import Cue, RuleFile


class Rules:
    """The rules of one language, ready to be looked up. Frozen once built, so threads may share them.

    Args:
        rule_files: of one language; earlier ones win.
        names: of the files, for messages.

    Raises:
        ConfigError: a phrase that is not written as phrases are; the message names file, table and phrase.
    """

    def __init__(self, rule_files: Sequence[RuleFile], names: Sequence[str]) -> None:
        pairs = list(zip(rule_files, names, strict=True))
        self.cues: Phrases[Cue | None] = Phrases(one for file, name in pairs for one in _cue_phrases(file, name))
        self.stops: Mapping[str, Phrases[None]] = {
            of: Phrases(one for file, name in pairs for one in _stop_phrases(file, name, of)) for of in VALUES
        }
        self.joins = frozenset(word for file, _ in pairs for word in file.joins)
        self.closes = frozenset(word for file, _ in pairs for word in file.closes)
        self.item_words = max(file.item_words for file in rule_files)
        self.sections: dict[str, str] = {}
        for file, _ in reversed(pairs):
            self.sections |= file.sections


class Languages:
    """The rules of each language that has some, read when they are first wanted.

    Args:
        extra: a file of the user's own rules.

    Raises:
        InputError: no such file.
        ConfigError: it is not of that form; the message says where and what is expected.
    """

    def __init__(self, extra: Path | str | None = None) -> None:
        self._own: dict[str, Rules] = {}
        if extra is not None:
            own = _rules.read(extra)
            names = (
                [] if (own.replace and own.cues) or own.language not in LANGUAGES else [f"assertions-{own.language}"]
            )
            self._own[own.language] = Rules([own, *map(_rules.shipped, names)], [str(extra), *names])

    def get(self, language: str) -> Rules | None:
        """The rules of a language, two letters; None where there are none."""
        if language in self._own:
            return self._own[language]
        return _shipped(language) if language in LANGUAGES else None


@cache  # hundreds of phrases, the same for every step that is made
def _shipped(language: str) -> Rules:
    name = f"assertions-{language}"
    return Rules([_rules.shipped(name)], [name])


def _cue_phrases(file: RuleFile, name: str) -> Iterator[tuple[Phrase, Cue | None]]:
    """Phrases and their cues; None where they are no cues."""
    yield from ((phrase, None) for phrase in phrases_of(file.pseudo, f"{name}, pseudo"))
    for number, cue in enumerate(file.cues, 1):
        yield from ((phrase, cue) for phrase in phrases_of(cue.phrases, f"{name}, [[cues]] {number}"))


def _stop_phrases(file: RuleFile, name: str, of: str) -> Iterator[tuple[Phrase, None]]:
    """The phrases that stop cues of one attribute."""
    for number, stop in enumerate(file.stops, 1):
        if not stop.of or of in stop.of:
            yield from ((phrase, None) for phrase in phrases_of(stop.phrases, f"{name}, [[stops]] {number}"))
