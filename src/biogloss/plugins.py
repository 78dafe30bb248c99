"""The folder is the registry: a plug-in is a module, its file name is its name.

    names(formats)             ["bioc_json", "bioc_xml", "brat", ...]
    load(formats, "bioc-json") the module biogloss.formats.bioc_json

Other distributions add plug-ins through entry points in the group ``biogloss.<folder>``, looked up after the folder.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType


def names(package: ModuleType) -> list[str]:
    """The plug-ins of a folder and of installed distributions, sorted. Names that start with ``_`` are not plug-ins."""
    own = {module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")}
    return sorted(own | {entry.name for entry in entry_points(group=package.__name__)})


def load(package: ModuleType, name: str) -> ModuleType:
    """Import one plug-in; ``-`` and ``_`` mean the same in its name.

    Raises:
        ConfigError: there is none of that name; the message lists those there are.
    """
    name = name.replace("-", "_")
    if name not in (known := names(package)):
        folder = package.__name__.rpartition(".")[2]
        msg = f"no {folder} plug-in named {name!r}; there are: {', '.join(known)}"
        raise ConfigError(msg)
    for entry in entry_points(group=package.__name__, name=name):
        module: ModuleType = entry.load()
        return module
    return importlib.import_module(f"{package.__name__}.{name}")
