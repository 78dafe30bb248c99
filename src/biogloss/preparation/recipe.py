"""What a recipe of a corpus says; ``recipes.load(path, Recipe, prefix="corpus-")`` reads one.

name = "corpus-en"
held_out = 0.005
evaluation = ["bc5cdr"]            # documents that share text with its dev and test parts are left out
[[sources]]
name = "abstracts"
paths = ["data:text/abstracts.jsonl.xz"]
fields = ["title", "abstract"]
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from biogloss import recipes
from biogloss.errors import ConfigError
from biogloss.preparation.cleaning import CLEANERS
from biogloss.preparation.language import LANGUAGES

MAX_SHARD_PIECES = 1 << 30
MAX_SOURCES = 1 << 16
_PASSWORD = re.compile(r"(://[^:@/\s]*):\S*@")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where some of the documents come from.

    Args:
        name: what the report calls it.
        paths: files, folders and patterns (``notes/**/*.txt``), read in this order; what a pattern finds, sorted.
            ``data:text/x.jsonl`` is looked for in the folder that ``BIOGLOSS_DATA`` names.
        fields: for records (JSON lines, CSV, TSV, rows of a query): those that make up the text, a blank line between.
            Empty for files of a format of ``biogloss.formats``.
        id_field: the field of records that names the document; rows without one are numbered.
        format: a format of ``biogloss.formats``; ``auto`` tells it by the content.
        encoding: of the characters, where the format does not say it itself.
        url: instead of ``paths``, a database as SQLAlchemy names it (the extra ``sql``); ``$NAME`` is taken from the
            environment, which keeps passwords out of recipes.
        query: its rows, in an order that the query fixes (``ORDER BY``).
        licence: for the record.

    Raises:
        ConfigError: neither or both of ``paths`` and ``url``, a query without fields.
    """

    name: str
    paths: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    id_field: str = "id"
    format: str = "auto"
    encoding: str = "utf-8"
    url: str = ""
    query: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        if bool(self.paths) == bool(self.url):
            raise ConfigError(f"source {self.name}: expected either paths or url, with query and fields")
        if bool(self.url) != bool(self.query) or (self.url and not self.fields):
            raise ConfigError(f"source {self.name}: a database needs url, query and fields")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides the bytes of a corpus, apart from its inputs and the tokenizer.

    Args:
        name: what the corpus is called.
        sources: where the documents come from, in this order.
        language: of the documents that are kept: ``en`` or ``zh``; empty keeps all.
        cleaners: names of ``cleaning.CLEANERS``; they are applied in the order listed there.
        min_words: a document with fewer is left out.
        near_duplicates: whether documents that nearly repeat an earlier one are left out, as exact repeats always are.
        evaluation: corpora of ``biogloss.corpora``; a document that shares 13 words in a row with their dev and test
            parts is left out.
        evaluation_files: the same for annotated or plain documents of any of our formats.
        held_out: the share of documents, chosen by a hash of their words, that go to shards of their own.
        shard_pieces: a shard is closed when it has this many pieces.

    Raises:
        ConfigError: a value that cannot be; the message says what is expected.
    """

    name: str = "corpus"
    sources: tuple[Source, ...]
    language: str = "en"
    cleaners: tuple[str, ...] = tuple(CLEANERS)
    min_words: int = 10
    near_duplicates: bool = True
    evaluation: tuple[str, ...] = ()
    evaluation_files: tuple[str, ...] = ()
    held_out: float = 0.005
    shard_pieces: int = 8_000_000

    def __post_init__(self) -> None:
        names = [source.name for source in self.sources]
        if not 0 < len(names) < MAX_SOURCES or len(set(names)) < len(names):
            raise ConfigError(f"recipe {self.name}: sources = {names} cannot be; expected one or more, each name once")
        rules = {
            "language": (self.language in {"", *LANGUAGES}, f"one of {', '.join(LANGUAGES)}, or empty for all"),
            "cleaners": (set(self.cleaners) <= set(CLEANERS), f"any of {', '.join(CLEANERS)}"),
            "min_words": (self.min_words >= 1, "at least 1"),
            "held_out": (0 <= self.held_out < 1, "a share of at least 0 and less than 1"),
            "shard_pieces": (1 <= self.shard_pieces <= MAX_SHARD_PIECES, f"from 1 to {MAX_SHARD_PIECES:,}"),
        }
        recipes.check(self, rules)

    def as_dict(self) -> dict[str, Any]:
        """The resolved recipe for the record beside the corpus, without passwords."""
        record = asdict(self)
        for source in record["sources"]:
            source["url"] = without_passwords(source["url"])
        return record


def without_passwords(text: str) -> str:
    """The text with the passwords of the URLs in it as three stars."""
    return _PASSWORD.sub(r"\1:***@", text)
