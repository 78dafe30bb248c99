"""What a service is told when it starts, and the limits it keeps.

Settings(models=("biogloss-en",), graph=Path("my.graph"), state=Path("/var/lib/biogloss"))
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken on.

    Args:
        body_bytes: of a request, also after it is decompressed.
        upload_bytes: of a job's documents, as they are sent; decompressed they are read one by one.
        job_documents: of a job.
        documents: of a request to annotate, or names of one to link, or texts of one to embed.
        characters: of all texts of a request.
        waiting_seconds: when the work before a request would take longer, it is answered 429.
        waiting_documents: and when more would be waiting.
        batch_documents, batch_characters: in one batch; a batch of one shares nothing.
        request_seconds: until an answer is given up.
        idle_seconds: between two pieces of a body.
        in_flight: requests at once, of whatever kind.
        jobs: that are not finished yet, of one key; an upload counts while it comes.
        per_minute: requests of one key; 0 is without limit. A key may have its own.
        stop_seconds: to finish what is in work when told to stop.
        keep_days: until a finished job is forgotten.
    """

    body_bytes: int = 8_000_000
    upload_bytes: int = 1_000_000_000
    job_documents: int = 1_000_000
    documents: int = 100
    characters: int = 1_000_000
    waiting_seconds: float = 1.5
    waiting_documents: int = 1_000
    batch_documents: int = 64
    batch_characters: int = 10_000
    request_seconds: float = 60.0
    idle_seconds: float = 20.0
    in_flight: int = 512
    jobs: int = 100
    per_minute: int = 0
    stop_seconds: float = 20.0
    keep_days: float = 7.0


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask from where.

    Args:
        host, port: where to listen; port 0 is any that is free.
        keys: the file of API keys; with it, each request needs one.
        is_open: whether anybody may ask on an address that others reach.
        names: further names under which the service is reached, where it listens on this machine only.
        origins: of web pages that may ask from a browser.
        certificate, private_key: PEM files for TLS.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    keys: Path | None = None
    is_open: bool = False
    names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    certificate: Path | None = None
    private_key: Path | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.private_key is None):
            raise ConfigError("TLS needs both a certificate and its private key: --tls-certificate and --tls-key")
        if "*" in self.origins:
            raise ConfigError("any web page at all may not ask from a browser; name origins, as https://lab.example")
        if not self.is_local and self.keys is None and not self.is_open:
            raise ConfigError(
                f"on {self.host} others can reach the service, and it has no API keys. Make some with `biogloss keys "
                "add NAME` and name the file with --keys; or let anybody ask, with --without-keys"
            )

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it.

    Args:
        models: folders, or ``biogloss-en``; the first is asked where a request names none.
        is_linked: whether entities get identifiers, and names are linked.
        relations: whether models say the relations too that they say on request only.
        index: of terms; the shipped one where it is left out.
        graph: that is asked.
        embeddings: an inference folder that makes vectors.
        state: folder of jobs; without it there are none.
        workers: threads that compute.
    """

    models: tuple[str, ...] = ("biogloss-en",)
    is_linked: bool = True
    relations: bool = False
    index: str = ""
    graph: Path | None = None
    embeddings: str = ""
    state: Path | None = None
    workers: int = 2
    limits: Limits = field(default_factory=Limits)
    access: Access = field(default_factory=Access)
