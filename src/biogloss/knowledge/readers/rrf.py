"""A subset of UMLS in Rich Release Format: ``MRCONSO.RRF``, or rows of it; a name a row, its concept's rows together.

    C0011860|ENG|P|L0011860|PF|S0029281|Y|A0049238|||D003924|MSH|MH|D003924|Diabetes Mellitus, Type 2|0|N||

The concept is the CUI; codes of the vocabularies that have it become its cross-references. Suppressed rows are left
out.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from biogloss.errors import FormatError
from biogloss.knowledge.concept import Concept, clean, synonyms
from biogloss.knowledge.curies import curie
from biogloss.knowledge.readers._text import lines

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.readers._reading import Reading

COLUMNS = 18
LANGUAGES = ("ENG", "CHI")
_CODED = {"MSH": "MESH", "OMIM": "OMIM", "HPO": "HP", "SNOMEDCT_US": "SNOMEDCT", "RXNORM": "RXNORM", "NCI": "NCIT"}
_CODED |= {"ICD10CM": "ICD10CM", "ICD10": "ICD10", "DRUGBANK": "DrugBank", "HGNC": "HGNC", "NCBI": "NCBITaxon"}
_SHORT_FORMS = frozenset({"AB", "ACR", "AA", "MTH_ACR", "CDA", "SSN"})


class _Row(NamedTuple):
    line: int
    cui: str
    preferred: bool
    kind: str
    code: str
    text: str


def concepts(path: Path, reading: Reading, report: Counter[str]) -> Iterator[tuple[str, Concept]]:
    """(place, concept) of each CUI, in the order of the file.

    Raises:
        FormatError: a row with another number of columns or a wrong CUI, or no type was named.
        InputError, EncodingError: the file cannot be read.
    """
    if not reading.type:
        what = "the rows do not say what type the concepts are"
        raise FormatError(what, file=str(path), todo="Name it with --type, for example --type Disease")
    for cui, group in groupby(_rows(path, reading, report), key=lambda row: row.cui):
        rows = list(group)
        place = f"line {rows[0].line:,}"
        best = next((row for row in rows if row.preferred), rows[0])
        try:
            yield (
                place,
                Concept(
                    curie(f"UMLS:{cui}"),
                    reading.type,
                    best.text,
                    source=reading.source,
                    version=reading.version,
                    synonyms=synonyms(best.text, [(row.text, row.kind) for row in rows]),
                    xrefs=tuple(dict.fromkeys(filter(None, (row.code for row in rows)))),
                ),
            )
        except ValueError as error:
            raise FormatError(str(error), file=str(path), place=place, expected="a CUI such as C0011860") from error


def _rows(path: Path, reading: Reading, report: Counter[str]) -> Iterator[_Row]:
    for number, line in lines(path, reading.encoding):
        cells = line.rstrip("\r\n").split("|")
        if len(cells) not in (COLUMNS, COLUMNS + 1):  # the last column ends with a bar too
            expected = f"{COLUMNS}, as MRCONSO.RRF has"
            raise FormatError(f"{len(cells)} columns", file=str(path), place=f"line {number:,}", expected=expected)
        text = clean(cells[14])
        if cells[1] not in LANGUAGES or cells[16] not in ("N", "") or not text:
            report["row of another language, or suppressed, left out"] += 1
            continue
        kind = "abbreviation" if cells[12] in _SHORT_FORMS else "exact"
        preferred = (cells[1], cells[2], cells[4], cells[6]) == ("ENG", "P", "PF", "Y")
        yield _Row(number, cells[0], preferred, kind, _code(cells[11], cells[13], report), text)


def _code(vocabulary: str, code: str, report: Counter[str]) -> str:
    if vocabulary not in _CODED:
        return ""
    try:
        return curie(f"{_CODED[vocabulary]}:{code}")
    except ValueError:
        report["code without a known form left out"] += 1
        return ""
