"""API keys: who may ask for what. The file holds hashes only, and is read again when it changes.

    {"keys": [{"id": "3f9a01c2", "name": "ward 7", "scopes": ["annotate"], "sha256": "9b71...", "per_minute": 0}]}

A key is ``bgl_<id>_<secret>``. The secret is 256 random bits, so that one round of SHA-256 is enough: there is no
dictionary of such secrets to try, unlike passwords, and a slow hash would be a way to keep a server busy. It is
compared in constant time, and an unknown id takes as long as a wrong secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from biogloss.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

SCOPES = ("annotate", "link", "graph", "embeddings", "jobs", "metrics")
PREFIX = "bgl"
_NOBODY = hashlib.sha256(b"nobody").hexdigest()
_log = logging.getLogger("biogloss.rest")


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key.

    Args:
        id: its public part.
        name: whose it is, for people.
        scopes: out of :data:`SCOPES`.
        sha256: of the secret, in hexadecimal.
        created: a date in UTC.
        expires: the same, from which on it is no key any more; none where it is empty.
        per_minute: requests; 0 for what the server is told.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    sha256: str
    created: str = ""
    expires: str = ""
    per_minute: int = 0

    @property
    def is_expired(self) -> bool:
        """Whether its day has come."""
        return bool(self.expires) and datetime.now(UTC).date().isoformat() >= self.expires


def add(path: Path, name: str, scopes: Sequence[str] = SCOPES, *, expires: str = "", per_minute: int = 0) -> str:
    """Make a key and put it in the file, which is made where there is none; returns the key, shown this once.

    Raises:
        ConfigError: a scope that does not exist, a date that is none, or a file that is no file of keys.
        OutputError: the file cannot be written.
    """
    if unknown := sorted(set(scopes) - set(SCOPES)) or ([] if scopes else ["none"]):
        raise ConfigError(f"no scope {unknown[0]!r}; there are: {', '.join(SCOPES)}")
    if expires:
        expires = _date(expires)
    secret, identifier = secrets.token_urlsafe(32), secrets.token_hex(4)
    today = datetime.now(UTC).date().isoformat()
    key = Key(identifier, name, tuple(scopes), _hashed(secret), today, expires, per_minute)
    _write(path, [*(read(path) if path.exists() else []), key])
    return f"{PREFIX}_{identifier}_{secret}"


def remove(path: Path, identifier: str) -> None:
    """Take a key out of the file; servers that run refuse it from then on.

    Raises:
        ConfigError: there is none of that id.
        OutputError: the file cannot be written.
    """
    known = read(path)
    left = [key for key in known if key.id != identifier]
    if len(left) == len(known):
        raise ConfigError(f"{path} has no key {identifier!r}; it has: {', '.join(key.id for key in known) or 'none'}")
    _write(path, left)


def read(path: Path) -> list[Key]:
    """The keys in a file.

    Raises:
        ConfigError: it cannot be read, or is no file of keys.
    """
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        return [Key(**{**one, "scopes": tuple(one["scopes"])}) for one in found["keys"]]
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); `biogloss keys add` makes it") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{path}: no file of keys ({type(error).__name__}); `biogloss keys add` makes one") from error


class Keys:
    """The keys of a running server: those that stand in the file now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._state()
        self._keys = {key.id: key for key in read(path)}

    def find(self, given: str) -> Key | None:
        """The key that is meant by what a caller gave, where it is one that holds."""
        self._refresh()
        prefix, _, rest = given.partition("_")
        identifier, _, secret = rest.partition("_")
        key = self._keys.get(identifier) if prefix == PREFIX else None
        is_right = hmac.compare_digest(_hashed(secret), key.sha256 if key else _NOBODY)
        return key if key is not None and is_right and not key.is_expired else None

    def _refresh(self) -> None:
        """Read the file again if it is another one; a damaged one changes nothing, but is told of."""
        if (state := self._state()) == self._seen:
            return
        self._seen = state
        try:
            self._keys = {key.id: key for key in read(self._path)}
        except ConfigError as error:
            _log.error("the keys stay as they were: %s", error)

    def _state(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0, 0
        return found.st_ino, found.st_size, found.st_mtime_ns


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _date(text: str) -> str:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError as error:
        raise ConfigError(f"{text[:20]!r} is no date; expected one as 2027-01-31") from error


def _write(path: Path, keys: Sequence[Key]) -> None:
    """The whole file or none; only its owner may read it."""
    content = json.dumps({"keys": [asdict(key) for key in keys]}, indent=1, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8") as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        Path(new.name).replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
