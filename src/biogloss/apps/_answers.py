"""What a user of scikit-learn gives as ``y``, in the words of a model, and back.

    understood([3, 1, 3])             Classes([1, 3], several=False), [[F T] [T F] [F T]]
    understood([[1, 0], [1, 1]])      Classes([0, 1], several=True), [[T F] [T T]]

One class a text is a list of numbers or words. Several are a binary indicator matrix, a row a text and a column a
class, as ``MultiLabelBinarizer`` makes them; of a table the names of its columns are the classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

INDICATOR = "multilabel-indicator"
MOST_SHOWN = 60


@dataclass(frozen=True)
class Classes:
    """``values`` (classes,) as the user has them, in the order of a model's outputs; ``several`` a text, or one."""

    values: NDArray[Any]
    several: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What a model calls them."""
        return tuple(map(str, self.values))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"values": self.values.tolist(), "dtype": self.values.dtype.str, "several": self.several}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Classes:
        """What :meth:`as_dict` gave."""
        return cls(np.array(found["values"], dtype=found["dtype"]), several=found["several"])


def understood(y: Any) -> tuple[Classes, NDArray[np.bool_]]:  # noqa: ANN401 - any array-like
    """The classes that occur, and whether each text has each, (texts, classes).

    Raises:
        ValueError: nothing, numbers that are measurements, or lists of classes.
    """
    if y is None:
        raise ValueError("Classifier requires y to be passed, but the target y is None")
    if _of_collections(y):
        raise ValueError(
            "y holds lists or sets of classes; expected a binary indicator matrix, a column a class: "
            "MultiLabelBinarizer().fit_transform(y) makes it"
        )
    check_classification_targets(y)
    if type_of_target(y, input_name="y") == INDICATOR:
        names = np.asarray(y.columns) if hasattr(y, "columns") else None
        matrix = np.asarray(y.toarray() if hasattr(y, "toarray") else y).astype(bool)
        return Classes(np.arange(matrix.shape[1]) if names is None else names, several=True), matrix
    values, places = np.unique(column_or_1d(y, warn=True), return_inverse=True)
    return Classes(values, several=False), places[:, None] == np.arange(len(values))


def _of_collections(y: Any) -> bool:  # noqa: ANN401 - any array-like
    """Whether there is a list, tuple or set for each text, of words or of different lengths."""
    if not isinstance(y, (list, tuple)) or not y:
        return False
    if any(isinstance(one, (set, frozenset)) for one in y):
        return True
    rows = [one for one in y if isinstance(one, (list, tuple))]
    return any(isinstance(label, str) for row in rows for label in row) or len({len(row) for row in rows}) > 1


def texts_of(X: Any) -> list[str]:  # noqa: ANN401, N803 - any array-like, under scikit-learn's name
    """The texts that are given.

    Raises:
        ValueError: none, a single one, an array of several dimensions, or something that is no text, by its place.
    """
    if isinstance(X, (str, bytes)):
        raise ValueError(f"a single text was given; expected several, [{_shown(X)}]")  # noqa: TRY004 - as below
    if getattr(X, "ndim", 1) != 1:
        raise ValueError(
            f"an array of shape {X.shape} was given; expected texts, an array of one dimension. Reshape your data: "
            "X.ravel(), or the one column of a table that has them"
        )
    texts = list(X)
    if not texts:
        raise ValueError("Found 0 texts; expected 1 or more")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"text {place} is {_shown(text)}, of the type {type(text).__name__}; expected a str")  # noqa: TRY004 - scikit-learn's habit
    return texts


def _shown(what: object) -> str:
    return repr(what)[:MOST_SHOWN]
