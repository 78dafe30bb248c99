"""What the tools are asked, and what they answer; their JSON schemas are made of these.

The fields of what a graph and an index answer are those of :mod:`biogloss.apps.rest`. A citation is the same
everywhere: the id of a document, who says so, where the sentence starts in the document's characters, its words, and
the spans of the mentions in it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from biogloss.apps.rest import findings, naming, relating

MOST_NAMES = 50
MOST_TEXT = 100_000
Words = Annotated[
    str, Field(min_length=1, max_length=300, description="An identifier such as MESH:D008687, or a name.")
]
Limit = Annotated[int, Field(ge=1, le=100, description="Statements at most.")]
Pieces = Annotated[int, Field(ge=0, le=20, description="Pieces of evidence of each statement, the newest first.")]


class Arguments(BaseModel):
    """What a tool is asked; an argument that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


class Text(Arguments):
    """A text to annotate."""

    text: str = Field(min_length=1, max_length=MOST_TEXT, description="Biomedical or clinical text.")
    id: str = Field("text", min_length=1, max_length=200, description="The document's id, for citing it: a PMID.")
    types: list[str] = Field([], max_length=20, description="Only entities of these types, as Disease; empty for all.")
    model: str = Field("", max_length=200, description="A loaded model by its name; left out, the first.")


class Names(naming.Asked):
    """Names to link."""

    names: list[naming.Name] = Field(min_length=1, max_length=MOST_NAMES)


class Search(Arguments):
    """A concept to find."""

    query: Words
    limit: int = Field(10, ge=1, le=50, description="Concepts at most.")


class Filtered(BaseModel):
    """Which statements count."""

    model_config = ConfigDict(extra="forbid")

    predicates: str = Field(
        "", max_length=500, description="Only these of Biolink, with commas between: treats,causes."
    )
    categories: str = Field("", max_length=500, description="Only concepts of these: Disease,Gene,ChemicalEntity.")
    belief: float = Field(0.0, ge=0, le=1, description="Least belief.")
    years: str = Field(
        "", max_length=9, pattern=findings.YEARS, description="With evidence of these: 2010-2020, 2015 or 2010-."
    )
    asserted: bool = Field(default=False, description="Only with evidence that is neither negated nor uncertain.")


class Around(Filtered):
    """A concept whose statements are wanted."""

    concept: Words
    limit: Limit = 20
    evidence: Pieces = 1


class Between(Filtered):
    """Two concepts, in either direction, and how much is to be shown of what joins them."""

    subject: Words
    object: Words
    limit: Limit = 20
    evidence: Pieces = 10


class Ways(Filtered):
    """Two concepts that may be joined through others."""

    start: Words
    end: Words
    k: int = Field(5, ge=1, le=20, description="Paths at most.")
    longest: int = Field(3, ge=1, le=3, description="Steps of a path at most.")


class Bounded(BaseModel):
    """An answer of bounded length."""

    left_out: int = Field(
        default=0, description="Results left out because the answer would be too long: ask for fewer."
    )
    is_shortened: bool = Field(default=False, description="Whether long texts, marked [...], or details were cut.")


class Identified(BaseModel):
    """What a mention may stand for."""

    id: str
    score: float | None
    source: str


class Mention(BaseModel):
    """A mention of an entity."""

    text: str
    type: str
    spans: list[tuple[int, int]] = Field(description="Characters of the document, the end not included.")
    ids: list[Identified] = Field(description="Best first; none where nothing is likely enough.")
    score: float | None
    attributes: dict[str, str] = Field(description="What is asserted of it, as negation: negated.")


class Passage(BaseModel):
    """A sentence with the entities in it, as it is cited."""

    document: str
    source: str = Field(description="The model that found the entities, with its version.")
    start: int = Field(description="Where the sentence starts, in characters of the document.")
    end: int
    text: str
    entities: list[Mention]


class Relation(relating.Relation):
    """A relation between entities of a document, with the sentences that say it, as it is cited."""

    document: str
    source: str = Field(description="The model that found it, with its version.")


class Passages(Bounded):
    """The sentences of a text that have entities, in its order, and the relations where the model finds such."""

    sentences: list[Passage]
    relations: list[Relation]


class Identifiers(naming.Answer, Bounded):
    """The names in their order; each identifier with the vocabulary it is of and the reason."""


class Concept(findings.Concept):
    """A node with the newest evidence of what is believed most about it."""

    evidence: list[findings.Evidence]


class Concepts(Bounded):
    """Those that are found, the most connected first."""

    concepts: list[Concept]


class Statements(findings.Statements, Bounded):
    """Those that are found, the most believed first; ``evidence`` are the citations."""


class Paths(findings.Paths, Bounded):
    """Those that are found, the best first; each step with its newest evidence."""
