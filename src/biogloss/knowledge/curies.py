"""Identifiers as CURIEs: prefixes by Bioregistry's rules, written as biomedical files write them.

    "MSH:D003924"                     ->  MESH:D003924
    "SNOMEDCT_US_2020_09_01:44054006" ->  SNOMEDCT:44054006
    "http://purl.obolibrary.org/obo/MONDO_0005148"  ->  MONDO:0005148

A prefix is known under all the names that Bioregistry lists for it, whatever their case; of a known one the local part
is checked too. A prefix that is not known here stays as it is, so that users may have vocabularies of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Prefix:
    """A vocabulary: how we write its prefix, Bioregistry's name for it, other names, and what its local parts are."""

    written: str
    bioregistry: str
    others: tuple[str, ...]
    local: str


PREFIXES = (
    Prefix("MESH", "mesh", ("msh", "mesh_descriptor_ui"), r"[CDQ]\d+"),
    Prefix("OMIM", "omim", ("mim",), r"\d+"),
    Prefix("OMIMPS", "omim.ps", ("mimps",), r"(?:PS)?\d+"),
    Prefix("NCBIGene", "ncbigene", ("entrez", "entrezgene", "geneid", "ncbi_geneid", "egid"), r"\d+"),
    Prefix("NCBITaxon", "ncbitaxon", ("taxid", "taxonomy", "taxon", "tax", "ncbi_taxid"), r"\w+"),
    Prefix("HGNC", "hgnc", (), r"\d{1,5}"),
    Prefix("MONDO", "mondo", (), r"\d{7}"),
    Prefix("HP", "hp", ("hpo",), r"\d{7}"),
    Prefix("DOID", "doid", ("do",), r"\d+"),
    Prefix("DrugBank", "drugbank", ("drugbank_id",), r"DB\d{5}|DBSALT\d{6}"),
    Prefix("CHEBI", "chebi", ("chebiid",), r"\d+"),
    Prefix("UBERON", "uberon", (), r"\d+"),
    Prefix("CL", "cl", (), r"\d{7}"),
    Prefix("Cellosaurus", "cellosaurus", ("cvcl",), r"CVCL_[A-Z0-9]{4}"),
    Prefix("EFO", "efo", (), r"\d{7}"),
    Prefix("GO", "go", ("gobp", "gocc", "gomf"), r"\d{7}"),
    Prefix("UMLS", "umls", ("umls_cui", "umls.cui"), r"C[N\d]\d+"),
    Prefix("SNOMEDCT", "snomedct", ("sctid", "snomed", "snomed_ct"), r"\d+"),
    Prefix("ICD10", "icd10", ("icd-10", "icd10who"), r"[A-Z0-9][A-Z0-9.*+-]*"),
    Prefix("ICD10CM", "icd10cm", (), r"[A-Z0-9][A-Z0-9.-]*"),
    Prefix("ICD9CM", "icd9cm", ("icd9", "ic9cm"), r"[A-Z0-9][A-Z0-9.-]*"),
    Prefix("ICD11", "icd11", ("icd-11", "icd11.foundation"), r"\S+"),
    Prefix("Orphanet", "orphanet.ordo", ("ordo", "orpha"), r"C?\d+"),
    Prefix("NCIT", "ncit", ("nci", "ncithesaurus", "nci_thesaurus"), r"(?:C|R|P|A|NHC)\d+"),
    Prefix("MedDRA", "meddra", ("medra",), r"\d+"),
    Prefix("UniProtDisease", "uniprot.disease", ("di", "sp_di"), r"DI-\d{5}"),
    Prefix("UniProt", "uniprot", ("uniprotkb", "swissprot", "up"), r"[A-Z0-9]+(?:-\d+)?"),
    Prefix("Ensembl", "ensembl", (), r"[A-Za-z]\w+(?:\.\d+)?"),
    Prefix("GARD", "gard", (), r"\d+"),
    Prefix("MedGen", "medgen", ("medgen.uid",), r"C?N?\d+"),
    Prefix("RXNORM", "rxnorm", ("rxcui",), r"\d{1,7}"),
    Prefix("ATC", "atc", ("atc_code",), r"[A-Z]\d{0,2}[A-Z]{0,2}\d{0,2}"),
    Prefix("CAS", "cas", ("cas_rn", "casid"), r"\d{1,7}-\d\d-\d"),
    Prefix("ICDO", "icdo", ("icd-o",), r"[89]\d{3}(?:/\d\d?)?"),
)

_KNOWN = {name.lower(): prefix for prefix in PREFIXES for name in (prefix.written, prefix.bioregistry, *prefix.others)}
_LOCALS = {prefix.written: re.compile(prefix.local) for prefix in PREFIXES}
_CURIE = re.compile(r"([A-Za-z_][\w.\-]*):(\S+)")
_OBO_ADDRESS = re.compile(r"https?://purl\.obolibrary\.org/obo/([A-Za-z]+)_(\w+)")
_RELEASE = re.compile(r"_(?:us_)?(?:\d{4}_\d{1,2}_\d{1,2}|us|\d{4})$", re.IGNORECASE)  # SNOMEDCT_US_2020_09_01
_REPEATED = re.compile(r"(?:Orphanet|CVCL|[A-Za-z]+)[:_](?=.)")


@lru_cache(maxsize=200_000)
def curie(text: str) -> str:
    """The CURIE as we write it.

    Raises:
        ValueError: it has no prefix, holds white space, is longer than ``MAX_CHARACTERS``, or has a local part that its
            vocabulary does not know.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the identifier {text[:40]!r}... has {len(text):,} characters, more than {MAX_CHARACTERS}")
    if address := _OBO_ADDRESS.fullmatch(text):
        text = f"{address[1]}:{address[2]}"
    if not (match := _CURIE.fullmatch(text)):
        raise ValueError(f"{text[:60]!r} is no identifier with a prefix, such as MESH:D003924")
    prefix, local = match[1], match[2]
    known = _KNOWN.get(prefix.lower()) or _KNOWN.get(_RELEASE.sub("", prefix).lower())
    return text if known is None else f"{known.written}:{_local(known, local)}"


def prefix_of(identifier: str) -> str:
    """The prefix of a CURIE."""
    return identifier.partition(":")[0]


def namespace(name: str) -> str:
    """A prefix as we write it, from any of its names; one that is not known stays as it is."""
    known = _KNOWN.get(name.lower())
    return name if known is None else known.written


def _local(prefix: Prefix, local: str) -> str:
    """The local part, without a prefix that is repeated in it (``MONDO:MONDO:0005148``, ``ORPHA:Orphanet_3389``)."""
    pattern = _LOCALS[prefix.written]
    for candidate in (local, local.upper(), _REPEATED.sub("", local, count=1), f"CVCL_{local}"):
        if pattern.fullmatch(candidate):
            return candidate
    raise ValueError(f"{prefix.written}:{local[:40]} is no identifier of {prefix.written}; those match {prefix.local}")
