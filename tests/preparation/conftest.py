"""Made-up documents in files, and recipes over them; the tiny tokenizer."""

import pytest

from biogloss.preparation.recipe import Recipe, Source
from made_up import made_up, write_records
from tiny import build_tokenizer


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
