"""What a corpus is about: its entities with the number of documents that have each, and the documents of one entity.

browse(lines, "Disease|MESH:D006073").groups["Chemical"]    ->    [Facet("Chemical|MESH:D000493", "allopurinol", 7)]
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from biogloss.documents.jsonl import from_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from biogloss.documents import Document, Entity

ON_A_PAGE = 10
MOST_DOCUMENTS = 5_000
"""Documents that are read; beyond them the view says that it shows the first."""
MOST_OF_A_TYPE = 12


class Facet(NamedTuple):
    """An entity: its key in addresses, a name for people, and in how many documents it is."""

    key: str
    name: str
    documents: int


@dataclass(slots=True)
class Browsed:
    """What is shown: documents of a page, of how many, and the entities by their type, the most frequent first."""

    documents: list[Document] = field(default_factory=list)
    matching: int = 0
    read: int = 0
    is_cut: bool = False
    groups: dict[str, list[Facet]] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.matching // ON_A_PAGE)


def browse(lines: Iterable[str], key: str = "", page: int = 1) -> Browsed:
    """A page of the documents that have an entity, or of all; counts are of the documents that have it.

    Args:
        lines: documents in JSON.
        key: of a facet; nothing for all documents.
        page: from 1.
    """
    shown = Browsed()
    counts: Counter[str] = Counter()
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    wanted = range((page - 1) * ON_A_PAGE, page * ON_A_PAGE)
    for line in lines:
        if shown.read == MOST_DOCUMENTS:
            shown.is_cut = True
            break
        shown.read += 1
        document = from_line(line)
        keys = {key_of(entity): entity.text for entity in document.entities}
        if key and key not in keys:
            continue
        if shown.matching in wanted:
            shown.documents.append(document)
        shown.matching += 1
        counts.update(keys.keys())
        for own, text in keys.items():
            names[own][text.lower()] += 1
    shown.groups = _groups(counts, names)
    return shown


def key_of(entity: Entity) -> str:
    """Type and identifier of an entity, or its words where it has no identifier."""
    return f"{entity.label}|{entity.concept or entity.text.lower()}"


def _groups(counts: Counter[str], names: defaultdict[str, Counter[str]]) -> dict[str, list[Facet]]:
    groups: defaultdict[str, list[Facet]] = defaultdict(list)
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        own = groups[key.partition("|")[0]]
        if len(own) < MOST_OF_A_TYPE:
            own.append(Facet(key, names[key].most_common(1)[0][0], count))
    return dict(sorted(groups.items(), key=lambda item: (-item[1][0].documents, item[0])))
