"""The folder is the registry: a plug-in is a module, its file name is its name.

    names(formats)             ["bioc_json", "bioc_xml", "brat", ...]
    load(formats, "bioc-json") the module biogloss.formats.bioc_json

Other distributions add plug-ins through entry points in the group ``biogloss.<folder>``, looked up after the folder.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType


def names(package: ModuleType) -> list[str]:
    """The plug-ins of a folder and of installed distributions, sorted. Names that start with ``_`` are not plug-ins."""
    return sorted(_own(package) | set(_installed(package.__name__)))


def load(package: ModuleType, name: str) -> ModuleType:
    """Import one plug-in; ``-`` and ``_`` mean the same in its name, and the folder goes before other distributions.

    Raises:
        ConfigError: there is none of that name; the message lists those there are.
    """
    name = name.replace("-", "_")
    if name in _own(package):
        return importlib.import_module(f"{package.__name__}.{name}")
    if entry := _installed(package.__name__).get(name):
        module: ModuleType = entry.load()
        return module
    folder = package.__name__.rpartition(".")[2]
    msg = f"no {folder} plug-in named {name!r}; there are: {', '.join(names(package))}"
    raise ConfigError(msg)


def _own(package: ModuleType) -> set[str]:
    return {module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")}


@cache  # reading the metadata of every installed distribution takes a tenth of a second
def _installed(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=group)}
