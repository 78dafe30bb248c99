"""The PubMed files of the data catalogue, late ones first: there more abstracts are structured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import file
from biogloss.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def files() -> list[Path]:
    """The files.

    Raises:
        InputError: there is none.
    """
    folder = file("pubmed")
    found = sorted(folder.glob("*.xml.gz"), reverse=True)
    if not found:
        raise InputError("no PubMed file there", file=str(folder), expected="files named *.xml.gz")
    return found
