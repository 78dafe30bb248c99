"""Write a model's card from its recipe, the corpus cards and measured scores, and seal the folder again.

    python benchmarks/ner_quality.py my-model | tail -1 > entities.json
    python benchmarks/relations_quality.py --model my-model | tail -1 > relations.json
    python tools/model_card.py my-model ner-relations-roles-en entities.json --base biogloss-encoder-en \
        --relations relations.json

Every figure in the card is one that ``benchmarks/ner_quality.py`` or ``benchmarks/relations_quality.py`` printed.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

from biogloss import corpora, recipes
from biogloss.models import folder as folders
from biogloss.training.recipe import PREFIX, Learned, Recipe

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

For research and education: finding mentions in papers and abstracts. Not for diagnosis or treatment.
Trained on abstracts and articles in English, mostly from PubMed; on clinical notes, in other languages and on other
types it is untested. Case is not seen. Mentions of one type inside one another, and mentions in several pieces, are not
found as such. A score is the mean probability of a mention's pieces, averaged with the best of the same name in the
text; it is not calibrated. Mentions below the threshold of their type are left out ({thresholds}); `--threshold`
sets another one for all types, lower for more mentions and more errors.

## Scores

Mentions with exact offsets and type; 95 % intervals by bootstrap over documents, or over sentences where a corpus is
given as sentences. Development parts of those listed chose thresholds, test parts chose nothing. Each corpus is scored
on the types of which it marks every mention, though what its annotators count as a mention differs from the next
corpus's. Partial counts a common character. {protocol}

| corpus | part | type | mentions | precision | recall | F1 (95 % interval) | partial F1 |
|---|---|---|---:|---:|---:|---|---:|
{rows}

Printed by `python benchmarks/ner_quality.py` (all steps of `biogloss annotate` that find entities) on Python {python}.
{relations}
## Training

Recipe `{recipe}`: {epochs} epochs over the mixture below, {budget:,} pieces a batch, peak rate {rate}, dropout
{dropout}, seed {seed}; the weights are the mean of those of the last {average:.0%} of all steps. Training documents
that share 13 words in a row with any held-out part were left out. Of {with_dev} the development parts were
learned from too.{note}

| learned | corpus | passes an epoch | every mention of | some of | licence |
|---|---|---:|---|---|---|
{corpora}

Base weights: {base} (Apache-2.0). See NOTICE for the attributions.
"""


LEAST_RELATIONS = 10
"""Of fewer of a pair a table tells nothing."""
RELATIONS = """
## Relations, on request

`biogloss.load(relations=True)` and `biogloss annotate --relations` also say which concepts are related, and how:
BioRED's eight relations, between chemicals, diseases, genes and variants that a sentence mentions together. A pair that
is related in no sure way is said to be in `{general}`. Scores are probabilities, of {least:g} or more; the table tells
what they are worth. Read the sentence before you believe a relation: of ten that are said of a text that nobody has
annotated, about four are wrong.

*Right*: the corpus has that relation of the pair, or any where `{general}` is said; *found*: relations of the corpus
of which something right is said. In brackets 95 % intervals over {documents} abstracts of BioRED's development part,
which taught nothing. The other half fitted the probabilities; what is left unsaid was decided with a look at both.

| input | pair | relations | said | right, % | found, % |
|---|---|---:|---:|---:|---:|
{rows}

Printed by `python benchmarks/relations_quality.py`. The head is that of the recipe `relations-en`: it learned from the
encoder's states as they are, with two passes over BioRED's training part. `tools/add_relations.py` added it.
"""


def main() -> None:
    """Write README.md and the manifest of the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("recipe")
    parser.add_argument("entities", type=Path)
    parser.add_argument("--base", required=True)
    parser.add_argument("--relations", type=Path, help="what relations_quality.py printed")
    parser.add_argument("--note", default="", help="what else happened in training")
    arguments = parser.parse_args()
    settings = folders.settings(arguments.folder, verify=False)
    rows = json.loads(arguments.entities.read_text(encoding="utf-8"))["rows"]
    recipe = recipes.load(arguments.recipe, Recipe, prefix=PREFIX)
    related = json.loads(arguments.relations.read_text(encoding="utf-8")) if arguments.relations else {}
    card = text(settings, recipe, rows, base=arguments.base, note=arguments.note, related=related)
    (arguments.folder / "README.md").write_text(card, encoding="utf-8", newline="\n")
    folders.seal(arguments.folder, settings)


def text(
    settings: folders.Settings,
    recipe: Recipe,
    rows: list[dict[str, Any]],
    *,
    base: str,
    note: str,
    related: dict[str, Any],
) -> str:
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
        rows="\n".join(map(entity_row, rows)),
        python=platform.python_version(),
        relations=relations(settings.head("relations"), related) if related else "",
        recipe=recipe.name,
        epochs=recipe.epochs,
        budget=recipe.budget_pieces,
        rate=recipe.learning_rate,
        dropout=recipe.dropout,
        seed=recipe.seed,
        average=recipe.average,
        with_dev=" and ".join(corpora.card(name).title for task in recipe.tasks for name in task.with_dev),
        note=f" {note}" if note else "",
        corpora="\n".join(
            corpus_row(task, name, passes) for task in recipe.tasks for name, passes in task.corpora.items()
        ),
        base=base,
    )


def entity_row(row: dict[str, Any]) -> str:
    """One type of one part of a corpus."""
    interval = f"{row['f1']:.1f} ({row['low']:.1f}-{row['high']:.1f})"
    figures = (
        f"{row['mentions']:,} | {row['precision']:.1f} | {row['recall']:.1f} | {interval} | {row['partial_f1']:.1f}"
    )
    return f"| {row['corpus']} | {row['part']} | {row['label']} | {figures} |"


def relations(head: folders.Head, related: dict[str, Any]) -> str:
    """The section about relations."""
    rows = [row for row in related["rows"] if row["gold"] >= LEAST_RELATIONS]
    return RELATIONS.format(
        general=head.options["general"],
        least=min(head.options["thresholds"].values()),
        documents=related["documents"],
        rows="\n".join(map(relation_row, rows)),
    )


def relation_row(row: dict[str, Any]) -> str:
    """One pair of types, or all."""
    right, found = (f"{row[key]:.0f} ({row[key + '_low']:.0f}-{row[key + '_high']:.0f})" for key in ("right", "found"))
    return f"| {row['input']} | {row['pair']} | {row['gold']:.0f} | {row['said']:.0f} | {right} | {found} |"


def corpus_row(task: Learned, name: str, passes: float) -> str:
    """One corpus of the mixture."""
    card = corpora.card(name)
    marked = (card.exhaustive, card.positives) if task.task == "ner" else ((), ())
    every, some = (", ".join(sorted(heads)) or "-" for heads in marked)
    return f"| {task.task} | {card.title} | {passes:g} | {every} | {some} | {card.licence} |"


if __name__ == "__main__":
    main()
