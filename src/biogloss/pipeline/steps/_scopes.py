"""How far a cue speaks: from the cue to where a stop, an unfinished list, its reach or the sentence ends it.

    "Denies fever, cough or chills, but has pain."      denies -> "fever, cough or chills"
    "Effusion, pneumonia unlikely."                      unlikely -> "pneumonia"
    "Fever (-), cough (+)."                              (-) -> "Fever"

After ConText (Harkema et al. 2009), with three things of its own: a comma ends the scope of most cues unless it parts a
list; what another cue takes up after a comma is that one's; and signs such as (-) speak of the side where the first of
them has an entity.
"""

from __future__ import annotations

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
    """The cue's words ``[first, last)``, and the words ``[start, end)`` that it speaks of."""

    cue: Cue
    first: int
    last: int
    start: int
    end: int
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
        said = [one for scope in scopes for one in _said(scope, entity, spans)]
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
        self.words, self.cues, self.rules = sentence, cues, rules
        self._taken = {at for cue in cues for at in range(cue.first, cue.last)}
        self._stops_of: dict[str, list[Match[None]]] = {}
        self.forward_marks = self._marks_speak_forward(entities, spans)

    def scopes(self) -> Iterator[_Scope]:
        """The scopes of all cues; one that speaks of both sides has two."""
        for cue in self.cues:
            direction = cue.meaning.direction
            if direction == "mark":
                direction = "forward" if self.forward_marks else "backward"
            if direction in {"forward", "both"}:
                yield _Scope(cue.meaning, cue.first, cue.last, cue.last, self._end(cue), forward=True)
            if direction in {"backward", "both"}:
                yield _Scope(cue.meaning, cue.first, cue.last, self._start(cue), cue.first, forward=False)

    def _marks_speak_forward(self, entities: Sequence[Entity], spans: Sequence[Chars]) -> bool:
        """Whether signs stand before what they speak of, as "(-) fever (+) cough"; told by the first of them."""
        first = next((cue for cue in self.cues if cue.meaning.direction == "mark"), None)
        if first is None:
            return False
        start = spans[first.first][0]
        return not any(0 <= start - entity.end <= _MARK_GAP_CHARACTERS for entity in entities)

    def _end(self, cue: Match[Cue]) -> int:
        """The word before which a cue's scope to the right ends."""
        limit = len(self.words)
        if cue.meaning.reach:
            limit = min(limit, cue.last + cue.meaning.reach)
        stops = (stop.first for stop in self._stops(cue) if stop.first >= cue.last)
        limit = min([limit, *stops, *self._taken_up(cue)])
        return limit if cue.meaning.commas == "pass" else self._list_end(cue, limit)

    def _start(self, cue: Match[Cue]) -> int:
        """The first word of a cue's scope to the left."""
        floor = max([0, *(stop.last for stop in self._stops(cue) if stop.last <= cue.first)])
        if cue.meaning.reach:
            floor = max(floor, cue.first - cue.meaning.reach)
        if cue.meaning.direction == "mark":
            floor = max([floor, *(o.last for o in self.cues if o.meaning.direction == "mark" and o.last <= cue.first)])
        return floor if cue.meaning.commas == "pass" else self._list_start(cue, floor)

    def _stops(self, cue: Match[Cue]) -> Iterator[Match[None]]:
        """The stops of what a cue says; one that is part of a cue is none ("no cause of")."""
        for name, _ in cue.meaning.pairs:
            if name not in self._stops_of:
                found = self.rules.stops[name].find(self.words)
                self._stops_of[name] = [one for one in found if not self._taken.issuperset(range(one.first, one.last))]
            yield from self._stops_of[name]

    def _taken_up(self, cue: Match[Cue]) -> Iterator[int]:
        """Where another cue begins anew: after a comma or "and", but not after "or"; and where another sign stands.

        Whose a finding is stays the same: "Father had gout, no diabetes."
        """
        for other in self.cues:
            if other.first < cue.last:
                continue
            if other.meaning.direction == "mark" == cue.meaning.direction:
                yield other.first
            before = self.words[other.first - 1]
            if cue.meaning.pairs[0][0] == "experiencer":
                continue
            if other.meaning.direction != "backward" and (before in COMMA or before == "and"):
                yield other.first - 1

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


def _said(scope: _Scope, entity: Entity, spans: Sequence[Chars]) -> Iterator[Said]:
    start, end = spans[scope.first][0], spans[scope.last - 1][1]
    if entity.label in scope.cue.except_labels or not _covers(scope, entity, spans, start, end):
        return
    gap = max(0, entity.start - end if scope.forward else start - entity.end)
    for name, value in scope.cue.pairs:
        yield Said(name, value, start, end, gap)


def _covers(scope: _Scope, entity: Entity, spans: Sequence[Chars], start: int, end: int) -> bool:
    """Whether the scope holds the entity's first word; an entity that begins inside the cue ("no | new lesion") too."""
    if scope.forward:
        if scope.end <= scope.last and not scope.cue.inside:
            return False
        begins = entity.start > start or (entity.start == start and scope.cue.inside)
        until = spans[scope.end - 1][1] if scope.end > scope.last else end
        return begins and entity.end > end and entity.start < until
    if entity.end > start:
        return scope.cue.inside and entity.start < start and entity.end == end
    return scope.start < scope.first and entity.end > spans[scope.start][0]
