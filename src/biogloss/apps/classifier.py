"""Classes of texts in scikit-learn's habits: ``biogloss.Classifier``; needs the extra ``sklearn``.

    model = Classifier(encoder="minilm.whl", epochs=6).fit(["Gout hurts.", ...], ["joints", ...])
    model.predict(["Metformin lowers glucose."])       array(['metabolism'])
    model.save("my-model")                             biogloss.load("my-model"), Classifier.load("my-model")

To fit, texts become documents and parameters a recipe, and the one fine-tuning loop runs in a temporary folder. To
predict, the model folder that comes of it is asked as any other is, without torch.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from biogloss import recipes
from biogloss.apps._answers import Classes, texts_of, understood
from biogloss.apps._fitted import TASK, Fitted
from biogloss.documents import Document
from biogloss.documents.jsonl import to_line
from biogloss.errors import ConfigError, ModelError, OutputError
from biogloss.models import folder as folders
from biogloss.models._extras import need, need_torch
from biogloss.training import start
from biogloss.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

SETTINGS = "classifier.json"
"""The parameters and classes of a saved estimator, beside its model."""
OVERLAP = 32
OF_RECIPE = ("epochs", "learning_rate", "max_pieces", "balanced", "prototypes")
OWN = frozenset({*OF_RECIPE, "name", "encoder", "task", "tasks", "labels", "classes", "files", "corpora", "seed"})
"""What a recipe gets from the parameters and the texts."""


@dataclass(kw_only=True, eq=False, repr=False)
class Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Tells the class of a text, or its classes, after fine-tuning an encoder.

    Args:
        encoder: a folder, a hub name or a wheel that holds one.
        epochs: passes over the texts.
        learning_rate: peak.
        max_pieces: longest window; longer texts are read in several, none is cut off.
        balanced: weigh classes by the inverse of how often they occur.
        prototypes: train nothing; a class is the mean of its texts in the encoder as it is. For a few texts a class.
        validation_fraction: share of the texts in [0, 1) that is held out, to keep the best epoch and, of several
            classes, to tune their thresholds; 0 learns from all and keeps the last epoch.
        recipe: other fields of a recipe (``training.recipe``), by name.
        runtime: what predicts: ``ctranslate2``, or ``onnx`` for families it does not know.
        random_state: an int, a ``RandomState``, or None for another seed each time.
        n_jobs: threads of fitting and predicting; None is 1, -1 all processors.
        verbose: tell on standard error how fitting goes.

    Attributes:
        classes_: (classes,) in the order of the columns of ``predict_proba``; of an indicator matrix the numbers of its
            columns, or of a table their names.
    """

    encoder: str | Path = "sentence-transformers/all-MiniLM-L6-v2"
    epochs: int = 4
    learning_rate: float = 2e-4
    max_pieces: int = 254
    balanced: bool = False
    prototypes: bool = False
    validation_fraction: float = 0.0
    recipe: Mapping[str, Any] | None = None
    runtime: str = "ctranslate2"
    random_state: Any = None
    n_jobs: int | None = None
    verbose: bool = False

    def fit(self, X: Any, y: Any) -> Self:  # noqa: ANN401, N803 - scikit-learn's names, any array-likes
        """Learn from texts.

        Args:
            X: (texts,) str.
            y: (texts,) classes, or (texts, classes) a binary indicator matrix where a text may have several.

        Raises:
            ValueError: no texts, no classes, or a parameter that cannot be.
            ModelError: the encoder cannot be loaded, or the runtime does not know its family.
            MissingExtra: torch or transformers is not installed.
        """
        need_torch("fitting a classifier")
        texts = texts_of(X)
        classes, has = understood(y)
        check_consistent_length(texts, has)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        try:
            self._fitted = self._trained(_documents(texts, classes, has), classes, has, seed)
        except ConfigError as error:  # a parameter, which scikit-learn calls a value
            raise ValueError(str(error)) from error
        self._classes, self.classes_ = classes, classes.values
        return self

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: ANN401, N803
        """The class of each text, (texts,); of several a binary indicator matrix (texts, classes)."""
        shares = self.predict_proba(X)
        if not self._classes.several:
            found: NDArray[Any] = self.classes_[shares.argmax(axis=1)]
            return found
        thresholds = self._fitted.head.options.get("thresholds", {})
        least = np.array([thresholds.get(name, 0.5) for name in self._classes.names])
        return (shares >= least).astype(np.int64)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: ANN401, N803
        """The probability of each class in [0, 1], (texts, classes); rows sum to 1 but of several classes a text."""
        check_is_fitted(self)
        documents = [Document(str(place), text) for place, text in enumerate(texts_of(X))]
        return self._fitted.shares(documents, threads=self._threads)

    def save(self, path: Path | str, *, trainable: bool = False) -> Path:
        """Write a model folder that ``biogloss.load``, ``biogloss annotate`` and :meth:`load` take; nothing is pickled.

        Args:
            path: a folder that does not exist yet.
            trainable: write the one that can be trained further, explained and exported, in place of the one that
                annotates without torch.

        Raises:
            OutputError: the folder exists.
            ModelError: what was loaded cannot be trained.
        """
        check_is_fitted(self)
        target = Path(path)
        if target.exists():
            raise OutputError(f"{target} exists already; name another folder")
        source = self._fitted.folder(folders.TRAINABLE if trainable else folders.INFERENCE)
        if source is None:
            raise ModelError(f"{target}: this model was loaded from one for inference; only that can be written")
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".save-") as place:
            new = Path(place) / "model"
            shutil.copytree(source, new)
            described = {"parameters": self._plain_parameters(), "classes": self._classes.as_dict()}
            (new / SETTINGS).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
            folders.seal(new, folders.settings(new, verify=False))
            new.rename(target)
        return target

    @classmethod
    def load(cls, name: Path | str) -> Self:
        """A classifier from a model folder, or from a repository of the hub that is one.

        What ``biogloss finetune`` made is one too; its classes are the words of its labels.

        Raises:
            ModelError: nothing there, not whole, or it tells no classes.
        """
        folder = Path(name) if Path(name).is_dir() else _downloaded(str(name))
        head = folders.settings(folder).head(TASK)
        parameters, classes = _described(folder)
        try:
            model = cls(**parameters)
        except TypeError as error:
            raise ModelError(f"{folder / SETTINGS}: unknown parameters ({error}); upgrade Biogloss") from error
        if classes is None:
            classes = Classes(np.array(head.labels), several=bool(head.options.get("several")))
        model._fitted = Fitted.of(folder, runtime=model.runtime)
        model._classes, model.classes_ = classes, classes.values
        return model

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's hook and type
        """Texts in an array of one dimension; several classes a text."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        return tags

    @property
    def _threads(self) -> int:
        return int(effective_n_jobs(self.n_jobs))

    def _trained(self, documents: Sequence[Document], classes: Classes, has: NDArray[np.bool_], seed: int) -> Fitted:
        """What comes of a run in a folder that is gone afterwards."""
        parts = self._parts(documents, has, seed, several=classes.several)
        with TemporaryDirectory(prefix="biogloss-fit-", ignore_cleanup_errors=True) as place, _undisturbed():
            model = start.finetune(
                self._recipe(classes, _files(Path(place), *parts), seed),
                Path(place) / "run",
                threads=self._threads,
                stream=sys.stderr if self.verbose else io.StringIO(),
            )
            return Fitted.of(model, runtime=self.runtime)

    def _parts(
        self, documents: Sequence[Document], has: NDArray[np.bool_], seed: int, *, several: bool
    ) -> tuple[Sequence[Document], Sequence[Document]]:
        """What is learned from, and what is held out."""
        if not self.validation_fraction:
            return documents, ()
        if not 0 < self.validation_fraction < 1:
            raise ValueError(f"validation_fraction = {self.validation_fraction} cannot be; expected a share in [0, 1)")
        strata = None if several else has.argmax(axis=1)
        train, dev = train_test_split(
            np.arange(len(documents)), test_size=self.validation_fraction, stratify=strata, random_state=seed
        )
        return [documents[place] for place in train], [documents[place] for place in dev]

    def _recipe(self, classes: Classes, files: Mapping[str, list[str]], seed: int) -> Recipe:
        """The recipe that the parameters amount to."""
        known = {own.name for own in fields(Recipe)} - OWN
        given = dict(self.recipe or {})
        if unknown := sorted(given.keys() - known):
            raise ValueError(f"recipe: unknown key {', '.join(unknown)}; the keys are: {', '.join(sorted(known))}")
        given |= {name: getattr(self, name) for name in OF_RECIPE}
        made = {name: recipes.held(Recipe, name, _plain(value), "Classifier") for name, value in given.items()}
        made.setdefault("overlap", min(OVERLAP, made["max_pieces"] // 2))
        made.setdefault("evaluate_every", 1 if "dev" in files else max(1, made["epochs"]))
        return Recipe(
            name="classifier",
            encoder=str(self.encoder),
            task=TASK,
            labels=classes.names,
            classes="several" if classes.several else "one",
            files=files,
            seed=seed,
            **made,
        )

    def _plain_parameters(self) -> dict[str, Any]:
        """The parameters in JSON's kinds; of a random state only a seed can be written."""
        found = self.get_params(deep=False)
        if not isinstance(self.random_state, (int, np.integer)):
            found["random_state"] = None
        return {name: _plain(value) for name, value in found.items()}


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Random states and threads of the program are afterwards as they were: an estimator changes none but its own."""
    import torch  # noqa: PLC0415 - only to fit

    drawn, of_torch, threads = np.random.get_state(), torch.get_rng_state(), torch.get_num_threads()  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(drawn)  # noqa: NPY002
        torch.set_rng_state(of_torch)
        torch.set_num_threads(threads)


def _documents(texts: Sequence[str], classes: Classes, has: NDArray[np.bool_]) -> list[Document]:
    names = np.array(classes.names, dtype=object)
    return [
        Document(str(place), text, labels=tuple(names[own]))
        for place, (text, own) in enumerate(zip(texts, has, strict=True))
    ]


def _files(place: Path, train: Sequence[Document], dev: Sequence[Document]) -> dict[str, list[str]]:
    """Documents as the files of a recipe."""
    found = {}
    for split, documents in (("train", train), ("dev", dev)):
        if documents:
            path = place / f"{split}.jsonl"
            path.write_text("".join(to_line(document) + "\n" for document in documents), encoding="utf-8")
            found[split] = [str(path)]
    return found


def _described(folder: Path) -> tuple[dict[str, Any], Classes | None]:
    """Parameters and classes of a saved estimator; of another model its folder is what it would learn on from."""
    if not (folder / SETTINGS).is_file():
        return {"encoder": str(folder)}, None
    try:
        found = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        return dict(found["parameters"]), Classes.from_dict(found["classes"])
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{folder / SETTINGS}: not what Classifier.save writes ({error!r}); copy it again") from error


def _plain(value: Any) -> Any:  # noqa: ANN401 - any parameter
    if isinstance(value, Mapping):
        return {name: _plain(own) for name, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(own) for own in value]
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, Path) else value


def _downloaded(name: str) -> Path:
    need("train", "a model of the hub", "huggingface_hub")
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for the hub

    try:
        return Path(snapshot_download(name))  # who asks names it, perhaps with its revision # nosec B615
    except (OSError, ValueError) as error:
        msg = f"{name}: neither a model folder, nor on the hub or in its cache ({str(error).splitlines()[0]})"
        raise ModelError(msg) from error
