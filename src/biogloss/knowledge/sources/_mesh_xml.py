"""MeSH's own XML files: descriptors and supplementary concept records.

    <DescriptorRecord><DescriptorUI>D003924</DescriptorUI><DescriptorName><String>Diabetes Mellitus, Type 2</String>...

One record at a time, without entities or network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from biogloss.errors import FormatError
from biogloss.knowledge.concept import MAX_DEFINITION_CHARACTERS, Concept, clean, synonyms
from biogloss.knowledge.readers._text import opened
from biogloss.knowledge.readers.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RECORDS = {"DescriptorRecord": "Descriptor", "SupplementalRecord": "SupplementalRecord"}
_RELATIONS = {"NRW": "narrow", "BRD": "broad", "REL": "related"}
_CLASSES = {"1": "Chemical", "2": "Other", "3": "Disease", "4": "Species"}
"""SCRClass: 1 and none are chemicals, 2 protocols, 3 diseases, 4 organisms."""


def concepts(path: Path, source: str) -> Iterator[Concept]:
    """The records, in the order of the file; those with tree numbers know the records above them by name only.

    Raises:
        FormatError: no XML, or no MeSH record in it; the message names the line.
    """
    count = 0
    try:
        with opened(path) as stream:
            events = etree.iterparse(
                stream, tag=tuple(_RECORDS), load_dtd=False, no_network=True, resolve_entities=False, huge_tree=True
            )
            for _, record in events:
                count += 1
                yield _concept(record, source, f"own copy: {path.name}")
                record.clear()
                while record.getprevious() is not None:
                    del record.getparent()[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        place = f"record {count + 1:,}"
        raise FormatError(str(error)[:200], file=str(path), place=place, expected="MeSH's XML") from error
    if not count:
        expected = "DescriptorRecord or SupplementalRecord elements"
        raise FormatError("no MeSH record in it", file=str(path), expected=expected)


def _concept(record: etree._Element, source: str, version: str) -> Concept:
    from biogloss.knowledge.sources.mesh import type_of  # noqa: PLC0415 - it reads these files through us

    kind = _RECORDS[str(record.tag)]
    identifier, name = record.findtext(f"{kind}UI") or "", clean(record.findtext(f"{kind}Name/String") or "")
    trees = [tree.text or "" for tree in record.iterfind("TreeNumberList/TreeNumber")]
    supplementary = _CLASSES.get(record.get("SCRClass", "1"), "Other") if kind != "Descriptor" else "Other"
    return Concept(
        f"MESH:{identifier}",
        type_of(trees) or supplementary,
        name,
        source=source,
        version=version,
        synonyms=synonyms(name, list(_names(record, name))),
        definition=clean(record.findtext(".//ScopeNote") or "")[:MAX_DEFINITION_CHARACTERS],
    )


def _names(record: etree._Element, name: str) -> Iterator[tuple[str, str]]:
    """Terms of the preferred concept are exact; those of a concept beside it are what its relation says."""
    relations = {
        relation.findtext("Concept2UI"): _RELATIONS.get(relation.get("RelationName", ""), "related")
        for relation in record.iterfind(".//ConceptRelation")
    }
    for concept in record.iterfind("ConceptList/Concept"):
        kind = relations.get(concept.findtext("ConceptUI"), "narrow")
        for term in concept.iterfind("TermList/Term"):
            text = clean(term.findtext("String") or "")
            yield text, kind_of(text, name, "exact" if concept.get("PreferredConceptYN") == "Y" else kind)
