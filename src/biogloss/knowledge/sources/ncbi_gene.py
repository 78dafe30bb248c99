"""NCBI Gene: protein-coding genes of human, mouse and fruit fly. NCBIGene:21846 Tie1, mouse, also TIE, tie-1."""

from __future__ import annotations

import ast
import csv
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.knowledge.concept import Concept, clean, synonyms
from biogloss.knowledge.readers._text import lines
from biogloss.knowledge.sources._card import Card, Pin, is_own, text_member

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PIN = Pin(
    "goatools-1.6.7-py3-none-any.whl",
    "6af3d675bd5656a56e201264d4b67ffa97bc4abbe44d2a0d0e32b8a8ab1e1cc0",
    "goatools==1.6.7",
)
CARD = Card(
    name="ncbi_gene",
    title="NCBI Gene, protein-coding genes of human, mouse and fruit fly",
    version="2016-02-22",
    licence="public domain (U.S. National Library of Medicine), as packed by GOATOOLS under BSD-2-Clause",
    ship=True,
    url="https://www.ncbi.nlm.nih.gov/gene",
    citation="Brown et al. 2015, doi:10.1093/nar/gku1055; Klopfenstein et al. 2018, doi:10.1038/s41598-018-28948-z",
    types=("Gene",),
    pins=(PIN,),
    own="gene_info, or the rows of some species in it, as NCBI gives it, plain or .gz",
    counts={"concepts": 63_044, "names": 464_437},
)
TAXA = ("9606", "10090", "7227")
_OWN_COLUMNS = ("tax_id", "GeneID", "Symbol", "Synonyms", "description", "Other_designations")
# Designations that say nothing: products and transcripts that are only numbered.
_NUMBERED = (" gene product from transcript ", "hypothetical protein ", "uncharacterized protein ")


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The genes that are alive, species by species; the symbol is the preferred name."""
    if is_own(path, PIN):
        yield from _own(path, report)
        return
    for taxon in TAXA:
        for line in text_member(path, PIN, f"goatools/test_data/genes_NCBI_{taxon}_ProteinCoding.py"):
            if "NtData(" in line and "Status=" in line:
                fields = _fields(line)
                fields["Aliases"] = fields["Aliases"].replace(", ", "|")
                yield _concept(fields, ("Aliases", "other_designations"), CARD.version)


def _fields(line: str) -> dict[str, str]:
    """The arguments of one call as literals: the line is parsed, never run."""
    try:
        (row,) = ast.parse(line.partition(":")[2].strip().rstrip(",")).body
        call = row.value  # type: ignore[attr-defined]
        return {argument.arg: str(ast.literal_eval(argument.value)) for argument in call.keywords}
    except (ValueError, SyntaxError, AttributeError) as error:
        raise FormatError(f"{line[:60]!r} is no row ({error})", file=PIN.file) from error


def _concept(row: Mapping[str, str], columns: tuple[str, str], version: str) -> Concept:
    symbol, full = clean(row["Symbol"]), clean(row["description"])
    others = [(full, "exact")] if full != "-" and not any(words in full for words in _NUMBERED) else []
    for column, kind in zip(columns, ("exact", "related"), strict=True):
        texts = row[column].split("|")
        others += [(text, kind) for text in texts if text != "-" and not any(words in text for words in _NUMBERED)]
    return Concept(
        f"NCBIGene:{row['GeneID']}",
        "Gene",
        symbol,
        source=CARD.name,
        version=version,
        synonyms=synonyms(symbol, others),
        taxon=f"NCBITaxon:{row['tax_id']}",
    )


def _own(path: Path, report: Counter[str]) -> Iterator[Concept]:
    rows = csv.reader((line for _, line in lines(path, "utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = [name.lstrip("#") for name in next(rows)]
    if missing := [name for name in _OWN_COLUMNS if name not in header]:
        expected = "NCBI's gene_info with its first line"
        raise FormatError(f"no column {missing[0]!r}", file=str(path), place="line 1", expected=expected)
    for row in rows:
        fields = dict(zip(header, row, strict=False))
        if len(row) != len(header) or fields["Symbol"] == "NEWENTRY":
            report["row of another length, or of no gene yet, left out"] += 1
        else:
            yield _concept(fields, ("Synonyms", "Other_designations"), f"own copy: {path.name}")
