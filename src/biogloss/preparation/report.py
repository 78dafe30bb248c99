"""The report on a corpus, one self-contained page: what was kept, what was dropped and why, and how the pieces fit it.

    measures = measure(corpus)
    measures.pieces_per_word            1.43
    page(corpus)                        "<!DOCTYPE html>..."

All of it is counted on the finished shards and the manifest, so it can be written again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from biogloss import markup
from biogloss.preparation.corpus import HELD_OUT, SPLITS, TRAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from biogloss.preparation.corpus import Corpus

COUNTED = ("read", "characters", "kept", "words")  # of a source's counts; the others are reasons
_BINS = 21  # of document lengths: 1, 2-3, 4-7, ... pieces
_RARE = 10


@dataclass(frozen=True)
class Measures:
    """What the shards of a corpus hold, both splits together.

    ``frequencies`` (vocabulary,) int64: how often each piece occurs. ``lengths`` (21,) int64: documents of 2**n to
    2**(n + 1) - 1 pieces. ``by_source`` (sources, 4) int64: documents, sentences, pieces, words. A word is what
    whole-word masking takes for one: punctuation marks too.
    """

    frequencies: NDArray[np.int64]
    lengths: NDArray[np.int64]
    by_source: NDArray[np.int64]

    @property
    def totals(self) -> tuple[int, int, int, int]:
        """Documents, sentences, pieces, words."""
        documents, sentences, pieces, words = (int(count) for count in self.by_source.sum(axis=0))
        return documents, sentences, pieces, words

    @property
    def pieces_per_word(self) -> float:
        """1.0 where every word is one piece; 0.0 of an empty corpus."""
        _, _, pieces, words = self.totals
        return pieces / words if words else 0.0


def measure(corpus: Corpus, splits: Sequence[str] = SPLITS) -> Measures:
    """Count what stands in the shards, one after another."""
    size = corpus.manifest["vocabulary_size"]
    frequencies, lengths = np.zeros(size, dtype=np.int64), np.zeros(_BINS, dtype=np.int64)
    by_source = np.zeros((len(corpus.manifest["recipe"]["sources"]), 4), dtype=np.int64)
    for shard in (shard for split in splits for shard in corpus.shards(split)):
        if not len(shard):
            continue
        frequencies += np.bincount(shard.ids, minlength=size)[:size]
        bounds = shard.sentences[shard.documents].astype(np.int64)
        pieces = np.diff(bounds)
        lengths += np.bincount(np.minimum(np.log2(np.maximum(pieces, 1)).astype(np.int64), _BINS - 1), minlength=_BINS)
        words = np.add.reduceat(shard.word_starts(0, len(shard.ids)), bounds[:-1], dtype=np.int64)
        rows = np.stack([np.ones_like(pieces), np.diff(shard.documents.astype(np.int64)), pieces, words], axis=1)
        np.add.at(by_source, shard.sources, rows)
    return Measures(frequencies, lengths, by_source)


def page(corpus: Corpus, *, unknown: int | None = None) -> str:
    """The report as HTML without any outside resource; ``unknown`` is the id of the unknown piece."""
    measures = measure(corpus)
    recipe = corpus.manifest["recipe"]
    evaluation = ", ".join([*recipe["evaluation"], *recipe["evaluation_files"]]) or "nothing"
    cleaners = ", ".join(recipe["cleaners"]) or "none"
    body = [
        f"<h1>{escape(recipe['name'])}</h1>",
        _summary(corpus, measures),
        "<h2>Kept and dropped, in documents</h2>",
        _sources(corpus, measures),
        "<h2>Length of the documents kept, in pieces</h2>",
        _histogram(measures.lengths),
        "<h2>Vocabulary</h2>",
        _vocabulary(measures, unknown),
        "<h2>Examples of what was dropped</h2>",
        _examples(corpus),
        f"<p>Cleaners: {escape(cleaners)}. Kept apart from: {escape(evaluation)}.</p>",
    ]
    return markup.head(recipe["name"], _STYLE) + "\n".join([*body, "</body>", "</html>", ""])


def _summary(corpus: Corpus, measures: Measures) -> str:
    documents, sentences, pieces, words = measures.totals
    read = sum(counts.get("read", 0) for counts in corpus.counts.values())
    held = sum(entry["documents"] for entry in corpus.entries(HELD_OUT))
    return (
        f"<p>{documents:,} of {read:,} documents kept: {sentences:,} sentences, {pieces:,} pieces, "
        f"{measures.pieces_per_word:.3f} pieces a word ({words:,} words, punctuation counted). "
        f"Held out: {held:,} documents, {corpus.pieces(HELD_OUT):,} pieces; "
        f"for training: {corpus.pieces(TRAIN):,} pieces.</p>"
    )


def _sources(corpus: Corpus, measures: Measures) -> str:
    reasons = sorted({name for counts in corpus.counts.values() for name in counts} - set(COUNTED))
    header = ["source", "read", "kept", *reasons, "sentences", "pieces", "pieces a word", "licence"]
    rows = []
    for place, source in enumerate(corpus.manifest["recipe"]["sources"]):
        counts = corpus.counts[source["name"]]
        _, sentences, pieces, words = (int(count) for count in measures.by_source[place])
        numbers = [counts.get(name, 0) for name in ("read", "kept", *reasons)] + [sentences, pieces]
        ratio = f"{pieces / words:.3f}" if words else ""
        rows.append([source["name"], *(f"{number:,}" for number in numbers), ratio, source["licence"]])
    return _table(header, rows)


def _vocabulary(measures: Measures, unknown: int | None) -> str:
    frequencies = measures.frequencies
    size, pieces = len(frequencies), max(measures.totals[2], 1)
    used, common = int((frequencies > 0).sum()), int((frequencies >= _RARE).sum())
    rows = [
        ["entries", f"{size:,}", ""],
        ["entries that occur", f"{used:,}", f"{used / size:.1%}"],
        [f"entries that occur {_RARE} times or more", f"{common:,}", f"{common / size:.1%}"],
    ]
    if unknown is not None:
        rows.append(["pieces that are unknown", f"{frequencies[unknown]:,}", f"{frequencies[unknown] / pieces:.4%}"])
    return _table(["", "count", "share"], rows)


def _examples(corpus: Corpus) -> str:
    found: dict[tuple[str, str], list[str]] = {}
    for part in corpus.manifest["parts"]:
        for source, reasons in part["dropped"].items():
            for reason, names in reasons.items():
                found.setdefault((source, reason), []).extend(names)
    rows = [[source, reason, ", ".join(names[:3])] for (source, reason), names in sorted(found.items())]
    return _table(["source", "reason", "ids"], rows) if rows else "<p>Nothing was dropped.</p>"


def _histogram(lengths: NDArray[np.int64]) -> str:
    """Bars of the document lengths, an inline SVG."""
    filled = np.flatnonzero(lengths)
    if not len(filled):
        return "<p>No document was kept.</p>"
    bins = range(int(filled[0]), int(filled[-1]) + 1)
    bars = []
    for column, power in enumerate(bins):
        height = 140 * float(lengths[power]) / float(lengths.max())
        left = 10 + 56 * column
        bars.append(
            f'<rect x="{left}" y="{160 - height:.1f}" width="46" height="{height:.1f}"/>'
            f'<text x="{left + 23}" y="{154 - height:.1f}">{int(lengths[power]):,}</text>'
            f'<text x="{left + 23}" y="176">{1 << power:,}+</text>'
        )
    width = 20 + 56 * len(bins)
    return f'<svg viewBox="0 0 {width} 184" width="{width}" role="img" aria-label="Lengths">{"".join(bars)}</svg>'


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{body}\n</table>"


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 76em; padding: 0 1em; color: #1c2733; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #d5dce3; padding: .25em .7em; text-align: right; }
th:first-child, td:first-child, td:last-child { text-align: left; }
svg rect { fill: #3b7ea1; }
svg text { font-size: 11px; text-anchor: middle; }
"""
