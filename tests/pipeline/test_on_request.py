"""Relations of the embedded model: silent until they are asked for, and then between concepts that a sentence names."""

import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import islice

import pytest

import biogloss
from biogloss import corpora
from biogloss.documents.jsonl import from_line, to_line
from biogloss.errors import ModelError
from biogloss.evaluation.bootstrap import Name
from biogloss.models import folder as folders
from biogloss.pipeline import gloss
from biogloss.pipeline.asked import Asked
from biogloss.pipeline.compare import Job, evaluate
from biogloss.pipeline.steps import model as neural

TEXT = (
    "BRCA1 mutations are associated with hereditary breast cancer. Tamoxifen lowers the risk of breast cancer. "
    "Olaparib inhibits PARP1 in carriers."
)


@pytest.fixture(scope="module")
def loaded():
    """Without relations, and with them."""
    return biogloss.load(), biogloss.load(relations=True)


def test_entities_are_the_same_and_relations_come_when_asked_for(loaded):
    plain, related = (one(TEXT) for one in loaded)
    assert plain.relations == ()
    assert replace(related, relations=()) == plain
    assert {(relation.label, *(concept for _, concept in relation.arguments)) for relation in related.relations} >= {
        ("Association", "MESH:D001943", "NCBIGene:672"),
        ("Negative_Correlation", "MESH:D013629", "MESH:D001943"),
    }


@pytest.mark.usefixtures("catalogue")
def test_each_rests_on_sentences_that_mention_both(loaded):
    texts = (document.text for document in islice(corpora.documents("biored", "dev"), 20))
    said = 0
    for document in loaded[1].pipe(texts):
        sentences = {mark.span for mark in document.marks if mark.kind == "sentence"}
        for relation in document.relations:
            assert 0.6 <= relation.score <= 1
            assert set(relation.evidence) <= sentences
            for span in relation.evidence:
                own = (one for one in document.entities if span.start <= one.start < span.end)
                inside = {link.id for entity in own for link in entity.links}
                assert {concept for _, concept in relation.arguments} <= inside
            said += len(relation.evidence) > 0
    assert said > 10


def test_every_way_to_ask_says_the_same(loaded):
    command = [sys.executable, "-m", "biogloss", "annotate", "-", "--from", "text", "--relations"]
    done = subprocess.run(command, input=TEXT, capture_output=True, encoding="utf-8", check=True)
    written = from_line(done.stdout)
    assert written.relations == loaded[1](TEXT).relations
    assert Asked().settings() != Asked(relations=True).settings()  # a run is not resumed with other answers


def test_a_model_that_only_speaks_when_asked_says_so(tmp_path):
    whole = gloss.folder(gloss.EMBEDDED)
    for path in whole.iterdir():
        (tmp_path / path.name).symlink_to(path)
    settings = folders.settings(whole)
    (tmp_path / folders.MANIFEST).unlink()
    folders.seal(tmp_path, replace(settings, heads=(settings.head("relations"),)))
    with pytest.raises(ModelError, match="on request only"):
        neural.step(tmp_path)
    assert neural.step(tmp_path, on_request=True).tasks == {"relations"}


def test_relations_of_concepts_are_scored_between_the_identifiers_of_what_a_model_finds(loaded, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(gloss.folder(gloss.EMBEDDED), model)
    settings = folders.settings(model)
    folders.seal(model, replace(settings, heads=tuple(replace(head, on_request=False) for head in settings.heads)))
    gold = tmp_path / "gold.jsonl"
    gold.write_text(to_line(replace(loaded[1](TEXT), id="1")) + "\n", encoding="utf-8")
    found = evaluate(Job(gold, model=str(model)))
    (scored,) = (one for one in found.scored if one.rule == "concept level")
    assert scored.estimates[Name("micro", "f1")].value == 1
    assert not found.notes


def test_a_model_of_relations_alone_asks_for_mentions(tmp_path):
    model = tmp_path / "model"
    shutil.copytree(gloss.folder(gloss.EMBEDDED), model)
    settings = folders.settings(model)
    heads = tuple(replace(head, on_request=False) for head in settings.heads if head.task == "relations")
    folders.seal(model, replace(settings, heads=heads))
    command = [sys.executable, "-m", "biogloss", "annotate", "-", "--from", "text", "--model", str(model)]
    done = subprocess.run(command, input=TEXT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "finds none itself; give it annotated documents and --keep" in " ".join(done.stderr.split())
