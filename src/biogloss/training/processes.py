"""Work that several processes do, this one among them.

    together([work, work, work], threads=1, where="runs/search")      this process and two others

What they do is resumable: where one fails or is interrupted, the others lose nothing by ending too.
"""

from __future__ import annotations

import sys
from multiprocessing import get_context
from typing import TYPE_CHECKING

import torch

from biogloss.errors import BioglossError, TrainingError
from biogloss.training import memory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Work = Callable[[], None]


def together(works: Sequence[Work], *, threads: int, where: object) -> None:
    """Do the first here, and each of the others in a process of its own.

    Args:
        works: one or more that can be pickled.
        threads: of torch in the other processes.
        where: the folder of the work, for the message.

    Raises:
        TrainingError: another process has failed; it has said why.
    """
    others = [get_context("spawn").Process(target=_elsewhere, args=(work, threads)) for work in works[1:]]
    for other in others:
        other.start()
    try:
        works[0]()
        for other in others:
            other.join()
    finally:
        for other in others:
            other.terminate()
            other.join()
    if failed := [other.exitcode for other in others if other.exitcode]:
        raise TrainingError(f"{where}: {len(failed)} of the other processes failed; what they said stands above")


def _elsewhere(work: Work, threads: int) -> None:
    torch.set_num_threads(threads)
    memory.keep_freed()
    try:
        work()
    except BioglossError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
