"""From a recipe to a folder of shards: read, clean, choose, cut, write; in constant memory, and resumable.

    build(load("corpus-en"), Path("corpus"), tokenizer=Path("tokenizer.json"))

    corpus/train-00000.safetensors      what a run of input documents came to, and
    corpus/held_out-00000.safetensors   those of them that are held out: together, a part
    corpus/manifest.json                recipe, checksums of inputs, tokenizer and shards, counts; written last
    corpus/report.html                  the same for people, on one page
    corpus/tokenizer.json               the tokenizer that the pieces belong to

After each part ``progress.json`` says how far the build is. The same command goes on after the last finished part,
reading what lies before without working on it, and ends with the bytes of an uninterrupted build.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss import __version__
from biogloss.errors import ConfigError, Failure, OutputError
from biogloss.models.folder import checksum
from biogloss.pipeline import gloss
from biogloss.preparation import overlap, report, shards, sources
from biogloss.preparation.cleaning import cleaned
from biogloss.preparation.corpus import HELD_OUT, MANIFEST, SPLITS, TRAIN, Corpus
from biogloss.preparation.duplicates import Duplicates
from biogloss.preparation.language import is_in
from biogloss.preparation.pieces import PieceMaker
from biogloss.preparation.words import WordHashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.preparation.pieces import Cut
    from biogloss.preparation.recipe import Recipe
    from biogloss.preparation.sources import Text

PROGRESS = "progress.json"
REPORT = "report.html"
TOKENIZER = "tokenizer.json"
UNREADABLE, SHORT, LANGUAGE, OVERLAP, EMPTY = (
    "unreadable",
    "too short",
    "other language",
    "overlaps evaluation",
    "empty",
)
_KEYS = "keys-{:05d}.bin"
_TABLES = ("recipe", "evaluation_files")  # settings that are tables
_EXAMPLES = 3  # ids of dropped documents that are kept for each reason


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one document: a reason to drop it, or its pieces, keys and split."""

    reason: str
    words: int = 0
    cut: Cut | None = None
    keys: NDArray[np.uint64] | None = None
    split: str = TRAIN


def build(
    recipe: Recipe, folder: Path, *, tokenizer: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> Corpus:
    """Build a corpus, or go on with one; a finished one of the same recipe and inputs is left as it is.

    Args:
        recipe: what to read and what to keep.
        folder: new, empty, or of an earlier build of the same recipe, inputs and tokenizer.
        tokenizer: a ``tokenizer.json`` or a folder with one; None takes that of the embedded model.
        progress: called after each document with how many are behind and how many are kept.

    Raises:
        InputError: a source is missing or cannot be read to its end; what is finished is kept.
        OutputError: the folder holds something else, or cannot be written; what is finished is kept.
        ConfigError: the folder holds a corpus of another recipe, other inputs or another tokenizer.
        ModelError: the tokenizer cannot be used.
    """
    path = tokenizer_file(tokenizer)
    maker = PieceMaker(path)
    settings = _settings(recipe, path)
    with _writing(folder):
        parts = _begun(folder, settings)
        if parts is None:
            return Corpus(folder)
        folder.mkdir(parents=True, exist_ok=True)
        shards.replace(folder / TOKENIZER, path.read_bytes())
        work = _Work(recipe, maker, folder, parts)
        for part in work.parts_to_come(progress):
            parts.append(part)
            _record(folder / PROGRESS, {**settings, "parts": parts})
        return _finished(folder, settings, parts, maker)


def tokenizer_file(tokenizer: Path | None) -> Path:
    """The ``tokenizer.json`` of a folder, the file itself, or that of the embedded model."""
    path = gloss.folder(gloss.EMBEDDED) if tokenizer is None else tokenizer
    return path / TOKENIZER if path.is_dir() else path


class Judge:
    """Decides about one document after another.

    Args:
        recipe: what to keep.
        maker: cuts what is kept into pieces.
    """

    def __init__(self, recipe: Recipe, maker: PieceMaker) -> None:
        self._recipe = recipe
        self._maker = maker
        self._hashes = WordHashes()
        self.duplicates = Duplicates(near=recipe.near_duplicates)
        files = [sources.located(path) for path in recipe.evaluation_files]
        self._overlap = overlap.Overlap(overlap.evaluation_texts(recipe.evaluation, files), self._hashes)

    def __call__(self, raw: str) -> Judged:
        """Clean a text and judge it; one that is kept is remembered, so that its repeats are dropped."""
        recipe = self._recipe
        text = cleaned(raw, recipe.cleaners)
        words = self._hashes(text)
        if len(words) < recipe.min_words:
            return Judged(SHORT)
        if not is_in(text, recipe.language):
            return Judged(LANGUAGE)
        reason, keys = self.duplicates.reason(words)
        if reason or self._overlap.found(words):
            return Judged(reason or OVERLAP)
        cut = self._maker(text, recipe.language)
        if not len(cut.pieces):
            return Judged(EMPTY)
        self.duplicates.remember(keys)
        is_held_out = int(keys[0]) < recipe.held_out * 2**64  # the hash of the words: spaces and case choose nothing
        return Judged("", len(words), cut, keys, HELD_OUT if is_held_out else TRAIN)


@dataclass
class _Part:
    """What a run of input documents has come to so far."""

    read: int = 0
    pieces: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    dropped: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    cuts: dict[str, list[tuple[int, Cut]]] = field(default_factory=lambda: {split: [] for split in SPLITS})
    keys: list[NDArray[np.uint64]] = field(default_factory=list)

    def add(self, number: int, source: str, text: Text | Failure, judged: Judged) -> None:
        """Count a document, and take it where it is kept."""
        self.read += 1
        counts = self.counts.setdefault(source, Counter())
        characters = 0 if isinstance(text, Failure) else len(text.text)
        counts.update(read=1, characters=characters)
        if judged.cut is None or judged.keys is None:
            counts[judged.reason] += 1
            examples = self.dropped.setdefault(source, {}).setdefault(judged.reason, [])
            name = text.document_id if isinstance(text, Failure) else text.id
            examples.extend([name[:80]] if len(examples) < _EXAMPLES else [])
            return
        counts.update(kept=1, words=judged.words)
        self.cuts[judged.split].append((number, judged.cut))
        self.keys.append(judged.keys)
        self.pieces += len(judged.cut.pieces)


class _Work:
    """Makes the parts that are not there yet."""

    def __init__(self, recipe: Recipe, maker: PieceMaker, folder: Path, done: list[dict[str, Any]]) -> None:
        self._recipe = recipe
        self._maker = maker
        self._folder = folder
        self._read = sum(part["read"] for part in done)
        self._number = len(done)
        self._judge = Judge(recipe, maker)
        for number, part in enumerate(done):
            self._judge.duplicates.remember(_keys(folder / _KEYS.format(number), part))

    def parts_to_come(self, progress: Callable[[int, int], None] | None) -> Iterator[dict[str, Any]]:
        """Write each part and yield its record."""
        part, kept = _Part(), 0
        for number, text in islice(sources.texts(self._recipe), self._read, None):
            judged = Judged(UNREADABLE) if isinstance(text, Failure) else self._judge(text.text)
            part.add(number, self._recipe.sources[number].name, text, judged)
            self._read += 1
            kept += not judged.reason
            if progress:
                progress(self._read, kept)
            if part.pieces >= self._recipe.shard_pieces:
                yield self._written(part)
                part = _Part()
        if part.read or not self._number:
            yield self._written(part)

    def _written(self, part: _Part) -> dict[str, Any]:
        number, self._number = self._number, self._number + 1
        size = self._maker.vocabulary_size
        names = {split: f"{split}-{number:05d}{shards.SUFFIX}" for split in SPLITS}
        entries = {
            split: shards.write(self._folder / name, part.cuts[split], vocabulary_size=size)
            for split, name in names.items()
        }
        shards.replace(self._folder / _KEYS.format(number), np.array(part.keys, dtype="<u8").tobytes())
        counts = {source: dict(sorted(found.items())) for source, found in part.counts.items()}
        return {"read": part.read, "counts": counts, "dropped": part.dropped, "shards": entries}


def _settings(recipe: Recipe, tokenizer: Path) -> dict[str, Any]:
    """What decides the bytes of a corpus."""
    files = {path: checksum(sources.located(path)) for path in recipe.evaluation_files}
    return {
        "format": shards.FORMAT,
        "biogloss": __version__,
        "recipe": json.loads(json.dumps(recipe.as_dict())),
        "inputs": {source.name: sources.identity(source) for source in recipe.sources},
        "evaluation_files": files,
        "tokenizer": checksum(tokenizer),
    }


def _begun(folder: Path, settings: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The finished parts of an earlier build in this folder; None where it is complete.

    Raises:
        OutputError: the folder holds something that is no corpus, or shards that are damaged.
        ConfigError: it holds a corpus of other settings.
    """
    found = next((folder / name for name in (MANIFEST, PROGRESS) if (folder / name).is_file()), None)
    if found is None:
        strange = [path.name for path in folder.iterdir() if not _is_ours(path.name)] if folder.is_dir() else []
        if strange:
            raise OutputError(f"{folder} holds {strange[0]}, which is no part of a corpus; name another folder with -o")
        return []
    try:
        record = json.loads(found.read_text(encoding="utf-8"))
        before, parts = {key: record[key] for key in settings}, list(record["parts"])
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{found} is damaged; name another folder, or remove this one") from error
    now = json.loads(json.dumps(settings))
    if changed := [_difference(key, before[key], now[key]) for key in now if now[key] != before[key]]:
        raise ConfigError(
            f"{folder} holds a corpus of other settings ({'; '.join(changed)}) and stays as it was; expected those "
            "it was begun with. Put them back to go on with it, or name another folder with -o"
        )
    for entry in (entry for part in parts for entry in part["shards"].values()):
        shards.read(folder / entry["file"], entry, verify=True)
    return None if found.name == MANIFEST else parts


def _difference(key: str, before: Any, now: Any) -> str:  # noqa: ANN401 - JSON
    """A setting that has changed, with the names of the files or the keys of the recipe that make the difference."""
    names: set[str] = set()
    if key == "inputs":
        files = [{tuple(file) for found in one.values() for file in found["files"]} for one in (before, now)]
        names = {name for name, _ in files[0] ^ files[1]}
    elif key in _TABLES:
        names = {name for name in {**before, **now} if before.get(name) != now.get(name)}
    return f"{key}: {', '.join(sorted(names))}" if names else key


def _is_ours(name: str) -> bool:
    """Whether a build that was interrupted before its first record may have left this file."""
    return name.removesuffix(".new") in {TOKENIZER, REPORT, PROGRESS, MANIFEST} or name.startswith(
        (f"{TRAIN}-", f"{HELD_OUT}-", "keys-")
    )


def _keys(path: Path, part: dict[str, Any]) -> NDArray[np.uint64]:
    """The keys of a finished part's documents.

    Raises:
        OutputError: the file is missing or of another length.
    """
    content = path.read_bytes() if path.is_file() else b""
    documents = sum(entry["documents"] for entry in part["shards"].values())
    if len(content) % (8 * max(documents, 1)) or bool(documents) != bool(content):
        raise OutputError(f"{path} is missing or damaged; remove the folder and build again")
    return np.frombuffer(content, dtype="<u8").astype(np.uint64)


def _finished(folder: Path, settings: dict[str, Any], parts: list[dict[str, Any]], maker: PieceMaker) -> Corpus:
    """Write report and manifest, remove what only an unfinished build needs."""
    manifest = {**settings, "vocabulary_size": maker.vocabulary_size, "parts": parts}
    corpus = Corpus(folder, manifest)
    shards.replace(folder / REPORT, report.page(corpus, unknown=maker.unknown).encode())
    _record(folder / MANIFEST, manifest)
    for leftover in [folder / PROGRESS, *folder.glob(_KEYS.format(0).replace("00000", "*"))]:
        leftover.unlink(missing_ok=True)
    return corpus


def _record(path: Path, content: dict[str, Any]) -> None:
    shards.replace(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be written ({error.strerror or error}). The parts that are finished are kept; "
            "free space or check permissions, then repeat the command: it goes on after them"
        ) from error
