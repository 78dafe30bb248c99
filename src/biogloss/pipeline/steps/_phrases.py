"""Phrases of rule files: how they are written, and how they are found among the words of a sentence.

    "no (new|other)? signs? of"    "no new signs of", "no new sign of", "no other signs of", ... "no sign of"
    Phrases([(parsed("no"), 1), (parsed("no signs? of"), 2)]).find(["is", "no", "sign", "of", "gout"])    Match(1, 4, 2)

A phrase is words with spaces between. ``(a|b c)`` is one of several, ``( ... )?`` and the letter of ``s?`` may be left
out, ``{start}`` and ``{end}`` ask for an edge: the sentence's, or a punctuation mark. A backslash takes a bracket, bar
or question mark as it is. Words are compared in small letters; Chinese characters are words of their own; white space
counts for nothing, and ``-`` is any dash.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")

START, END = "{start}", "{end}"
CJK = "\u2e80-\u2fff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_WORD = re.compile(rf"[^\W{CJK}]+(?:'(?:t|s|ve|re|d|ll|m)(?!\w))?|\S")
_PIECE = re.compile(rf"{START}|{END}|\(|\)\??|\||\s+|(?:\\.|[^\\()|\s{{}}])+|.", re.DOTALL)
_LETTER = re.compile(r"(\\.|[^\\?])(\??)", re.DOTALL)
_SAME = str.maketrans({"\u2019": "'", "\uff1a": ":", "\uff0b": "+", "\uff1f": "?", "\uff08": "(", "\uff09": ")"})
_SAME |= dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"), "-")
_EDGES = frozenset('.,;:!?()[]/"\u201c\u201d\uff0c\u3002\uff1b\u3001\uff01\u2022*')


class Match(NamedTuple, Generic[T]):
    """A phrase found: the words ``[first, last)`` and what was said with the phrase."""

    first: int
    last: int
    meaning: T


class Phrase(NamedTuple):
    """A phrase, or a bracket of one: one of several sequences of words and brackets; an empty one is nothing at all."""

    alternatives: tuple[tuple[str | Phrase, ...], ...]


def words(text: str) -> list[str]:
    """The words of a text in small letters, punctuation marks and Chinese characters one by one."""
    return _WORD.findall(_small(text))


def places(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand in it, as :func:`words` gives them."""
    return [match.span() for match in _WORD.finditer(_small(text))]


def _small(text: str) -> str:
    """Small letters and plain signs, character for character."""
    small = text.lower()
    if len(small) != len(text):  # "İ" becomes two
        small = "".join(one if len(one := letter.lower()) == 1 else letter for letter in text)
    return small if small.isascii() else small.translate(_SAME)


def parsed(phrase: str) -> Phrase:
    """A phrase as a rule file has it.

    Raises:
        ValueError: brackets that are not closed, or a phrase that may be no word at all.
    """
    pieces = [piece for piece in _PIECE.findall(phrase) if not piece.isspace()]
    group, rest = _read(pieces, 0, phrase)
    if rest < len(pieces):
        raise ValueError(f"the phrase {phrase[:60]!r} closes a bracket that it has not opened")
    if _may_be_empty(group):
        raise ValueError(f"the phrase {phrase[:60]!r} may be no word at all")
    return group


def _read(pieces: Sequence[str], at: int, phrase: str) -> tuple[Phrase, int]:
    """The group up to the end or the bracket that closes it, and where that is."""
    alternatives: list[tuple[str | Phrase, ...]] = [()]
    while at < len(pieces) and not pieces[at].startswith(")"):
        piece = pieces[at]
        at += 1
        if piece == "|":
            alternatives.append(())
        elif piece == "(":
            group, at = _read(pieces, at, phrase)
            if at == len(pieces):
                raise ValueError(f"the phrase {phrase[:60]!r} does not close its bracket")
            empty = ((),) if pieces[at] == ")?" else ()
            alternatives[-1] += (Phrase((*group.alternatives, *empty)),)
            at += 1
        else:
            alternatives[-1] += (piece,) if piece in {START, END} else _run(piece)
    return Phrase(tuple(alternatives)), at


@lru_cache(maxsize=4096)  # most words of a rule file stand in it many times
def _run(piece: str) -> tuple[str | Phrase, ...]:
    """What is written without a space, as words: several ways of it where a letter may be left out."""
    letters = _LETTER.findall(piece)
    ways = product(*([letter[-1], ""] if optional else [letter[-1]] for letter, optional in letters))
    forms = tuple(tuple(words("".join(way))) for way in ways)
    return forms[0] if len(forms) == 1 else (Phrase(forms),)


def _may_be_empty(group: Phrase) -> bool:
    return any(
        all(_may_be_empty(one) if isinstance(one, Phrase) else one in {START, END} for one in alternative)
        for alternative in group.alternatives
    )


class Phrases(Generic[T]):
    """Phrases with what they mean, as one automaton over words. Threads may share it.

    It is Glushkov's: each word of each phrase is a position, and a state is a set of positions. States are made when a
    text first reaches them, always the same, so that optional words cost nothing before they occur.

    Args:
        phrases: phrases and their meanings; of several with the same form the first counts.
    """

    def __init__(self, phrases: Iterable[tuple[Phrase, T]]) -> None:
        self._words: list[str] = []
        self._follow: defaultdict[int, list[int]] = defaultdict(list)
        self._last: dict[int, int] = {}
        self._meanings: list[T] = []
        first = []
        for phrase, meaning in phrases:
            begins, ends, _ = self._group(phrase)
            self._last |= dict.fromkeys(ends, len(self._meanings))
            self._meanings.append(meaning)
            first += begins
        self._states: dict[tuple[int, ...], _State[T]] = {}
        self._start = self._made(tuple(first), ())
        self._at_edge = self._next(self._start, START)

    def find(self, sentence: Sequence[str]) -> list[Match[T]]:
        """For each word at which phrases begin, the longest of them."""
        found, start, edge = list[Match[T]](), self._start, self._at_edge
        begin, at_edge = start.after, () if edge is None else edge.after
        for first, word in enumerate(sentence):
            if word not in begin and word not in at_edge:
                continue
            best = self._longest(start, sentence, first) if self._may_begin(sentence, first) else None
            if word in at_edge and _is_edge(sentence, first - 1):
                other = self._longest(edge, sentence, first)
                best = other if other and (best is None or best.last <= other.last) else best
            if best is not None:
                found.append(best)
        return found

    def _may_begin(self, sentence: Sequence[str], first: int) -> bool:
        """Whether a phrase may begin here, told by two words: most that begin with "the" or a comma may not."""
        known = self._start.after.get(sentence[first])
        state = self._next(self._start, sentence[first]) if isinstance(known, tuple) else known
        if state is None:
            return False
        follows = first + 1 < len(sentence) and sentence[first + 1] in state.after
        return follows or bool(state.means) or state.may_end

    def whole(self, text: str) -> T | None:
        """What a text means that is one phrase from its first word to its last; None where it is not."""
        sentence = words(text)
        match = self._longest(self._start, sentence, 0) if sentence else None
        return match.meaning if match and match.last == len(sentence) else None

    def _longest(self, state: _State[T] | None, sentence: Sequence[str], first: int) -> Match[T] | None:
        best, last, length = None, first, len(sentence)
        while state is not None:
            if state.means:
                best = Match(first, last, state.means[0])
            if state.may_end and _is_edge(sentence, last):
                best = Match(first, last, self._next(state, END).means[0])  # type: ignore[union-attr]
            if last == length:
                break
            known = state.after.get(sentence[last])
            state = self._next(state, sentence[last]) if isinstance(known, tuple) else known
            last += 1
        return best

    def _group(self, group: Phrase) -> tuple[list[int], list[int], bool]:
        """The positions that a group may begin and end with, and whether it may be left out."""
        begins, ends, empty = list[int](), list[int](), False
        for alternative in group.alternatives:
            first, last, nothing = self._sequence(alternative)
            begins, ends, empty = begins + first, ends + last, empty or nothing
        return begins, ends, empty

    def _sequence(self, items: Sequence[str | Phrase]) -> tuple[list[int], list[int], bool]:
        begins, ends, empty = list[int](), list[int](), True
        for item in items:
            if isinstance(item, str):
                self._words.append(item)
                first = last = [len(self._words) - 1]
                nothing = False
            else:
                first, last, nothing = self._group(item)
            for end in ends:
                self._follow[end] += first
            begins = begins + first if empty else begins
            ends = ends + last if nothing else last
            empty = empty and nothing
        return begins, ends, empty

    def _next(self, state: _State[T], word: str) -> _State[T] | None:
        known = state.after.get(word)
        if isinstance(known, tuple):  # not reached before
            known = state.after[word] = self._made(tuple(p for at in known for p in self._follow.get(at, ())), known)
        return known

    def _made(self, follow: tuple[int, ...], reached: tuple[int, ...]) -> _State[T]:
        if reached and reached in self._states:
            return self._states[reached]
        after: defaultdict[str, list[int]] = defaultdict(list)
        for at in dict.fromkeys(follow):
            after[self._words[at]].append(at)
        meant = min((self._last[at] for at in reached if at in self._last), default=None)
        means = () if meant is None else (self._meanings[meant],)
        state = _State({word: tuple(places) for word, places in after.items()}, means)
        return self._states.setdefault(reached, state) if reached else state


def _is_edge(sentence: Sequence[str], at: int) -> bool:
    """Whether there is no word at that place, or a punctuation mark."""
    return not 0 <= at < len(sentence) or sentence[at] in _EDGES


class _State(Generic[T]):
    """What a word leads to: the state, or until it was reached first the positions; and what has been said."""

    __slots__ = ("after", "may_end", "means")

    def __init__(self, after: dict[str, tuple[int, ...] | _State[T]], means: tuple[T, ...]) -> None:
        self.after, self.means, self.may_end = after, means, END in after
