"""Files of one's own that a recipe names: what is read of them, and what is said of the rest."""

import json
from dataclasses import replace

import pytest

from biogloss.documents import Document, Relation, Span, entity_at, numbered
from biogloss.documents.jsonl import to_line
from biogloss.errors import ConfigError, EncodingError
from tiny import eight, recipe, write_jsonl

pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.training.finetune import finetune
from biogloss.training.lesson import lessons
from biogloss.training.recipe import Recipe


@pytest.fixture
def chosen(tiny_encoder, tmp_path):
    return recipe(tiny_encoder, write_jsonl(tmp_path / "train.jsonl", eight()), epochs=1)


def warnings(run):
    lines = map(json.loads, (run / "log.jsonl").read_text(encoding="utf-8").splitlines())
    return [line["what"] for line in lines if line["event"] == "warning"]


def test_a_blank_text_teaches_nothing_and_does_no_harm(chosen, tmp_path):
    write_jsonl(tmp_path / "train.jsonl", [*eight(), Document("blank", " \n")])
    assert finetune(chosen, tmp_path / "run").is_dir()


def test_a_file_of_another_encoding_is_refused_with_the_command_that_reads_it(chosen, tmp_path):
    (tmp_path / "train.csv").write_bytes("id,text\n1,Douleur à l'épaule\n".encode("latin-1"))
    with pytest.raises(EncodingError, match=r"train\.csv.*biogloss convert"):
        finetune(replace(chosen, files={"train": [str(tmp_path / "train.csv")]}), tmp_path / "run")


def test_what_a_reader_left_out_is_said(chosen, tmp_path):
    path = tmp_path / "train.PubTator"
    path.write_text("1|t|Gout hurts.\n1|a|Severe gout.\n1\t0\t4\tGout\tDisease\n1\t5\t10\tother\tDisease\n\n")
    few = replace(chosen, labels=("Disease",), files={"train": [str(path)]})
    finetune(few, tmp_path / "run")
    (warning,) = warnings(tmp_path / "run")
    assert warning.startswith("files: ")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_place_of_something_else_is_refused(chosen, tmp_path, what):
    place = tmp_path / "data"
    (place / "notes" if what == "folder" else place).parent.mkdir(exist_ok=True)
    (place / "notes" if what == "folder" else place).write_text("Gout.")
    with pytest.raises(ConfigError, match="something that is not a run of fine-tuning; name another folder"):
        finetune(chosen, place)


def test_relations_of_mentions_are_learned_within_the_sentences_that_annotating_will_mark(tmp_path, tiny_encoder):
    text = "Aspirin helps pain. Gout is treated by colchicine."
    mentions = numbered(
        entity_at(text, Span(start, end), label)
        for start, end, label in ((0, 7, "Chemical"), (14, 18, "Disease"), (20, 24, "Disease"), (39, 49, "Chemical"))
    )
    ids = {entity.text: entity.id for entity in mentions}
    stated = [
        Relation(f"R{number}", "treats", (("Arg1", ids[drug]), ("Arg2", ids[disease])))
        for number, (drug, disease) in enumerate((("Aspirin", "pain"), ("colchicine", "Gout")), 1)
    ]
    train = tmp_path / "train.jsonl"
    train.write_text(to_line(Document("1", text, entities=mentions, relations=tuple(stated))) + "\n")
    recipe = Recipe(encoder=str(tiny_encoder), task="relations", level="mention", files={"train": [str(train)]})
    (lesson,) = lessons(recipe)
    ((document,),) = (source.train for source in lesson.sources)
    assert len(document.marked("sentence")) == 2
    assert len(lesson.task.candidates(document)) == 2
