"""Vocabularies from files: read, count, choose, and say what it brought on text that was not counted.

    extend("minilm.whl", ["papers/"], Path("minilm-wide"), Extension(rows=2000))
    Report(added=2000, asked=0, lengths={"held-out text": (1.62 pieces a word, 1.41), ...}, absent=())

Also a user's own terms, which are always added: a text file with a term a line, or the first column of a table.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from biogloss import corpora
from biogloss.errors import ConfigError, Failure, FormatError, InputError, ModelError
from biogloss.formats import _detect
from biogloss.formats._source import read_text
from biogloss.models import _wordpiece, vocabulary
from biogloss.models._extras import need_torch
from biogloss.models._files import new_folder, refuse_existing
from biogloss.preparation.corpus import MANIFEST, TRAIN, Corpus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from biogloss.models.vocabulary import Length

HELD_OUT = 20  # of so many documents one is measured on, and not counted
TABLES = {".csv": ",", ".tsv": "\t"}
COUNTED_TEXT, HELD_OUT_TEXT, TERMS = "counted text", "held-out text", "own terms"


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What to add to a vocabulary.

    Args:
        rows: how many pieces to choose by what they save.
        terms: a file of terms whose words are added beside those.
        least_count: a piece that occurs less often is not chosen.
        read_as: the inputs' format.
        corpora: NER corpora whose mentions are measured by type; None takes each whose files are there.
    """

    rows: int = 2000
    terms: Path | None = None
    least_count: int = 5
    read_as: str = "auto"
    corpora: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an extension brought.

    Args:
        added: rows, those of the user's terms among them.
        asked: of these, words of the user's terms.
        lengths: what was measured -> length before and after.
        absent: corpora whose files are not in the data folder.
    """

    added: int
    asked: int
    lengths: Mapping[str, tuple[Length, Length]]
    absent: tuple[str, ...] = ()

    def as_json(self) -> str:
        """The record that is kept beside the model."""
        rows = {
            what: {
                "words": before.words,
                "pieces_per_word": [round(length.per_word, 4) for length in (before, after)],
                "unknown_words": [before.unknown, after.unknown],
            }
            for what, (before, after) in self.lengths.items()
        }
        return json.dumps({"added": self.added, "asked": self.asked, "before_and_after": rows}, indent=2) + "\n"


def train(
    inputs: Sequence[str], target: Path, *, size: int = 30_000, lowercase: bool = True, read_as: str = "auto"
) -> tuple[int, Length]:
    """Write the folder ``target`` with a tokenizer trained on documents; gives its size and how long held-out text is.

    Raises:
        FormatError: a document cannot be read.
        ConfigError: the target exists, or the size is too small for the texts' characters.
        OutputError: it cannot be written.
    """
    held_out: list[str] = []
    with new_folder(target) as new:
        texts = _counted(_texts(inputs, read_as), held_out)
        tokenizer = vocabulary.train(texts, size, lowercase=lowercase)
        (new / "tokenizer.json").write_text(tokenizer.to_str(pretty=True), encoding="utf-8")
        (new / "tokenizer_config.json").write_text(_wordpiece.settings(lowercase=lowercase), encoding="utf-8")
    words = vocabulary.count(tokenizer, held_out)
    return tokenizer.get_vocab_size(), vocabulary.length(words, tokenizer.get_vocab())


def extend(encoder: str, inputs: Sequence[str], target: Path, wanted: Extension) -> Report:
    """Write the folder ``target``: the encoder with new words, each with a row of its own.

    Args:
        encoder: a Hugging Face folder or a wheel that holds one.
        inputs: files or folders of documents to count words in, or corpora of ``biogloss corpora build``; may be none
            where there are terms.
        target: a folder that does not exist yet.
        wanted: what to add.

    Raises:
        ConfigError: neither inputs nor terms, or the target exists.
        ModelError: not an encoder with a WordPiece vocabulary, or the vocabulary has lost a special token.
        InputError: a document or the terms cannot be read, or nothing is left to add.
        OutputError: the target cannot be written.
        MissingExtra: torch or transformers is not installed.
    """
    if not inputs and wanted.terms is None:
        raise ConfigError("nothing to take words from; give texts, or terms with --terms")
    refuse_existing(target)
    need_torch("extending a vocabulary")
    from biogloss.models import _rows  # noqa: PLC0415 - the extra `train`

    source = _folder(encoder)
    known, tokenizer = _tokenizer(source)
    counts, absent = _counts(tokenizer, inputs, wanted)
    words = vocabulary.choose(
        counts[COUNTED_TEXT], known, wanted.rows, always=counts[TERMS], least_count=wanted.least_count
    )
    if not words:
        todo = f"Give more text, other terms, or a smaller least count than {wanted.least_count}"
        raise InputError("no word to add: all that occur often enough are one piece already", todo=todo)
    longer = known | set(words)
    lengths = {
        what: (vocabulary.length(found, known), vocabulary.length(found, longer))
        for what, found in counts.items()
        if found
    }
    asked = sum(word in counts[TERMS] for word in words)
    report = Report(added=len(words), asked=asked, lengths=lengths, absent=absent)
    _rows.extend(source, target, words, record=report.as_json())
    return report


def terms(path: Path) -> list[str]:
    """The terms of a file: one a line, or the first column of a ``.csv`` or ``.tsv`` without its head ``term``.

    Raises:
        InputError: it cannot be read, or has no terms.
    """
    text = read_text(path)
    found: Iterable[str]
    if delimiter := TABLES.get(path.suffix.lower()):
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            found = [row[0] for row in rows if row]
        except csv.Error as error:
            raise FormatError(f"the table is damaged ({error})", file=str(path)) from error
    else:
        found = text.splitlines()
    listed = [term.strip() for term in found if term.strip()]
    listed = listed[1:] if delimiter and listed and listed[0].lower() == "term" else listed
    if not listed:
        raise InputError("no terms in it", file=str(path), expected="a term a line, or in the first column of a table")
    return listed


def _folder(encoder: str) -> Path:
    from biogloss.models.encoder import encoder_folder  # noqa: PLC0415 - needs torch

    folder = encoder_folder(encoder)
    if not isinstance(folder, Path):
        msg = f"{encoder}: no such folder or wheel; expected an encoder as transformers saves it"
        raise ModelError(msg)
    return folder


def _tokenizer(source: Path) -> tuple[set[str], Tokenizer]:
    path = source / "tokenizer.json"
    document = _wordpiece.read(path)
    known = set(_wordpiece.vocabulary_of(document, path))
    _wordpiece.check(known, path)
    try:
        tokenizer = Tokenizer.from_str(json.dumps(document))
    except Exception as error:  # the library raises bare Exception
        msg = f"{path}: not a tokenizer.json that this version of `tokenizers` reads ({error})"
        raise ModelError(msg) from error
    if tokenizer.pre_tokenizer is None:
        msg = f"{path}: it does not say how text is parted into words (pre_tokenizer), so words cannot be counted"
        raise ModelError(msg)
    return known, tokenizer


def _counts(
    tokenizer: Tokenizer, inputs: Sequence[str], wanted: Extension
) -> tuple[dict[str, Counter[str]], tuple[str, ...]]:
    """Word counts of all that is measured; and the corpora that are not there."""
    held_out: list[str] = []
    counted = vocabulary.count(tokenizer, _counted(_texts(inputs, wanted.read_as), held_out))
    counts = {
        COUNTED_TEXT: counted,
        HELD_OUT_TEXT: vocabulary.count(tokenizer, held_out),
        TERMS: vocabulary.count(tokenizer, terms(wanted.terms)) if wanted.terms else Counter(),
    }
    absent = []
    for name in corpora.names("ner") if wanted.corpora is None else wanted.corpora:
        try:
            counts |= {
                f"{name} {label}": vocabulary.count(tokenizer, found) for label, found in _mentions(name).items()
            }
        except InputError:
            if wanted.corpora is not None:
                raise
            absent.append(name)
    return counts, tuple(absent)


def _mentions(corpus: str) -> dict[str, list[str]]:
    """Label -> the gold mentions of a corpus's training part."""
    found: dict[str, list[str]] = {}
    if "train" in corpora.card(corpus).counts:
        for document in corpora.labelled(corpus, "train"):
            for entity in document.entities:
                found.setdefault(entity.label, []).append(entity.text)
    return dict(sorted(found.items()))


def _counted(texts: Iterable[str], held_out: list[str]) -> Iterator[str]:
    """The texts but every twentieth, which goes to ``held_out``."""
    for number, text in enumerate(texts, 1):
        if number % HELD_OUT:
            yield text
        else:
            held_out.append(text)


def _texts(inputs: Sequence[str], read_as: str) -> Iterator[str]:
    for path in inputs:
        if (Path(path) / MANIFEST).is_file():
            yield from Corpus(Path(path)).texts(TRAIN)
            continue
        for document in _detect.open_documents(path, format=read_as):
            if isinstance(document, Failure):
                raise FormatError(str(document.error), file=path, todo="Repair the file, or take the record out")
            yield document.text
