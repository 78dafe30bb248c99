"""Identifiers as PubTator and BioC files write them, and as CURIEs.

"D009270|D003000" of a Chemical   ->  MESH:D009270, MESH:D003000
"24659(Tax:10116)" of a Gene      ->  NCBIGene:24659
"c|SUB|T|120|C" of a Variant      ->  as it is: one variant, whose name has bars
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.documents import Link
from biogloss.errors import CannotHold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Entity

NOTHING = frozenset({"", "-", "-1"})
"""What files write where a mention has no identifier."""

_TAXON = re.compile(r"([0-9]+)\([Tt]ax:[0-9]+\)")
_PREFIXES = (
    (re.compile(r"(?:(?:MESH|MeSH|mesh):)?([CD][0-9]{6,9})"), "MESH"),
    (re.compile(r"(?:OMIM|MIM|omim):?([0-9]{6})"), "OMIM"),
    (re.compile(r"(CVCL_[0-9A-Z]{4})"), "Cellosaurus"),
)
# Whose bare form the files themselves write; MESH they write with its prefix (PubTator 3).
_WRITTEN_BARE = frozenset({"NCBIGene", "NCBITaxon", "Cellosaurus"})


def curie(native: str, label: str) -> str:
    """The CURIE of one identifier; a number needs the label to say what it counts. Anything else stays as it is."""
    if re.fullmatch(r"[0-9]+", native):
        prefix = _number_prefix(label)
        return f"{prefix}:{native}" if prefix else native
    for pattern, prefix in _PREFIXES:
        if match := pattern.fullmatch(native):
            return f"{prefix}:{match[1]}"
    return native


def split(column: str, label: str) -> Iterator[tuple[str, str]]:
    """(as written, CURIE) of each identifier in a column that separates them by ``;``, ``,`` or ``|``, none twice."""
    one_name_has_bars = "Varia" in label or "Mutation" in label
    seen = set()
    for part in column.split(";") if one_name_has_bars else re.split("[;,|]", column):
        native = part.strip()
        if taxon := _TAXON.fullmatch(native):
            native = taxon[1]
        found = curie(native, label)
        if native not in NOTHING and found not in seen:
            seen.add(found)
            yield native, found


def names_taxon(column: str) -> bool:
    """Whether a gene's identifier carries its species, which :func:`split` leaves out because the gene implies it."""
    return "(tax:" in column.lower()


def column(entity: Entity, format_name: str) -> str:
    """The entity's identifiers in one column that :func:`split` takes apart again.

    Raises:
        CannotHold: an identifier that holds a separator, or would read back as another one.
    """
    written = ";".join(native(link.id, entity.label) for link in entity.links)
    if [Link(found) for _, found in split(written, entity.label)] != [Link(link.id) for link in entity.links]:
        raise CannotHold(
            f"{format_name} has no place for the identifiers {written[:60]!r} of a {entity.label[:30]}: "
            "they would read back as others"
        )
    return written


def native(found: str, label: str) -> str:
    """A CURIE as the files write it (genes and taxa without prefix), where that reads back to the same."""
    prefix, _, bare = found.partition(":")
    return bare if prefix in _WRITTEN_BARE and curie(bare, label) == found else found


def _number_prefix(label: str) -> str:
    if label.startswith(("Gene", "FamilyName", "DomainMotif")):
        return "NCBIGene"
    if label in {"Species", "OrganismTaxon", "Organism"}:
        return "NCBITaxon"
    return "OMIM" if label.startswith("Disease") else ""
