"""What a graph is made of: statements about concepts, each with the evidence that makes it.

Statement(Node("MESH:D008750", "alpha-methyldopa", "biolink:ChemicalEntity"), "biolink:causes",
          Node("MESH:D007022", "hypotension", "biolink:Disease"),
          Evidence("cdr", "reading", sentences=(Sentence(60, "Alpha-methyldopa caused hypotension."),),
                   subject=(Span(60, 76),), object=(Span(84, 95),), year=1978))

Spans are characters (Unicode code points) of the raw text of the document; a sentence knows where in it it starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from biogloss.documents import Span, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable

CURATED, READING, CO_MENTION = "curated", "reading", "co-mention"
KINDS = (CURATED, READING, CO_MENTION)
"""How evidence came to be: somebody's table, a relation that was read in a text, two mentions in one sentence."""

ASSERTED = "asserted"
ASSERTIONS = (ASSERTED, "historical", "other person", "hypothetical", "possible", "negated")
"""What is asserted where a statement stands, as :mod:`biogloss.pipeline.steps.assertions` says it of its mentions."""

DOCUMENT, LAYER = "document", "layer"
BY_MENTION, BY_LAYER, BY_INDEX = 0, 1, 2
"""Who named a node; the name of the highest is shown."""


class Node(NamedTuple):
    """A concept: a CURIE, a name, a category of Biolink, and who named it so."""

    id: str
    name: str
    category: str
    rank: int = BY_MENTION


class Sentence(NamedTuple):
    """Words of a document and the character where they start."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """The character after the last."""
        return self.start + len(self.text)

    def holds(self, spans: Iterable[Span]) -> bool:
        """Whether all spans lie in it."""
        return all(self.start <= span.start and span.end <= self.end for span in spans)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place that makes a statement.

    Args:
        source: who says so: a layer, a corpus, a model.
        kind: one of :data:`KINDS`.
        document: the id of the document or layer it is stored under; filled in by the graph.
        sentences: the sentence of both mentions, or the two of the subject's and the object's in the order of the
            text; none for curated evidence.
        subject, object: the spans of the two mentions; none for curated evidence.
        score: of the relation, in [0, 1]; None where its source gives none.
        assertion: one of :data:`ASSERTIONS`.
        section: what the part of the document is about.
        year: of the document's publication.
        reference: where curated evidence comes from (``PMID:31675180``).
        label: the source's own name for the relation.
    """

    source: str
    kind: str = READING
    document: str = ""
    sentences: tuple[Sentence, ...] = ()
    subject: tuple[Span, ...] = ()
    object: tuple[Span, ...] = ()
    score: float | None = None
    assertion: str = ASSERTED
    section: str = ""
    year: int | None = None
    reference: str = ""
    label: str = ""

    def words(self, spans: tuple[Span, ...]) -> str:
        """The characters of the sentence at the spans of a mention."""
        for sentence in self.sentences:
            if sentence.holds(spans):
                return span_text(sentence.text, [Span(s.start - sentence.start, s.end - sentence.start) for s in spans])
        return ""


@dataclass(frozen=True, slots=True)
class Statement:
    """Subject, predicate (of Biolink) and object, and one piece of evidence for it."""

    subject: Node
    predicate: str
    object: Node
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Record:
    """What is put into a graph and taken out of it as one: a document, or a curated layer.

    Args:
        id: unique among those of its kind.
        digest: of its content and of how it is read; the same again changes nothing.
        statements: read once, as they are written.
        names: further names of concepts in them.
        kind: :data:`DOCUMENT` or :data:`LAYER`.
        title, version, licence, url: what is known of a layer.
        year: of a document's publication.
    """

    id: str
    digest: str
    statements: Iterable[Statement]
    names: tuple[Node, ...] = ()
    kind: str = DOCUMENT
    title: str = ""
    version: str = ""
    licence: str = ""
    url: str = field(default="", kw_only=True)
    year: int | None = field(default=None, kw_only=True)
