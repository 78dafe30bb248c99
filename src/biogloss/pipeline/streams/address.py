"""Where a stream is and what its parts are called, in one address.

redis://:secret@localhost:6379/0?in=notes&out=annotated&dead=unreadable&group=biogloss&room=10000&idle=60
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from biogloss.errors import ConfigError

SCHEMES = ("redis", "rediss", "unix")
_SECRET = {"server", "password"}
_NAMES = {"in": "source", "out": "target", "dead": "dead", "group": "group", "room": "room", "idle": "idle"}


@dataclass(frozen=True)
class Stream:
    """A Redis server and the keys that are used there.

    Args:
        server: its address, as redis-py has it; may hold a password and is never shown.
        password: the server's, where the address has none; never shown.
        source: the stream of documents (``in``).
        target: the hash of results, by id of the document (``out``).
        dead: the stream of entries that cannot be annotated, with the reason.
        group: the consumer group; those of one group share the work.
        room: so many results may wait in ``target`` before annotating pauses.
        idle: seconds after which the open entries of another consumer are taken over.
    """

    server: str
    source: str = "biogloss:in"
    target: str = "biogloss:out"
    dead: str = "biogloss:dead"
    group: str = "biogloss"
    room: int = 10_000
    idle: float = 60.0
    password: str = ""

    @classmethod
    def parse(cls, url: str, password: str = "") -> Stream:
        """From its address, and a password that should not stand there.

        Raises:
            ConfigError: another kind of address, a name that does not exist, or a number that is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            kinds = ", ".join(f"{scheme}://" for scheme in SCHEMES)
            raise ConfigError(f"no streams of the kind {parts.scheme[:20]!r}; there are: {kinds}")
        values: dict[str, Any] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            if name not in _NAMES or not value:
                raise ConfigError(
                    f"a stream's address has no {name[:40]!r}, or it is empty; it has: {', '.join(_NAMES)}"
                )
            values[_NAMES[name]] = _number(name, value) if name in {"room", "idle"} else value
        stream = cls(urlunsplit(parts._replace(query="", fragment="")), **values, password=password)
        if len({stream.source, stream.target, stream.dead}) < len(("in", "out", "dead")):
            raise ConfigError("in, out and dead of a stream must be three different names")
        return stream

    def __repr__(self) -> str:
        shown = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.name not in _SECRET)
        return f"Stream({', '.join(shown)})"


def _number(name: str, value: str) -> float | int:
    try:
        number = float(value) if name == "idle" else int(value)
    except ValueError:
        number = -1
    if not 0 < number < float("inf"):
        raise ConfigError(f"{name}={value[:40]!r} in a stream's address; expected a number above 0")
    return number
