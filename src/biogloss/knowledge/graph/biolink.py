"""Biolink terms for what documents and sources say: categories of concepts, predicates of relations.

    category("Chemical")                            biolink:ChemicalEntity
    predicate("CID")                                biolink:causes
    oriented("biolink:causes", disease, chemical)   (chemical, disease)

Labels are compared without case, hyphens or underscores. A relation whose label is not known is ``biolink:related_to``,
and its own label stays with the evidence. Names are those of Biolink 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biogloss.knowledge.graph.statement import Node

CHEMICAL, DISEASE, GENE = "biolink:ChemicalEntity", "biolink:Disease", "biolink:Gene"
PHENOTYPE, VARIANT = "biolink:PhenotypicFeature", "biolink:SequenceVariant"
NAMED = "biolink:NamedThing"
CATEGORIES = {
    **dict.fromkeys(("chemical", "chemicalentity", "drug", "brand", "drugn", "group", "chemicalorgene"), CHEMICAL),
    **dict.fromkeys(("disease", "diseaseorphenotypicfeature", "diseaseclass", "specificdisease"), DISEASE),
    **dict.fromkeys(("gene", "geneorgeneproduct", "protein", "familyname", "domainmotif"), GENE),
    **dict.fromkeys(("phenotype", "symptom", "finding"), PHENOTYPE),
    **dict.fromkeys(("variant", "sequencevariant", "mutation", "snp", "dnamutation", "proteinmutation"), VARIANT),
    **dict.fromkeys(("species", "organismtaxon", "organism"), "biolink:OrganismTaxon"),
    "cellline": "biolink:CellLine",
    "celltype": "biolink:Cell",
    "anatomy": "biolink:AnatomicalEntity",
    "procedure": "biolink:Procedure",
}
BY_PREFIX = {
    "HP": PHENOTYPE,
    "DrugBank": CHEMICAL,
    "NCBIGene": GENE,
    "HGNC": GENE,
    "NCBITaxon": "biolink:OrganismTaxon",
}
"""Where the prefix of an identifier says more than the label of a mention."""

RELATED = "biolink:related_to"
TOGETHER = "biolink:occurs_together_in_literature_with"
SAME, CLOSE, SUBCLASS = "biolink:exact_match", "biolink:close_match", "biolink:subclass_of"
CAUSES, TREATS, CONTRAINDICATED = "biolink:causes", "biolink:treats", "biolink:contraindicated_in"
POSITIVE, NEGATIVE = "biolink:positively_correlated_with", "biolink:negatively_correlated_with"
PREDICATES = {
    **dict.fromkeys(("cid", "induces", "causes"), CAUSES),
    **dict.fromkeys(("adverseeffect", "sideeffect"), "biolink:has_adverse_event"),
    **dict.fromkeys(("treats", "treatment", "therapy"), TREATS),
    "contraindicated": CONTRAINDICATED,
    **dict.fromkeys(("association", "associated", "associatedwith"), "biolink:associated_with"),
    "positivecorrelation": POSITIVE,
    "negativecorrelation": NEGATIVE,
    **dict.fromkeys(("bind", "binds"), "biolink:directly_physically_interacts_with"),
    **dict.fromkeys(("interacts", "druginteraction", "int", "mechanism", "effect", "advise"), "biolink:interacts_with"),
    **dict.fromkeys(
        (
            *("inhibitor", "activator", "agonist", "antagonist", "upregulator", "downregulator", "agonistactivator"),
            *("agonistinhibitor", "indirectupregulator", "indirectdownregulator", "modulator"),
        ),
        "biolink:affects",
    ),
    **dict.fromkeys(("substrate", "productof", "substrateproductof"), "biolink:interacts_with"),
    **dict.fromkeys(("isa", "subclassof"), SUBCLASS),
}
SYMMETRIC = frozenset(
    {RELATED, TOGETHER, SAME, CLOSE, POSITIVE, NEGATIVE, "biolink:associated_with", "biolink:interacts_with"}
    | {"biolink:directly_physically_interacts_with"}
)
"""Predicates that say the same with subject and object exchanged; the smaller identifier is the subject."""
OPPOSITES = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE, TREATS: CONTRAINDICATED, CONTRAINDICATED: TREATS}
"""Statements of the same two concepts that contradict each other."""
_CHEMICAL_FIRST = frozenset({CAUSES, TREATS, CONTRAINDICATED, "biolink:has_adverse_event", "biolink:affects"})


def category(label: str, identifier: str = "") -> str:
    """The category of a concept, by the prefix of its identifier or the label of its mention."""
    if label.startswith("biolink:"):
        return label
    return BY_PREFIX.get(identifier.partition(":")[0]) or CATEGORIES.get(_plain(label), NAMED)


def predicate(label: str) -> str:
    """The predicate of a relation's label; one that is a predicate already stays."""
    return label if label.startswith("biolink:") else PREDICATES.get(_plain(label), RELATED)


def oriented(name: str, one: Node, other: Node) -> tuple[Node, Node]:
    """Subject and object of a predicate: a symmetric one in the order of identifiers, else the chemical first."""
    if name in SYMMETRIC:
        return (one, other) if one.id <= other.id else (other, one)
    if name in _CHEMICAL_FIRST and other.category == CHEMICAL and one.category != CHEMICAL:
        return other, one
    return one, other


def _plain(label: str) -> str:
    return "".join(letter for letter in label.lower() if letter.isalnum())
