"""Whether the packages of the extra ``train`` are there, asked before they are imported.

need_torch("fine-tuning")
"""

from __future__ import annotations

from importlib.util import find_spec

from biogloss.errors import MissingExtra


def need_torch(what: str) -> None:
    """Refuse ``what`` where it cannot work.

    Raises:
        MissingExtra: torch or transformers is not installed.
    """
    for package in ("torch", "transformers"):
        if find_spec(package) is None:
            raise MissingExtra(package, "train", what)
