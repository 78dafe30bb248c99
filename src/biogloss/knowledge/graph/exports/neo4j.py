"""Neo4j: tables with the headers of ``neo4j-admin database import``, and the scripts that load them.

id:ID,name,category,degree:int,:LABEL             :START_ID,:END_ID,:TYPE,id,belief:double,pieces:int ...
MESH:D008750,alpha-methyldopa,...                 MESH:D008750,MESH:D007022,causes,...

``load.sh`` fills a new database in bulk, ``load.cypher`` a running one. Every piece of evidence is a node of the label
Evidence with the ``id`` of its statement, the sentences and where in them the mentions are.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from biogloss.knowledge.graph.exports import _rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from biogloss.knowledge.graph.exports._rows import Summary
    from biogloss.knowledge.graph.query import Graph

FOLDER = True
SUFFIX = ""
NODES = ("id:ID", "name", "category", "degree:int", ":LABEL")
STATEMENTS = (
    *(":START_ID", ":END_ID", ":TYPE", "id", "belief:double", "pieces:int", "negated:boolean", "sources:string[]"),
    *("documents:string[]", "references:string[]", "first_year:int", "last_year:int"),
)
EVIDENCE = (
    *("statement", "document", "source", "kind", "score:double", "assertion", "section", "year:int", "reference"),
    *("label", "sentence", "sentence_start:int", "subject", "object", ":LABEL"),
)
_ONE_LINE = str.maketrans("\r\n\u2028\u2029", "    ")  # as many characters as before: offsets hold
_SHELL = """#!/bin/sh
# Fills a new, empty database: sh load.sh [name], with neo4j-admin on the path and the server stopped.
cd "$(dirname "$0")" || exit 1
neo4j-admin database import full --nodes=nodes.csv --nodes=evidence.csv --relationships=statements.csv \\
  --array-delimiter=";" --id-type=string "${1:-neo4j}"
"""
_CYPHER = """// Fills a running database: copy the tables to its import folder, then cypher-shell -f load.cypher
CREATE CONSTRAINT concept IF NOT EXISTS FOR (c:Concept) REQUIRE c.id IS UNIQUE;
CREATE INDEX evidence IF NOT EXISTS FOR (e:Evidence) ON (e.statement);
LOAD CSV WITH HEADERS FROM 'file:///nodes.csv' AS row
CALL { WITH row MERGE (c:Concept {id: row.`id:ID`})
  SET c.name = row.name, c.category = row.category, c.degree = toInteger(row.`degree:int`)
} IN TRANSACTIONS OF 10000 ROWS;
LOAD CSV WITH HEADERS FROM 'file:///statements.csv' AS row
CALL { WITH row MATCH (s:Concept {id: row.`:START_ID`}), (o:Concept {id: row.`:END_ID`})
  MERGE (s)-[r:STATEMENT {id: row.id}]->(o)
  SET r.predicate = row.`:TYPE`, r.belief = toFloat(row.`belief:double`), r.pieces = toInteger(row.`pieces:int`),
    r.negated = toBoolean(row.`negated:boolean`), r.sources = split(row.`sources:string[]`, ';'),
    r.documents = split(row.`documents:string[]`, ';'), r.references = split(row.`references:string[]`, ';'),
    r.first_year = toInteger(row.`first_year:int`), r.last_year = toInteger(row.`last_year:int`)
} IN TRANSACTIONS OF 10000 ROWS;
LOAD CSV WITH HEADERS FROM 'file:///evidence.csv' AS row
CALL { WITH row CREATE (e:Evidence {statement: row.statement, document: row.document, source: row.source})
  SET e.kind = row.kind, e.score = toFloat(row.`score:double`), e.assertion = row.assertion, e.section = row.section,
    e.year = toInteger(row.`year:int`), e.reference = row.reference, e.label = row.label, e.sentence = row.sentence,
    e.sentence_start = toInteger(row.`sentence_start:int`), e.subject = row.subject, e.object = row.object
} IN TRANSACTIONS OF 10000 ROWS;
"""


def write(graph: Graph, target: Path) -> None:
    """Three tables and two scripts."""
    nodes = ((n.id, n.name, n.category, n.degree, _labels(n.category)) for n in _rows.nodes(graph))
    _table(target / "nodes.csv", NODES, nodes)
    _table(target / "statements.csv", STATEMENTS, map(_statement, _rows.statements(graph)))
    _table(target / "evidence.csv", EVIDENCE, _evidence(graph))
    (target / "load.sh").write_text(_SHELL, encoding="utf-8", newline="\n")
    (target / "load.cypher").write_text(_CYPHER, encoding="utf-8", newline="\n")


def _labels(category: str) -> str:
    return f"Concept;{category.removeprefix('biolink:')}"


def _statement(found: Summary) -> Sequence[object]:
    edge = found.edge
    lists = (
        ";".join(one.replace(";", ",") for one in many) for many in (found.sources, found.documents, found.references)
    )
    return (
        *(edge.subject.id, edge.object.id, edge.predicate.removeprefix("biolink:"), found.identifier),
        *(round(edge.belief, 6), edge.pieces, str(found.is_negated).lower(), *lists, edge.first_year, edge.last_year),
    )


def _evidence(graph: Graph) -> Iterator[Sequence[object]]:
    for found in _rows.statements(graph):
        for one in graph.evidence(found.edge):
            text = " … ".join(sentence.text for sentence in one.sentences)
            start = one.sentences[0].start if one.sentences else None
            spans = (",".join(f"{span.start}-{span.end}" for span in spans) for spans in (one.subject, one.object))
            yield (
                *(
                    found.identifier,
                    one.document,
                    one.source,
                    one.kind,
                    one.score,
                    one.assertion,
                    one.section,
                    one.year,
                ),
                *(one.reference, one.label, text, start, *spans, "Evidence"),
            )


def _table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([cell.translate(_ONE_LINE) if isinstance(cell, str) else cell for cell in row])
