"""The steps that a run is asked for, in words: loaded by whoever carries it out, compared when it is resumed.

Asked(types=("Chemical",), terms="my.tsv").load(workers=2)    [sections, sentences, model, dictionary, ...]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biogloss.knowledge import shipped
from biogloss.models.folder import MANIFEST, checksum
from biogloss.pipeline import gloss
from biogloss.pipeline.steps import linking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.pipeline.run import Step


@dataclass(frozen=True)
class Asked:
    """What ``gloss.load`` is asked for, in words that every process can load it by.

    ``link`` is whether entities get identifiers: of the vocabularies ``ids`` and the species ``taxa``, from ``index``
    or else the index that ships, where there is one. ``relations`` asks for those that a model says on request only.
    """

    models: tuple[str, ...] = (gloss.EMBEDDED,)
    types: tuple[str, ...] = ()
    threshold: float | None = None
    terms: str = ""
    rules: str = ""
    link: bool = True
    index: str = ""
    ids: tuple[str, ...] = ()
    taxa: tuple[str, ...] = ()
    relations: bool = False

    def absolute(self) -> Asked:
        """The same from whatever folder it is loaded."""
        models = tuple(model if model == gloss.EMBEDDED else _absolute(model) for model in self.models)
        terms, rules, index = map(_absolute, (self.terms, self.rules, self.index))
        return replace(self, models=models, terms=terms, rules=rules, index=index)

    def load(self, workers: int = 1, *, keep: bool = False) -> Sequence[Step]:
        """The steps, for so many threads; ``keep`` lets what documents carry stay beside what models say.

        Raises:
            ModelError, ConfigError, KnowledgeError, OutputError: as ``gloss.load``.
        """
        return gloss.load(
            self.models,
            types=self.types,
            threshold=self.threshold,
            terms=self.terms or None,
            rules=self.rules or None,
            workers=workers,
            link=self._linking or False,
            relations=self.relations,
            keep=keep,
        ).steps

    def settings(self) -> dict[str, Any]:
        """What of it decides the annotations, to compare on resuming: checksums and choices.

        Raises:
            ModelError, KnowledgeError, ConfigError, OutputError: a model or an index is not there, or is none.
        """
        models = [checksum(folder / MANIFEST) for folder in gloss.folders(self.models)]
        return {
            "model": models if len(models) > 1 else models[0],
            "types": list(self.types),
            "threshold": self.threshold,
            "terms": checksum(Path(self.terms)) if self.terms else None,
            "rules": checksum(Path(self.rules)) if self.rules else None,
            "link": self._linking.identity() if self._linking else None,
            "relations": self.relations,
        }

    @cached_property
    def _linking(self) -> linking.Linking | None:
        """The step that gives identifiers, where it is wanted and has an index; opened once."""
        if not self.link or not (self.index or shipped.is_there()):
            return None
        return linking.step(index=self.index, ids=self.ids, taxa=self.taxa)


def _absolute(path: str) -> str:
    return str(Path(path).resolve()) if path else path
