"""Which role does a section of an abstract play? A small classification set, for comparing encoders.

    train, dev = split(documents(), train=150, dev=250)
    dev[0]                                  (Section("We compared two doses of ...", 1), Section("A total of ...", 2))
    rights(Path("encoder"), train, dev, Learning(seed=1))       (250, 2): right and all sections of each abstract

From structured abstracts of PubMed come the first words of each section, without its label; to be told is the role
that the label names (as in PubMed 200k RCT, Dernoncourt and Lee 2017, arXiv 1710.06071).

An encoder may have read these abstracts in pre-training, in ``corpus-en`` with the labels before the sections: what it
gains here is partly gained on texts it knows.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from biogloss.corpora import _card
from biogloss.documents import Document
from biogloss.errors import InputError
from biogloss.formats import pubmed_xml
from biogloss.models import encoder
from biogloss.models.batches import by_budget
from biogloss.models.tokenizer import Tokenizer
from biogloss.training import precision
from biogloss.training.dropout import set_dropout
from biogloss.training.optimizer import adamw, schedule, set_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FOLDER = "pubmed"
ROLES = ("background", "methods", "results", "conclusions")
_LABELS: Mapping[str, Sequence[str]] = {
    "background": (
        *("BACKGROUND", "INTRODUCTION", "CONTEXT", "OBJECTIVE", "OBJECTIVES", "AIM", "AIMS", "PURPOSE"),
        *("BACKGROUND AND OBJECTIVE", "BACKGROUND AND OBJECTIVES", "BACKGROUND AND AIMS", "BACKGROUND AND PURPOSE"),
    ),
    "methods": (
        *("METHODS", "METHOD", "MATERIALS AND METHODS", "MATERIAL AND METHODS", "PATIENTS AND METHODS"),
        *("METHODOLOGY", "DESIGN", "STUDY DESIGN"),
    ),
    "results": ("RESULTS", "RESULT", "FINDINGS"),
    "conclusions": ("CONCLUSIONS", "CONCLUSION", "INTERPRETATION"),
}
_ROLE_OF = {label: ROLES.index(role) for role, labels in _LABELS.items() for label in labels}
_ALL = frozenset(range(len(ROLES)))
_WORDS = 24  # about a sentence; words, so that encoders of other vocabularies read the same text
_MOST_PIECES = 64
_POOL = 1000  # abstracts that are chosen from: enough for a mixture, the first part of one file


@dataclass(frozen=True, slots=True)
class Section:
    """The first words of a section, and its place in :data:`ROLES`."""

    text: str
    role: int


Abstract = tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Learning:
    """How the roles are learned; ``budget_pieces`` are those of a batch, padding included."""

    epochs: int = 4
    learning_rate: float = 2e-4
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    dropout: float = 0.1
    budget_pieces: int = 512
    seed: int = 1


# --- the material


def documents() -> Iterator[Document]:
    """The citations of the PubMed files in the data catalogue, late files first: there more abstracts are structured.

    Raises:
        InputError: there is none, or one cannot be read.
    """
    folder = _card.file(FOLDER)
    files = sorted(folder.glob("*.xml.gz"), reverse=True)
    if not files:
        raise InputError("no PubMed file there", file=str(folder), expected="files named *.xml.gz")
    for file in files:
        yield from (found for found in pubmed_xml.read(file) if isinstance(found, Document))


def split(found: Iterable[Document], *, train: int, dev: int) -> tuple[list[Abstract], list[Abstract]]:
    """Abstracts with all four roles to learn from and to be scored on, chosen by a hash of their ids.

    Raises:
        InputError: there are fewer than both parts need.
    """
    structured = ((document.id, sections(document)) for document in found)
    pool = dict(islice((pair for pair in structured if {one.role for one in pair[1]} >= _ALL), _POOL))
    if len(pool) < train + dev:
        what = f"{len(pool):,} abstracts with sections of all roles"
        raise InputError(what, file=FOLDER, expected=f"at least {train + dev:,}")
    order = sorted(pool, key=lambda name: hashlib.sha256(name.encode()).digest())
    chosen = [pool[name] for name in order[: train + dev]]
    return chosen[:train], chosen[train:]


def sections(document: Document) -> Abstract:
    """The sections whose labels name a role, in the document's language."""
    return tuple(
        Section(" ".join(words.split()[:_WORDS]), role)
        for mark in document.marks
        if mark.kind == "section" and not mark.language and (role := _ROLE_OF.get(mark.label.upper())) is not None
        if (words := document.text[mark.span.start : mark.span.end].removeprefix(f"{mark.label}: "))
    )


# --- what an encoder makes of it


class Classifier(nn.Module):
    """An encoder and a linear layer on the mean of its states.

    Args:
        body: any encoder of ``transformers``.
        dropout: share of hidden states that are dropped in training.
    """

    def __init__(self, body: Any, *, dropout: float) -> None:  # noqa: ANN401 - any transformers model
        super().__init__()
        self.encoder = body
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(body.config.hidden_size, len(ROLES))
        set_dropout(self, dropout)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits of the roles.

        Args:
            ids: (batch, seq) int64.
            mask: (batch, seq) bool, True on real pieces.

        Returns:
            (batch, roles) float.
        """
        states = self.encoder(input_ids=ids, attention_mask=None if mask.all() else mask).last_hidden_state
        mean = (states * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        logits: Tensor = self.head(self.dropout(mean))
        return logits


def rights(folder: Path, train: Sequence[Abstract], dev: Sequence[Abstract], learning: Learning) -> NDArray[np.float64]:
    """Of each abstract of ``dev`` how many sections are told right after fine-tuning, and how many it has.

    Args:
        folder: the encoder, left as it is.
        train: what is learned from.
        dev: what is scored.
        learning: how; the same seed gives the same result.

    Returns:
        (abstracts, 2) float64.

    Raises:
        ModelError: the encoder cannot be loaded.
    """
    torch.manual_seed(learning.seed)
    model = Classifier(encoder.load_encoder(str(folder)), dropout=learning.dropout)
    multiplication = precision.resolve(precision.AUTO)
    precision.prepare(model.encoder, multiplication)
    tokenizer = Tokenizer(folder / "tokenizer.json")
    with precision.multiplied(multiplication):
        _learn(model, _Windows(train, tokenizer, encoder.max_pieces(model.encoder)), learning)
        right = _right(model, _Windows(dev, tokenizer, encoder.max_pieces(model.encoder)), learning.budget_pieces)
    of = np.repeat(np.arange(len(dev)), [len(abstract) for abstract in dev])
    return np.stack([np.bincount(of, right, minlength=len(dev)), np.bincount(of, minlength=len(dev))], axis=1)


class _Windows:
    """The sections of abstracts as pieces, one window each."""

    def __init__(self, abstracts: Sequence[Abstract], tokenizer: Tokenizer, longest: int) -> None:
        flat = [section for abstract in abstracts for section in abstract]
        room = min(_MOST_PIECES, longest)
        self._rows = [
            torch.from_numpy(tokenizer.framed(pieces.ids[:room]).astype(np.int64))
            for pieces in tokenizer.many([section.text for section in flat])
        ]
        self.lengths = [len(row) for row in self._rows]
        self._roles = torch.tensor([section.role for section in flat])
        self._padding = tokenizer.padding

    def batch(self, places: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        """Ids and mask, (batch, seq), and roles, (batch,), of some windows."""
        ids = pad_sequence([self._rows[place] for place in places], batch_first=True, padding_value=self._padding)
        lengths = torch.tensor([self.lengths[place] for place in places])
        return ids, torch.arange(ids.shape[1]) < lengths[:, None], self._roles[list(places)]


def _learn(model: Classifier, windows: _Windows, learning: Learning) -> None:
    optimizer = adamw(model, rate=learning.learning_rate, weight_decay=learning.weight_decay)
    model.train()
    batches = list(_batches(windows.lengths, learning))
    for step, places in enumerate(batches):
        set_rate(optimizer, learning.learning_rate * schedule(step / len(batches), learning.warmup))
        ids, mask, roles = windows.batch(places)
        functional.cross_entropy(model(ids, mask).float(), roles).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), learning.clip_norm)
        optimizer.step()
        optimizer.zero_grad()


def _batches(lengths: Sequence[int], learning: Learning) -> Iterator[list[int]]:
    """Those of all epochs: nearly equal lengths within a batch, in other company in each epoch."""
    rng = random.Random(learning.seed)  # noqa: S311 - shuffling, not a secret
    for _ in range(learning.epochs):
        order = rng.sample(range(len(lengths)), len(lengths))
        groups = by_budget([lengths[place] for place in order], budget=learning.budget_pieces)
        yield from ([order[place] for place in group] for group in rng.sample(groups, len(groups)))


def _right(model: Classifier, windows: _Windows, budget: int) -> NDArray[np.bool_]:
    """(sections,) bool: whether each section's role is told right."""
    right = np.zeros(len(windows.lengths), dtype=np.bool_)
    model.eval()
    with torch.inference_mode():
        for places in by_budget(windows.lengths, budget=budget):
            ids, mask, roles = windows.batch(places)
            right[places] = (model(ids, mask).argmax(dim=1) == roles).numpy()
    return right
