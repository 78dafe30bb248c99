"""The real corpora, where the catalogue is: as many documents and annotations as the cards say, and no leaks."""

import gzip
import re
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest

from biogloss import corpora, recipes
from biogloss.corpora._card import folder
from biogloss.evaluation.splits import leaks
from biogloss.training import material
from biogloss.training.recipe import Recipe

BY_ABSTRACT = [name for name in corpora.names("ner") if corpora.card(name).unit == "abstract"]
LARGE = ("section_roles", "pubmed_mesh")  # of all of PubMed's files
PARTS = {
    "pairs": ("first", "second"),
    "question_answering": ("context", "question"),
    "summarisation": ("question", "summary"),
}


def is_quick(name, split):
    return name in BY_ABSTRACT or (name not in LARGE and (split == "dev" or name not in corpora.names("ner")))


def parameters(names):
    return [
        pytest.param(name, split, marks=() if is_quick(name, split) else pytest.mark.slow)
        for name in names
        for split in corpora.card(name).counts
    ]


def served(tasks):
    return sorted({name for task in tasks for name in corpora.names(task)})


SPLITS = parameters(corpora.names())
OF_TASKS = parameters(served([task for task in corpora.TASKS if task != "ner"]))

pytestmark = pytest.mark.usefixtures("catalogue")


@cache
def read(name, split):
    return tuple(corpora.documents(name, split))


def labels(task, document):
    """The gold labels of a document for a task."""
    if task == "relations":
        return [relation.label for relation in document.relations]
    if task == "roles":
        return [mark.label for mark in document.marked("sentence")]
    return ["summary"] if task == "summarisation" else list(document.labels)


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_documents_and_entities_are_as_many_as_the_card_says(name, split):
    card = corpora.card(name)
    native = Counter(entity.label for document in read(name, split) for entity in document.entities)
    assert (len(read(name, split)), sum(len(card.heads.get(label, ())) * n for label, n in native.items())) == (
        card.counts[split]
    )


@pytest.mark.parametrize(("name", "split"), OF_TASKS)
def test_gold_annotations_are_those_that_the_card_says(name, split):
    for task, gold in corpora.card(name).gold.items():
        found = Counter(label for document in read(name, split) for label in labels(task, document))
        assert sum(found.values()) == gold.counts[split], task
        if gold.labels:
            assert set(found) <= set(gold.labels)
            assert set(found) == set(gold.labels) or split != "train"


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_no_document_comes_twice(name, split):
    ids = Counter(document.id for document in read(name, split))
    assert max(ids.values()) == 1


@pytest.mark.parametrize("name", corpora.names("ner"))
def test_every_type_of_the_card_occurs(name):
    native = {entity.label for document in read(name, "dev") for entity in document.entities}
    assert set(corpora.card(name).heads) <= native


@pytest.mark.parametrize(("name", "split"), parameters(corpora.names("relations")))
def test_relations_are_between_mentions_of_their_document_or_concepts(name, split):
    for document in read(name, split):
        ids = {entity.id for entity in document.entities}
        concepts = {link.id for entity in document.entities for link in entity.links}
        for relation in document.relations:
            references = [reference for _, reference in relation.arguments]
            assert len(references) >= 2
            # BioRED names two concepts at once where a mention does: D017180|D014693
            assert set(references) <= ids or all(found in concepts or "|" in found for found in references)


@pytest.mark.parametrize(("name", "split"), parameters(served(PARTS)))
def test_the_text_is_its_parts_with_a_newline_between_them(name, split):
    names = {PARTS[task] for task in corpora.card(name).tasks}
    for document in read(name, split):
        assert {tuple(part for part, _ in document.parts)} == names
        assert "\n".join(document.text[span.start : span.end] for _, span in document.parts) == document.text


@pytest.mark.parametrize(("name", "split"), parameters(corpora.names("roles")))
def test_sentences_with_roles_cover_the_text(name, split):
    for document in read(name, split):
        spans = [mark.span for mark in document.marked("sentence")]
        between = [document.text[before.end : after.start] for before, after in pairwise(spans)]
        assert (spans[0].start, spans[-1].end) == (0, len(document.text))
        assert not "".join(between).strip()


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in LARGE else ()) for name in BY_ABSTRACT + sorted(LARGE)],
)
def test_the_splits_of_a_corpus_share_no_document(name):
    parts = [{document.id for document in read(name, split)} for split in corpora.card(name).counts]
    assert len(set().union(*parts)) == sum(map(len, parts))


def test_the_development_part_of_bc5cdr_is_what_the_relation_corpus_does_not_train_on():
    path = folder() / "relations" / "bc5cdr-cid" / "CDR_TrainSet.BioC.xml.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        train = set(re.findall(r"<document>\s*<id>(\d+)</id>", stream.read()))
    assert len(train) == 500
    assert {document.id for document in read("bc5cdr", "train")} == train
    assert {document.id for document in read("cdr", "train")} == train
    assert not {document.id for document in read("bc5cdr", "dev")} & train


def test_heads_replace_native_types_and_name_their_corpus():
    for document in corpora.labelled("bionlp13cg", "dev"):
        for entity in document.entities:
            assert entity.label in {"Gene", "Chemical", "Species", "Anatomy", "Disease"}
            assert entity.source == "bionlp13cg"


@pytest.mark.slow
def test_no_training_document_of_the_embedded_model_shares_text_with_any_held_out_one():
    recipe = recipes.load("ner-relations-roles-en", Recipe, prefix="ner-")
    learned_too = {(name, "dev") for task in recipe.tasks for name in task.with_dev}
    held_out = [
        document
        for name in {name for task in recipe.tasks for name in task.corpora}
        for split in corpora.card(name).counts
        if split != "train" and (name, split) not in learned_too
        for document in read(name, split)
    ]
    found = [source for own in material.sources(recipe) for source in own]
    for source in found:
        assert leaks(source.train, held_out) == [], source.name
        parts = ["train", *(split for name, split in learned_too if name == source.name)]
        counts = corpora.card(source.name).counts
        assert len(source.train) + len(source.leaked) == sum(counts[part][0] for part in parts)
    assert any(source.leaked for source in found)
