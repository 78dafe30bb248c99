"""Recipes of corpora: TOML to a frozen dataclass; an unknown key is an error that lists the known ones.

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
import tomllib
from dataclasses import asdict, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biogloss.errors import ConfigError
from biogloss.preparation.cleaning import CLEANERS
from biogloss.preparation.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "corpus-"  # of the names of shipped recipes; those of models have other ones
MAX_SHARD_PIECES = 1 << 30
MAX_SOURCES = 1 << 16
_KINDS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "tuple[str, ...]": (list,),
    "tuple[Source, ...]": (list,),
}
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
        expected = {
            "sources": (0 < len(names) < MAX_SOURCES and len(set(names)) == len(names), "one or more, each name once"),
            "language": (self.language in {"", *LANGUAGES}, f"one of {', '.join(LANGUAGES)}, or empty for all"),
            "cleaners": (set(self.cleaners) <= set(CLEANERS), f"any of {', '.join(CLEANERS)}"),
            "min_words": (self.min_words >= 1, "at least 1"),
            "held_out": (0 <= self.held_out < 1, "a share of at least 0 and less than 1"),
            "shard_pieces": (1 <= self.shard_pieces <= MAX_SHARD_PIECES, f"from 1 to {MAX_SHARD_PIECES:,}"),
        }
        for key in (key for key, (is_right, _) in expected.items() if not is_right):
            found = names if key == "sources" else getattr(self, key)
            raise ConfigError(f"recipe {self.name}: {key} = {found!r} cannot be; expected {expected[key][1]}")

    def as_dict(self) -> dict[str, Any]:
        """The resolved recipe for the record beside the corpus, without passwords."""
        record = asdict(self)
        for source in record["sources"]:
            source["url"] = without_passwords(source["url"])
        return record


def without_passwords(text: str) -> str:
    """The text with the passwords of the URLs in it as three stars."""
    return _PASSWORD.sub(r"\1:***@", text)


def load(path: Path | str) -> Recipe:
    """Read a recipe file, or one that ships with Biogloss by its name (``corpus-en``).

    Raises:
        ConfigError: no such recipe, not TOML, an unknown or a missing key, a value of another kind.
    """
    try:
        given = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML ({error})") from error
    values = _values(given, Recipe, str(path))
    sources = [_values(source, Source, f"{path}, [[sources]] {number}") for number, source in _tables(values, path)]
    return Recipe(**{**values, "sources": tuple(Source(**source) for source in sources)})


def shipped() -> list[str]:
    """The recipes of corpora that come with Biogloss."""
    entries = (entry.name for entry in resources.files("biogloss.recipes").iterdir())
    return sorted(name.removesuffix(".toml") for name in entries if name.startswith(PREFIX) and name.endswith(".toml"))


def _text(path: Path | str) -> str:
    try:
        if Path(path).is_file():
            return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    if str(path) in shipped():
        return resources.files("biogloss.recipes").joinpath(f"{path}.toml").read_text(encoding="utf-8")
    raise ConfigError(f"no recipe {path}: neither a file nor one of {', '.join(shipped())}")


def _tables(values: Mapping[str, Any], path: Path | str) -> list[tuple[int, dict[str, Any]]]:
    for source in values["sources"]:
        if not isinstance(source, dict):
            raise ConfigError(f"{path}: sources holds {source!r}; expected tables, [[sources]]")
    return list(enumerate(values["sources"], 1))


def _values(given: Mapping[str, Any], kind: type[Recipe | Source], place: str) -> dict[str, Any]:
    """The values of one table, checked against the fields of a dataclass."""
    known = {one.name: one for one in fields(kind)}
    if unknown := sorted(set(given) - set(known)):
        raise ConfigError(f"{place}: unknown key {', '.join(unknown)}; the keys are: {', '.join(known)}")
    needed = {"sources"} if kind is Recipe else {"name"}
    if missing := sorted(needed - set(given)):
        raise ConfigError(f"{place}: missing key {', '.join(missing)}")
    for key, value in given.items():
        wanted = str(known[key].type)
        is_kind = isinstance(value, _KINDS[wanted]) and (wanted == "bool") == isinstance(value, bool)
        if not is_kind or (wanted == "tuple[str, ...]" and not all(isinstance(one, str) for one in value)):
            raise ConfigError(f"{place}: {key} = {value!r} is not of the kind {wanted}")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
