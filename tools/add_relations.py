"""Add a head of relations to the embedded model, silent until it is asked for, with calibrated probabilities.

    biogloss finetune relations-en --run runs/relations-en
    biogloss export runs/relations-en/model relations-en
    python tools/add_relations.py relations-en src/biogloss/data/biogloss-en --general Association

The encoder of both folders must be the same to the byte: the recipe learns a head on frozen states. Its logits are
divided by a temperature (Guo et al. 2017, arXiv 1706.04599), and something is added to that of unrelated pairs, so that
the relations of one half of BioRED's development part are most likely; `benchmarks/relations_quality.py` tells what is
found in the other. A head of the same name is replaced. Said are relations from a probability of 0.6 on, between what
a sentence mentions together.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import cast

import numpy as np
from safetensors.numpy import load_file, save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from biogloss.errors import ModelError
from biogloss.evaluation import calibration
from biogloss.models import folder as folders
from biogloss.pipeline.steps import model as neural
from biogloss.tasks import relations
from biogloss.tasks._candidates import CONCEPT, Candidate, related
from biogloss.tasks._classes import probabilities
from relations_quality import halves

LEAST = 0.6
SAME = ("model.bin", "tokenizer.json")
TEMPERATURES, UNRELATED = np.linspace(0.5, 4, 71), np.linspace(-3, 3, 121)


def main() -> None:
    """Write head.safetensors and the manifest of the second folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="an exported folder whose head is added")
    parser.add_argument("target", type=Path)
    parser.add_argument("--general", default="", help="the label of what is related in no sure way")
    arguments = parser.parse_args()
    source, target = folders.settings(arguments.source), folders.settings(arguments.target)
    for name in SAME:
        if folders.checksum(arguments.source / name) != folders.checksum(arguments.target / name):
            raise ModelError(f"{name} of {arguments.source} is another than that of {arguments.target}")
    head = source.head(neural.RELATIONS)
    temperature, unrelated = fitted(arguments.source, head.labels)
    tensors = load_file(arguments.source / folders.HEADS)
    weight, bias = f"{head.name}.out.weight", f"{head.name}.out.bias"
    tensors[weight], tensors[bias] = (tensors[name] / np.float32(temperature) for name in (weight, bias))
    tensors[bias][head.labels.index(relations.NONE)] += np.float32(unrelated)
    before = load_file(arguments.target / folders.HEADS)
    kept = {name: tensor for name, tensor in before.items() if not name.startswith(f"{head.name}.")}
    small = {name: tensor.astype(np.float16) for name, tensor in tensors.items()}
    save_file({**kept, **small}, arguments.target / folders.HEADS, metadata={"format": "np"})
    (arguments.target / folders.HEADS).chmod(0o644)
    thresholds = {label: LEAST for label in head.labels if label != relations.NONE}
    options = {**head.options, "thresholds": thresholds, "general": arguments.general, "together": True}
    others = tuple(own for own in target.heads if own.name != head.name)
    folders.seal(arguments.target, replace(target, heads=(*others, replace(head, options=options, on_request=True))))
    print(f"{head.name}: temperature {temperature:.2f}, unrelated {unrelated:+.2f}")


def fitted(folder: Path, labels: tuple[str, ...]) -> tuple[float, float]:
    """The temperature, and what is added to the logit of unrelated pairs, of the first half of the development part."""
    step = neural.step(folder, on_request=True)
    documents, _ = halves()
    logits, gold = [], []
    for document, found in zip(documents, step.logits(documents, neural.RELATIONS), strict=True):
        for example, rows in found:
            own = related(document, cast("list[Candidate]", example.about), level=CONCEPT)
            logits.append(rows)
            gold += [labels.index(min(one, default=relations.NONE)) for one in own]
    rows, unrelated = np.concatenate(logits), np.array(labels) == relations.NONE

    def loss(temperature: float, added: float) -> float:
        shares = probabilities((rows / temperature + added * unrelated).astype(np.float32), several=False)
        return calibration.negative_log_likelihood(shares, np.array(gold))

    return min(product(TEMPERATURES.tolist(), UNRELATED.tolist()), key=lambda both: loss(*both))


if __name__ == "__main__":
    main()
