"""A document with relations, for the tests of what learns from them."""

from dataclasses import replace

from biogloss.documents import Link, Relation
from tiny import labelled

MENTIONS = {"Metformin": "Chemical", "glucose": "Chemical", "type 2 diabetes": "Disease", "pain": "Disease"}


def metformin():
    """Four mentions; the first treats the third by their identifiers, and lowers the second as mentions."""
    document = labelled(1, "Metformin lowers glucose in type 2 diabetes and pain.", MENTIONS)
    ids = dict(zip(MENTIONS, ("MESH:D008687", "MESH:D005947", "MESH:D003924", "MESH:D010146"), strict=True))
    entities = [replace(entity, links=(Link(ids[entity.text]),)) for entity in document.entities]
    treats = Relation("R1", "treats", (("Arg1", "MESH:D008687"), ("Arg2", "MESH:D003924")))
    lowers = Relation("R2", "lowers", (("Arg1", "T1"), ("Arg2", "T2")))
    three = Relation("R3", "of three", (("a", "T1"), ("b", "T2"), ("c", "T3")))
    return replace(document.with_entities(entities), relations=(treats, lowers, three))
