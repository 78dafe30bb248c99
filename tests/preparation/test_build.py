"""A build gives the same bytes however often it was interrupted, and never mixes two corpora in one folder."""

import json
import random
import subprocess
import sys
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from biogloss.errors import ConfigError, FormatError, ModelError, OutputError
from biogloss.preparation.build import build
from biogloss.preparation.corpus import MANIFEST, SPLITS, Corpus
from biogloss.preparation.report import measure
from made_up import made_up, sentence, write_records


class Killed(Exception):  # noqa: N818 - it is no error
    """Stands for a process that ends."""


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_goes_in_comes_out_counted(recipe, tmp_path, tokenizer):
    made = build(recipe, tmp_path / "corpus", tokenizer=tokenizer)
    assert made.counts["first"]["kept"] == made.counts["first"]["read"] == 60
    second = made.counts["second"]
    assert (second["read"], second["kept"], second["duplicate"], second["too short"]) == (32, 30, 1, 1)
    documents = {split: sum(map(len, made.shards(split, verify=True))) for split in SPLITS}
    assert sum(documents.values()) == 90
    assert 5 <= documents["held_out"] <= 35
    names = set(bytes_of(tmp_path / "corpus"))
    shards = {f"{split}-{number:05d}.safetensors" for split in SPLITS for number in range(len(made.manifest["parts"]))}
    assert names == {"manifest.json", "report.html", "tokenizer.json", *shards}
    assert len(made.manifest["parts"]) > 3


def test_the_same_recipe_and_inputs_make_the_same_bytes(recipe, tmp_path, tokenizer):
    build(recipe, tmp_path / "one", tokenizer=tokenizer)
    program = (
        "import json, sys; from pathlib import Path; from biogloss.preparation.build import build;"
        "from biogloss.preparation.recipe import Recipe, Source; given = json.loads(sys.argv[1]);"
        "sources = tuple(Source(**{k: tuple(v) if isinstance(v, list) else v for k, v in s.items()})"
        " for s in given.pop('sources'));"
        "given = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()};"
        "build(Recipe(sources=sources, **given), Path(sys.argv[2]), tokenizer=Path(sys.argv[3]))"
    )
    given = [json.dumps(asdict(recipe)), str(tmp_path / "two"), str(tokenizer)]
    subprocess.run([sys.executable, "-c", program, *given], check=True)  # another process hashes strings otherwise
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


@pytest.mark.parametrize("after", [[3], [25], [10, 31, 60, 92]])
def test_an_interrupted_build_ends_with_the_same_bytes(recipe, tmp_path, tokenizer, after):
    build(recipe, tmp_path / "whole", tokenizer=tokenizer)
    for documents in after:

        def stop(read, _, last=documents):
            if read >= last:
                raise Killed

        with pytest.raises(Killed):
            build(recipe, tmp_path / "stopped", tokenizer=tokenizer, progress=stop)
        with pytest.raises(FormatError, match="build was interrupted"):
            Corpus(tmp_path / "stopped")
    seen = []
    build(recipe, tmp_path / "stopped", tokenizer=tokenizer, progress=lambda read, _: seen.append(read))
    assert bytes_of(tmp_path / "stopped") == bytes_of(tmp_path / "whole")
    assert after == [3] or seen[0] > 1  # finished parts are not worked on again


def test_a_finished_corpus_is_left_as_it_is(recipe, tmp_path, tokenizer):
    build(recipe, tmp_path / "corpus", tokenizer=tokenizer)
    seen = []
    build(recipe, tmp_path / "corpus", tokenizer=tokenizer, progress=lambda *counts: seen.append(counts))
    assert seen == []


def test_a_folder_of_another_recipe_is_refused(recipe, tmp_path, tokenizer):
    build(recipe, tmp_path / "corpus", tokenizer=tokenizer)
    before = bytes_of(tmp_path / "corpus")
    with pytest.raises(ConfigError, match=r"corpus of other settings \(recipe: min_words\)"):
        build(replace(recipe, min_words=3), tmp_path / "corpus", tokenizer=tokenizer)
    assert bytes_of(tmp_path / "corpus") == before


def test_changed_inputs_are_refused(recipe, tmp_path, tokenizer):
    build(recipe, tmp_path / "corpus", tokenizer=tokenizer)
    write_records(tmp_path / "first.jsonl", made_up(61))
    with pytest.raises(ConfigError, match=r"other settings \(inputs: first\.jsonl\)"):
        build(recipe, tmp_path / "corpus", tokenizer=tokenizer)


def test_a_folder_with_other_things_in_it_is_refused(recipe, tmp_path, tokenizer):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("Gout", encoding="utf-8")
    with pytest.raises(OutputError, match=r"chapter\.txt, which is no part of a corpus"):
        build(recipe, tmp_path / "thesis", tokenizer=tokenizer)


def test_a_damaged_shard_is_found_when_a_build_goes_on(recipe, tmp_path, tokenizer):
    build(recipe, tmp_path / "corpus", tokenizer=tokenizer)
    path = tmp_path / "corpus" / "train-00001.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(FormatError, match=r"train-00001\.safetensors: has changed"):
        build(recipe, tmp_path / "corpus", tokenizer=tokenizer)


@pytest.mark.parametrize("content", ["", "[]", '{"format": 99, "parts": []}', '{"format": 1}'])
def test_a_damaged_manifest_is_refused(tmp_path, content):
    (tmp_path / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=MANIFEST):
        Corpus(tmp_path)


def test_a_manifest_names_no_file_elsewhere(recipe, tmp_path, tokenizer):
    build(recipe, tmp_path / "corpus", tokenizer=tokenizer)
    path = tmp_path / "corpus" / MANIFEST
    path.write_text(path.read_text(encoding="utf-8").replace("train-00000", "../train-00000"), encoding="utf-8")
    with pytest.raises(FormatError, match="a file elsewhere"):
        Corpus(tmp_path / "corpus")


def test_a_tokenizer_that_is_none_is_refused(recipe, tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        build(recipe, tmp_path / "corpus", tokenizer=tmp_path)


def test_nothing_to_keep_is_an_empty_corpus_and_no_crash(recipe, tmp_path, tokenizer):
    made = build(replace(recipe, min_words=1000), tmp_path / "corpus", tokenizer=tokenizer)
    assert [made.pieces(split) for split in SPLITS] == [0, 0]
    assert measure(made).totals == (0, 0, 0, 0)


def test_repeats_are_dropped_across_a_resumed_build(recipe, tmp_path, tokenizer):
    # The seventh document of the first source comes again in the second, long after its part is finished.
    def stop(read, _):
        if read == 75:
            raise Killed

    with pytest.raises(Killed):
        build(recipe, tmp_path / "corpus", tokenizer=tokenizer, progress=stop)
    assert build(recipe, tmp_path / "corpus", tokenizer=tokenizer).counts["second"]["duplicate"] == 1


def test_measures_are_what_the_shards_hold(recipe, tmp_path, tokenizer):
    made = build(recipe, tmp_path / "corpus", tokenizer=tokenizer)
    measures = measure(made)
    cuts = [cut for split in SPLITS for shard in made.shards(split) for cut in shard.cuts()]
    pieces = np.concatenate([ids for _, ids, _, _ in cuts])
    words = sum(int(starts.sum()) for _, _, starts, _ in cuts)
    assert measures.totals == (90, sum(len(lengths) for *_, lengths in cuts), len(pieces), words)
    assert measures.frequencies.tolist() == np.bincount(pieces, minlength=len(measures.frequencies)).tolist()
    assert measures.lengths.sum() == 90
    assert measures.by_source[0][0] == 60
    assert measures.pieces_per_word == pytest.approx(len(pieces) / words)


class Outside(HTMLParser):
    """Collects what a page would fetch or run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [tag] * (tag in {"script", "link", "img", "iframe"})
        self.found += [name for name, _ in attrs if name in {"src", "href", "onload"}]


def test_the_report_is_one_page_that_shows_names_as_text(recipe, tmp_path, tokenizer):
    source = replace(recipe.sources[0], name="<script>alert(1)</script>")
    build(replace(recipe, sources=(source, recipe.sources[1])), tmp_path / "corpus", tokenizer=tokenizer)
    text = (tmp_path / "corpus" / "report.html").read_text(encoding="utf-8")
    outside = Outside()
    outside.feed(text)
    assert outside.found == []
    for words in ("&lt;script&gt;", "<svg", "too short", "pieces a word", "entries that occur"):
        assert words in text


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_full_disk_says_so_and_keeps_what_is_finished(recipe, tmp_path, tokenizer):
    rng = random.Random(5)
    text = " ".join(sentence(rng, 400) for _ in range(60))
    write_records(tmp_path / "second.jsonl", [{"id": "long", "text": text}])
    build(recipe, tmp_path / "whole", tokenizer=tokenizer)
    program = (
        "import resource, sys; from pathlib import Path; from biogloss import recipes;"
        "from biogloss.preparation import build; from biogloss.preparation.recipe import Recipe;"
        "made = recipes.load(sys.argv[1], Recipe, prefix='corpus-');"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "build.build(made, Path(sys.argv[2]), tokenizer=Path(sys.argv[3]))"
    )
    toml = 'name = "made-up"\nshard_pieces = 2000\nheld_out = 0.2\n' + "".join(
        f'[[sources]]\nname = "{one.name}"\npaths = ["{Path(one.paths[0]).as_posix()}"]\nfields = ["text"]\n'
        for one in recipe.sources
    )
    (tmp_path / "recipe.toml").write_text(toml, encoding="utf-8")
    command = [sys.executable, "-c", program, tmp_path / "recipe.toml", tmp_path / "corpus", tokenizer]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, encoding="utf-8", check=False)
    assert "OutputError" in done.stderr
    assert "repeat the command" in done.stderr
    assert not list((tmp_path / "corpus").glob("*.new"))
    build(recipe, tmp_path / "corpus", tokenizer=tokenizer)
    assert bytes_of(tmp_path / "corpus") == bytes_of(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the peak of memory")
def test_memory_does_not_grow_with_the_corpus(tmp_path, tokenizer):
    program = (
        "import sys; from pathlib import Path; from biogloss import recipes;"
        "from biogloss.preparation import build; from biogloss.preparation.recipe import Recipe;"
        "made = recipes.load(sys.argv[1], Recipe, prefix='corpus-');"
        "build.build(made, Path(sys.argv[2]), tokenizer=Path(sys.argv[3]));"
        # of this program alone: what getrusage says counts the one that started it too
        "print(int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) // 1024)"
    )
    peaks = []
    for megabytes in (20, 200):
        path, count = tmp_path / f"{megabytes}.jsonl", 0
        with path.open("w", encoding="utf-8") as stream:
            for record in made_up(megabytes * 1000 // 2, seed=megabytes, sentences=28):
                count += stream.write(json.dumps(record) + "\n")
        assert count > 0.9e6 * megabytes
        toml = (
            f'shard_pieces = 1000000\n[[sources]]\nname = "made-up"\npaths = ["{path.as_posix()}"]\nfields = ["text"]\n'
        )
        (tmp_path / "recipe.toml").write_text(toml, encoding="utf-8")
        command = [sys.executable, "-c", program, tmp_path / "recipe.toml", tmp_path / f"c{megabytes}", tokenizer]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < 1000
    # A hundred thousand documents: 120 bytes of keys each, in sorted arrays that are merged, which takes twice that.
    assert peaks[1] - peaks[0] < 60
