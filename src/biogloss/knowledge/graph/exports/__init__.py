"""One file a form in which a graph leaves: the folder is the registry.

A module defines::

    FOLDER: bool                        a folder of files; else one file
    SUFFIX: str                         the usual ending of its name
    write(graph, target) -> None        all of it, in constant memory, to a place where nothing stands yet

:func:`export` puts what was written in its place when it is whole.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from biogloss import plugins
from biogloss.errors import OutputError
from biogloss.knowledge._build import replaced

if TYPE_CHECKING:
    from biogloss.knowledge.graph.query import Graph

__all__ = ["export", "names"]


def names() -> list[str]:
    """The forms there are, as the command line names them."""
    return [name.replace("_", "-") for name in plugins.names(sys.modules[__name__])]


def export(graph: Graph, form: str, target: Path, *, force: bool = False) -> None:
    """Write a graph in another form; whole or not at all.

    Raises:
        ConfigError: no such form; the message lists those there are.
        OutputError: the target is in the way and ``force`` is not given, or it cannot be written.
        MissingExtra: the form needs a package that is not installed.
    """
    module = plugins.load(sys.modules[__name__], form)
    if target.exists() and not force:
        msg = f"{target} exists already; --force writes it anew, or name another place with -o"
        raise OutputError(msg)
    if module.FOLDER:
        _folder(graph, module.write, target)
        return
    with replaced(target) as place:
        module.write(graph, place)


def _folder(graph: Graph, write: object, target: Path) -> None:
    assert callable(write)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".new-") as beside:
            place = Path(beside) / "new"
            place.mkdir()
            write(graph, place)
            if target.exists():
                target.replace(Path(beside) / "old")  # gone with the temporary folder
            shutil.move(place, target)
    except OSError as error:
        msg = f"{target}: cannot be written ({error}); nothing was changed"
        raise OutputError(msg) from error
