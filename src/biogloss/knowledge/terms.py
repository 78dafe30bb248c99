"""The index of terms: from names to identifiers, from identifiers to concepts.

    with Terms.open(Path("my.terms")) as terms:
        terms.find(["NIDDM"], types=["Disease"], namespaces=["MESH"])
    {"NIDDM": (Hit("MESH:D003924", "Disease", "NIDDM", "abbreviation", "exact", 0.931, "mondo", "MONDO:0005148"),)}

A name is looked up by what it is, then by its spelling (case, hyphens, plural, Greek letters ...), then by its words in
any order; the first way that gives something counts. Where ids of certain vocabularies are wanted, a concept of another
one leads to them over its cross-references, in either direction.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from biogloss.errors import ConfigError
from biogloss.knowledge import _similar
from biogloss.knowledge._build import hash_of
from biogloss.knowledge._opened import Opened
from biogloss.knowledge._schema import KINDS, connect, damage_named
from biogloss.knowledge.concept import Concept, Synonym
from biogloss.knowledge.curies import curie, namespace, prefix_of
from biogloss.knowledge.normalise import fold, keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LEVELS = {"exact": 1.0, "case": 0.99, "spelling": 0.94, "words": 0.9, "similar": 0.8}
"""How much each way of matching counts; that of ``similar`` is multiplied by the cosine."""
WEIGHTS = {"preferred": 1.0, "exact": 0.97, "abbreviation": 0.95, "narrow": 0.9, "broad": 0.85, "related": 0.8}
MAPPED = 0.98
"""What a score is multiplied by where a cross-reference leads to the id."""
_AT_ONCE = 400
_NAMES_AN_ID = 4  # of the names nearest to one, several belong to the same concept, or to one without a wanted id
_STAGES = {"spelling": "s", "words": "w"}
_COLUMNS = "names.text, names.kind, concepts.id, types.name, concepts.taxon, sources.name, sources.own"
_JOINS = (
    "JOIN concepts ON concepts.number = names.concept JOIN types ON types.number = concepts.type"
    " JOIN sources ON sources.number = concepts.source"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """An identifier that a name may stand for, and why.

    Args:
        id: a CURIE, of the vocabularies that were asked for.
        type: the concept's.
        name: the name in the index that matched.
        kind: what it is to its concept: ``preferred``, or one of :data:`biogloss.knowledge.concept.KINDS`.
        level: how it matched, a key of :data:`LEVELS`.
        score: in [0, 1]; it orders, and is no probability.
        source: where the name comes from.
        concept: whose name it is; another CURIE than ``id`` where a cross-reference led on.
        taxon: of a gene.
        own: whether the source is the user's.
        sources: how many sources lead from the name to the id.
    """

    id: str
    type: str
    name: str
    kind: str
    level: str
    score: float
    source: str
    concept: str
    taxon: str = ""
    own: bool = False
    sources: int = 1


class Source(NamedTuple):
    """What an index holds of one source."""

    name: str
    title: str
    version: str
    licence: str
    url: str
    own: bool
    ship: bool
    digest: str
    content: str
    concepts: int
    names: int
    mappings: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a hit must be; an empty field asks for nothing."""

    types: frozenset[str]
    namespaces: tuple[str, ...]
    taxa: frozenset[str]
    others: bool = False

    def takes(self, hit: Hit) -> bool:
        is_type = not self.types or hit.type in self.types
        return is_type and (not self.taxa or hit.taxon in self.taxa)

    def ordered(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """The best hit of each id: the user's first, then the surest.

        What is as sure is in the order of the vocabularies, then of how many sources lead there, then of the ids.
        """
        sources: dict[str, set[str]] = {}
        for hit in hits:
            sources.setdefault(hit.id, set()).add(hit.source)

        def order(hit: Hit) -> tuple[bool, float, int, int, str]:
            prefix = prefix_of(hit.id)
            place = self.namespaces.index(prefix) if prefix in self.namespaces else 0
            return not hit.own, -hit.score, place, -len(sources[hit.id]), hit.id

        best: dict[str, Hit] = {}
        for hit in sorted(hits, key=order):
            best.setdefault(hit.id, hit)
        counts = {identifier: len(names) for identifier, names in sources.items()}
        return tuple(replace(hit, sources=counts[hit.id]) if counts[hit.id] > 1 else hit for hit in best.values())


class Terms(Opened):
    """An opened index, which threads may share. It reads only, and maps the file into memory.

    Raises:
        KnowledgeError: no index, one of another version, or a damaged one.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._connection = connect(self.path)
        self._lists: list[_similar.Lists] = []
        self._loading = threading.Lock()

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """The index in a file."""
        return cls(path)

    def sources(self) -> list[Source]:
        """What the index is made of, in the order in which it was added."""
        rows = self._rows(
            "SELECT name, title, version, licence, url, own, ship, digest, content,"
            " last_concept - first_concept + 1, last_name - first_name + 1, mappings FROM sources ORDER BY number"
        )
        return [Source(*row)._replace(own=bool(row[5]), ship=bool(row[6])) for row in rows]

    def types(self) -> list[str]:
        """The types of its concepts, sorted."""
        return sorted(name for (name,) in self._rows("SELECT name FROM types"))

    def concept(self, identifier: str) -> Concept | None:
        """The concept of an id, the user's own before others; None where the index has none.

        Raises:
            ConfigError: the id is no CURIE.
        """
        rows = self._rows(
            "SELECT concepts.number, types.name, taxon, parents, definition, sources.name, sources.version"
            " FROM concepts JOIN types ON types.number = concepts.type JOIN sources ON sources.number = concepts.source"
            " WHERE id = ? ORDER BY sources.own DESC, sources.number LIMIT 1",
            (wanted := _curie(identifier),),
        )
        with damage_named(self.path):
            return self._concept(wanted, *rows[0]) if rows else None

    def same(self, identifiers: Iterable[str], namespaces: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
        """What each id is in other vocabularies, over one cross-reference in either direction, sorted."""
        wanted = {namespace(name) for name in namespaces}
        found: dict[str, set[str]] = {identifier: set() for identifier in identifiers}
        for part in _parts(list(found)):
            marks = _marks(part)
            rows = self._rows(
                f"SELECT subject, object FROM same WHERE subject IN ({marks}) UNION ALL"  # noqa: S608 - marks # nosec B608
                f" SELECT object, subject FROM same WHERE object IN ({marks})",
                (*part, *part),
            )
            for one, other in rows:
                if not wanted or prefix_of(other) in wanted:
                    found[one].add(other)
        return {identifier: tuple(sorted(others)) for identifier, others in found.items()}

    def find(
        self,
        names: Iterable[str],
        *,
        types: Iterable[str] = (),
        namespaces: Iterable[str] = (),
        taxa: Iterable[str] = (),
        others: bool = False,
    ) -> dict[str, tuple[Hit, ...]]:
        """What each name may stand for, best first and no id twice; nothing where the index does not know it.

        Args:
            names: many at once are looked up faster than one by one.
            types: labels such as ``Disease``; none for all.
            namespaces: vocabularies that ids are wanted of, the preferred first; none for those the names are from.
            taxa: species of genes, as ``NCBITaxon:9606``; none for all.
            others: keep what leads to none of the vocabularies, under its own id.
        """
        wanted = _wanted(types, namespaces, taxa, others=others)
        found: dict[str, tuple[Hit, ...]] = dict.fromkeys(names, ())
        for level in _STAGES:
            left = [name for name, hits in found.items() if not hits]
            with damage_named(self.path):
                for part in _parts(left):
                    found.update(self._resolved(self._matches(part, level), wanted))
        return found

    def similar(
        self,
        name: str,
        *,
        limit: int = 20,
        types: Iterable[str] = (),
        namespaces: Iterable[str] = (),
        taxa: Iterable[str] = (),
        others: bool = False,
    ) -> tuple[Hit, ...]:
        """The ids whose names look most like a name, best first: at most ``limit``, none below a cosine of 0.35."""
        wanted = _wanted(types, namespaces, taxa, others=others)
        trigrams = _similar.codes(name)
        if not len(trigrams):
            return ()
        numbers = dict(self._rows("SELECT name, number FROM types"))
        types_wanted = frozenset(numbers.get(type_, 0) for type_ in wanted.types)
        with damage_named(self.path):
            near = [
                found
                for lists in self._loaded()
                for found in lists.nearest(self._connection, trigrams, types_wanted, _NAMES_AN_ID * limit)
            ]
            near = sorted(near, key=lambda found: -found.cosine)[: _NAMES_AN_ID * limit]
            return self._resolved({name: self._near(near)}, wanted)[name][:limit]

    def check(self) -> list[str]:
        """What is wrong with the file, read from end to end; nothing where it is whole."""
        said = [row[0] for row in self._rows("PRAGMA integrity_check(10)")]
        ((names,),) = self._rows("SELECT count(*) FROM names")
        problems = [] if said == ["ok"] else said
        if names != sum(source.names for source in self.sources()):
            problems.append(f"{names:,} names, which is not what its sources have")
        return problems

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with damage_named(self.path):
            return self._connection.execute(query, values).fetchall()

    def _concept(self, identifier: str, number: int, *facts: str | None) -> Concept:
        type_, taxon, parents, definition, source, version = (fact or "" for fact in facts)
        names = self._rows("SELECT kind, text FROM names WHERE concept = ? ORDER BY number", (number,))
        xrefs = self._rows("SELECT object FROM same WHERE subject = ? AND concept = ?", (identifier, number))
        return Concept(
            identifier,
            type_,
            names[0][1],
            source=source,
            version=version,
            synonyms=tuple(Synonym(text, KINDS[kind]) for kind, text in names[1:]),
            definition=definition,
            parents=tuple(parents.split()),
            xrefs=tuple(xref for (xref,) in xrefs),
            taxon=taxon,
        )

    def _matches(self, names: Sequence[str], level: str) -> dict[str, list[Hit]]:
        """Every row that has the key of a name, with its own id."""
        kind, place = _STAGES[level], list(_STAGES).index(level)
        by_hash: dict[int, list[str]] = {}
        for name in names:
            if key := keys(name)[place]:
                by_hash.setdefault(hash_of(kind, key), []).append(name)
        rows = self._rows(
            f"SELECT keys.hash, {_COLUMNS} FROM keys JOIN names ON names.number = keys.name {_JOINS}"  # noqa: S608 - own words # nosec B608
            f" WHERE keys.hash IN ({_marks(by_hash)})",
            tuple(by_hash),
        )
        found: dict[str, list[Hit]] = {}
        for hash_, *row in rows:
            for name in by_hash[hash_]:
                found.setdefault(name, []).append(_hit(row, _level(name, row[0], level)))
        return found

    def _near(self, near: Sequence[_similar.Near]) -> list[Hit]:
        found = []
        cosines = dict(near)
        for part in _parts(list(cosines)):
            rows = self._rows(
                f"SELECT names.number, {_COLUMNS} FROM names {_JOINS}"  # noqa: S608 - own words # nosec B608
                f" WHERE names.number IN ({_marks(part)})",
                part,
            )
            found += [_hit(row, "similar", cosines[number]) for number, *row in rows]
        return found

    def _resolved(self, found: Mapping[str, list[Hit]], wanted: _Wanted) -> dict[str, tuple[Hit, ...]]:
        """The hits that are wanted, under ids of the vocabularies that are wanted, best first, none twice."""
        taken = {name: list(filter(wanted.takes, hits)) for name, hits in found.items()}
        if wanted.namespaces:
            others = {hit.id for hits in taken.values() for hit in hits if prefix_of(hit.id) not in wanted.namespaces}
            same = self.same(sorted(others), wanted.namespaces) if others else {}
            if wanted.others:
                same = {identifier: found for identifier, found in same.items() if found}
            taken = {name: [new for hit in hits for new in _led_on(hit, same)] for name, hits in taken.items()}
        return {name: wanted.ordered(hits) for name, hits in taken.items()}

    def _loaded(self) -> list[_similar.Lists]:
        with self._loading:
            if not self._lists:
                rows = self._rows("SELECT source, first_name FROM sizes JOIN sources ON sources.number = source")
                self._lists = [_similar.Lists(self._connection, *row) for row in rows]
        return self._lists


def _wanted(types: Iterable[str], namespaces: Iterable[str], taxa: Iterable[str], *, others: bool = False) -> _Wanted:
    return _Wanted(frozenset(types), tuple(map(namespace, namespaces)), frozenset(map(_curie, taxa)), others)


def _curie(text: str) -> str:
    try:
        return curie(text)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _marks(values: Iterable[object]) -> str:
    return ",".join("?" for _ in values)


def _hit(row: Sequence[Any], level: str, cosine: float = 1.0) -> Hit:
    text, kind, identifier, type_, taxon, source, own = row
    score = LEVELS[level] * WEIGHTS[KINDS[kind]] * cosine
    type_, source, taxon = map(intern, (type_, source, taxon or ""))  # few words for many hits, which are kept
    return Hit(identifier, type_, text, KINDS[kind], level, score, source, identifier, taxon, bool(own))


def _level(name: str, text: str, level: str) -> str:
    if text == name:
        return "exact"
    return "case" if fold(text) == fold(name) else level


def _led_on(hit: Hit, same: Mapping[str, tuple[str, ...]]) -> Iterator[Hit]:
    """The hit itself where its id is of a wanted vocabulary, else one for each id that is the same in one."""
    if hit.id not in same:
        yield hit
    for identifier in same.get(hit.id, ()):
        yield replace(hit, id=identifier, score=hit.score * MAPPED)
