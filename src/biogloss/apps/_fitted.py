"""A trained model on its folders, for as long as an estimator needs it; copied and pickled by value.

    fitted = Fitted.of(run_model, runtime="ctranslate2")
    fitted.shares([Document("1", "Gout hurts.")])        (texts, classes) probabilities

The folder for inference is asked through the pipeline's neural step, without torch. Where a model was trained or came
trainable, that folder is kept beside it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss.models import folder as folders
from biogloss.models._extras import need_torch
from biogloss.pipeline.run import chunks
from biogloss.pipeline.steps import model as neural
from biogloss.tasks import _classes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document

TASK = "classification"
PRECISION = "float32"
"""Of weights: what is predicted after saving is what was predicted before."""


class Fitted:
    """A model folder of each kind there is.

    Args:
        inference: the folder that is asked.
        trainable: the folder that it was exported from, where there is one.
        place: of folders that go when nobody needs them.
    """

    def __init__(self, inference: Path, trainable: Path | None, place: TemporaryDirectory[str] | None = None) -> None:
        self._folders = {folders.INFERENCE: inference} | ({folders.TRAINABLE: trainable} if trainable else {})
        self._place = place
        self._steps: dict[int, neural.Model] = {}

    @classmethod
    def of(cls, model: Path, *, runtime: str) -> Fitted:
        """From a folder of either kind; one for training is copied and exported.

        Raises:
            ModelError: the runtime does not know the encoder's family.
            MissingExtra: it has to be exported, and torch or transformers is not installed.
        """
        if folders.settings(model).kind == folders.INFERENCE:
            return cls(model, None)
        need_torch("a trainable model in scikit-learn")
        from biogloss.models.encoder import silent  # noqa: PLC0415 - needs torch
        from biogloss.training import start  # noqa: PLC0415 - only where there is something to export

        place = _place()
        inference = Path(place.name) / folders.INFERENCE
        with silent():
            start.export(model, inference, runtime=runtime, precision=PRECISION)
        trainable = Path(place.name) / folders.TRAINABLE
        _write(trainable, _bytes(model))
        return cls(inference, trainable, place)

    @property
    def head(self) -> folders.Head:
        """The head that tells classes.

        Raises:
            ModelError: the model has none.
        """
        return folders.settings(self._folders[folders.INFERENCE], verify=False).head(TASK)

    def folder(self, kind: str) -> Path | None:
        """That of a kind, ``inference`` or ``trainable``, where there is one."""
        return self._folders.get(kind)

    def shares(self, documents: Sequence[Document], *, threads: int = 1) -> NDArray[np.float64]:
        """The probability of each class, (documents, classes).

        Of a text without a piece (an empty one) nothing is known: all classes are as likely, of several none is there.
        """
        if threads not in self._steps:
            self._steps[threads] = neural.step(self._folders[folders.INFERENCE], workers=threads)
        step, head = self._steps[threads], self.head
        several = bool(head.options.get("several"))
        with ThreadPoolExecutor(max_workers=threads) as pool:
            parts = pool.map(lambda chunk: step.logits(chunk, TASK), chunks(documents))
            found = [own for part in parts for own in part]
        rows = np.full((len(found), len(head.labels)), 0.0 if several else 1 / len(head.labels))
        for place, own in enumerate(found):
            for _, logits in own:
                rows[place] = _classes.probabilities(logits, several=several)[0]
        return rows

    def __getstate__(self) -> dict[str, dict[str, bytes]]:
        return {kind: _bytes(folder) for kind, folder in self._folders.items()}

    def __setstate__(self, state: dict[str, dict[str, bytes]]) -> None:
        place = _place()
        made = {kind: Path(place.name) / kind for kind in state}
        for kind, folder in made.items():
            _write(folder, state[kind])
        Fitted.__init__(self, made[folders.INFERENCE], made.get(folders.TRAINABLE), place)


def _place() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="biogloss-classifier-", ignore_cleanup_errors=True)


def _bytes(folder: Path) -> dict[str, bytes]:
    """The files of a model folder by their names."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _write(folder: Path, files: dict[str, Any]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / Path(name).name).write_bytes(content)
