"""What a corpus is about: its entities with the number of documents that have each, and the documents of one entity.

corpus = read(store.placed(job, failures=False))
browse(corpus, "Disease|MESH:D006073").groups["Chemical"]    ->    [Facet("Chemical|MESH:D000493", "allopurinol", 7)]
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from biogloss.documents.jsonl import from_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from biogloss.documents import Document, Entity

ON_A_PAGE = 10
MOST_DOCUMENTS = 5_000
MOST_CHARACTERS = 20_000_000
"""What is read; beyond it the view says that it shows the first documents."""
MOST_OF_A_TYPE = 12
_YEAR = re.compile(r"(?:1[5-9]|20)[0-9]{2}(?![0-9])")


class Facet(NamedTuple):
    """An entity: its key in addresses, a name for people, and in how many documents it is."""

    key: str
    name: str
    documents: int


class Known(NamedTuple):
    """What is known of a document: its place, the keys of its entities, and its year where it says one, or 0."""

    place: int
    keys: tuple[str, ...]
    year: int


class Corpus(NamedTuple):
    """What is known of each document, and a name of each key."""

    documents: Sequence[Known]
    names: Mapping[str, str]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Browsed:
    """The places of a page's documents, how many there are in all, and their entities by type, most frequent first."""

    places: list[int]
    matching: int
    groups: dict[str, list[Facet]]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.matching // ON_A_PAGE)


def read(lines: Iterable[tuple[int, str]]) -> Corpus:
    """What is to be known of documents in JSON, each with its place."""
    documents: list[Known] = []
    texts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    one: dict[str, str] = {}  # each key is kept once
    characters, is_cut = 0, False
    for place, line in lines:
        if is_cut := len(documents) == MOST_DOCUMENTS or characters >= MOST_CHARACTERS:
            break
        document = from_line(line)
        characters += len(document.text)
        found = {key_of(entity): entity.text.lower() for entity in document.entities}
        for key, text in found.items():
            texts[key][text] += 1
        documents.append(Known(place, tuple(one.setdefault(key, key) for key in found), year_of(document)))
    return Corpus(documents, {key: some.most_common(1)[0][0] for key, some in texts.items()}, is_cut)


def browse(corpus: Corpus, key: str = "", page: int = 1) -> Browsed:
    """A page of the documents that have an entity, or of all; counts are of the documents that have it.

    Args:
        corpus: what was read.
        key: of a facet; nothing for all documents.
        page: from 1.
    """
    having = [known for known in corpus.documents if not key or key in known.keys]
    counts = Counter(own for known in having for own in known.keys)
    shown = having[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    return Browsed([known.place for known in shown], len(having), _groups(counts, corpus.names))


def key_of(entity: Entity) -> str:
    """Type and identifier of an entity, or its words where it has no identifier."""
    return f"{entity.label}|{entity.concept or entity.text.lower()}"


def year_of(document: Document) -> int:
    """The year in which a document was published, or that of its first other date; 0 where it says none."""
    dates = dict(document.citation.dates) if document.citation is not None else {}
    said = _YEAR.match(dates.get("published", "") or next(iter(dates.values()), ""))
    return int(said[0]) if said else 0


def _groups(counts: Counter[str], names: Mapping[str, str]) -> dict[str, list[Facet]]:
    groups: defaultdict[str, list[Facet]] = defaultdict(list)
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        own = groups[key.partition("|")[0]]
        if len(own) < MOST_OF_A_TYPE:
            own.append(Facet(key, names[key], count))
    return dict(sorted(groups.items(), key=lambda item: (-item[1][0].documents, item[0])))
