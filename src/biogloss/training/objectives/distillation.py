"""Distillation: answer as a larger encoder does, and think as it does (Hinton et al. 2015, arXiv 1503.02531).

    metformin lowers [MASK]      teacher: glucose 0.7, sugar 0.2, pain 0.01     the student learns all of that

At the hidden places the two distributions over the vocabulary come together, softened by a temperature (DistilBERT,
Sanh et al. 2019, arXiv 1910.01108); at all places the states of layers that correspond (TinyBERT, Jiao et al. 2020,
arXiv 1909.10351), through a learned map where the widths differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from biogloss.errors import ConfigError
from biogloss.models import encoder
from biogloss.models.folder import checksum
from biogloss.training.learner import Learner
from biogloss.training.objectives.masked_words import logits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.training.learner import Start
    from biogloss.training.objectives._seen import Seen


_WITH_HEAD = ("ForMaskedLM", "ForPreTraining")


class Teacher:
    """A frozen encoder with a head over the vocabulary, no part of what is trained or saved.

    Args:
        learner: the encoder.
        temperature: above 0; more makes the distributions softer.
    """

    def __init__(self, learner: Learner, temperature: float) -> None:
        self.learner = learner.eval().requires_grad_(requires_grad=False)
        self.temperature = temperature

    @classmethod
    def of(cls, name: str, start: Start, temperature: float) -> Teacher:
        """The teacher of a run.

        Args:
            name: a folder, a hub name or a wheel.
            start: the student's beginning, whose vocabulary must be the teacher's.
            temperature: as above.

        Raises:
            ModelError: it cannot be loaded.
            ConfigError: it has another vocabulary, or no head over it.
        """
        folder = encoder.encoder_folder(name)
        full = encoder.load_masked(str(folder))
        kinds = full.config.architectures or ["encoder without one"]
        if not any(kind.endswith(_WITH_HEAD) for kind in kinds):  # transformers made a random one, and said nothing
            raise ConfigError(
                f"teacher {name}: no trained head over its vocabulary (it is a {kinds[0]}); name a masked "
                "language model, such as the folder that `biogloss pretrain` writes"
            )
        sizes = full.config.vocab_size, start.learner.full.config.vocab_size
        if sizes[0] != sizes[1] or checksum(encoder.tokenizer_file(folder)) != checksum(start.file):
            raise ConfigError(
                f"teacher {name}: has another vocabulary ({sizes[0]} pieces) than the student ({sizes[1]} pieces); "
                "both need the same tokenizer.json"
            )
        return cls(Learner(full), temperature)

    @property
    def width(self) -> int:
        """Of its states."""
        return int(self.learner.body.config.hidden_size)

    def head(self, width: int) -> nn.Module:
        """The student's states (batch, seq, width) -> the teacher's width; nothing to learn where they are the same."""
        return nn.Identity() if width == self.width else nn.Linear(width, self.width, bias=False)

    @torch.no_grad()
    def __call__(self, seen: Seen) -> tuple[tuple[Tensor, ...], Tensor]:
        """States of every layer, embeddings first, and (hidden, vocabulary) logits, of the rows the student saw."""
        segments = seen.segments if self.learner.has_segments else None
        layers = self.learner(seen.hidden.ids, seen.mask, segments, layers=True)
        return layers, logits(layers[-1], self.learner.words_head, seen.hidden)


def loss(seen: Seen, teacher: Teacher, own: nn.Module) -> Tensor:
    """Kullback-Leibler divergence in nats at the hidden places plus mean squared error of states, a scalar.

    Args:
        seen: rows with the states of all layers.
        teacher: what to be like.
        own: the map between widths.
    """
    layers, answers = teacher(seen)
    return divergence(answers, seen.logits, teacher.temperature) + distance(layers, seen, own)


def divergence(teacher: Tensor, student: Tensor, temperature: float) -> Tensor:
    """temperature^2 x KL(teacher || student), the mean over rows of (n, vocabulary) logits.

    The square keeps the gradient as large as it is without temperature (Hinton et al. 2015).
    """
    mine, wanted = (functional.log_softmax(logits / temperature, dim=-1) for logits in (student, teacher))
    return temperature**2 * functional.kl_div(mine, wanted, reduction="batchmean", log_target=True)


def distance(layers: tuple[Tensor, ...], seen: Seen, own: nn.Module) -> Tensor:
    """Mean squared error over real pieces, between each of the student's layers and the one that corresponds to it."""
    real = slice(None) if seen.mask is None else seen.mask
    errors = [
        functional.mse_loss(own(seen.layers[mine])[real].float(), layers[other][real].float())
        for mine, other in corresponding(len(seen.layers) - 1, len(layers) - 1)
    ]
    return torch.stack(errors).mean()


def corresponding(student: int, teacher: int) -> Iterator[tuple[int, int]]:
    """Layers of the student, the embeddings as 0, with the teacher's at the same share of its depth."""
    return ((layer, round(layer * teacher / student)) for layer in range(student + 1))
