"""Drug combinations: "drugol (Chemical) and placidol (Chemical) together halved deaths", POS.

Relations of two to eleven drugs of one sentence: ``POS`` where they help together, ``NEG`` where they harm or do not,
``COMB`` where only their use together is said. Two in three can only be told from the text around the sentence, so the
text is the paragraph; the sentence is marked in it and is the evidence of each relation. Drugs elsewhere in the
paragraph are not marked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._rows import Row, fields_of, json_rows
from biogloss.documents import Citation, Document, Entity, Mark, Relation, Span, entity_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from biogloss.formats._source import Report

LABELS = ("COMB", "NEG", "POS")
CARD = Card(
    name="drug_combo",
    title="Drug combination extraction",
    citation="Tiktinsky et al. 2022, doi:10.18653/v1/2022.naacl-main.233",
    url="https://github.com/allenai/drug-combo-extraction",
    licence="None stated",
    ship=False,
    tasks=("relations",),
    gold={"relations": Gold(LABELS, {"train": 1039})},
    heads={"Chemical": ("Chemical",)},
    counts={"train": (1362, 4056)},
    unit="passage",
    example="drugol (Chemical) and placidol (Chemical) together halved deaths: POS",
)
_FIELDS = {"doc_id": str, "sentence": str, "paragraph": str, "spans": list, "rels": list, "source": object}
_SPAN = {"span_id": int, "text": str, "start": int, "end": int}
_RELATION = {"class": str, "spans": list}


def documents(split: str, report: Report) -> Iterator[Document]:
    """The paragraphs, all of them ``train``.

    A mention whose words are not those at its offsets is left out, and so are its relations.
    """
    assert split == "train"
    for row in json_rows(file("relations", "drug-combo", "train.jsonl"), _FIELDS):
        with row.reading():
            begin = row["paragraph"].find(row["sentence"])
            if begin < 0:
                raise row.damaged("the sentence is not in its paragraph")
            entities = _entities(row, begin, report)
            sentence = Span(begin, begin + len(row["sentence"]))
            yield Document(
                row["doc_id"],
                row["paragraph"],
                marks=(Mark(sentence, "sentence"),),
                entities=tuple(entities.values()),
                relations=tuple(_relations(row, entities, sentence, report)),
                citation=_citation(row["source"]),
            )


def _entities(row: Row, begin: int, report: Report) -> Mapping[int, Entity]:
    found = {}
    for one in row["spans"]:
        span = fields_of(one, _SPAN, row)
        entity = entity_at(
            row["paragraph"],
            Span(begin + span["start"], begin + span["end"]),
            "Chemical",
            id=f"T{span['span_id'] + 1}",
        )
        if entity.text == span["text"]:
            found[span["span_id"]] = entity
        else:
            report.note("drug_combo: mention left out, its words are not those of the text at its offsets")
    return found


def _relations(row: Row, entities: Mapping[int, Entity], sentence: Span, report: Report) -> Iterator[Relation]:
    for number, one in enumerate(row["rels"], 1):
        stated = Row(row.file, row.number, fields_of(one, _RELATION, row))
        if any(found not in entities for found in stated["spans"]):
            report.note("drug_combo: relation left out, a mention of it is")
            continue
        arguments = tuple((f"Arg{at}", entities[found].id) for at, found in enumerate(stated["spans"], 1))
        yield Relation(f"R{number}", stated.one_of("class", LABELS), arguments, evidence=(sentence,))


def _citation(source: Any) -> Citation | None:  # noqa: ANN401 - a web address or nothing
    pmid = re.search(r"pubmed\.ncbi\.nlm\.nih\.gov/([0-9]+)", str(source))
    return Citation(pmid=pmid[1]) if pmid else None
