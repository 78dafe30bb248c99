"""ChemProt: << gefitinib >> is an inhibitor of [[ EGFR ]], one marked pair of a chemical and a gene a line.

A document is one such line without the marks, its mentions are ``T1`` and ``T2``. The marks only give the order in the
sentence: ``<<`` always comes first, and the same names stand in both (acetylcholinesterase 23 times in the first, 22 in
the second). So which mention is the chemical is not said, and neither is typed.

Of the 4,144 pairs of the training part 25 stand there twice, each time with two labels; of the 2,410 of the development
part 17, two of them with the same label. Only related pairs are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._parts import Numbers
from biogloss.corpora._rows import Row, json_rows
from biogloss.documents import Document, Relation, Span, entity_at
from biogloss.formats._holds import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

LABELS = (
    *("ACTIVATOR", "AGONIST", "AGONIST-ACTIVATOR", "AGONIST-INHIBITOR", "ANTAGONIST", "DOWNREGULATOR"),
    *("INDIRECT-DOWNREGULATOR", "INDIRECT-UPREGULATOR", "INHIBITOR", "PRODUCT-OF", "SUBSTRATE"),
    *("SUBSTRATE_PRODUCT-OF", "UPREGULATOR"),
)
TYPE = "ChemicalOrGene"
CARD = Card(
    name="chemprot",
    title="ChemProt (BioCreative VI, track 5), as prepared for SciBERT",
    citation="Krallinger et al. 2017, in Proceedings of BioCreative VI; Beltagy et al. 2019, D19-1371",
    url="https://github.com/allenai/scibert",
    licence="Apache-2.0",
    ship=True,
    tasks=("relations",),
    gold={"relations": Gold(LABELS, {"train": 4169, "dev": 2427})},
    heads={TYPE: (TYPE,)},
    counts={"train": (4169, 8338), "dev": (2427, 4854)},
    unit="sentence",
    example="gefitinib (ChemicalOrGene) is an inhibitor of EGFR (ChemicalOrGene): INHIBITOR",
)


def documents(split: str, _report: Report) -> Iterator[Document]:
    """The marked pairs of one split; those of one sentence have ids that differ in their last number only."""
    sentences: dict[str, int] = {}
    numbers = Numbers()
    for row in json_rows(file("relations", "chemprot", f"{split}.jsonl"), {"text": str, "label": str}):
        with row.reading():
            text, spans = _without_marks(row)
            number = sentences.setdefault(text, len(sentences) + 1)
            mentions = tuple(entity_at(text, span, TYPE, id=f"T{at}") for at, span in enumerate(spans, 1))
            arguments = tuple((role, mention.id) for role, mention in zip(ROLES, mentions, strict=True))
            relation = Relation("R1", row.one_of("label", LABELS), arguments)
            yield Document(numbers.next(f"{split}.{number}"), text, entities=mentions, relations=(relation,))


def _without_marks(row: Row) -> tuple[str, tuple[Span, Span]]:
    """The sentence, and where the marked mentions stand in it; brackets of chemical names have no space inside."""
    before, _, rest = row["text"].partition("<< ")
    first, _, rest = rest.partition(" >>")
    between, _, rest = rest.partition("[[ ")
    second, closed, after = rest.partition(" ]]")
    if not (first and second and closed):
        raise row.damaged("a sentence without its marks", expected="<< a mention >> and then [[ another ]]")
    start, again = len(before), len(before + first + between)
    spans = Span(start, start + len(first)), Span(again, again + len(second))
    return before + first + between + second + after, spans
