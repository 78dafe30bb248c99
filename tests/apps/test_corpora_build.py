"""What ``biogloss corpora build`` says to bad input, in the middle of a build, and that nothing is lost by it."""

import json
import random
import shutil
import subprocess
import sys

import pytest

from made_up import made_up, sentence, write_records
from tiny import build_tokenizer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")

COMMAND = ("corpora", "build", "recipe.toml", "--tokenizer", "tokenizer.json", "-o", "corpus")
RECIPE = "shard_pieces = 2000\nheld_out = 0.2\nmin_words = 5\n" + "".join(
    f'[[sources]]\nname = "{name}"\npaths = ["{name}.jsonl"]\nfields = ["text"]\n' for name in ("first", "second")
)


def program(folder, *, largest_file):
    """Run the program in a process that can write no larger file, as on a full disk."""
    given = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest_file}, {largest_file}));"
        "from biogloss.apps.cli import main; main()"
    )
    command = [sys.executable, "-c", given, *COMMAND]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory):
    """A folder with a build that met a full disk after some parts, what the program said, and the whole corpus."""
    folder = tmp_path_factory.mktemp("build")
    rng = random.Random(5)
    build_tokenizer(folder)
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    write_records(folder / "first.jsonl", made_up(60))
    # The last document is a part of its own that is larger than the limit; the parts before are not.
    text = " ".join(sentence(rng, 400) for _ in range(60))
    write_records(folder / "second.jsonl", [*made_up(9, seed=2), {"id": "long", "text": text}])
    said = program(folder, largest_file=20_000)
    begun = bytes_of(folder)
    assert program(folder, largest_file=10_000_000).returncode == 0
    whole = bytes_of(folder / "corpus")
    shutil.rmtree(folder / "corpus")
    assert program(folder, largest_file=10_000_000).returncode == 0
    assert bytes_of(folder / "corpus") == whole  # what went on after a full disk is what was never interrupted
    return said, begun, whole


@pytest.fixture
def begun(full_disk, tmp_path, monkeypatch):
    """The folder of a build that was interrupted, to be worked in."""
    for name, content in full_disk[1].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_full_disk_says_what_is_kept_and_how_to_go_on(full_disk):
    said, begun, whole = full_disk
    assert (said.returncode, said.stdout) == (2, "")
    for words in ("corpus: cannot be written", "File too large", "The parts that are finished are kept", "free space"):
        assert words in said.stderr
    assert "Traceback" not in said.stderr
    kept = {name.name: content for name, content in begun.items() if name.suffix == ".safetensors"}
    assert len(kept) > 3
    assert kept.items() <= {name.name: content for name, content in whole.items()}.items()
    assert not [name for name in begun if name.suffix == ".new"]


def flipped(content):
    return content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]


def with_one_more(content):
    return content + json.dumps({"id": "new", "text": "A record that was added later."}).encode() + b"\n"


BAD = {
    "a corrupt shard": (
        "corpus/train-00001.safetensors",
        flipped,
        ["train-00001.safetensors: has changed", "expected the bytes that were written", "Put a whole copy of it back"],
    ),
    "a shard cut short": (
        "corpus/train-00000.safetensors",
        lambda content: content[:-7],
        ["train-00000.safetensors: has ", "bytes; expected ", "Put a whole copy of it back"],
    ),
    "keys cut short": (
        "corpus/keys-00000.bin",
        lambda content: content[:-7],
        ["keys-00000.bin is missing or damaged", "build again"],
    ),
    "a damaged record of progress": (
        "corpus/progress.json",
        lambda content: content[: len(content) // 2],
        ["progress.json is damaged", "another folder"],
    ),
    "a changed corpus": (
        "first.jsonl",
        with_one_more,
        ["corpus holds a corpus of other settings (inputs: first.jsonl)", "expected those it was begun with"],
    ),
    "a changed recipe": (
        "recipe.toml",
        lambda content: content.replace(b"min_words = 5", b"min_words = 6"),
        ["corpus of other settings (recipe: min_words)", "name another folder with -o"],
    ),
    "an unknown key": (
        "recipe.toml",
        lambda content: content.replace(b"min_words", b"min_word"),
        ["recipe.toml: unknown key min_word; the keys are: name, sources,"],
    ),
    "a vocabulary without [MASK]": (
        "tokenizer.json",
        lambda content: content.replace(b"[MASK]", b"[GONE]"),
        ["tokenizer.json: no [MASK] or <mask> in the vocabulary", "expected one to hide", "Take the tokenizer.json"],
    ),
    "a vocabulary with [MASK] among the added tokens alone": (
        "tokenizer.json",
        lambda content: content.replace(b'"[MASK]": 4,', b""),
        ["tokenizer.json: no [MASK] or <mask> in the vocabulary", "another piece in its row"],
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_refused_by_its_words_and_nothing_is_lost(run, begun, full_disk, bad):
    name, damage, words = BAD[bad]
    good = (begun / name).read_bytes()
    (begun / name).write_bytes(damage(good))
    before = bytes_of(begun)
    assert before[next(path for path in before if path.as_posix() == name)] != good
    code, out, err = run(*COMMAND)
    assert (code, out) == (2, "")
    told = " ".join(err.split())
    assert [word for word in words if word not in told] == []
    assert bytes_of(begun) == before
    (begun / name).write_bytes(good)
    assert run(*COMMAND)[0] == 0
    assert bytes_of(begun / "corpus") == full_disk[2]
