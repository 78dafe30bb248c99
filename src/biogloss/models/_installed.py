"""Weights to train further, which the distribution ``biogloss-weights`` brings: too large for everyone to have.

installed("biogloss-en")         .../site-packages/biogloss_weights/biogloss-en
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from biogloss.errors import ModelError

_NAMES = "biogloss-"


def installed(name: str) -> Path | None:
    """The folder of weights of that name; None where the name is none of ours.

    Raises:
        ModelError: one of ours, and the distribution is not installed or has none of that name.
    """
    if not name.startswith(_NAMES) or "/" in name:
        return None
    spec = find_spec("biogloss_weights")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            f"{name}: no such folder; weights of that name come with biogloss-weights, which is not installed: "
            "pip install packages/biogloss-weights (of a clone of the repository)"
        )
    place = Path(spec.submodule_search_locations[0])
    known = sorted(folder.name for folder in place.glob(f"{_NAMES}*"))
    if name not in known:
        raise ModelError(f"{name}: neither a folder nor one of biogloss-weights, which has: {', '.join(known)}")
    return place / name
