"""ICD-10-CM, the clinical modification of the United States: ICD10CM:A00.0 Cholera due to Vibrio cholerae 01 ..."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from biogloss.errors import FormatError
from biogloss.knowledge.concept import Concept, clean, synonyms
from biogloss.knowledge.sources._card import Card, Pin, content

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

PIN = Pin(
    "simple_icd_10_cm-1.5.0-py3-none-any.whl",
    "6d461d71dc26aedc530ae65f02cfb578a154e49507c32e8241e75f701d4b7e42",
    "simple-icd-10-cm==1.5.0",
)
CARD = Card(
    name="icd10cm",
    title="ICD-10-CM, tabular list",
    version="2026-04",
    licence="public domain (U.S. National Center for Health Statistics)",
    ship=True,
    url="https://www.cdc.gov/nchs/icd/icd-10-cm",
    citation="National Center for Health Statistics 2026",
    types=("Disease", "Other"),
    pins=(PIN,),
    counts={"concepts": 46_881, "names": 59_450},
)
_NO_DISEASE = frozenset("VWXYZ")


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The codes of the tabular list; inclusion terms are narrower names. Seventh characters are not spelled out."""
    try:
        tree = etree.fromstring(
            content(path, PIN, "simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml"),
            etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True),
        )
    except etree.XMLSyntaxError as error:
        raise FormatError(f"no XML ({error})", file=PIN.file) from error
    for node in tree.iter("diag"):
        code, name = node.findtext("name") or "", clean(node.findtext("desc") or "")
        if not name:
            report["code without a name left out"] += 1
            continue
        above = node.getparent()
        inside = [(note.text or "", "narrow") for note in node.iterfind("inclusionTerm/note")]
        yield Concept(
            f"ICD10CM:{code}",
            "Other" if code[0] in _NO_DISEASE else "Disease",
            name,
            source=CARD.name,
            version=CARD.version,
            synonyms=synonyms(name, inside),
            parents=(f"ICD10CM:{above.findtext('name')}",) if above is not None and above.tag == "diag" else (),
        )
