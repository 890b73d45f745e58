"""Waiting for rows: what the server does has to come by itself, soon."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

Found = TypeVar("Found")
# What has to come comes within a few seconds; on a machine that does much else it takes its time, and nobody waits
# longer for that where it comes.
PATIENCE_S = 60.0
PATIENCE_MS = PATIENCE_S * 1000
_LOOK_EVERY_S = 0.05


def until(look: Callable[[], Found], what: str, patience_s: float = PATIENCE_S) -> Found:
    """The first true answer of ``look``; AssertionError when none has come by the deadline."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {patience_s:.0f} s: {what}"
        time.sleep(_LOOK_EVERY_S)
    return found


def beside(service: Callable[..., Found], **arguments: Any) -> Found:
    """Call a service that tells chargers and browsers of what it did. In the thread of Playwright's loop it may not."""

    def work() -> Found:
        try:
            return service(**arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
