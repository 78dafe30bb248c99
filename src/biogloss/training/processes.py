"""Work that several processes do, this one among them.

    together([work, work, work], threads=1, where="runs/search")      this process and two others

What they do is resumable: where one fails or is interrupted, the others lose nothing by ending too. They end also where
this process is killed.
"""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing import get_context, parent_process
from threading import Thread
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
        TrainingError: another process has failed, and has said why, or was killed.
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
    if ends := [_end(other.exitcode) for other in others if other.exitcode]:
        raise TrainingError(f"{where}: of the other processes {', '.join(ends)}; the same command goes on")


def _end(code: int) -> str:
    """How a process ended that did not do its work."""
    if code < 0:
        return f"one was killed ({signal.Signals(-code).name}; is there enough memory for so many?)"
    return "one failed, and has said why above"


def _elsewhere(work: Work, threads: int) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(threads)
    memory.keep_freed()
    try:
        work()
    except BioglossError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _end_with_parent() -> None:
    """End as suddenly as the process that began this one: nobody would know that it goes on."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
