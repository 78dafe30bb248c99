"""From files to a longer vocabulary: what is counted, what is held out, and what the report says."""

import json

import pytest

from biogloss import corpora
from biogloss.documents import Document
from biogloss.errors import ConfigError, FormatError, InputError, ModelError
from biogloss.models.vocabulary import Length
from biogloss.training import vocabulary
from biogloss.training.vocabulary import Extension
from tiny import build_encoder, build_tokenizer, labelled, write_jsonl

pytest.importorskip("transformers", reason="the extra `train` is not installed")


@pytest.fixture
def papers(tmp_path):
    """Forty documents; every twentieth is held out, and only there "feverish" stands."""
    words = ["gouty" if number % 20 else "feverish gouty" for number in range(1, 41)]
    documents = [Document(str(number), f"Patients with {word}, metformins.") for number, word in enumerate(words, 1)]
    return [write_jsonl(tmp_path / "papers.jsonl", documents)]


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    """One corpus that is there, and one whose files are not."""

    def documents(name, split):
        if name == "gone":
            raise InputError("the corpus file is not there")
        assert split == "train"
        return iter([labelled(1, "Gouty pain and metformins", {"Gouty pain": "Disease", "metformins": "Chemical"})])

    monkeypatch.setattr(corpora, "names", lambda _: ["gone", "toy"])
    monkeypatch.setattr(corpora, "card", lambda _: type("Card", (), {"counts": {"train": (1, 2)}}))
    monkeypatch.setattr(corpora, "labelled", documents)


def test_what_is_held_out_is_measured_and_not_counted(tiny_encoder, papers, tmp_path):
    report = vocabulary.extend(str(tiny_encoder), papers, tmp_path / "wide", Extension(rows=9))
    assert (report.added, report.asked, report.absent) == (2, 0, ("gone",))
    added = json.loads((tmp_path / "wide" / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    assert {"gouty", "metformins"} <= added.keys()
    assert "feverish" not in added  # it stands in held-out documents alone
    # "patients with gouty, metformins." six words; "gouty" was gout ##y, "metformins" metformin ##s
    assert report.lengths["counted text"] == (Length(38 * 6, 38 * 8, 0), Length(38 * 6, 38 * 6, 0))
    before, after = report.lengths["held-out text"]
    assert (before.words, before.pieces - after.pieces) == (2 * 7, 2 * 2)
    assert report.lengths["toy Disease"] == (Length(2, 3, 0), Length(2, 2, 0))
    assert report.lengths["toy Chemical"] == (Length(1, 2, 0), Length(1, 1, 0))


def test_the_record_beside_the_model_is_the_report(tiny_encoder, papers, tmp_path):
    report = vocabulary.extend(str(tiny_encoder), papers, tmp_path / "wide", Extension(rows=1))
    record = json.loads((tmp_path / "wide" / "vocabulary.json").read_text("utf-8"))
    assert record["added"] == 1
    assert record["before_and_after"].keys() == report.lengths.keys()
    assert record["before_and_after"]["toy Chemical"]["pieces_per_word"] == [2.0, 2.0]
    assert record["before_and_after"]["toy Disease"]["pieces_per_word"] == [1.5, 1.0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terms.txt", "Gouty pain\n\n  metformins  \n"),
        ("terms.csv", 'Term,label\n"Gouty pain",Disease\nmetformins,Chemical\n'),
        ("terms.tsv", "gouty\tDisease\nmetformins, pain\n"),
    ],
)
def test_own_terms_are_added_word_by_word_without_any_text(tiny_encoder, tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    wanted = Extension(rows=0, terms=tmp_path / name, corpora=())
    report = vocabulary.extend(str(tiny_encoder), [], tmp_path / "wide", wanted)
    assert (report.added, report.asked) == (2, 2)  # "pain" is there already
    assert list(report.lengths) == ["own terms"]
    before, after = report.lengths["own terms"]
    assert (before.pieces - after.pieces, after.unknown) == (2, 0)


def test_terms_of_many_words_have_their_words_added_once(tiny_encoder, papers, tmp_path):
    (tmp_path / "terms.txt").write_text("gouty fevers\nGOUTY pains\n", encoding="utf-8")
    wanted = Extension(rows=9, terms=tmp_path / "terms.txt")
    report = vocabulary.extend(str(tiny_encoder), papers, tmp_path / "wide", wanted)
    assert (report.added, report.asked) == (4, 3)


@pytest.mark.parametrize(("name", "text"), [("a.txt", "\n"), ("a.csv", "term,label\n"), ("a.csv", 'a"b\n"c')])
def test_a_file_without_terms_is_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.(txt|csv): (no terms in it|the table is damaged)"):
        vocabulary.terms(tmp_path / name)


def test_neither_texts_nor_terms_is_a_mistake(tiny_encoder, tmp_path):
    with pytest.raises(ConfigError, match="give texts, or terms with --terms"):
        vocabulary.extend(str(tiny_encoder), [], tmp_path / "wide", Extension())


def test_nothing_to_add_is_said(tiny_encoder, papers, tmp_path):
    with pytest.raises(InputError, match=r"no word to add: .* a smaller least count than 99"):
        vocabulary.extend(str(tiny_encoder), papers, tmp_path / "wide", Extension(least_count=99))
    assert not (tmp_path / "wide").exists()


def test_a_corpus_asked_for_by_name_must_be_there(tiny_encoder, papers, tmp_path):
    with pytest.raises(InputError, match="the corpus file is not there"):
        vocabulary.extend(str(tiny_encoder), papers, tmp_path / "wide", Extension(corpora=("gone",)))


def test_a_record_that_cannot_be_read_is_not_passed_over(tiny_encoder, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"biogloss":1,"id":"1","text":"Gout."}\n{"id": broken\n', encoding="utf-8")
    with pytest.raises(FormatError, match="line 2"):
        vocabulary.extend(str(tiny_encoder), [str(path)], tmp_path / "wide", Extension())


def test_an_encoder_that_is_not_there_or_has_lost_its_mask_is_refused(papers, tmp_path):
    with pytest.raises(ModelError, match="no such folder or wheel"):
        vocabulary.extend("nowhere/model", papers, tmp_path / "wide", Extension())
    path = build_tokenizer(build_encoder(tmp_path / "lost"))
    path.write_text(path.read_text("utf-8").replace("[MASK]", "[GONE]"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"tokenizer\.json: no \[MASK\] in the vocabulary"):
        vocabulary.extend(str(tmp_path / "lost"), papers, tmp_path / "wide", Extension())


def test_a_vocabulary_from_nothing_is_a_folder_that_a_tokenizer_loads(papers, tmp_path):
    from transformers import AutoTokenizer  # noqa: PLC0415

    size, length = vocabulary.train(papers, tmp_path / "new", size=60)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "new")
    assert (len(tokenizer), tokenizer.mask_token) == (size, "[MASK]")
    assert tokenizer.tokenize("Patients with Gouty") == ["patients", "with", "gouty"]
    assert length.words == 2 * 7
    assert length.unknown == 2  # "feverish": no counted text has a v
