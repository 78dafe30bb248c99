"""Which statements count in a question.

Filter(predicates=("biolink:treats",), categories=("biolink:Disease",), least=0.5, years=(2010, 2021), asserted=True)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from biogloss.errors import ConfigError
from biogloss.knowledge.graph.statement import ASSERTED, ASSERTIONS


@dataclass(frozen=True, slots=True)
class Filter:
    """What a statement must be; what is left out asks for nothing.

    Args:
        predicates: of Biolink.
        categories: of the concepts that are found, or that a path goes through.
        least: belief in [0, 1]; that of all evidence.
        years: first and last; it has evidence of these years.
        sources: it has evidence of one of these.
        asserted: it has evidence that is neither negated nor possible, hypothetical, historical or another person's.
    """

    predicates: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    least: float = 0.0
    years: tuple[int, int] | None = None
    sources: tuple[str, ...] = ()
    asserted: bool = False

    def edges(self) -> tuple[str, tuple[object, ...]]:
        """What a query asks of the edge ``e``, but its belief: a clause that begins with AND, and its values."""
        clause, values = "", list[object]()
        if self.predicates:
            names = f"SELECT number FROM predicates WHERE name IN ({_marks(self.predicates)})"  # own words # nosec B608
            clause += f" AND e.predicate IN ({names})"
            values += self.predicates
        inside, more = self._evidence()
        if inside:
            evidence = f"SELECT 1 FROM evidence v WHERE v.edge = e.number{inside}"  # own words # nosec B608
            clause += f" AND EXISTS ({evidence})"
            values += more
        return clause, tuple(values)

    def links(self) -> tuple[str, str, tuple[object, ...]]:
        """The same of the link ``l`` and what it leads to: the joins that it needs, a clause, and its values."""
        edges, values = self.edges()
        nodes, more = self.nodes("n")
        joins = " JOIN edges e ON e.number = l.edge" if edges else ""
        joins += " JOIN nodes n ON n.number = l.neighbour" if nodes else ""
        return joins, edges + nodes, (*values, *more)

    def nodes(self, table: str) -> tuple[str, tuple[object, ...]]:
        """What a query asks of the node in ``table``."""
        if not self.categories:
            return "", ()
        names = f"SELECT number FROM categories WHERE name IN ({_marks(self.categories)})"  # own words # nosec B608
        return f" AND {table}.category IN ({names})", self.categories

    def _evidence(self) -> tuple[str, list[object]]:
        clause, values = "", list[object]()
        if self.years:
            clause += " AND v.year BETWEEN ? AND ?"
            values += self.years
        if self.sources:
            names = f"SELECT number FROM sources WHERE name IN ({_marks(self.sources)})"  # own words # nosec B608
            clause += f" AND v.source IN ({names})"
            values += self.sources
        if self.asserted:
            clause += " AND v.assertion = ?"
            values.append(ASSERTIONS.index(ASSERTED))
        return clause, values


EVERYTHING = Filter()


def _marks(values: tuple[str, ...]) -> str:
    return ",".join("?" for _ in values)


def years_of(text: str) -> tuple[int, int]:
    """``2010-2020``, ``2010-`` or ``2015`` as first and last year.

    Raises:
        ConfigError: it is none of these.
    """
    match = re.fullmatch(r"(\d{4})?(-)?(\d{4})?", text.strip())
    if not match or not (match[1] or match[3]):
        msg = f"the years {text[:20]!r}; expected 2010-2020, 2010- or 2015"
        raise ConfigError(msg)
    first = int(match[1] or 0)
    return first, int(match[3] or (9999 if match[2] else first))
