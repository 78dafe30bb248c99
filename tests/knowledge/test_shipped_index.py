"""The index that comes with the package: packed small, unpacked once."""

import pytest

from biogloss.errors import KnowledgeError, OutputError
from biogloss.knowledge import Terms, shipped
from biogloss.knowledge._build import Batch, Manifest, build
from biogloss.knowledge.concept import Concept, Mapping, Synonym


@pytest.fixture
def index(tmp_path):
    path = tmp_path / "full.terms"
    gout = Concept("MESH:D006073", "Disease", "Gout", source="x", synonyms=(Synonym("podagra"),), xrefs=("DOID:13189",))
    rows = [gout, Mapping("MESH:D006073", "MONDO:0005393", "x")]
    build(path, [Batch(Manifest("x", "1", ship=True, licence="CC0 1.0"), rows)])
    return path


def asked(path):
    with Terms.open(path) as terms:
        assert terms.check() == []
        return (
            terms.find(["gouts", "Podagra"], namespaces=["MONDO"]),
            terms.similar("podagre"),
            terms.concept("MESH:D006073"),
            terms.sources(),
        )


def test_what_is_unpacked_answers_as_what_was_packed(index, tmp_path):
    shipped.pack(index, tmp_path / "packed.xz")
    assert asked(shipped.unpacked(tmp_path / "packed.xz", tmp_path / "cache")) == asked(index)


def test_the_same_index_gives_the_same_file_and_is_unpacked_once(index, tmp_path):
    first, second = tmp_path / "a.xz", tmp_path / "b.xz"
    shipped.pack(index, first)
    shipped.pack(index, second)
    assert first.read_bytes() == second.read_bytes()
    path = shipped.unpacked(first, tmp_path / "cache")
    before = path.stat().st_mtime_ns
    assert shipped.unpacked(second, tmp_path / "cache") == path
    assert path.stat().st_mtime_ns == before
    assert [entry.name for entry in (tmp_path / "cache").iterdir()] == [path.name]


def test_what_may_not_be_given_away_is_not_packed(tmp_path, built, lab):
    with pytest.raises(KnowledgeError, match=r"may not be given away: lab \(the user's own\)"):
        shipped.pack(built(lab), tmp_path / "packed.xz")
    assert not (tmp_path / "packed.xz").exists()


def test_a_damaged_file_leaves_nothing(index, tmp_path):
    packed = tmp_path / "packed.xz"
    shipped.pack(index, packed)
    packed.write_bytes(packed.read_bytes()[:-100])
    with pytest.raises(KnowledgeError, match=r"packed\.xz: the packed index is damaged"):
        shipped.unpacked(packed, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_that_cannot_be_written_names_the_variable(index, tmp_path):
    packed = tmp_path / "packed.xz"
    shipped.pack(index, packed)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot be unpacked.*BIOGLOSS_CACHE"):
        shipped.unpacked(packed, tmp_path / "file" / "cache")


def test_the_cache_is_where_it_is_told_to_be(monkeypatch, tmp_path):
    monkeypatch.setenv("BIOGLOSS_CACHE", str(tmp_path / "mine"))
    assert shipped.cache() == tmp_path / "mine"
    monkeypatch.delenv("BIOGLOSS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert shipped.cache() == tmp_path / "biogloss"


def test_an_index_that_is_named_is_taken(tmp_path):
    assert shipped.located(str(tmp_path / "my.terms")) == tmp_path / "my.terms"
