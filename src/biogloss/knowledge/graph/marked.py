"""The sentences of a piece of evidence, cut where its mentions begin and end.

marked(evidence)    [[Part("Alpha-methyldopa", "subject"), Part(" caused ", ""), Part("hypotension", "object"), ...]]
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from biogloss.knowledge.graph.statement import Evidence, Sentence


class Part(NamedTuple):
    """Words of a sentence, and whose they are: ``subject``, ``object``, ``both`` or nobody's."""

    text: str
    role: str


def marked(evidence: Evidence) -> list[list[Part]]:
    """The parts of each sentence; together they are its text."""
    return [_parts(sentence, evidence) for sentence in evidence.sentences]


def _parts(sentence: Sentence, evidence: Evidence) -> list[Part]:
    spans = [(span, role) for role in ("subject", "object") for span in getattr(evidence, role)]
    inside = [(span, role) for span, role in spans if sentence.start <= span.start and span.end <= sentence.end]
    edges = {edge for span, _ in inside for edge in (span.start, span.end)} | {sentence.start, sentence.end}
    found = []
    for start, end in pairwise(sorted(edges)):
        roles = {role for span, role in inside if span.start <= start and end <= span.end}
        text = sentence.text[start - sentence.start : end - sentence.start]
        found.append(Part(text, "both" if len(roles) > 1 else "".join(roles)))
    return found
