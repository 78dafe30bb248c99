"""How far a cue speaks: from the cue to where a stop, an unfinished list, its reach or the sentence ends it.

    "Denies fever, cough or chills, but has pain."      denies -> "fever, cough or chills"
    "Effusion, pneumonia unlikely."                      unlikely -> "pneumonia"
    "Fever (-), cough (+)."                              (-) -> "Fever"

After ConText (Harkema et al. 2009), with three things of its own: a comma ends the scope of most cues unless it parts a
list; what another cue takes up after a comma is that one's; and signs such as (-) speak of the side where the first of
them has an entity.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from biogloss.pipeline.steps._phrases import Match, places, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.documents import Entity, Span
    from biogloss.pipeline.steps._cues import Rules
    from biogloss.pipeline.steps._rules import Cue

COMMA = frozenset({",", "，"})  # noqa: RUF001 - Chinese
_MARK_GAP_CHARACTERS = 12
_FULL_STOPS = frozenset({".", "\u3002", ";", "\uff1b"})
_JOINED = frozenset({"or", "nor", "或"})


Chars = tuple[int, int]
"""The characters ``[start, end)`` of a word."""


class Said(NamedTuple):
    """What a cue says of an entity: ``start`` and ``end`` are the cue's characters, ``gap`` those between the two."""

    name: str
    value: str
    start: int
    end: int
    gap: int


class _Scope(NamedTuple):
    """A cue at the characters ``[start, end)``, and the characters ``[low, high)`` of which it speaks."""

    cue: Cue
    start: int
    end: int
    low: int
    high: int
    forward: bool


def said_of(text: str, sentence: Span, entities: Sequence[Entity], rules: Rules) -> Iterator[tuple[Entity, list[Said]]]:
    """What the cues of a sentence say of the entities in it; those of which nothing is said are left out."""
    start, own = sentence.start, text[sentence.start : sentence.end]
    sentence_words = words(own)
    matches = rules.cues.find(sentence_words)
    if all(match.meaning is None for match in matches):
        return
    spans = [(start + first, start + last) for first, last in places(own)]
    found = _cues(matches, spans, entities)
    scopes = list(_Sentence(sentence_words, spans, found, entities, rules).scopes())
    for entity in entities:
        near = [scope for scope in scopes if scope.low < entity.end and entity.start < scope.high]
        said = [one for scope in near for one in _said(scope, entity)]
        if said:
            yield entity, said


def _cues(matches: Sequence[Match[Cue | None]], spans: Sequence[Chars], entities: Sequence[Entity]) -> list[Match[Cue]]:
    """The cues: of phrases that overlap, those that only look like cues hide the others, and the longest the rest."""
    taken = set[int]()
    kept: list[Match[Cue]] = []
    for first, last, cue in sorted(matches, key=lambda one: (one.meaning is not None, one.first - one.last, one.first)):
        start, end = spans[first][0], spans[last - 1][1]
        if not taken.isdisjoint(range(first, last)) or _begins_inside(start, end, entities):
            continue
        taken.update(range(first, last))
        if cue is not None and not _is_name(start, end, cue, entities):
            kept.append(Match(first, last, cue))
    return sorted(kept, key=lambda match: match.first)


def _begins_inside(start: int, end: int, entities: Sequence[Entity]) -> bool:
    """Whether the words begin in an entity and end behind it: the "病史" of "糖尿病史" is none, the "史" is."""
    return any(entity.start < start < entity.end < end for entity in entities)


def _is_name(start: int, end: int, cue: Cue, entities: Sequence[Entity]) -> bool:
    """Whether the cue's words are part of an entity's name: "absence" of "absence epilepsy"."""
    return any(
        entity.start <= start and end <= entity.end and not (cue.inside and end - start < entity.end - entity.start)
        for entity in entities
    )


class _Sentence:
    """The words of a sentence with its cues and stops."""

    def __init__(
        self,
        sentence: Sequence[str],
        spans: Sequence[Chars],
        cues: Sequence[Match[Cue]],
        entities: Sequence[Entity],
        rules: Rules,
    ) -> None:
        self.words, self.spans, self.cues, self.rules = sentence, spans, cues, rules
        self._taken = {at for cue in cues for at in range(cue.first, cue.last)}
        self._stops_of: dict[str, tuple[list[int], list[int]]] = {}
        self._marks = [cue for cue in cues if cue.meaning.direction == "mark"]
        self._anew = [cue.first - 1 for cue in cues if cue.meaning.direction != "backward" and self._is_new(cue)]
        self._marks_are_first = bool(self._marks) and self._marks_speak_forward(entities)

    def scopes(self) -> Iterator[_Scope]:
        """The scopes of all cues that have some; one that speaks of both sides has two."""
        for cue in self.cues:
            direction, start, end = cue.meaning.direction, self.spans[cue.first][0], self.spans[cue.last - 1][1]
            if direction == "mark":
                direction = "forward" if self._marks_are_first else "backward"
            if direction != "backward" and ((last := self._end(cue)) > cue.last or cue.meaning.inside):
                high = self.spans[last - 1][1] if last > cue.last else end
                yield _Scope(cue.meaning, start, end, start, high, forward=True)
            if direction in {"backward", "both"} and (first := self._start(cue)) < cue.first:
                yield _Scope(cue.meaning, start, end, self.spans[first][0], end, forward=False)

    def _is_new(self, cue: Match[Cue]) -> bool:
        """Whether a cue begins after a comma or "and"."""
        return cue.first > 0 and (self.words[cue.first - 1] in COMMA or self.words[cue.first - 1] == "and")

    def _marks_speak_forward(self, entities: Sequence[Entity]) -> bool:
        """Whether signs stand before what they speak of, as "(-) fever (+) cough"; told by the first of them."""
        start = self.spans[self._marks[0].first][0]
        return not any(0 <= start - entity.end <= _MARK_GAP_CHARACTERS for entity in entities)

    def _end(self, cue: Match[Cue]) -> int:
        """The word before which a cue's scope to the right ends.

        Where another cue begins anew it ends too, but for whose the finding is: "Father had gout, no diabetes."
        """
        limit = len(self.words)
        if cue.meaning.reach:
            limit = min(limit, cue.last + cue.meaning.reach)
        ends = [self._stops(name)[0] for name, _ in cue.meaning.pairs]
        if cue.meaning.pairs[0][0] != "experiencer":
            ends.append(self._anew)
        if cue.meaning.direction == "mark":
            ends.append([mark.first for mark in self._marks])
        for edges in ends:
            at = bisect_left(edges, cue.last)
            limit = min([limit, *edges[at : at + 1]])
        return limit if cue.meaning.commas == "pass" else self._list_end(cue, limit)

    def _start(self, cue: Match[Cue]) -> int:
        """The first word of a cue's scope to the left."""
        floor = max(0, cue.first - cue.meaning.reach) if cue.meaning.reach else 0
        ends = [self._stops(name)[1] for name, _ in cue.meaning.pairs]
        if cue.meaning.direction == "mark":
            ends.append([mark.last for mark in self._marks])
        for edges in ends:
            at = bisect_right(edges, cue.first)
            floor = max([floor, *edges[max(0, at - 1) : at]])
        return floor if cue.meaning.commas == "pass" else self._list_start(cue, floor)

    def _stops(self, name: str) -> tuple[list[int], list[int]]:
        """Where stops of an attribute begin and end, each in order; one that is part of a cue is none."""
        if name not in self._stops_of:
            found = [
                stop
                for stop in self.rules.stops[name].find(self.words)
                if not self._taken.issuperset(range(stop.first, stop.last))
            ]
            self._stops_of[name] = [stop.first for stop in found], sorted(stop.last for stop in found)
        return self._stops_of[name]

    def _list_end(self, cue: Match[Cue], limit: int) -> int:
        commas = [at for at in range(cue.last, limit) if self.words[at] in COMMA]
        if not commas:
            return limit
        end = commas[0]
        if cue.meaning.commas == "stop":
            return end
        for start, stop in zip(commas, [*commas[1:], limit], strict=True):
            if stop - start - 1 > self.rules.item_words:
                break
            if self._closes(start + 1, stop):
                end = stop
        return end

    def _closes(self, start: int, end: int) -> bool:
        """Whether the words between two commas close the list before them."""
        item = self.words[start:end]
        return bool(item) and (
            item[0] in self.rules.joins or not _JOINED.isdisjoint(item) or not self.rules.closes.isdisjoint(item)
        )

    def _list_start(self, cue: Match[Cue], floor: int) -> int:
        commas = [at for at in range(floor, cue.first) if self.words[at] in COMMA]
        if commas and commas[-1] == cue.first - 1 and _is_end(self.words, cue.last):
            commas.pop()  # "Fever, none."
        if not commas:
            return floor
        last = self.words[commas[-1] + 1 : cue.first]
        if cue.meaning.commas == "stop" or self.rules.joins.isdisjoint(last):
            return commas[-1] + 1
        start = commas[-1]
        for before in [*reversed(commas[:-1]), floor - 1]:
            if start - before - 1 > self.rules.item_words:
                return max(before + 1, start - self.rules.item_words)
            start = before
        return floor


def _is_end(words: Sequence[str], at: int) -> bool:
    """Whether nothing but a full stop follows."""
    return all(word in _FULL_STOPS for word in words[at:])


def _said(scope: _Scope, entity: Entity) -> Iterator[Said]:
    if entity.label in scope.cue.except_labels or not _covers(scope, entity):
        return
    gap = max(0, entity.start - scope.end if scope.forward else scope.start - entity.end)
    for name, value in scope.cue.pairs:
        yield Said(name, value, scope.start, scope.end, gap)


def _covers(scope: _Scope, entity: Entity) -> bool:
    """Whether a scope that reaches the entity holds it: not the entity's own words, unless they may be inside.

    To the right it holds what begins in it or, as "new lesion" after "no new", in the cue; to the left what ends in it.
    """
    inside = scope.cue.inside
    if scope.forward:
        return entity.end > scope.end and (entity.start > scope.start or (inside and entity.start == scope.start))
    return entity.end <= scope.start or (inside and entity.start < scope.start and entity.end == scope.end)
