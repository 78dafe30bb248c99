"""The process: an application on a port, until it is told to stop.

serve(settings)      prints where it listens, and returns when what was in work is finished
"""

from __future__ import annotations

import logging
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

from biogloss.apps.rest import factory, service
from biogloss.apps.rest.guard import HEADER_BYTES
from biogloss.apps.web import views
from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from biogloss.apps.rest.settings import Access, Settings

KEEP_ALIVE_SECONDS = 15


class Server(uvicorn.Server):
    """uvicorn's, which tells the service first when it stops, so that nobody is kept waiting by who only listens."""

    def __init__(self, config: uvicorn.Config, own: service.Service, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._own = own
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: no new requests, and those in work are finished within the time for it."""
        await self._own.stop()
        await super().shutdown(sockets)


def serve(settings: Settings, said: Callable[[str], None]) -> None:
    """Load a service and answer until a signal to stop.

    Args:
        settings: of it.
        said: is told, in a line, where it listens.

    Raises:
        ConfigError: the address cannot be listened on, or the TLS files cannot be read.
        BioglossError: something cannot be loaded.
    """
    bound = _bound(settings.access)
    with bound:
        own = service.load(settings)
        config = _config(views.add(factory.create(own)), settings)
        server = Server(config, own, lambda: said(f"listening on {_address(settings.access, bound)}"))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)  # uvicorn raises it again when it has stopped, as it was asked to
        server.run([bound])


def _bound(access: Access) -> socket.socket:
    family = socket.AF_INET6 if ":" in access.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((access.host, access.port))
    except (OSError, OverflowError) as error:
        bound.close()
        what = (
            f"{access.host} port {access.port}: nothing can listen there ({error}); choose others by --host and --port"
        )
        raise ConfigError(what) from error
    return bound


def _address(access: Access, bound: socket.socket) -> str:
    host = f"[{access.host}]" if ":" in access.host else access.host
    return f"{'https' if access.certificate else 'http'}://{host}:{bound.getsockname()[1]}"


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    limits, access = settings.limits, settings.access
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        h11_max_incomplete_event_size=HEADER_BYTES,
        http="h11",
        loop="asyncio",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(limits.stop_seconds),
        ssl_certfile=access.certificate,
        ssl_keyfile=access.private_key,
    )
    try:
        config.load()
    except OSError as error:
        raise ConfigError(f"{access.certificate}, {access.private_key}: no TLS by these files ({error})") from error
    return config


def log_to_stderr() -> None:
    """A line a request; what uvicorn itself has to say only when it is a warning."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
