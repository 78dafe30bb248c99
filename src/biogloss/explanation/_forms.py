"""Forms of words in a text: where they stand, what must stand beside them, and how another takes their place.

form("her {noun}")      Form("her", after="noun")
in_case("his", "Her")   "His"
article("an Asian man", 3, "Asian", "Black")      the edit that makes it "a Black man"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biogloss.documents.edits import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ANY = "*"
_FORM = re.compile(r"(?:\{(?P<before>\w+)\}\s+)?(?P<words>[^{}]*?)(?:\s+\{(?P<after>\w+)\})?")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_BEHIND = re.compile(r"[\s-]+(\w[\w-]*)")
_BEFORE = re.compile(r"(\w[\w-]*)[\s-]+$")
_CHARACTERS = 40
_ARTICLE = re.compile(r"\b([Aa])(n?)\s+$")
_SOUNDS_LIKE_CONSONANT = re.compile(r"(?i:eu|uni|uk|us[ae]|one\b)")
_SOUNDS_LIKE_VOWEL = re.compile(r"8|1[18](?!\d)|(?i:[aeiou]|hour|honest|heir)")


@dataclass(frozen=True, slots=True)
class Form:
    """Words as a list has them, and the names of what must stand before and behind them."""

    words: str
    before: str = ""
    after: str = ""

    @property
    def neighbours(self) -> tuple[str, ...]:
        """The names."""
        return tuple(filter(None, (self.before, self.after)))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Words of which one must stand beside a form (``wanted``), or none, where a word must."""

    words: frozenset[str]
    wanted: bool

    def fit(self, match: re.Match[str] | None) -> bool:
        """Whether the word that was found beside a form is right."""
        return match is not None and (match[1].lower() in self.words) == self.wanted


def form(written: str) -> Form:
    """A form as a list writes it."""
    match = _FORM.fullmatch(written.strip())
    if match is None:
        return Form(written.strip())
    return Form(match["words"], match["before"] or "", match["after"] or "")


def fits(own: Form, text: str, match: re.Match[str], neighbours: Mapping[str, Neighbours]) -> bool:
    """Whether what must stand beside a form does; HE and MEN are words among capitals only, and names elsewhere."""
    behind = _BEHIND.match(text, match.end())
    before = _BEFORE.search(text[max(0, match.start() - _CHARACTERS) : match.start()])
    if match[0].isupper() and own.words.islower():
        beside = [one[1] for one in (before, behind) if one]
        if not any(word.isupper() and len(word) > 1 for word in beside):
            return False
    if own.after and not neighbours[own.after].fit(behind):
        return False
    return not own.before or neighbours[own.before].fit(before)


def any_of(phrases: Sequence[str], *, in_any_case: bool = True) -> re.Pattern[str]:
    """Whole words, the longest first; * stands for any ending or beginning.

    Args:
        phrases: what to find; nothing is found for none.
        in_any_case: else a phrase in small letters fits capitals too, and any other only itself.
    """
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    found = "|".join(_bounded(phrase, cased=not in_any_case) for phrase in ordered)
    return re.compile(found or r"(?!)", re.IGNORECASE if in_any_case else 0)


def numbers(around: Sequence[Sequence[str]]) -> re.Pattern[str]:
    """Numbers of one to three digits between what stands before and behind them, each in a group of its own."""
    found = []
    for place, (before, after) in enumerate(around):
        start = rf"(?<!\w)(?i:{re.escape(before)})" if before else r"(?<![\w.])"
        end = rf"(?i:{re.escape(after)})(?!\w)" if after.isascii() else re.escape(after)
        number = rf"(?P<n{place}>\d{{1,3}})(?![\d.]\d|\s?[-–]\s?\d|\d)"  # noqa: RUF001 - a range of ages stays
        found.append(f"{start}{number}{end if after else ''}")
    return re.compile("|".join(found) or r"(?!)")


def in_case(words: str, model: str) -> str:
    """Words with the capitals of those in whose place they stand."""
    if len(model) > 1 and model.isupper() and model.upper() != model.lower():
        return words.upper()
    return words[:1].upper() + words[1:] if model[:1].isupper() else words


def article(text: str, start: int, words: str, instead: str) -> Iterator[Edit]:
    """The edit of an English article before words, where it agrees with them and would not with others."""
    match = _ARTICLE.search(text[max(0, start - _CHARACTERS) : start])
    if match is None:
        return
    agrees, will_agree = (_takes_an(one) == bool(match[2]) for one in (words, instead))
    if agrees and not will_agree:
        first = start - len(match[0])
        yield Edit(first, first + 1 + len(match[2]), match[1] + ("" if match[2] else "n"))


def _takes_an(words: str) -> bool:
    return bool(_SOUNDS_LIKE_VOWEL.match(words)) and not _SOUNDS_LIKE_CONSONANT.match(words)


def _bounded(phrase: str, *, cased: bool) -> str:
    inner = phrase.strip(ANY)
    found = _in_capitals_too(inner) if cased and inner.islower() else re.escape(inner)
    start = "" if phrase.startswith(ANY) or _CHINESE.match(inner[:1]) else r"(?<![\w-])"
    end = "" if phrase.endswith(ANY) or _CHINESE.match(inner[-1:]) else r"(?![\w-])"
    return f"{start}{found}{end}"


def _in_capitals_too(words: str) -> str:
    """Small letters, with a capital first, or all capitals."""
    if words.upper() == words:
        return re.escape(words)
    forms = dict.fromkeys((words, words[:1].upper() + words[1:], words.upper()))
    return f"(?:{'|'.join(map(re.escape, forms))})"
