"""Every format that reads and writes: what it holds comes back the same, the rest is counted or refused by name."""

import io
from itertools import count

import pytest
from format_strategies import HOSTILE_WORDS, documents
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from biogloss import formats, plugins
from biogloss.documents import Citation, Document, Link, Mark, Relation, Span, entity_at
from biogloss.errors import CannotHold, Failure
from biogloss.formats import FEATURES, _holds
from biogloss.formats._source import Report

# Their table of entities has no texts: what they write is for a spreadsheet, not for their own reader.
NOT_INVERSE = {"csv", "tsv"}
MODULES = {name: plugins.load(formats, name) for name in plugins.names(formats)}
WRITERS = [name for name, module in MODULES.items() if hasattr(module, "write")]
ROUND = [name for name in WRITERS if hasattr(MODULES[name], "read") and name not in NOT_INVERSE]
_FILES = count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("round")


def written(module, found, folder):
    """Where the documents were written to."""
    path = folder / f"{next(_FILES)}"
    if hasattr(module, "write_folder"):
        module.write_folder(found, path)
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            module.write(found, stream)
    return path


def kept(document, holds):
    """All that the format holds of a document, its entities in reading order and without the names of ids."""
    squeeze = (lambda text: text) if "text" in holds else (lambda text: "".join(text.split()))

    def place(offset):
        return len(squeeze(document.text[:offset]))

    def entity_parts(entity):
        parts = [[(place(span.start), place(span.end)) for span in entity.spans], entity.label]
        parts += [[link.id for link in entity.links]] if "links" in holds else []
        parts += [[str(link) for link in entity.links]] if "link_scores" in holds else []
        parts += [entity.attributes] if "attributes" in holds else []
        parts += [entity.source] if "sources" in holds else []
        return str([*parts, entity.score] if "scores" in holds else parts)

    mentions = {entity.id: entity_parts(entity) for entity in document.entities}
    result = {
        name: getattr(document, name)
        for name in ("id", "language", "labels", "label_scores", "parts", "citation")
        if name in holds
    }
    result |= {"text": squeeze(document.text), "entities": sorted(mentions.values())}
    if "relations" in holds:
        result["relations"] = [
            (one.label, [(role, mentions.get(found, found)) for role, found in one.arguments])
            + ((one.evidence,) if "evidence" in holds else ())
            + ((one.source,) if "sources" in holds else ())
            + ((one.score,) if "scores" in holds else ())
            for one in document.relations
        ]
    if "marks" in holds:
        result["marks"] = document.marks
    return result


def assert_same(read, document, holds):
    assert not isinstance(read, Failure), str(read)
    assert kept(read, holds) == kept(document, holds)
    if "title" in holds:  # a format may show title and abstract where the document did not mark them
        assert set(read.marks) >= {mark for mark in document.marks if mark.kind in _holds.TITLE_KINDS}


@pytest.mark.parametrize("name", ROUND)
@settings(max_examples=60, deadline=None)
@given(chosen=st.data())
def test_what_a_format_holds_comes_back(folder, name, chosen):
    module = MODULES[name]
    document = chosen.draw(documents(module.HOLDS))
    path = written(module, [document], folder)
    assume(path.is_dir() or path.stat().st_size)  # an empty file is refused
    report = Report()
    (read,) = module.read(path, report=report)
    assert_same(read, document, module.HOLDS)
    assert not report


@pytest.mark.parametrize("name", ROUND)
@settings(max_examples=60, deadline=None)
@given(chosen=st.data())
def test_hostile_ids_and_labels_come_back_or_are_refused(folder, name, chosen):
    module = MODULES[name]
    document = chosen.draw(documents(module.HOLDS, HOSTILE_WORDS))
    refusal = ""
    try:
        path = written(module, [document], folder)
    except CannotHold as error:
        refusal = str(error)
    if refusal:
        assert "no place for" in refusal or "no file name" in refusal
        return
    assume(path.is_dir() or path.stat().st_size)
    (read,) = module.read(path)
    assert_same(read, document, module.HOLDS)


@pytest.mark.parametrize("name", [name for name in ROUND if MODULES[name].RECORDS])
@settings(max_examples=20, deadline=None)
@given(chosen=st.data())
def test_files_of_records_can_be_appended(folder, name, chosen):
    module = MODULES[name]
    both = chosen.draw(st.lists(documents(module.HOLDS), min_size=2, max_size=2))
    path = folder / f"{next(_FILES)}"
    path.write_bytes(b"".join(written(module, [document], folder).read_bytes() for document in both))
    for read, document in zip(module.read(path), both, strict=True):
        assert_same(read, document, module.HOLDS)


TEXT = "Gout hurts.\nMetformin helps."
GOUT, HURTS = (
    entity_at(TEXT, Span(0, 4), "Disease", id="T1"),
    entity_at(TEXT, Span(5, 10), "Disease", id="T2"),
)
USES = {
    "controls": Document("7", "Gout\x00hurts."),
    "language": Document("7", "痛风", "zh"),
    "title": Document("7", TEXT, marks=(Mark(Span(0, 11), "title"),)),
    "marks": Document("7", TEXT, marks=(Mark(Span(0, 4), "sentence"), Mark(Span(0, 11), "sentence"))),
    "entities": Document("7", TEXT, entities=(GOUT,)),
    "discontinuous": Document("7", TEXT, entities=(entity_at(TEXT, (Span(0, 4), Span(5, 10)), "Disease", id="T1"),)),
    "overlapping": Document("7", TEXT, entities=(GOUT, entity_at(TEXT, Span(0, 10), "Disease", id="T2"))),
    "links": Document("7", TEXT, entities=(entity_at(TEXT, Span(0, 4), "Disease", links=(Link("MESH:D006073"),)),)),
    "attributes": Document("7", TEXT, entities=(entity_at(TEXT, Span(0, 4), "Disease", attributes=(("a", "b"),)),)),
    "sources": Document("7", TEXT, entities=(entity_at(TEXT, Span(0, 4), "Disease", source="model"),)),
    "scores": Document("7", TEXT, entities=(entity_at(TEXT, Span(0, 4), "Disease", score=0.5),)),
    "link_scores": Document(
        "7", TEXT, entities=(entity_at(TEXT, Span(0, 4), "Disease", links=(Link("MESH:D1", 0.5),)),)
    ),
    "relations": Document("7", TEXT, relations=(Relation("R1", "treats", (("Arg1", "MESH:D1"), ("Arg2", "MESH:D2"))),)),
    "mention_relations": Document(
        "7", TEXT, entities=(GOUT, HURTS), relations=(Relation("R1", "causes", (("Arg1", "T1"), ("Arg2", "T2"))),)
    ),
    "concept_relations": Document(
        "7", TEXT, relations=(Relation("R1", "is", (("Arg1", "MESH:D1"), ("Arg2", "MESH:D2"))),)
    ),
    "nary_relations": Document("7", TEXT, relations=(Relation("R1", "is", tuple((r, "MESH:D1") for r in "abc")),)),
    "roles": Document("7", TEXT, relations=(Relation("R1", "is", (("drug", "MESH:D1"), ("effect", "MESH:D2"))),)),
    "evidence": Document(
        "7", TEXT, relations=(Relation("R1", "is", (("Arg1", "MESH:D1"), ("Arg2", "MESH:D2")), (Span(0, 4),)),)
    ),
    "labels": Document("7", TEXT, labels=("review",)),
    "label_scores": Document("7", TEXT, label_scores=(("review", 0.9), ("trial", 0.1))),
    "parts": Document("7", TEXT, parts=(("question", Span(0, 4)),)),
    "citation": Document("7", TEXT, citation=Citation(pmid="7", journal="Lancet")),
    "composition": Document("7", TEXT, composition="pubmed-1"),
}


def test_every_feature_has_an_example_and_a_check():
    assert set(USES) | {"id", "text"} == set(FEATURES)
    assert set(USES) == set(_holds._USES)


@pytest.mark.parametrize("name", WRITERS)
def test_a_format_declares_known_features_once(name):
    module = MODULES[name]
    assert set(FEATURES) >= module.HOLDS | module.DROPS
    assert not module.HOLDS & module.DROPS


@pytest.mark.parametrize("feature", USES)
@pytest.mark.parametrize("name", WRITERS)
def test_what_a_format_does_not_hold_is_counted_or_refused(tmp_path, name, feature):
    module, report = MODULES[name], Report()
    write = getattr(module, "write_folder", module.write)
    target = tmp_path if hasattr(module, "write_folder") else io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    allowed = module.HOLDS | module.DROPS
    others = {other for other, uses in _holds._USES.items() if uses(USES[feature])}
    if others <= allowed:
        write([USES[feature]], target, report)
        assert bool(report) or feature in module.HOLDS
    else:
        with pytest.raises(CannotHold, match=r"7.* no place for"):
            write([USES[feature]], target, report)
