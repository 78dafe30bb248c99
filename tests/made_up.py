"""Made-up documents of random sentences, as records of JSON lines."""

import json
import random

TEXT = (
    "gout hurts metformin lowers glucose in type diabetes aspirin the and patients with cancer of treats pain "
    "fever was given to all who had been treated for a week when their blood pressure fell below normal so that "
    "it could be taken"
)
WORDS = TEXT.split()


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
