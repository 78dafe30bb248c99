"""A tiny corpus and recipes over it, for the tests of pre-training."""

import json

from biogloss.preparation.build import build
from biogloss.preparation.recipe import Recipe as CorpusRecipe
from biogloss.preparation.recipe import Source
from biogloss.training.pretrain_recipe import Recipe
from made_up import made_up, write_records


def build_corpus(folder, tokenizer, *, documents=120):
    """Random sentences, a fifth of them held out."""
    records = write_records(folder / "made-up.jsonl", made_up(documents))
    source = Source(name="made-up", paths=(str(records),), fields=("text",))
    recipe = CorpusRecipe(name="tiny", sources=(source,), shard_pieces=3000, held_out=0.2, near_duplicates=False)
    build(recipe, folder / "corpus", tokenizer=tokenizer)
    return folder / "corpus"


def pretrain_recipe(corpus, **changes):
    """A recipe that fits the tiny corpus; five steps of the head and ten of all, two passes each."""
    plain = {
        "corpus": str(corpus),
        "length": 16,
        "budget_pieces": 64,
        "batch_pieces": 128,
        "head_pieces": 640,
        "pieces": 1280,
        "learning_rate": 1e-3,
        "precision": "float32",
        "evaluations": 2,
    }
    return Recipe(**plain | changes)


def write_toml(path, recipe):
    """The recipe as a file."""
    tables = {key: value for key, value in recipe.as_dict().items() if isinstance(value, dict)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in recipe.as_dict().items() if key not in tables]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def steps(run):
    """The records of steps.jsonl."""
    return [json.loads(line) for line in (run / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
