"""Cross-validation: documents in k folds of nearly equal size, each source in one fold, each label in all of them.

    for held_out in folds(documents, 5, seed=1):
        train = [document for document in documents if document not in held_out]

A corpus without a development part is scored so. Sentences of one abstract share its subject and its names: were they
in two folds, a model would be scored on what it has half seen.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from biogloss.documents import Document

_ONE_OF_SEVERAL = re.compile(r"(.+)-[0-9]+")
_DOCUMENTS, _NO_LABEL = "\0documents", "\0none"  # no label of a corpus is called so
_WEIGHTS = {_DOCUMENTS: 4}  # with 1, DDI's five folds differ by some forty documents of 1,381; with 4 by a dozen


def source(document: Document) -> str:
    """What a document was taken from: its PMID; else its id, of ``AIMed.d3-12`` the part before the number."""
    if document.citation and document.citation.pmid:
        return document.citation.pmid
    several = _ONE_OF_SEVERAL.fullmatch(document.id)
    return several[1] if several else document.id


def sources(documents: Sequence[Document]) -> list[str]:
    """What each was taken from; their own ids where these differ by nothing but a number: ``note-1``, ``note-2``."""
    found = list(map(source, documents))
    return found if len(set(found)) > 1 else [_own(document) for document in documents]


def _own(document: Document) -> str:
    return (document.citation and document.citation.pmid) or document.id


def folds(
    documents: Sequence[Document], k: int, *, seed: int = 0, group: Callable[[Document], str] | None = None
) -> list[list[Document]]:
    """Every document in one of ``k`` folds; in a fold they keep their order.

    Folds are nearly equal in size and in each label (classes, relation types), as far as groups let them. The same
    documents, in any order, with the same seed give the same folds.

    Args:
        documents: with distinct ids.
        k: how many folds, two or more.
        seed: which of the ways to place groups that are alike.
        group: names what may not be in two folds; left out, as :func:`sources` has it.

    Raises:
        ConfigError: fewer than two folds, or fewer groups than folds.
    """
    groups, names = defaultdict(list), [group(one) for one in documents] if group else sources(documents)
    for name, document in zip(names, documents, strict=True):
        groups[name].append(document)
    if not 2 <= k <= len(groups):
        msg = (
            f"{k} folds of {len(groups)} groups of documents cannot be; expected 2 or more, and no more than groups "
            "(documents of one PMID, or with ids that differ by a number at their end, a-1 and a-2, are one group)"
        )
        raise ConfigError(msg)
    fold_of = _placed({name: _held(own) for name, own in groups.items()}, k, seed)
    parts: list[list[Document]] = [[] for _ in range(k)]
    for name, document in zip(names, documents, strict=True):
        parts[fold_of[name]].append(document)
    return parts


def _held(documents: Sequence[Document]) -> Counter[str]:
    """How many documents, and how often each label stands in them; one without any has a label of its own."""
    found = Counter({_DOCUMENTS: len(documents)})
    for document in documents:
        found.update([*document.labels, *(relation.label for relation in document.relations)] or [_NO_LABEL])
    return found


def _placed(groups: Mapping[str, Counter[str]], k: int, seed: int) -> dict[str, int]:
    """The fold of each group.

    First come the groups that hold most of anything, while there is room to make up for them; each goes where what it
    holds is rarest.
    """
    total = sum(groups.values(), Counter[str]())
    folds = [Counter[str]() for _ in range(k)]
    names = sorted(groups)
    random.Random(seed).shuffle(names)  # noqa: S311 - no secret
    most = {name: max((count / total[what], what) for what, count in groups[name].items()) for name in names}
    fold_of = {}
    for name in sorted(names, key=most.__getitem__, reverse=True):
        fold_of[name] = min(range(k), key=lambda fold: _shared(groups[name], folds[fold], total))
        folds[fold_of[name]].update(groups[name])
    return fold_of


def _shared(group: Mapping[str, int], fold: Mapping[str, int], total: Mapping[str, int]) -> tuple[float, int]:
    """How much a fold has of what a group holds, as shares of all there is: half of a rare label is much."""
    # Sorted, so that the order of the documents does not decide how the sum is rounded.
    shares = (_WEIGHTS.get(what, 1) * count * fold[what] / total[what] ** 2 for what, count in sorted(group.items()))
    return sum(shares), fold[_DOCUMENTS]
