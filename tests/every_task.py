"""A document for every task, with what it says, and an untrained model with a head for each."""

from dataclasses import dataclass, fields, replace

from biogloss.documents import Document, Link, Mark, Relation, Span, entity_at, numbered
from biogloss.models.folder import TRAINABLE, Head, Settings, seal
from biogloss.tasks import Task
from biogloss.tasks.classification import Classification
from biogloss.tasks.ner import Ner
from biogloss.tasks.pairs import Pairs
from biogloss.tasks.question_answering import QuestionAnswering
from biogloss.tasks.relations import Relations
from biogloss.tasks.roles import Roles
from biogloss.training.lesson import FORGOTTEN
from tiny import LABELS, labelled

NARROW = {"max_pieces": 14, "overlap": 4}
SHORT = "Metformin lowers glucose in type 2 diabetes."
LONG = "Colchicine hurts. Metformin lowers glucose in type 2 diabetes; aspirin treats pain. 痛风患者和fever."
MENTIONS = {"Metformin": "Chemical", "type 2 diabetes": "Disease"}
MORE = MENTIONS | {"Colchicine": "Chemical", "pain": "Disease", "痛风": "Disease"}


@dataclass(frozen=True)
class Case:
    """A task by its name, its options, and a document that says something in its words."""

    task: str
    made: Task
    document: Document


def mentions(text, found):
    document = labelled(1, text, found)
    return document.with_entities(replace(one, links=(Link(f"X:{one.id}"),)) for one in document.entities)


def related(text=LONG, found=MORE):
    document = mentions(text, found)
    ends = {one.text: one.concept for one in document.entities}
    treats = (("Chemical", ends["Metformin"]), ("Disease", ends["type 2 diabetes"]))
    return replace(document, relations=(Relation("R1", "treats", treats),))


def of_mentions():
    document = related()
    ids = {one.concept: one.id for one in document.entities}
    (relation,) = document.relations
    own = replace(relation, arguments=tuple((role, ids[concept]) for role, concept in relation.arguments))
    return replace(document, relations=(own,))


def sentences():
    cuts = (Span(0, 17), Span(18, 83), Span(84, len(LONG)))
    roles = ("aim", "finding", "aim")
    return Document("1", LONG, marks=tuple(Mark(cut, "sentence", role) for cut, role in zip(cuts, roles, strict=True)))


def of_two(*labels, answers=()):
    question, text = "what lowers glucose in diabetes", f"what lowers glucose in diabetes\n{LONG}"
    parts = (("context", Span(len(question) + 1, len(text))), ("question", Span(0, len(question))))
    found = [entity_at(text, Span(text.index(one), text.index(one) + len(one)), "Answer") for one in answers]
    return Document("1", text, parts=parts, entities=numbered(found), labels=labels)


TYPES = {"types": (("Chemical", "Disease"),), "roles": (("Chemical", "Disease"),)}
CASES = {
    "ner": Case("ner", Ner(LABELS, 14, 4), mentions(LONG, MORE)),
    "classes": Case("classification", Classification(labels=("a", "b", "c")), Document("1", LONG, labels=("b",))),
    "several": Case(
        "classification", Classification(labels=("a", "b", "c"), several=True), Document("1", SHORT, labels=("a", "c"))
    ),
    "roles": Case("roles", Roles(labels=("aim", "finding")), sentences()),
    "alone": Case("roles", Roles(labels=("aim", "finding"), alone=True), sentences()),
    "concepts": Case("relations", Relations(labels=("causes", "treats"), hidden=16, **TYPES), related()),
    "mentions": Case(
        "relations", Relations(labels=("causes", "treats"), level="mention", hidden=16, **TYPES), of_mentions()
    ),
    "one": Case(
        "relations", Relations(labels=("none", "causes", "treats"), several=False, hidden=16, **TYPES), related()
    ),
    "placeholders": Case(
        "relations", Relations(labels=("causes", "treats"), form="placeholders", hidden=16, **TYPES), related()
    ),
    "tagged": Case("relations", Relations(labels=("causes", "treats"), form="tagged", hidden=16, **TYPES), related()),
    "markers": Case("relations", Relations(labels=("causes", "treats"), form="markers", hidden=16, **TYPES), related()),
    "pairs": Case("pairs", Pairs(labels=("no", "yes"), hidden=16), of_two("yes")),
    "number": Case("pairs", Pairs(labels=("score",), scale=(0.0, 4.0), hidden=16), of_two("2.000")),
    "answers": Case("question_answering", QuestionAnswering(several=True), of_two(answers=("Metformin", "aspirin"))),
}


def write_model(folder, encoder_folder, *, seed=3):
    """A trainable folder with a head for each case, of random weights that make differences."""
    import torch  # noqa: PLC0415

    from biogloss.models.encoder import HeadedModel, load_encoder, save  # noqa: PLC0415

    torch.manual_seed(seed)
    encoder = load_encoder(str(encoder_folder))
    made = {name: case.made.head(encoder.config.hidden_size) for name, case in CASES.items()}
    for head in made.values():
        for weights in head.parameters():
            weights.data *= 4
    save(folder, HeadedModel(encoder, made), encoder_folder / "tokenizer.json")
    (folder / "README.md").write_text("Random weights.\n", encoding="utf-8")
    heads = tuple(
        Head(name=name, task=case.task, labels=case.made.labels, options=_options(case.made))
        for name, case in CASES.items()
    )
    seal(folder, Settings(kind=TRAINABLE, name=f"untrained-{seed}", heads=heads, **NARROW))
    return folder


def _options(task):
    return {own.name: getattr(task, own.name) for own in fields(task) if own.name not in FORGOTTEN}
