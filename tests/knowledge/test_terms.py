"""The index of terms: what names lead to, what it keeps, and what happens when something goes wrong."""

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.errors import ConfigError, FormatError, KnowledgeError, OutputError
from biogloss.knowledge import Terms, inputs
from biogloss.knowledge._build import Batch, Manifest, add, build
from biogloss.knowledge.concept import Concept, Mapping, Synonym
from biogloss.knowledge.readers import Reading


def ids(terms, name, **wanted):
    return [hit.id for hit in terms.find([name], **wanted)[name]]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def batch(name, *content, own=True, mark="1"):
    return Batch(Manifest(name, mark, own=own, ship=not own), content)


def disease(identifier, name, *others, **more):
    return Concept(identifier, "Disease", name, source="made up", synonyms=tuple(map(Synonym, others)), **more)


@pytest.mark.parametrize(
    ("name", "id_", "level", "kind"),
    [
        ("type 2 diabetes mellitus", "LAB:1", "exact", "preferred"),
        ("Type 2 Diabetes Mellitus", "LAB:1", "case", "preferred"),
        ("type-2 diabetes-mellitus", "LAB:1", "spelling", "preferred"),
        ("Diabetes Mellitus, Type II", "LAB:1", "words", "preferred"),
        ("T2DM", "LAB:1", "exact", "abbreviation"),
        ("breast tumors", "LAB:2", "spelling", "preferred"),
        ("β carotene", "LAB:4", "spelling", "preferred"),
        ("心梗", "LAB:7", "exact", "exact"),
    ],
)
def test_a_name_is_found_and_says_how(terms, name, id_, level, kind):
    hit = terms.find([name])[name][0]
    assert (hit.id, hit.level, hit.kind) == (id_, level, kind)


def test_ids_of_a_wanted_vocabulary_are_reached_over_references(terms):
    (hit,) = terms.find(["T2DM"], namespaces=["mesh"])["T2DM"]
    assert (hit.id, hit.concept, hit.source, hit.own) == ("MESH:D003924", "LAB:1", "lab", True)
    assert ids(terms, "breast tumour", namespaces=["MESH"]) == []
    assert terms.same(["MESH:D003924", "LAB:1"]) == {"MESH:D003924": ("LAB:1",), "LAB:1": ("MESH:D003924",)}


def test_types_and_species_are_kept_to(terms):
    assert ids(terms, "EGFR") == ["LAB:5", "LAB:6"]
    assert ids(terms, "EGFR", taxa=["taxid:10090"]) == ["LAB:6"]
    assert ids(terms, "EGFR", namespaces=["NCBIGene"], taxa=["NCBITaxon:9606"]) == ["NCBIGene:1956"]
    assert ids(terms, "EGFR", types=["Disease"]) == []
    assert [hit.id for hit in terms.similar("EGFRR", types=["Gene"], taxa=["NCBITaxon:10090"])] == ["LAB:6"]


def test_a_misspelled_name_finds_what_looks_like_it(terms):
    best, *others = terms.similar("diabetis melitus type 2", types=["Disease"], namespaces=["MESH"])
    assert (best.id, best.level) == ("MESH:D003924", "similar")
    assert all(best.score >= hit.score for hit in others)
    assert terms.similar("diabetis melitus type 2", limit=1) == terms.similar("type 2 diabetis melitus", limit=1)
    assert terms.similar("!!") == ()
    assert terms.similar("zzzzzzzz") == ()


def test_a_concept_comes_back_whole(terms):
    concept = terms.concept("LAB:1")
    assert (concept.name, concept.type, concept.definition) == (
        "type 2 diabetes mellitus",
        "Disease",
        "Much sugar.",
    )
    assert (concept.parents, concept.xrefs) == (("LAB:3",), ("MESH:D003924",))
    assert [text for text, _ in concept.names()][1:] == ["adult-onset diabetes", "diabetes of type II", "T2DM"]
    assert terms.concept("LAB:99") is None
    with pytest.raises(ConfigError, match="no identifier with a prefix"):
        terms.concept("diabetes")


@given(
    names=st.lists(
        st.text(alphabet="abcAB βé12-,'", min_size=1, max_size=12).map(str.strip).filter(bool),
        min_size=1,
        max_size=12,
        unique=True,
    ),
    data=st.data(),
)
def test_every_name_of_an_index_is_found_exactly(tmp_path_factory, names, data):
    path = tmp_path_factory.mktemp("index") / "x.terms"
    build(path, [batch("x", *(disease(f"LAB:{number}", name) for number, name in enumerate(names)))])
    asked = data.draw(st.permutations(names))
    with Terms.open(path) as terms:
        found = terms.find(asked)
        assert list(found) == asked
        for number, name in enumerate(names):
            searchable = any(map(str.isalnum, name))
            assert (f"LAB:{number}" in [hit.id for hit in found[name] if hit.level == "exact"]) == searchable
            assert terms.find([name])[name] == found[name]
            scores = [hit.score for hit in found[name]]
            assert scores == sorted(scores, reverse=True)
            assert all(0 < score <= 1 for score in scores)
            if searchable and len(name) > 2:
                best = terms.similar(name, limit=50)
                assert not best or best[0].score == pytest.approx(max(hit.score for hit in best))


def test_many_names_give_what_each_alone_gives(terms):
    names = [f"nothing {number}" for number in range(1000)] + ["T2DM", "beta-carotene"]
    found = terms.find(names)
    assert {name for name, hits in found.items() if hits} == {"T2DM", "beta-carotene"}


def test_threads_share_an_index(terms):
    results, names = [], ["T2DM", "breast tumor", "EGFR", "β-carotene"]
    expected = (terms.find(names), terms.similar("diabetis"))

    def look():
        results.extend((terms.find(names), terms.similar("diabetis")) == expected for _ in range(20))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 80


def test_the_same_sources_give_the_same_bytes(built, lab):
    assert digest(built(lab, name="a.terms")) == digest(built(lab, name="b.terms"))


def test_a_users_term_wins(tmp_path, lab):
    path = tmp_path / "x.terms"
    shipped = batch("shipped", disease("MESH:D1", "T2DM"), disease("MESH:D2", "fog"), own=False)
    build(path, [shipped, *inputs.batches([str(lab)], wheels=tmp_path, reading=Reading())])
    with Terms.open(path) as terms:
        assert ids(terms, "T2DM") == ["LAB:1", "MESH:D1"]
        assert ids(terms, "fog") == ["MESH:D2"]


def test_of_one_id_in_two_sources_the_users_is_shown(tmp_path):
    path = tmp_path / "x.terms"
    build(path, [batch("a", disease("MESH:D1", "theirs"), own=False), batch("b", disease("MESH:D1", "mine"))])
    with Terms.open(path) as terms:
        assert terms.concept("MESH:D1").name == "mine"
        assert ids(terms, "theirs") == ids(terms, "mine") == ["MESH:D1"]


def test_mappings_lead_on_and_are_counted(tmp_path):
    path = tmp_path / "x.terms"
    build(path, [batch("a", disease("DOID:1", "gout")), batch("m", Mapping("MESH:D1", "DOID:1", "m"))])
    with Terms.open(path) as terms:
        assert ids(terms, "gout", namespaces=["MESH"]) == ["MESH:D1"]
        assert [(source.concepts, source.names, source.mappings) for source in terms.sources()] == [
            (1, 1, 0),
            (0, 0, 1),
        ]


def test_of_two_as_sure_the_one_that_more_sources_agree_on_comes_first(tmp_path):
    path = tmp_path / "x.terms"
    leads = {"a": ("DOID:1", "MESH:D2"), "b": ("MONDO:0000001", "MESH:D1"), "c": ("HP:0000001", "MESH:D2")}
    build(path, [batch(name, disease(id_, "DM", xrefs=(xref,))) for name, (id_, xref) in leads.items()])
    with Terms.open(path) as terms:
        assert ids(terms, "DM", namespaces=["MESH"]) == ["MESH:D2", "MESH:D1"]


def test_adding_leaves_the_rest_and_again_does_nothing(built, lab, tmp_path):
    path = built(lab)
    more = [batch("more", disease("LAB:20", "brain fog"))]
    assert add(path, more) == ["more"]
    before = digest(path)
    assert add(path, [batch("more", disease("LAB:20", "never read"))]) == []
    assert digest(path) == before
    with Terms.open(path) as terms:
        assert ids(terms, "brain fog") == ["LAB:20"]
        assert ids(terms, "T2DM") == ["LAB:1"]
        assert terms.similar("brian fog")[0].id == "LAB:20"
        assert terms.check() == []
    assert [entry.name for entry in sorted(tmp_path.iterdir())] == ["lab.csv", "my.terms"]


def test_a_newer_form_takes_the_place_of_a_source(built, lab):
    path = built(lab)
    add(path, [batch("more", disease("LAB:20", "brain fog"), disease("LAB:21", "haze"))])
    add(path, [batch("more", disease("LAB:20", "mental fog"), mark="2")])
    with Terms.open(path) as terms:
        assert ids(terms, "brain fog") == ids(terms, "haze") == []
        assert terms.concept("LAB:21") is None
        assert ids(terms, "mental fog") == ["LAB:20"]
        assert [source.name for source in terms.sources()] == ["lab", "more"]
        assert [hit.name for hit in terms.similar("mental fogg")] == ["mental fog"]
        assert terms.check() == []


@given(order=st.permutations(["a", "b", "c"]), again=st.sampled_from(["a", "b", "c"]))
def test_in_whatever_order_sources_come_the_same_is_found(tmp_path_factory, order, again):
    path = tmp_path_factory.mktemp("index") / "x.terms"
    parts = {name: disease(f"LAB:{name}", f"{name} fever", "shared name") for name in "abc"}
    build(path, [batch(order[0], parts[order[0]])])
    for name in order[1:]:
        add(path, [batch(name, parts[name])])
    add(path, [batch(again, parts[again], mark="2")])
    with Terms.open(path) as terms:
        assert ids(terms, "shared names") == ["LAB:a", "LAB:b", "LAB:c"]
        assert sorted(source.name for source in terms.sources()) == ["a", "b", "c"]


def test_whoever_reads_goes_on_reading_while_it_is_replaced(built, lab):
    path = built(lab)
    with Terms.open(path) as terms:
        built(lab, name="my.terms", force=True)
        add(path, [batch("more", disease("LAB:20", "brain fog"))])
        assert ids(terms, "T2DM") == ["LAB:1"]
        assert ids(terms, "brain fog") == []


def test_an_index_is_not_overwritten_unasked(built, lab):
    built(lab)
    with pytest.raises(KnowledgeError, match=r"my\.terms exists already; .*--force"):
        built(lab)


def test_a_build_that_fails_changes_nothing(built, lab, tmp_path):
    path = built(lab)
    before = digest(path)
    bad = tmp_path / "bad.csv"
    bad.write_text("id,name,type\nLAB:1,a,Disease\nLAB:1,b,Disease\n", encoding="utf-8")
    with pytest.raises(FormatError):
        built(bad, force=True)
    with pytest.raises(FormatError):
        inputs.add(path, inputs.batches([str(bad)], wheels=tmp_path, reading=Reading()))
    with pytest.raises(KnowledgeError, match="holds no concept"):
        add(path, [batch("empty")])
    assert digest(path) == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["bad.csv", "lab.csv", "my.terms"]


def test_neither_a_file_nor_a_source(tmp_path):
    with pytest.raises(ConfigError, match=r"lab\.csv: neither a file nor a source; there are: biomappings, "):
        inputs.batches(["lab.csv"], wheels=tmp_path, reading=Reading())


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser writes everywhere")
def test_a_read_only_folder(built, lab, tmp_path):
    path = built(lab)
    tmp_path.chmod(0o555)
    try:
        with Terms.open(path) as terms:
            assert ids(terms, "T2DM") == ["LAB:1"]
        with pytest.raises(OutputError, match=r"cannot be written.*nothing was changed"):
            add(path, [batch("more", disease("LAB:20", "brain fog"))])
    finally:
        tmp_path.chmod(0o755)


def test_a_folder_that_cannot_be_made(lab, tmp_path):
    (tmp_path / "file").write_text("x")
    batches = inputs.batches([str(lab)], wheels=tmp_path, reading=Reading())
    with pytest.raises(OutputError, match=r"cannot be written.*nothing was changed"):
        inputs.build(tmp_path / "file" / "my.terms", batches)


def test_no_index_and_what_is_none(tmp_path, lab):
    with pytest.raises(KnowledgeError, match=r"no such index of terms; build one"):
        Terms.open(tmp_path / "none.terms")
    with pytest.raises(KnowledgeError, match=r"lab\.csv: cannot be read .*expected an index of terms"):
        Terms.open(lab)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE x (y)")
    with pytest.raises(KnowledgeError, match="a database, but no index of terms"):
        Terms.open(other)


@pytest.mark.parametrize(("version", "todo"), [(0, "build it again"), (99, "update Biogloss")])
def test_an_index_of_another_version(built, lab, version, todo):
    path = built(lab)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(KnowledgeError, match=f"an index of format {version}, and .* format 1; {todo}"):
        Terms.open(path)


def test_a_damaged_index_says_so_and_nothing_else(built, lab, tmp_path):
    whole = built(lab).read_bytes()
    rng = random.Random(0)
    path, said = tmp_path / "damaged.terms", []
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(rng.choice([1, 20, 2000])):
            content[rng.randrange(len(content))] = rng.randrange(256)
        path.write_bytes(content[: rng.choice([len(content), rng.randrange(len(content))])])
        try:
            with Terms.open(path) as terms:
                terms.find(["T2DM", "EGFR"], namespaces=["MESH"])
                terms.similar("diabetis")
                terms.concept("LAB:1")
                terms.check()
        except KnowledgeError as error:
            said.append(str(error))
    assert said
    assert all("damaged.terms" in words for words in said)


def test_an_index_cut_short(built, lab):
    path = built(lab)
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(KnowledgeError, match=r"my\.terms: .*(cut short|damaged)"):
        Terms.open(path)


KILLED = """
import sys
from pathlib import Path
from biogloss.knowledge._build import Batch, Manifest, add
from biogloss.knowledge.concept import Concept
def content():
    for number in range(100_000):
        if number == 500:
            print("writing", flush=True)
        yield Concept(f"LAB:{number}", "Disease", f"fever {number}", source="x")
add(Path(sys.argv[1]), [Batch(Manifest("x", "1", own=True), content())])
"""


def test_killed_while_adding_the_index_stays_as_it_was(built, lab):
    path = built(lab)
    before = digest(path)
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    assert digest(path) == before
    for rest in path.parent.glob(".new-*"):
        shutil.rmtree(rest)
    assert add(path, [batch("more", disease("LAB:20", "brain fog"))]) == ["more"]


def test_an_index_may_lie_anywhere(built, lab, tmp_path):
    folder = tmp_path / "a folder % with #ünusual? names"
    folder.mkdir()
    path = Path(shutil.copy(built(lab), folder))
    with Terms.open(path) as terms:
        assert ids(terms, "T2DM") == ["LAB:1"]
