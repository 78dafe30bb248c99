"""Write a model's card from its recipe, the corpus cards and measured scores, and seal the folder again.

    python benchmarks/ner_quality.py my-model | tail -1 > scores.json
    python tools/model_card.py my-model ner-en scores.json --base sentence-transformers/all-MiniLM-L6-v2

Every figure in the card is one that ``benchmarks/ner_quality.py`` printed.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

from biogloss import corpora, recipes
from biogloss.models import folder as folders
from biogloss.training.recipe import Recipe

FRONT = """---
language: {language}
license: apache-2.0
base_model: {base}
library_name: biogloss
pipeline_tag: token-classification
tags: [biomedical, named-entity-recognition]
---
"""
USE = """# {name}

Finds {types} in English biomedical text, all in one pass of a six-layer encoder. Weights: {precision}.

```python
import biogloss

gloss = biogloss.load({argument})
document = gloss("Metformin lowers glucose in type 2 diabetes.")
print([(entity.text, entity.label, entity.score) for entity in document.entities])
```

## Intended use and limits

For research and education: finding mentions in papers and abstracts. Not for diagnosis or treatment. Trained on
abstracts and articles in English, mostly from PubMed; on clinical notes, in other languages and on other types it is
untested. Case is not seen. Mentions of one type inside one another, and mentions in several pieces, are not found as
such. A score is the mean probability of a mention's pieces, averaged with the best of the same name in the text; it is
not calibrated. Mentions below the threshold of their type are left out ({thresholds}); `--threshold` sets another one
for all types, lower for more mentions and more errors.

## Scores

Mentions with exact offsets and type; 95 % intervals by bootstrap over documents, or over sentences where a corpus is
given as sentences. Development parts chose the weights and thresholds, test parts chose nothing. Each corpus is scored
on the types of which it marks every mention, though what its annotators count as a mention differs from the next
corpus's. Partial counts a common character. {protocol}

| corpus | part | type | mentions | precision | recall | F1 (95 % interval) | partial F1 |
|---|---|---|---:|---:|---:|---|---:|
{rows}

Printed by `python benchmarks/ner_quality.py` (all steps of `biogloss annotate`) on Python {python}.

## Training

Recipe `{recipe}`: {epochs} epochs over the mixture below, {budget:,} pieces a batch, peak rate {rate}, dropout
{dropout}, seed {seed}. Training documents that share 13 words in a row with any held-out part were left out.{note}

| corpus | passes an epoch | every mention of | some of | licence |
|---|---:|---|---|---|
{corpora}

Base weights: {base} (Apache-2.0). See NOTICE for the attributions.
"""


def main() -> None:
    """Write README.md and the manifest of the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("recipe")
    parser.add_argument("scores", type=Path)
    parser.add_argument("--base", required=True)
    parser.add_argument("--note", default="", help="what else happened in training")
    arguments = parser.parse_args()
    settings = folders.settings(arguments.folder, verify=False)
    scores = json.loads(arguments.scores.read_text(encoding="utf-8"))
    recipe = recipes.load(arguments.recipe, Recipe, prefix="ner-")
    card = text(settings, recipe, scores, base=arguments.base, note=arguments.note)
    (arguments.folder / "README.md").write_text(card, encoding="utf-8", newline="\n")
    folders.seal(arguments.folder, settings)


def text(settings: folders.Settings, recipe: Recipe, scores: dict[str, Any], *, base: str, note: str) -> str:
    """The card."""
    inference, head = settings.kind == folders.INFERENCE, settings.head("ner")
    return FRONT.format(language=settings.language, base=base) + USE.format(
        name=settings.name,
        types=", ".join(head.labels),
        precision="8 bits, for annotating without torch" if inference else "16 bits, to train further",
        argument="" if inference else '"exported-folder"',
        thresholds=", ".join(f"{label} {least:g}" for label, least in head.options["thresholds"].items())
        or "there are none",
        protocol="The int8 model that ships was scored." if inference else "The int8 export of this model was scored.",
        rows="\n".join(map(score_row, scores["rows"])),
        python=platform.python_version(),
        recipe=recipe.name,
        epochs=recipe.epochs,
        budget=recipe.budget_pieces,
        rate=recipe.learning_rate,
        dropout=recipe.dropout,
        seed=recipe.seed,
        note=f" {note}" if note else "",
        corpora="\n".join(corpus_row(name, passes) for name, passes in recipe.corpora.items()),
        base=base,
    )


def score_row(row: dict[str, Any]) -> str:
    """One measured part of a corpus."""
    interval = f"{row['f1']:.1f} ({row['low']:.1f}-{row['high']:.1f})"
    figures = (
        f"{row['mentions']:,} | {row['precision']:.1f} | {row['recall']:.1f} | {interval} | {row['partial_f1']:.1f}"
    )
    return f"| {row['corpus']} | {row['part']} | {row['label']} | {figures} |"


def corpus_row(name: str, passes: float) -> str:
    """One corpus of the mixture."""
    card = corpora.card(name)
    every, some = (", ".join(sorted(heads)) or "-" for heads in (card.exhaustive, card.positives))
    return f"| {card.title} | {passes:g} | {every} | {some} | {card.licence} |"


if __name__ == "__main__":
    main()
