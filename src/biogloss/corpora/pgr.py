"""Phenotype-gene relations (PGR), silver: mutations of PDYN (Gene) in temporal lobe epilepsy (Phenotype).

A document is a sentence with all its pairs, each of which the file calls related or not; the relations were looked up,
not annotated, and mentions were found by tools. Genes are links to NCBI Gene, phenotypes to HPO.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._parts import Numbers
from biogloss.corpora._rows import Row, cell_rows
from biogloss.documents import Citation, Document, Entity, Link, Relation, Span, entity_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

ASSOCIATED = "associated"
CARD = Card(
    name="pgr",
    title="Phenotype-gene relations (PGR)",
    citation="Sousa, Lamurias and Couto 2019, doi:10.18653/v1/N19-1152",
    url="https://github.com/lasigeBioTM/PGR",
    licence="Apache-2.0",
    ship=True,
    tasks=("relations",),
    gold={"relations": Gold((ASSOCIATED,), {"train": 2480})},
    heads={"Gene": ("Gene",), "Phenotype": ("Phenotype",)},
    counts={"train": (3811, 11216)},
    unit="sentence",
    example="mutations of PDYN (Gene) in temporal lobe epilepsy (Phenotype): associated",
)
_COLUMNS = (
    *("FILE_ID", "SENTENCE", "GENE", "PHENOTYPE", "GENE_ID", "PHENOTYPE_ID", "GENE_START_POSITION"),
    *("GENE_END_POSITION", "PHENOTYPE_START_POSITION", "PHENOTYPE_END_POSITION", "RELATION"),
)


@dataclass(slots=True)
class _Sentence:
    """The mentions of a sentence by type and span, and the related ones."""

    entities: dict[tuple[str, Span], Entity] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The sentences, all of them ``train``; a pair whose words are not those at its offsets is left out."""
    assert split == "train"
    found: dict[tuple[str, str], _Sentence] = {}
    for row in cell_rows(file("relations", "pgr", "train.tsv"), _COLUMNS, "\t", header=True):
        with row.reading():
            _add(row, found.setdefault((row["FILE_ID"], row["SENTENCE"]), _Sentence()), report)
    numbers = Numbers()
    for (pmid, text), own in found.items():
        entities, relations = tuple(own.entities.values()), tuple(own.relations)
        yield Document(numbers.next(pmid), text, entities=entities, relations=relations, citation=Citation(pmid=pmid))


def _add(row: Row, sentence: _Sentence, report: Report) -> None:
    pair = (
        _mention(row, "Gene", f"NCBIGene:{row['GENE_ID']}"),
        _mention(row, "Phenotype", row["PHENOTYPE_ID"].replace("_", ":")),
    )
    if any(mention.text != row[mention.label.upper()] for mention in pair):
        report.note("pgr: pair left out, its words are not those of the text at its offsets")
        return
    arguments = []
    for mention in pair:
        fresh = replace(mention, id=f"T{len(sentence.entities) + 1}")
        known = sentence.entities.setdefault((mention.label, mention.spans[0]), fresh)
        arguments.append((mention.label, known.id))
    if row.one_of("RELATION", ("True", "False")) == "True":
        sentence.relations.append(Relation(f"R{len(sentence.relations) + 1}", ASSOCIATED, tuple(arguments)))


def _mention(row: Row, label: str, concept: str) -> Entity:
    span = Span(*(row.whole(f"{label.upper()}_{edge}_POSITION") for edge in ("START", "END")))
    return entity_at(row["SENTENCE"], span, label, links=(Link(concept),))
