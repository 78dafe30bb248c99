"""What the ``mcp`` package has to log: where and what kind, but not its words, in which arguments may stand."""

from __future__ import annotations

import logging

_log = logging.getLogger("biogloss.rest")


class _Wordless(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "-"
        _log.log(record.levelno, "%s:%d %s", record.name, record.lineno, error)


def without_words() -> None:
    """Log warnings and errors of the ``mcp`` package without their words."""
    logger = logging.getLogger("mcp")
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    logger.handlers = [_Wordless()]
