"""Whether the packages of an extra are there, asked before they are imported.

need_torch("fine-tuning")
need("tune", "searching", "optuna")
"""

from __future__ import annotations

from importlib.util import find_spec

from biogloss.errors import MissingExtra


def need_torch(what: str) -> None:
    """Refuse ``what`` where it cannot work.

    Raises:
        MissingExtra: torch or transformers is not installed.
    """
    need("train", what, "torch", "transformers")


def need(extra: str, what: str, *packages: str) -> None:
    """Refuse ``what`` where a package of an extra is not installed.

    Raises:
        MissingExtra: one is not.
    """
    for package in packages:
        if find_spec(package) is None:
            raise MissingExtra(package, extra, what)
