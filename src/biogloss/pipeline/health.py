"""What ``biogloss doctor`` looks at: the installation and a model folder.

list(problems("my-model"))    ["tokenizer.json is truncated or changed (its checksum differs)"]
"""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from biogloss.errors import BioglossError
from biogloss.models import folder as folders
from biogloss.pipeline import gloss

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = (
    "biogloss",
    "ctranslate2",
    "tokenizers",
    "numpy",
    "lxml",
    "onnxruntime",
    "torch",
    "transformers",
    "spacy",
    "pyarrow",
    "ray",
    "redis",
)


def versions() -> dict[str, str]:
    """Package -> version, or "not installed"; Python first."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def problems(model: str) -> Iterator[str]:
    """Everything wrong with a model: its files, and, where they are whole, whether it loads and finds an entity."""
    try:
        folder = gloss.folder(model)
    except BioglossError as error:
        yield str(error)
        return
    found = list(folders.diagnose(folder))
    yield from found
    if found or folders.settings(folder, verify=False).kind != folders.INFERENCE:
        return
    try:
        gloss.load(folder, link=False)("Metformin treats type 2 diabetes.")
    except BioglossError as error:
        yield str(error)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
