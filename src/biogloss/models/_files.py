"""A folder that appears whole or not at all, and text files of strangers that are read within limits.

with new_folder(Path("my-encoder")) as place: (place / "config.json").write_text(...)
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError

from biogloss.errors import ConfigError, ModelError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 200_000_000


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """An empty folder to fill; when the block ends without an error its files are synced and it becomes ``target``.

    Raises:
        ConfigError: the target exists.
        OutputError: it cannot be written (permission, full disk); nothing is left behind.
    """
    refuse_existing(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".new-") as place:
            new = Path(place) / "folder"
            new.mkdir()
            yield new
            for path in new.iterdir():
                with path.open("rb+") as stream:
                    os.fsync(stream.fileno())
            new.rename(target)
    except (OSError, SafetensorError) as error:
        msg = f"{target}: cannot be written ({error}); nothing was changed"
        raise OutputError(msg) from error


def refuse_existing(target: Path) -> None:
    """Say that a target exists before any work is done for it.

    Raises:
        ConfigError: it does.
    """
    if target.exists():
        msg = f"{target} exists already; name another folder"
        raise ConfigError(msg)


def read_text(path: Path) -> str:
    """The text of a file, its line ends as they are.

    Raises:
        ModelError: missing, not UTF-8, or beyond ``MAX_BYTES``.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            msg = f"{path}: more than {MAX_BYTES:,} bytes, which is more than such a file has"
            raise ModelError(msg)
        with path.open(encoding="utf-8", newline="\n") as stream:
            return stream.read()
    except FileNotFoundError as error:
        msg = f"{path}: no such file; it belongs to the checkpoint: copy all of its files"
        raise ModelError(msg) from error
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read ({error}); expected text in UTF-8"
        raise ModelError(msg) from error


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        ModelError: as :func:`read_text`, or it is none.
    """
    try:
        found = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        msg = f"{path}: not JSON ({error})"
        raise ModelError(msg) from error
    if not isinstance(found, dict):
        msg = f"{path}: expected a JSON object"
        raise ModelError(msg)
    return found
