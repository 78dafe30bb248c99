"""A recipe of a model that cannot be is refused before anything runs, with what would be right."""

from dataclasses import replace

import pytest

from biogloss.errors import ConfigError
from biogloss.training.recipe import Recipe

GOOD = Recipe(encoder="minilm", labels=("Disease",), corpora={"bc5cdr": 2})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": ("Gene", "Gene")}, r"labels = .* cannot be; expected names, each once"),
        ({"labels": ()}, r"labels = \(\) cannot be"),
        ({"epochs": 0}, r"epochs = 0 cannot be; expected at least 1"),
        ({"overlap": 254}, r"overlap = 254 cannot be; expected .* less than max_pieces"),
        ({"cuts": ()}, r"cuts = \(\) cannot be"),
        ({"dropout": 1.0}, r"dropout = 1\.0 cannot be; expected a share"),
        ({"corpora": {"bc5cdr": 0}}, r"corpora = .* cannot be; expected corpora with more than 0 passes"),
        ({"corpora": {}}, r"corpora = .* cannot be; expected .* or files"),
        ({"files": {"dev": ["dev.jsonl"]}}, r"files = .* cannot be; expected files for train"),
        ({"with_dev": ("ncbi_disease",)}, r"with_dev = .* cannot be; expected corpora of the recipe"),
        ({"thresholds": {"Gene": 0.5}}, r"thresholds = .* cannot be; expected labels of the recipe"),
        ({"thresholds": {"Disease": 1.5}}, r"thresholds = .* cannot be; expected .* scores from 0 to 1"),
        ({"average": 1.1}, r"average = 1\.1 cannot be; expected a share from 0 to 1"),
        ({"frozen_layers": -1}, r"frozen_layers = -1 cannot be"),
        ({"l1": -0.1}, r"l1 = -0\.1 cannot be"),
        ({"rdrop": 1.0, "dropout": 0.0}, r"rdrop = 1\.0 cannot be; expected at least 0, and 0 without dropout"),
        ({"shots": -1}, r"shots = -1 cannot be"),
        ({"lora_rank": -1}, r"lora_rank = -1 cannot be"),
        ({"lora_alpha": 0.0}, r"lora_alpha = 0\.0 cannot be"),
        ({"adapters_only": True}, r"adapters_only = True cannot be; expected false where lora_rank = 0"),
        ({"augment": {"swap": 0.1}}, r"augment = .* cannot be; expected probabilities .* replace_mentions, synonyms"),
        ({"augment": {"noise": 1.5}}, r"augment = .* cannot be; expected probabilities from 0 to 1"),
        ({"fold": (6, 5)}, r"fold = \(6, 5\) cannot be; expected a part and how many there are"),
        ({"fold": (1, 1)}, r"fold = \(1, 1\) cannot be"),
        ({"fold": (2,)}, r"fold = \(2,\) cannot be"),
        ({"test_fold": (0, 5)}, r"test_fold = \(0, 5\) cannot be; expected a part and how many there are"),
        ({"test_corpora": ("cdr",)}, r"test_corpora = \('cdr',\) cannot be; expected some of "),
        ({"precision": "float16"}, r"precision = 'float16' cannot be; expected float32, bfloat16 or auto"),
    ],
)
def test_a_wrong_recipe_is_refused_by_its_words(changes, words):
    with pytest.raises(ConfigError, match=words):
        replace(GOOD, **changes)
