"""The command line as a user meets it: what it writes, how it ends, and what it says to bad input."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from biogloss import recipes
from biogloss.pipeline import gloss
from biogloss.training.recipe import Recipe

NOTE = "Metformin lowers glucose in type 2 diabetes.\n"


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text(NOTE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def sample():
    return Path(__file__).parents[2] / "examples" / "pubmed_sample.xml"


def test_entities_of_a_text_are_what_stands_at_their_offsets(run, note):
    code, out, _ = run("annotate", note)
    (line,) = out.splitlines()
    record = json.loads(line)
    assert code == 0
    found = {(entity["text"], entity["label"]) for entity in record["entities"]}
    assert ("Metformin", "Chemical") in found
    for entity in record["entities"]:
        assert " ".join(NOTE[start:end] for start, end in entity["spans"]) == entity["text"]


@pytest.mark.parametrize("to", ["jsonl", "pubtator", "bioc-json", "bioc-xml", "csv", "tsv", "html"])
def test_every_output_format_takes_real_records(run, sample, tmp_path, to):
    code, _, err = run("annotate", sample, "--to", to, "-o", tmp_path / "out")
    assert (code, "12 documents" in err) == (0, True)
    assert (tmp_path / "out").stat().st_size > 1000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_brat_output_is_a_folder(run, sample, tmp_path):
    code, _, _ = run("annotate", sample, "--to", "brat", "-o", tmp_path / "folder")
    assert code == 0
    assert len(list((tmp_path / "folder").glob("*.ann"))) == 12


def test_only_the_types_asked_for(run, note):
    _, out, _ = run("annotate", note, "--types", "Disease")
    assert {entity["label"] for entity in json.loads(out)["entities"]} == {"Disease"}


def test_own_terms_win(run, note, tmp_path):
    terms = tmp_path / "terms.tsv"
    terms.write_text("term\tlabel\tid\nlowers glucose\tEffect\tMY:1\n", encoding="utf-8")
    _, out, _ = run("annotate", note, "--terms", terms)
    own = [entity for entity in json.loads(out)["entities"] if entity["label"] == "Effect"]
    assert [entity["text"] for entity in own] == ["lowers glucose"]


def test_convert_and_evaluate_agree_that_a_file_equals_itself(run, sample, tmp_path):
    run("annotate", sample, "-o", tmp_path / "a.jsonl")
    run("convert", tmp_path / "a.jsonl", "-o", tmp_path / "a.pubtator")  # the ending says the format
    code, out, _ = run("evaluate", tmp_path / "a.pubtator", tmp_path / "a.pubtator", "--json")
    assert code == 0
    assert {row["f1"] for row in json.loads(out)} == {100.0}


def test_embed_writes_unit_vectors(run, note, tmp_path):
    run("embed", note, "-o", tmp_path / "v.npz")
    with np.load(tmp_path / "v.npz") as found:
        assert np.linalg.norm(found["vectors"], axis=1) == pytest.approx([1.0], abs=1e-5)


def test_models_that_are_named_together_are_asked_together(run, note, tmp_path):
    both = ("-m", "biogloss-en", "--model", "biogloss-en")
    assert run("annotate", note, *both, "-o", tmp_path / "o.jsonl")[0] == 0
    (line,) = (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()
    name = json.loads((gloss.folder("biogloss-en") / "biogloss.json").read_text(encoding="utf-8"))["name"]
    assert f"{name} + {name}" in {entity["source"] for entity in json.loads(line)["entities"]}
    code, out, _ = run("evaluate", tmp_path / "o.jsonl", *both)
    assert (code, "100.0" in out) == (0, True)


def test_doctor_finds_the_embedded_model_whole(run):
    code, out, _ = run("doctor")
    assert (code, "whole" in out) == (0, True)


def test_a_shipped_recipe_is_written_as_it_stands_to_begin_ones_own_from(run, tmp_path):
    _, out, _ = run("recipes", "ner-ncbi-disease")
    (tmp_path / "my.toml").write_text(out, encoding="utf-8")
    shipped, mine = (recipes.load(name, Recipe, prefix="ner-") for name in ("ner-ncbi-disease", tmp_path / "my.toml"))
    assert mine == shipped
    _, listed, _ = run("recipes")
    assert all(name in listed for name in recipes.shipped(""))
    assert "no recipe ner-xx: neither a file nor one of" in run("recipes", "ner-xx")[2]


@pytest.mark.parametrize(
    ("kind", "key"), [("finetune", "learning_rate"), ("pretrain", "mask_rate"), ("corpora-build", "query")]
)
def test_the_keys_of_every_kind_of_recipe_are_explained(run, kind, key):
    code, out, _ = run("recipes", "keys", kind)
    assert (code, key in out) == (0, True)


def test_corpora_are_listed_and_shown_without_a_word_more(run):
    _, listed, _ = run("corpora")
    assert ("bc5cdr" in listed, "ncbi_disease" in listed) == (True, True)
    _, shown, _ = run("corpora", "bc5cdr")
    assert "10.1093/database/baw068" in shown
    assert run("corpora", "show", "bc5cdr")[1] == shown
    assert "bc5cdr" in run("corpora", "bc5cdx")[2]
    _, told, _ = run("corpora", "--help")
    assert ("build" in told, "show" in told) == (True, True)


def test_a_corpus_is_built_and_left_alone_when_it_is_finished(run, note, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f"min_words = 3\n[[sources]]\nname = 'note'\npaths = ['{note}']\n", encoding="utf-8")
    code, out, _ = run("corpora", "build", recipe, "-o", tmp_path / "corpus")
    assert (code, len(re.findall(r"(?:train|held_out) [1-9]\d* pieces", out))) == (0, 1)
    assert run("corpora", "build", recipe, "-o", tmp_path / "corpus")[1] == out
    recipe.write_text(f"min_word = 3\n[[sources]]\nname = 'note'\npaths = ['{note}']\n", encoding="utf-8")
    err = refused(run, tmp_path, "corpora", "build", recipe, "-o", tmp_path / "o")
    assert "unknown key min_word" in err


def test_loading_and_annotating_imports_no_torch():
    program = "import sys, biogloss; biogloss.load()('Gout hurts.'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# Bad input: a message that names file, place, what was expected and what to do; exit code 2; nothing half-written.


def refused(run, tmp_path, *arguments):
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert [path for path in sorted(tmp_path.rglob("*")) if path not in before] == []
    return err


def test_missing_file(run, tmp_path):
    assert "no such file" in refused(run, tmp_path, "annotate", tmp_path / "absent.xml", "-o", tmp_path / "o")


def test_empty_file(run, tmp_path):
    (tmp_path / "empty.txt").touch()
    assert "empty" in refused(run, tmp_path, "annotate", tmp_path / "empty.txt", "-o", tmp_path / "o")


def test_wrong_format(run, note, tmp_path):
    err = refused(run, tmp_path, "annotate", note, "--from", "pubtator", "-o", tmp_path / "o")
    assert "note.txt" in err
    assert "expected" in err


def test_unknown_format_lists_the_known(run, note, tmp_path):
    assert "pubtator" in refused(run, tmp_path, "annotate", note, "--to", "docx", "-o", tmp_path / "o")


def test_what_a_file_carries_is_kept_beside_what_is_found(run, tmp_path):
    text = "Metformin treats diabetes."
    own = {"id": "T7", "spans": [[10, 16]], "label": "Verb", "text": "treats", "source": "me"}
    same = {"id": "T1", "spans": [[0, 9]], "label": "Chemical", "text": "Metformin", "source": "me"}
    said = {"id": "R1", "label": "says", "arguments": [["a", "T7"], ["b", "T1"]]}
    line = {"biogloss": 1, "id": "1", "text": text, "entities": [same, own], "relations": [said]}
    (tmp_path / "in.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    code, out, _ = run("annotate", tmp_path / "in.jsonl", "--keep", "--no-link")
    found = json.loads(out)
    kept = [(one["id"], one["label"], one["source"]) for one in found["entities"]]
    assert (code, kept) == (0, [("T1", "Chemical", "me"), ("T7", "Verb", "me"), ("T2", "Disease", kept[-1][2])])
    assert found["relations"][0] == said
    _, out, _ = run("annotate", tmp_path / "in.jsonl", "--no-link")
    assert {one["label"] for one in json.loads(out)["entities"]} == {"Chemical", "Disease"}


def test_truncated_gzip_keeps_what_came_before(run, sample, tmp_path):
    whole = gzip.compress(sample.read_bytes())
    (tmp_path / "cut.xml.gz").write_bytes(whole[: len(whole) // 2])
    code, _, err = run("annotate", tmp_path / "cut.xml.gz", "-o", tmp_path / "o.jsonl")
    assert code == 2
    assert "cut short" in err
    assert not (tmp_path / "o.jsonl").exists()


def test_entity_expansion_is_refused(run, tmp_path):
    bomb = '<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    (tmp_path / "bomb.xml").write_text(bomb + "<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>", encoding="utf-8")
    assert "bomb.xml" in refused(run, tmp_path, "annotate", tmp_path / "bomb.xml", "-o", tmp_path / "o")


def test_wrong_encoding_names_the_option(run, tmp_path):
    (tmp_path / "latin.txt").write_bytes("Ménière disease".encode("latin-1"))
    err = refused(run, tmp_path, "annotate", tmp_path / "latin.txt", "--from", "text", "-o", tmp_path / "o")
    assert "--encoding" in err
    code, out, _ = run("annotate", tmp_path / "latin.txt", "--encoding", "latin-1")
    assert (code, "Ménière" in out) == (0, True)


def test_unknown_type_lists_the_known(run, note, tmp_path):
    assert "Chemical" in refused(run, tmp_path, "annotate", note, "--types", "Protein", "-o", tmp_path / "o")


def test_a_model_folder_that_is_not_whole(run, note, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(gloss.folder(gloss.EMBEDDED), folder)
    (folder / "tokenizer.json").unlink()
    with (folder / "head.safetensors").open("ab") as stream:
        stream.write(b"x")
    err = refused(run, tmp_path, "annotate", note, "-m", folder, "-o", tmp_path / "o")
    assert "tokenizer.json is missing" in err
    assert "head.safetensors is truncated or changed" in err


def test_an_output_that_cannot_be_written(run, note, tmp_path):
    err = refused(run, tmp_path, "annotate", note, "-o", note / "below" / "o.jsonl")
    assert "cannot be written" in err


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_full_disk_keeps_what_is_finished(sample, tmp_path):
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "from biogloss.apps.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "annotate", str(sample), "-o", str(tmp_path / "o.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "--resume" in done.stderr
    assert not (tmp_path / "o.jsonl").exists()


def test_a_bad_record_is_left_out_and_the_run_ends_with_3(run, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"biogloss":1,"id":"1","text":"Gout."}\n{"id": broken\n', encoding="utf-8")
    code, _, err = run("annotate", path, "-o", tmp_path / "o.jsonl")
    assert code == 3
    assert "1 failed" in err
    assert "line 2" in err


def test_ordinary_losses_are_one_line_and_listed_on_request(run, sample, tmp_path):
    _, _, short = run("annotate", sample, "--to", "csv", "-o", tmp_path / "1.csv")
    _, _, full = run("annotate", sample, "--to", "csv", "-o", tmp_path / "2.csv", "--notes")
    assert short.count("--notes lists them") == 1
    assert "bibliographic record" not in short
    assert "12 times: csv has no place for the bibliographic record" in full


def test_a_fault_of_the_input_is_told_unasked(run, tmp_path):
    path = tmp_path / "in.PubTator"
    path.write_text("1|t|Gout hurts.\n1|a|\n1\t0\t4\tpain\tDisease\n", encoding="utf-8")
    _, _, err = run("convert", path, "-o", tmp_path / "o.jsonl")
    assert "its words are not those of the text at its offsets" in err


def test_classes_of_a_table_come_through_jsonl_back_into_one(run, tmp_path):
    (tmp_path / "in.tsv").write_text("id\ttext\tdiagnosis\nn1\tIt itches.\teczema; gout\n", encoding="utf-8")
    named = "--label-column", "diagnosis", "--label-separator", ";"
    assert run("convert", tmp_path / "in.tsv", *named, "-o", tmp_path / "o.jsonl")[0] == 0
    _, out, _ = run("convert", tmp_path / "o.jsonl", "--to", "csv")
    assert out.splitlines()[1:] == ["n1,,,,,eczema,,,,,,", "n1,,,,,gout,,,,,,"]


def test_classes_that_a_format_has_no_place_for_are_told_unasked(run, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"biogloss":1,"id":"1","text":"It itches.","labels":["eczema"]}\n', encoding="utf-8")
    _, _, err = run("convert", path, "--to", "conll", "-o", tmp_path / "o.conll")
    assert "note, once: conll has no place for labels of the document: left out" in err


@pytest.mark.parametrize("to", ["csv", "tsv", "html", "jsonl"])
def test_an_input_that_cannot_be_read_leaves_nothing_written(run, tmp_path, to):
    path = tmp_path / "notes.jsonl"
    path.write_text('{"note": "Gout hurts."}\n', encoding="utf-8")
    code, out, err = run("annotate", path, "--to", to)
    assert (code, out) == (2, "")
    assert 'JSON lines need a "text" on each; name another key with --from records --text-column KEY' in err
    assert run("annotate", path, "--to", to, "-o", tmp_path / "out")[0] == 2
    assert [found.name for found in tmp_path.iterdir()] == ["notes.jsonl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_standard_output_is_an_error_and_no_trace(sample):
    command = [sys.executable, "-m", "biogloss", "convert", str(sample)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "standard output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_had_enough_is_no_error(sample):
    read, write = os.pipe()
    os.close(read)  # as `head` does
    command = [sys.executable, "-m", "biogloss", "convert", str(sample)]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    os.close(write)
    assert (done.returncode, "Traceback" in done.stderr, "Exception" in done.stderr) == (0, False, False)
