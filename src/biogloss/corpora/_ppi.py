"""Protein-protein interaction as tables of blinded pairs, which AIMed and BioInfer share.

    ,docid,isValid,passage,passageid
    0,AIMed.d0,True,PROTEIN1 binds PROTEIN2 but not PROTEIN.,AIMed.d0.s1

A document is such a row; ``PROTEIN1`` and ``PROTEIN2`` are its mentions ``T1`` and ``T2``, related where it is valid.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.corpora._card import file
from biogloss.corpora._parts import Numbers
from biogloss.corpora._rows import table_rows
from biogloss.documents import Document, Relation, Span, entity_at
from biogloss.formats._holds import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

INTERACTS = "interacts"
_COLUMNS = ("", "docid", "isValid", "passage", "passageid")
_MENTION = re.compile(r"PROTEIN([12])(?![0-9])")


def pairs(name: str, report: Report) -> Iterator[Document]:
    """The rows that mark both proteins once; the others, whose mentions lay inside one another, are left out."""
    numbers = Numbers()
    for row in table_rows(file("relations", "ppi", name), _COLUMNS):
        with row.reading():
            text = row["passage"]
            found = {match[1]: Span(match.start(), match.end()) for match in _MENTION.finditer(text)}
            if len(found) < len(_MENTION.findall(text)):
                raise row.damaged("a protein is marked twice", expected="PROTEIN1 once, PROTEIN2 once")
            if len(found) < len(ROLES):
                report.note(f"{name}: row that does not mark both proteins left out")
                continue
            mentions = tuple(entity_at(text, found[number], "Gene", id=f"T{number}") for number in "12")
            arguments = tuple((role, mention.id) for role, mention in zip(ROLES, mentions, strict=True))
            valid = row.one_of("isValid", ("True", "False")) == "True"
            relations = (Relation("R1", INTERACTS, arguments),) if valid else ()
            yield Document(numbers.next(row["docid"]), text, entities=mentions, relations=relations)
