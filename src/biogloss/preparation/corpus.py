"""A finished corpus: its manifest and its shards.

corpus = Corpus(Path("corpus"))
for shard in corpus.shards("train"): ...
"""

from __future__ import annotations

import json
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss.errors import FormatError
from biogloss.models import _wordpiece
from biogloss.preparation import shards

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from biogloss.preparation.shards import Shard

MANIFEST = "manifest.json"
TRAIN, HELD_OUT = SPLITS = ("train", "held_out")


class Corpus:
    """A folder that ``build`` finished.

    Args:
        folder: the folder.
        manifest: its manifest where that is known already.

    Raises:
        FormatError: no manifest, or one that is damaged or of a newer version.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.manifest = _manifest(folder) if manifest is None else manifest

    def entries(self, split: str) -> list[dict[str, Any]]:
        """What the manifest says of each shard of ``train`` or ``held_out``: file, counts, bytes, checksum."""
        return [part["shards"][split] for part in self.manifest["parts"]]

    def shards(self, split: str, *, verify: bool = False) -> Iterator[Shard]:
        """The shards of a split in order, mapped; ``verify`` compares their checksums, which reads all of them.

        Raises:
            FormatError: one is missing, truncated or changed.
        """
        for entry in self.entries(split):
            yield shards.read(self.folder / entry["file"], entry, verify=verify)

    def texts(self, split: str) -> Iterator[str]:
        """The documents of a split as normalised words with a space between; words with unknown characters are gone.

        Raises:
            ModelError: the corpus was cut by another tokenizer than WordPiece.
            FormatError: a shard is missing, truncated or changed.
        """
        file = self.folder / "tokenizer.json"
        pieces = {row: piece for piece, row in _wordpiece.vocabulary_of(_wordpiece.read(file), file).items()}
        for shard in self.shards(split):
            for _, ids, starts, _ in shard.cuts():
                begins = [*np.flatnonzero(starts).tolist(), len(ids)]
                own = [pieces[row] for row in ids.tolist()]
                words = (own[begin:end] for begin, end in pairwise(begins))
                yield " ".join(_wordpiece.spelled(word) for word in words if _wordpiece.UNKNOWN not in word)

    def pieces(self, split: str) -> int:
        """How many pieces a split has."""
        return sum(entry["pieces"] for entry in self.entries(split))

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Source -> ``read``, ``characters``, ``kept``, ``words`` (of what is kept), and each reason for dropping."""
        total: dict[str, dict[str, int]] = {source["name"]: {} for source in self.manifest["recipe"]["sources"]}
        for part in self.manifest["parts"]:
            for source, counts in part["counts"].items():
                for name, count in counts.items():
                    total[source][name] = total[source].get(name, 0) + count
        return total


def _manifest(folder: Path) -> dict[str, Any]:
    path = Path(folder) / MANIFEST
    if not path.is_file():
        what = "no manifest: not a corpus, or one whose build was interrupted"
        raise FormatError(what, file=str(path), todo="Repeat `biogloss corpora build`: it goes on where it stopped")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        newer = manifest["format"] > shards.FORMAT
        names = [entry["file"] for part in manifest["parts"] for entry in part["shards"].values()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(f"damaged ({type(error).__name__})", file=str(path), todo="Build the corpus again") from error
    if newer:
        raise FormatError(f"a corpus of format {manifest['format']}", file=str(path), todo="Upgrade Biogloss")
    if strange := [name for name in names if {"/", "\\", ":"} & set(name)]:
        raise FormatError(f"names a file elsewhere, {strange[0][:60]!r}", file=str(path), todo="Build the corpus again")
    return manifest
