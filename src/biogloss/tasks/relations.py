"""Relations between what a document mentions: which pairs are related, and how.

    "Selegiline-induced postural hypotension"     (MESH:D012642, MESH:D007024) -> CID 0.97

Candidates are pairs of the types that training documents relate, with mentions within a long abstract of one another
(``tasks._candidates.REACH``): of concepts over the whole document (``concept``, as BC5CDR and BioRED have it), or of
mentions in a sentence or text (``mention``, as ChemProt). Every other pair of those types is an example of unrelated
ones. A candidate is told from

* ``pooled``: the mean states of both arguments and of what stands between their closest mentions, so that one pass of
  the encoder serves every pair of a document;
* ``tagged``: the same over a text with a tag before and after every mention;
* ``placeholders`` and ``markers``: a pass a pair, over a text that shows which two are asked about (``tasks._marked``).

Losses, by declaration: relations of more or fewer than two arguments, between types that are no candidates, of labels
not known, between what is mentioned further apart, between mentions of different sentences where sentences are marked;
evidence; the direction where it is not ``directed``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from biogloss.documents import Relation
from biogloss.errors import ConfigError
from biogloss.evaluation.agreement import Said, said
from biogloss.models.heads import Pooling
from biogloss.tasks import _classes
from biogloss.tasks._candidates import (
    CONCEPT,
    FEATURES,
    LEVELS,
    Candidate,
    argument_types,
    candidates,
    evidence,
    features,
    ranges,
    related,
    shared,
    stated,
    stretch,
)
from biogloss.tasks._examples import Example, plain, span_pieces
from biogloss.tasks._marked import MARKERS, PLACEHOLDERS, TAGGED, marked, tagged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from biogloss.documents import Document
    from biogloss.models.heads import Ranges
    from biogloss.models.tokenizer import Pieces, Tokenizer
    from biogloss.tasks._candidates import Types
    from biogloss.tasks._examples import Coverage

POOLED = "pooled"
FORMS = (POOLED, TAGGED, PLACEHOLDERS, MARKERS)
NONE = "none"
"""The class of unrelated pairs, where a pair has one class."""
SHOWN = 3  # both arguments, and what stands between them


@dataclass(frozen=True, kw_only=True)
class Relations:
    """The task.

    Args:
        labels: the relations, in the order of the model's outputs; where a pair has one class and may be unrelated,
            ``none`` is among them.
        types: the pairs of entity types that may be related.
        roles: of each of ``types``: what the two arguments are called.
        level: ``concept`` or ``mention``.
        form: see the module.
        directed: whether (a, b) and (b, a) of one type are two candidates.
        several: whether a pair may be related in several ways.
        hidden: width of the layer between states and logits.
        max_pieces: longest window, without its two special tokens.
        overlap: pieces that neighbouring windows share at least.
        thresholds: the least probability in [0, 1] of a relation that is said; where not given 0.5 of several, and of
            one that it is the likeliest.
        general: of one class, the label of pairs that are related in no sure way: said with the probability of any
            relation where no other label reaches its threshold; '' for none.
        together: whether only relations are said between what a sentence mentions together.
        loss_of: see ``tasks._classes``.
    """

    OPTIONS: ClassVar = frozenset(
        {"labels", "thresholds", "several", "balanced", "loss", "level", "form", "directed", "hidden"}
    )

    labels: tuple[str, ...]
    types: tuple[Types, ...]
    roles: tuple[tuple[str, str], ...]
    level: str = CONCEPT
    form: str = POOLED
    directed: bool = False
    several: bool = True
    hidden: int = 256
    max_pieces: int = 510
    overlap: int = 64
    thresholds: Mapping[str, float] = field(default_factory=dict)
    general: str = ""
    together: bool = False
    loss_of: _classes.Loss = field(default=_classes.Loss(), compare=False)

    def __post_init__(self) -> None:
        for key, known in (("level", LEVELS), ("form", FORMS)):
            if getattr(self, key) not in known:
                raise ConfigError(f"{key} = {getattr(self, key)!r} cannot be; expected one of {', '.join(known)}")

    @classmethod
    def fitted(cls, documents: Sequence[Document], *, balanced: bool = False, **options: Any) -> Self:  # noqa: ANN401
        """The task with the relations of training documents and the types they join; see ``tasks._classes``.

        Raises:
            ConfigError: no document has a relation of two arguments at that level, or there is no such level or form.
        """
        options = {"level": CONCEPT, "form": POOLED, "several": True, "directed": False, **options}
        joined: dict[Types, Counter[tuple[str, str]]] = {}
        for types, roles in _joined(documents, options["level"], directed=options["directed"]):
            joined.setdefault(types, Counter())[roles] += 1
        options["types"] = tuple(sorted(joined))
        options["roles"] = tuple(joined[types].most_common(1)[0][0] for types in options["types"])
        counts = Counter(label for own in _labels(documents, options) for label in (own or {NONE}))
        if options["several"] or set(counts) == {NONE}:
            del counts[NONE]
        elif NONE in counts and (given := options.get("labels")) and NONE not in given:
            options["labels"] = (*given, NONE)
        return _classes.fitted(cls, counts, "no pair of mentions or concepts", balanced=balanced, **options)

    @property
    def outputs(self) -> int:
        """Width of the head: a logit a label."""
        return len(self.labels)

    def head(self, width: int) -> nn.Module:
        """Both arguments and what is between them (items, 3, width) -> logits (items, labels)."""
        from biogloss.models._torch_heads import PooledHead  # noqa: PLC0415 - annotating never imports torch

        numbers = FEATURES + len(self.types)
        return PooledHead(width, len(self.labels), roles=SHOWN, features=numbers, hidden=self.hidden)

    def examples(
        self,
        document: Document,
        pieces: Pieces,
        tokenizer: Tokenizer,
        coverage: Coverage | None = None,  # noqa: ARG002 - one signature
    ) -> list[Example]:
        """The document's candidates: all in one, or one each."""
        found = self.candidates(document) if len(pieces) else []
        if not found:
            return []
        targets = self._targets(related(document, found, level=self.level, directed=self.directed))
        numbers = np.array([self._numbers(document, pair) for pair in found], dtype=np.float32)
        if self.form in {POOLED, TAGGED}:
            pieces = self.read(document, tokenizer) if self.form == TAGGED else pieces
            items = _shown(found, pieces)
            reading = plain(pieces, tokenizer, max_pieces=self.max_pieces, overlap=self.overlap)
            return [Example(reading, targets, Pooling.of(items, numbers, roles=SHOWN), tuple(found))]
        return [
            self._asked(document, pair, tokenizer, targets[place : place + 1], numbers[place : place + 1])
            for place, pair in enumerate(found)
        ]

    def read(self, document: Document, tokenizer: Tokenizer) -> Pieces:
        """The pieces of a document with its tags, at their places in the text without them."""
        return tagged(document, {label for types in self.types for label in types}, tokenizer)

    def candidates(self, document: Document) -> list[Candidate]:
        """The pairs that may be related."""
        return candidates(document, self.types, level=self.level, directed=self.directed)

    def _asked(
        self,
        document: Document,
        pair: Candidate,
        tokenizer: Tokenizer,
        target: NDArray[np.float32] | NDArray[np.int64],
        numbers: NDArray[np.float32],
    ) -> Example:
        """One candidate, over the text that shows it."""
        text, *spans = marked(document, pair, self.form)
        pieces = tokenizer.pieces(text)
        first, second = (tuple(span_pieces(span, pieces) for span in own) for own in spans)
        pooling = Pooling.of([(first, second, ((0, len(pieces)),))], numbers, roles=SHOWN)
        reading = plain(pieces, tokenizer, max_pieces=self.max_pieces, overlap=self.overlap)
        return Example(reading, target, pooling, (pair,))

    def _numbers(self, document: Document, pair: Candidate) -> list[float]:
        return [*features(document, pair), *(float(pair.types == own) for own in self.types)]

    def _targets(self, labels: Sequence[frozenset[str]]) -> NDArray[np.float32] | NDArray[np.int64]:
        if self.several:
            rows = [_classes.some(own, self.labels) for own in labels]
            return np.array(rows, dtype=np.float32).reshape(-1, len(self.labels))
        known = (min(own.intersection(self.labels), default="") if own else NONE for own in labels)
        return np.array([_classes.one(label, self.labels) for label in known], dtype=np.int64)

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy; see ``tasks._classes``."""
        return self.loss_of(logits, targets)

    def divergence(self, one: Tensor, other: Tensor) -> Tensor:
        """See ``tasks._classes``."""
        return _classes.divergence(one, other, several=self.several)

    def annotate(
        self,
        document: Document,
        pieces: Pieces,  # noqa: ARG002 - one signature
        found: Sequence[tuple[Example, NDArray[np.float32]]],
        source: str = "",
    ) -> Document:
        """The document with the predicted relations in place of its own, each with the sentences that mention both."""
        said = [
            self._relation(document, pair, label, share, source)
            for example, logits in found
            for pair, row in zip(example.about, _classes.probabilities(logits, several=self.several), strict=True)
            for label, share in self._said(row)
            if not self.together or shared(document, cast("Candidate", pair))
        ]
        numbered = (replace(relation, id=f"R{number}") for number, relation in enumerate(said, 1))
        return replace(document, relations=tuple(numbered))

    def mean(self, logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """See ``tasks._classes``."""
        return _classes.mean(logits, several=self.several)

    def said(self, document: Document) -> Said:
        """Label -> the arguments' references, in order if directed -> score."""
        return said(
            (relation.label, key if self.directed else tuple(sorted(key)), relation.score)
            for relation, key in stated(document, self.level)
        )

    def _said(self, row: NDArray[np.float64]) -> Iterator[tuple[str, float]]:
        """The labels that the probabilities of a pair amount to."""
        if self.general and not self.several:
            yield from self._specific_or_general(row)
            return
        if not self.several:
            best = int(row.argmax())
            label, share = self.labels[best], _classes.rounded(row)[best]
            if label != NONE and share >= self.thresholds.get(label, 0.0):
                yield label, share
            return
        for label, share in zip(self.labels, _classes.rounded(row), strict=True):
            if share >= self.thresholds.get(label, 0.5):
                yield label, share

    def _specific_or_general(self, row: NDArray[np.float64]) -> Iterator[tuple[str, float]]:
        """The likeliest label where it is likely enough, or else the general one where any relation is."""
        shares = dict(zip(self.labels, _classes.rounded(row), strict=True))
        related = round(1 - shares.pop(NONE, 0.0), 3)
        label, share = max(shares.items(), key=lambda own: own[1])
        if label != self.general and share >= self.thresholds.get(label, 0.5):
            yield label, share
        elif related >= self.thresholds.get(self.general, 0.5):
            yield self.general, related

    def _relation(self, document: Document, pair: object, label: str, share: float, source: str) -> Relation:
        assert isinstance(pair, Candidate)
        roles = self.roles[self.types.index(pair.types)]
        arguments = tuple(zip(roles, pair.key, strict=True))
        return Relation("", label, arguments, evidence(document, pair), source, share)


def _joined(documents: Sequence[Document], level: str, *, directed: bool) -> Iterator[tuple[Types, tuple[str, str]]]:
    """Types and roles of the arguments of each relation; where it has no direction, in the order of the types."""
    for document in documents:
        types = argument_types(document, level)
        for relation, (one, other) in stated(document, level):
            if one in types and other in types:
                (first, _), (second, _) = relation.arguments
                ends = [(types[one], first), (types[other], second)]
                (a, role), (b, other_role) = ends if directed else sorted(ends)
                yield (a, b), (role, other_role)


def _labels(documents: Sequence[Document], options: Mapping[str, Any]) -> Iterator[frozenset[str]]:
    """The labels of every candidate."""
    for document in documents:
        found = candidates(document, options["types"], level=options["level"], directed=options["directed"])
        yield from related(document, found, level=options["level"], directed=options["directed"])


def _shown(found: Sequence[Candidate], pieces: Pieces) -> list[tuple[Ranges, Ranges, Ranges]]:
    """Of each candidate the pieces of its three roles."""
    own = {argument.reference: argument for pair in found for argument in (pair.first, pair.second)}
    mentioned = {reference: ranges(argument.mentions, pieces) for reference, argument in own.items()}
    return [
        (mentioned[pair.first.reference], mentioned[pair.second.reference], stretch(pair, pieces)) for pair in found
    ]


TASK = Relations
