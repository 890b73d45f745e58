"""The web server: pages, chargers' and browsers' websockets on one port."""

import asyncio
import gc
import threading
from collections.abc import Callable

import uvloop

# Before anything imports Twisted's reactor: daphne installs the one that runs on asyncio, on a new loop.
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
# ruff: noqa: E402
import daphne.server
from daphne.server import twisted_loop
from django.conf import settings

from twinev.sockets import SocketFactory, SocketServer

# A storm of chargers queues at the door; daphne would turn them away after 5 s, and all would come again.
_HANDSHAKE_WITHIN_S = 30
# Python's own (700, 10, 10) collect the young a hundred times a second here, to find next to nothing.
_GC_THRESHOLDS = (20_000, 20, 50)


class CannotListen(RuntimeError):
    """Another program has the port."""


def run(*, port: int, host: str, on_ready: Callable[[], None] | None = None) -> None:
    """Serves in the main thread until Ctrl-C or SIGTERM. Raises CannotListen."""
    from twinev.asgi import application

    daphne.server.WebSocketFactory = SocketFactory  # the server makes its own: this is where it looks for the class
    server = SocketServer(
        application,
        endpoints=[f"tcp:port={port}:interface={host}"],
        # A charger's websocket stays for months; daphne would cut it after a day.
        websocket_timeout=-1,
        websocket_connect_timeout=_HANDSHAKE_WITHIN_S,
        websocket_handshake_timeout=_HANDSHAKE_WITHIN_S,
        ping_interval=settings.PING_INTERVAL_S,
        ping_timeout=settings.PONG_WITHIN_S,
        ready_callable=lambda: _ready(on_ready),
        server_name="TwinEV",
        verbosity=1,
    )
    try:
        server.run()
    finally:
        _keep_loop_running()
    if server.abort_start:
        raise CannotListen(f"Port {port} on {host} cannot be used: something else listens there already.")


def _ready(on_ready: Callable[[], None] | None) -> None:
    """What is loaded by now stays for good: the garbage collector need not look through it for every few messages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    if on_ready is not None:
        on_ready()


def _keep_loop_running() -> None:
    """Threads that note a charger's farewell tell browsers through the loop: without it they would wait for ever."""
    threading.Thread(target=twisted_loop.run_forever, name="last words", daemon=True).start()
