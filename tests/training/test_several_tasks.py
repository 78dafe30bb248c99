"""One model of several tasks: trained, resumed, exported, and annotating in one pass of its encoder."""

from dataclasses import replace

import pytest

from biogloss.documents import Document, Link, Mark, Relation, Span
from biogloss.errors import ConfigError
from biogloss.evaluation.overall import Choices
from biogloss.evaluation.rates import MICRO
from biogloss.models import folder as folders
from biogloss.pipeline.compare import Job, evaluate
from tiny import LABELS, labelled, write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.models.export import export  # noqa: E402
from biogloss.pipeline.steps import model as neural  # noqa: E402
from biogloss.training import predict  # noqa: E402
from biogloss.training.finetune import finetune  # noqa: E402
from biogloss.training.recipe import Learned, Recipe  # noqa: E402

SENTENCES = (
    ("Metformin lowers glucose in type 2 diabetes.", {"Metformin": "Chemical", "type 2 diabetes": "Disease"}, "treats"),
    ("Aspirin treats fever and pain.", {"Aspirin": "Chemical", "fever": "Disease"}, "treats"),
    ("Gout hurts the patients with aspirin.", {"Gout": "Disease", "aspirin": "Chemical"}, "causes"),
    ("Pain and cancer of metformin hurts.", {"cancer": "Disease", "metformin": "Chemical"}, "causes"),
)


def documents():
    """Four texts with drugs, diseases, how they are related, and a role of each sentence."""
    made = []
    for number, (text, mentions, label) in enumerate(SENTENCES):
        document = labelled(number, text, mentions)
        ends = {entity.label: entity.id for entity in document.entities}
        relation = Relation("R1", label, tuple((kind, ends[kind]) for kind in LABELS))
        role = {"treats": "results", "causes": "background"}[label]
        mark = Mark(Span(0, len(text)), "sentence", role)
        made.append(replace(document, marks=(mark,), relations=(relation,), labels=(label,)))
    return made


@pytest.fixture(scope="module")
def recipe(tiny_encoder, tmp_path_factory):
    files = {"train": [write_jsonl(tmp_path_factory.mktemp("several") / "train.jsonl", documents())]}
    learned = (
        Learned(labels=LABELS, files=files),
        Learned(task="relations", files=files, hidden=32),
        Learned(task="roles", files=files),
        Learned(task="classification", files=files, balanced=True),
    )
    plain = {"max_pieces": 30, "overlap": 8, "cuts": (30,), "budget_pieces": 64, "dropout": 0.0, "learning_rate": 3e-3}
    return Recipe(name="several-1", encoder=str(tiny_encoder), tasks=learned, epochs=40, **plain)


@pytest.fixture(scope="module")
def trained(recipe, tmp_path_factory):
    return finetune(recipe, tmp_path_factory.mktemp("several") / "run")


def test_a_trainable_folder_says_what_its_export_says(trained, tmp_path):
    exported = neural.step(export(trained, tmp_path / "model", precision="float32")).many(documents())
    entities, roles, classes = (
        predict.by_folder(trained, documents(), name) for name in ("ner", "roles", "classification")
    )
    for place, other in enumerate(exported):
        found = [(one.spans, one.label) for one in entities[place].entities]
        assert found == [(one.spans, one.label) for one in other.entities]
        assert roles[place].marks == other.marks
        assert classes[place].labels == other.labels


def test_every_head_learns_and_all_annotate_in_one_pass(trained, tmp_path, monkeypatch):
    step = neural.step(export(trained, tmp_path / "model", precision="float32"))
    bare = [Document(one.id, one.text, marks=(Mark(Span(0, len(one.text)), "sentence"),)) for one in documents()]
    passes = []
    (runtime,) = step._members
    states = runtime.states
    monkeypatch.setattr(runtime, "states", lambda windows: passes.append(len(windows)) or states(windows))
    for gold, found in zip(documents(), step.many(bare), strict=True):
        mentions = {entity.id: entity.text for entity in found.entities}
        assert set(mentions.values()) == {entity.text for entity in gold.entities}
        assert found.labels == gold.labels
        assert [mark.label for mark in found.marks] == [mark.label for mark in gold.marks]
        told = [(one.label, [(role, mentions[at]) for role, at in one.arguments]) for one in found.relations]
        gold_mentions = {entity.id: entity.text for entity in gold.entities}
        assert told == [
            (one.label, [(role, gold_mentions[at]) for role, at in one.arguments]) for one in gold.relations
        ]
        assert {one.source for one in found.relations} == {"several-1"}
        assert [one.evidence for one in found.relations] == [(Span(0, len(gold.text)),)] * len(gold.relations)
    assert [count for count in passes if count] == [len(bare)]  # a window a text, for four heads


def test_relations_are_sought_between_the_identifiers_given_after_entities_and_no_text_is_read_again(
    trained, tmp_path, monkeypatch
):
    step = neural.step(export(trained, tmp_path / "model", precision="float32"))
    text, relations = step.apart()
    assert (text.tasks | relations.tasks, text.tasks & relations.tasks) == (step.tasks, set())
    passes = []
    (runtime,) = step._members
    states = runtime.states
    monkeypatch.setattr(runtime, "states", lambda windows: passes.append(len(windows)) or states(windows))
    cut = []
    many = step._tokenizer.many
    monkeypatch.setattr(step._tokenizer, "many", lambda texts: cut.extend(texts) or many(texts))
    linked = [
        found.with_entities(replace(one, links=(Link(f"X:{one.text.lower()}"),)) for one in found.entities)
        for found in text.many(documents())
    ]
    related = relations.many(linked)
    assert (sum(passes), sorted(cut)) == (len(linked), sorted(one.text for one in linked))
    assert related == relations.many(linked) == [relations(one) for one in linked]  # nothing is left, and it is read
    for gold, found in zip(documents(), related, strict=True):
        names = {one.id: f"X:{one.text.lower()}" for one in gold.entities}
        assert [(one.label, [at for _, at in one.arguments]) for one in found.relations] == [
            (one.label, [names[at] for _, at in one.arguments]) for one in gold.relations
        ]


def test_what_several_heads_of_one_task_say_stands_side_by_side(recipe, tmp_path):
    entities, relations = recipe.tasks[:2]
    apart = [replace(entities, name=label, labels=(label,)) for label in LABELS]
    apart += [replace(relations, name=label, labels=(label,)) for label in ("causes", "treats")]
    model = finetune(replace(recipe, tasks=tuple(apart)), tmp_path / "run")
    step = neural.step(export(model, tmp_path / "model", precision="float32"))
    for gold, found in zip(documents(), step.many(documents()), strict=True):
        assert [(one.spans, one.label) for one in found.entities] == [(one.spans, one.label) for one in gold.entities]
        at = {one.id: one.spans for one in found.entities}
        told = [(one.label, {at[argument] for _, argument in one.arguments}) for one in found.relations]
        spans = {one.id: one.spans for one in gold.entities}
        assert told == [(one.label, {spans[argument] for _, argument in one.arguments}) for one in gold.relations]


def test_a_document_alone_is_annotated_as_in_company(trained, tmp_path):
    step = neural.step(export(trained, tmp_path / "model"))
    bare = [Document(one.id, one.text, marks=one.marks) for one in documents()] * 3
    assert step.many(bare) == [step(document) for document in bare]


def test_a_model_of_relations_alone_is_scored_between_the_entities_of_the_gold_documents(recipe, tmp_path):
    alone = replace(recipe, name="alone-1", tasks=recipe.tasks[1:2])
    model = export(finetune(alone, tmp_path / "run"), tmp_path / "model", precision="float32")
    gold = write_jsonl(tmp_path / "gold.jsonl", documents())
    found = evaluate(Job(gold, model=str(model), choices=Choices(samples=10)))
    assert {one.kind for one in found.scored} == {"relations"}
    assert {one.estimates[MICRO, "f1"].value for one in found.scored} == {1.0}
    assert any("its relations are between those of the gold documents" in note for note in found.notes)


def test_the_folder_says_what_each_head_does(trained):
    settings = folders.settings(trained)
    assert [(head.name, head.task) for head in settings.heads] == [
        (name, name) for name in ("ner", "relations", "roles", "classification")
    ]
    assert settings.head("relations").options["types"] == [["Chemical", "Disease"]]
    assert settings.head("relations").labels == ("causes", "treats")


def test_a_resumed_run_of_several_tasks_equals_an_uninterrupted_one_bit_for_bit(recipe, tmp_path):
    short = replace(recipe, epochs=2)
    whole = finetune(short, tmp_path / "whole")
    for stop in (1, 4, 2):
        finetune(short, tmp_path / "parts", stop_after=stop)
    parts = finetune(short, tmp_path / "parts")
    for name in ("model.safetensors", "head.safetensors", "README.md"):
        assert (whole / name).read_bytes() == (parts / name).read_bytes(), name


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"task": "relations", "level": "sentence"}, "level = 'sentence' cannot be; expected one of concept, mention"),
        ({"task": "roles", "form": "markers"}, "the task roles has no form; leave it out"),
        ({"task": "ner", "labels": LABELS, "focal": 2.0}, "the task ner has no focal or smoothing; leave it out"),
        ({"task": "nothing"}, "task = 'nothing' cannot be; expected one of classification, ner"),
        ({"task": "pairs"}, "its parts are none; expected first and second or question and context"),
        ({"task": "relations", "classes": "many"}, "classes = 'many' cannot be; expected one or several"),
    ],
)
def test_what_a_task_cannot_learn_is_refused_by_its_words(recipe, tmp_path, changes, words):
    with pytest.raises(ConfigError, match=words):
        finetune(replace(recipe, tasks=(Learned(files=recipe.tasks[0].files, **changes),)), tmp_path / "run")


def test_a_recipe_says_what_is_learned_in_one_place(recipe):
    with pytest.raises(ConfigError, match="labels beside tasks; put it into one of them"):
        replace(recipe, labels=LABELS)
    with pytest.raises(ConfigError, match="tasks called ner, ner; give each a name of its own"):
        replace(recipe, tasks=recipe.tasks[:1] * 2)


def test_a_document_with_two_classes_is_refused_where_one_is_expected(recipe, tmp_path):
    files = {"train": [write_jsonl(tmp_path / "train.jsonl", [Document("7", "gout", labels=("a", "b"))])]}
    with pytest.raises(ConfigError, match=r"document 7 has 2 classes; set classes = .several. where that is meant"):
        finetune(replace(recipe, tasks=(Learned(task="classification", files=files),)), tmp_path / "run")


def test_the_folder_keeps_the_least_probability_of_a_relation_that_the_recipe_names(recipe, tmp_path):
    learned = replace(recipe.tasks[1], classes="one", thresholds={"treats": 0.8})
    model = finetune(replace(recipe, tasks=(learned,), epochs=1), tmp_path / "run")
    assert folders.settings(model).head("relations").options["thresholds"] == {"treats": 0.8}
