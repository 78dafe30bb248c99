"""How well the sentence splitter finds the boundaries that four corpora were annotated with, and how fast it is.

    python benchmarks/sentences_quality.py [--quick]

Gold boundaries are the blank lines of the corpora's two-column files. Where the raw abstracts are at hand (BC5CDR,
NCBI Disease) the sentences are aligned to them, title and abstract joined by one space; the others are put
together from their tokens. The rules were tuned on the train parts; the development parts are the report.

A boundary is the last character of a sentence; the end of a document is not counted, nor are (in LINNAEUS and
BioNLP13-CG) headings and table cells, whose ends were line ends that the files do not have. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from biogloss.pipeline.steps.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[2] / "shared" / "data")) / "ner"
RAW = {"bc5cdr": "BC5CDR_TrainDev.PubTator", "ncbi-disease": "NCBIdisease_TrainDev.PubTator"}
CORPORA = ("bc5cdr", "ncbi-disease", "linnaeus", "bionlp13cg")
SENTENCES_A_PASSAGE = 50  # corpora without raw text do not say where a document ends
_KEY_CHARACTERS = 30


class Passage(NamedTuple):
    """A text and where its gold sentences end: counts of non-white-space characters.

    ``unseen`` are the ends after no stop (headings, table cells, running heads), which only the lost line ends showed.
    """

    text: str
    ends: frozenset[int]
    unseen: frozenset[int] = frozenset()


class Score(NamedTuple):
    """Boundary counts; ``right`` are in both, ``found`` predicted, ``gold`` annotated."""

    right: int
    found: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of the predicted boundaries that are gold."""
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        """Share of the gold boundaries that are predicted."""
        return self.right / max(self.gold, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(self.found + self.gold, 1)


def passages(corpus: str, part: str) -> list[Passage]:
    """The texts of one part of one corpus with their gold sentence ends."""
    rows = (DATA / corpus / f"{part}.tsv").read_text(encoding="utf-8").split("\n\n")
    gold = [[line.split("\t")[0] for line in row.split("\n") if line.strip()] for row in rows]
    gold = [tokens for tokens in gold if tokens]
    if corpus in RAW:
        return list(_aligned(gold, DATA / "pubtator" / RAW[corpus]))
    chunks = (gold[start : start + SENTENCES_A_PASSAGE] for start in range(0, len(gold), SENTENCES_A_PASSAGE))
    return [_assembled(chunk) for chunk in chunks]


def _aligned(gold: list[list[str]], path: Path) -> Iterator[Passage]:
    """The raw abstracts whose characters are exactly the next sentences of the corpus; the few others are left out."""
    texts = re.findall(r"^\d+\|t\|(.*)\n\d+\|a\|(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    joined = (f"{title} {abstract}" for title, abstract in texts)
    by_start = {_squeezed(text)[:_KEY_CHARACTERS]: text for text in joined}
    squeezed = ["".join(tokens) for tokens in gold]
    for number in range(len(squeezed)):
        opening = "".join(squeezed[number : number + 2])[:_KEY_CHARACTERS]
        if text := by_start.get(opening):
            target, ends, so_far = _squeezed(text), [], ""
            for sentence in squeezed[number:]:
                if len(so_far) >= len(target):
                    break
                so_far += sentence
                ends.append(len(so_far))
            if so_far == target:
                yield Passage(text, frozenset(ends[:-1]))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _assembled(gold: list[list[str]]) -> Passage:
    """Token lists as one running text: closing punctuation to the left, opening to the right, "0 . 05" as 0.05."""
    ends, unseen, length = set[int](), set[int](), 0
    for tokens in gold[:-1]:
        length += len("".join(tokens))
        (ends if re.search(r"[.?!]\W*$", "".join(tokens)) else unseen).add(length)
    return Passage(" ".join(_joined(" ".join(tokens)) for tokens in gold), frozenset(ends), frozenset(unseen))


def _joined(text: str) -> str:
    text = re.sub(r" (?=[.,;:!?)\]%])|(?<=[(\[]) ", "", text)
    text = re.sub(r" ?([-/]) ?", r"\1", text)
    text = re.sub(r"([=<>])\. (?=\d)", r"\1 .", text)
    text = re.sub(r"(?<=\d[.,]) (?=\d)", "", text)
    return re.sub(r"(?<=\b[a-z]\.) (?=[a-z]\b)", "", text)


def score(gold: list[Passage], split: Callable[[str], list[tuple[int, int]]]) -> Score:
    """Compare the ends of ``split(text)`` (character ranges) with gold."""
    right = found = wanted = 0
    for passage in gold:
        ends = predicted_ends(passage.text, split) - passage.unseen
        right += len(ends & passage.ends)
        found += len(ends)
        wanted += len(passage.ends)
    return Score(right, found, wanted)


def predicted_ends(text: str, split: Callable[[str], list[tuple[int, int]]]) -> frozenset[int]:
    """Sentence ends as counts of non-white-space characters, the last left out."""
    counts, ends = 0, []
    for start, end in split(text):
        counts += len(_squeezed(text[start:end]))
        ends.append(counts)
    return frozenset(ends[:-1])


def megabytes_per_second(texts: list[str], *, seconds: float) -> float:
    """Speed of one thread over the texts, repeated for at least ``seconds``."""
    done, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        for text in texts:
            sentences(text)
            done += len(text.encode())
    return done / elapsed / 1e6


def _ours(text: str) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in sentences(text)]


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="measure the speed for one second instead of five")
    options = parser.parse_args()
    print(f"{'corpus':<14}{'part':<8}{'precision':>10}{'recall':>8}{'F1':>8}{'gold':>8}")
    reported, total, texts = {}, Score(0, 0, 0), []
    for corpus in CORPORA:
        for part in ("train", "devel"):
            gold = passages(corpus, part)
            result = score(gold, _ours)
            row = f"{100 * result.precision:10.2f}{100 * result.recall:8.2f}{100 * result.f1:8.2f}{result.gold:8d}"
            print(f"{corpus:<14}{part:<8}{row}")
            if part == "devel":
                reported[corpus] = round(100 * result.f1, 2)
                total = Score(*(a + b for a, b in zip(total, result, strict=True)))
                texts += [passage.text for passage in gold]
    speed = megabytes_per_second(texts, seconds=1 if options.quick else 5)
    print(f"development parts together: F1 {100 * total.f1:.2f}; {speed:.1f} MB/s on one thread")
    print(json.dumps({"devel_f1": reported, "f1": round(100 * total.f1, 2), "megabytes_per_second": round(speed, 1)}))


if __name__ == "__main__":
    main()
