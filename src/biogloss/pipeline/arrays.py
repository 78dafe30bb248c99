"""Arrays of documents in one ``.npz`` file, written as they come: the states of a corpus are larger than memory.

    write(["abstracts.jsonl"], Path("states.npz"), lambda text: {"states": ..., "starts": ..., "ends": ...})

numpy.load("states.npz")    ids (documents,); states_0, starts_0, ends_0 of the first document, states_1, ...
"""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from biogloss.errors import Failure, FormatError, OutputError
from biogloss.formats import _detect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any, BinaryIO

    from numpy.typing import NDArray

    from biogloss.documents import Document


def write(
    inputs: Sequence[str],
    output: Path,
    arrays: Callable[[str], Mapping[str, NDArray[Any]]],
    *,
    read_as: str = "auto",
    force: bool = False,
) -> int:
    """Write what ``arrays`` makes of the text of every document of the inputs; returns the number of documents.

    Raises:
        OutputError: the file exists, or cannot be written.
        FormatError: an input document cannot be read.
    """
    ids: list[str] = []
    with new_file(output, force=force) as stream, zipfile.ZipFile(stream, "w") as archive:
        for number, document in enumerate(documents(inputs, read_as)):
            for name, array in arrays(document.text).items():
                _put(archive, f"{name}_{number}", array)
            ids.append(document.id)
        _put(archive, "ids", np.array(ids))
    return len(ids)


def _put(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
        np.lib.format.write_array(stream, array, allow_pickle=False)


def documents(inputs: Sequence[str], read_as: str) -> Iterator[Document]:
    """The documents of the inputs.

    Raises:
        FormatError: one of them cannot be read.
    """
    for path in inputs:
        for document in _detect.open_documents(path, format=read_as):
            if isinstance(document, Failure):
                raise FormatError(str(document.error), file=path, todo="Repair the file, or take the record out")
            yield document


@contextmanager
def new_file(output: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file to write into; it stands in its place when the block ends without an error, and leaves no trace else.

    Raises:
        OutputError: the file exists, or cannot be written.
    """
    if output.exists() and not force:
        raise OutputError(f"{output} exists already; --force writes it anew, or name another file")
    new = output.with_name(output.name + ".part")
    try:
        with new.open("wb") as stream:
            yield stream
        new.replace(output)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written ({error.strerror or error})") from error
    finally:
        new.unlink(missing_ok=True)
