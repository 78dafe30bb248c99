"""Made-up documents in files, and recipes over them; the tiny tokenizer."""

import json
import random

import pytest

from biogloss.preparation.recipe import Recipe, Source
from tiny import build_tokenizer

WORDS = (
    "gout hurts metformin lowers glucose in type diabetes aspirin the and patients with cancer of treats pain fever was "
    "given to all who had been treated for a week when their blood pressure fell below normal so that it could be taken"
).split()


def sentence(rng, length=12):
    return " ".join(rng.choices(WORDS, k=length)).capitalize() + "."


def made_up(count, *, seed=1, sentences=8):
    """Documents of random sentences, as records."""
    rng = random.Random(seed)
    texts = (" ".join(sentence(rng) for _ in range(sentences)) for _ in range(count))
    return [{"id": f"d{number}", "text": text} for number, text in enumerate(texts)]


def write_records(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory):
    """The tiny ``tokenizer.json``."""
    return build_tokenizer(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture
def recipe(tmp_path):
    """A recipe over two sources of made-up documents, with a repeat in the second and shards of some 20 documents."""
    first, second = made_up(60), made_up(30, seed=2)
    write_records(tmp_path / "first.jsonl", first)
    write_records(tmp_path / "second.jsonl", [*second[:20], first[7], {"id": "short", "text": "Gout."}, *second[20:]])
    sources = tuple(
        Source(name=name, paths=(str(tmp_path / f"{name}.jsonl"),), fields=("text",)) for name in ("first", "second")
    )
    return Recipe(name="made-up", sources=sources, shard_pieces=2000, held_out=0.2)
