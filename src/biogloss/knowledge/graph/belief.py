"""How far a statement is to be believed, from its evidence: a number in [0, 1].

belief([Piece("cdr", "reading", 1)])                                     0.665  one paper
belief([Piece("cdr", "reading", 1), Piece("cdr", "reading", 2)])         0.865  two papers
belief([..., Piece("cdr", "reading", 3, against=True)])                  0.290  and one that denies it

After INDRA's belief model (Gyori et al. 2017, doi:10.15252/msb.20177651; Bachman, Gyori and Sorger 2023,
doi:10.15252/msb.202211325). A source s is wrong altogether with probability syst(s), and each of its independent pieces
of evidence is wrong with probability rand(s):

    wrong(s)  = syst(s) + (1 - syst(s)) * prod over units u of (1 - (1 - rand(s)) * c(u))
    right     = 1 - prod over sources s of wrong(s)
    belief    = right(for) * (1 - right(against))

A unit is a document (or the reference of a curated row): sentences of one paper are not independent, so that of its
evidence counts that has the greatest c, which is the score of the relation times what is asserted (``WEIGHTS``).
Against are negated evidence, and evidence for a statement that contradicts this one. INDRA writes syst + rand^n; the
factor (1 - syst) keeps the sum below 1 where scores are low.
"""

from __future__ import annotations

from collections import defaultdict
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from biogloss.knowledge.graph.statement import CO_MENTION, CURATED, READING

if TYPE_CHECKING:
    from collections.abc import Iterable

ERRORS = {CURATED: (0.01, 0.1), READING: (0.05, 0.3), CO_MENTION: (0.4, 0.7)}
"""(syst, rand) of each kind of source. Curated and reading are INDRA's for databases and readers."""
WEIGHTS = {
    "asserted": 1.0,
    "historical": 1.0,
    "other person": 1.0,
    "hypothetical": 0.25,
    "possible": 0.5,
    "negated": 1.0,
}
"""What evidence counts by what is asserted there; negated evidence counts against."""


class Piece(NamedTuple):
    """What one piece of evidence adds.

    Args:
        source: who says so.
        kind: a key of :data:`ERRORS`.
        unit: evidence of the same unit is not independent.
        confidence: in [0, 1].
        against: whether it denies the statement.
    """

    source: object
    kind: str
    unit: object
    confidence: float = 1.0
    against: bool = False


def belief(pieces: Iterable[Piece]) -> float:
    """The belief in a statement with this evidence, in [0, 1]; 0 where nothing is for it."""
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for piece in pieces:
        sides[piece.against].append(piece)
    return _right(sides[0]) * (1 - _right(sides[1]))


def _right(pieces: Iterable[Piece]) -> float:
    """The probability that one source at least is right."""
    best: defaultdict[tuple[object, str], dict[object, float]] = defaultdict(dict)
    for source, kind, unit, confidence, _ in pieces:
        units = best[source, kind]
        units[unit] = max(confidence, units.get(unit, 0.0))
    return 1 - prod(sorted(_wrong(kind, units.values()) for (_, kind), units in best.items()))


def _wrong(kind: str, confidences: Iterable[float]) -> float:
    systematic, random = ERRORS[kind]
    return systematic + (1 - systematic) * prod(1 - (1 - random) * confidence for confidence in sorted(confidences))
