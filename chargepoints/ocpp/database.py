"""Database work of the server room: a bounded pool of threads, and patience with what passes.

After a power cut hundreds of chargers start at once. The pool bounds the connections, none waits for a second one, and
a deadlock or a lost database is tried again here: an error would make the charger repeat, then drop, a session's facts.
"""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

# An IntegrityError is a race on a first contact: the next try finds the row.
TRANSIENT = (OperationalError, InterfaceError, IntegrityError)
# Half a minute altogether: as long as chargers wait for an answer.
PAUSES_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0)
_RACES = 2


_thread = threading.local()


# Whoever knocks is looked up beside the queue of work: the server gives up a handshake that takes more than 5 s.
_DOOR_THREADS = 2


@cache
def _pool() -> ThreadPoolExecutor:
    """SQLite has one writer: a queue here is fairer and faster than its polling for the lock."""
    return _threads(1 if connection.vendor == "sqlite" else settings.OCPP_DATABASE_THREADS, "ocpp-database")


@cache
def _side() -> ThreadPoolExecutor:
    """What nobody's answer waits for. SQLite has one writer."""
    return _pool() if connection.vendor == "sqlite" else _threads(1, "ocpp-side")


@cache
def _batches() -> ThreadPoolExecutor:
    return _threads(1, "ocpp-batches")


@cache
def _door() -> ThreadPoolExecutor:
    return _threads(_DOOR_THREADS, "ocpp-door")


def _threads(count: int, name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=count, thread_name_prefix=name)


async def _in(pool: ThreadPoolExecutor, function: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    """Without asgiref's detour: nothing here needs the caller's context, and a thread is never asked to call back."""
    work = partial(_in_thread, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(pool, work)


def _in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Each thread keeps its connection for a while, and never one that has failed."""
    if connection.connection is None:
        _thread.close_at_s = time.monotonic() + settings.OCPP_CONNECTION_AGE_S
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
    finally:
        if time.monotonic() >= _thread.close_at_s:
            connection.close()


async def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a service in the pool; tried again when the database only stumbled.

    :raises: the last error, when it lasted longer than a charger waits.
    """
    return await _patiently(_pool(), function, *args, **kwargs)


async def look_up(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Read what a handshake needs, without waiting for the pool's work.

    :raises: the last error, when it lasted longer than a charger waits.
    """
    return await _patiently(_door(), function, *args, **kwargs)


async def run_batch(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call what takes the reports of many chargers, one batch after the other. Not tried again.

    :raises: the error.
    """
    return await _in(_batches(), function, *args, **kwargs)


async def run_beside(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call what no charger waits for, beside the pool's work.

    :raises: the last error, when it lasted longer than a charger waits.
    """
    return await _patiently(_side(), function, *args, **kwargs)


async def _patiently(pool: ThreadPoolExecutor, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    for attempt, pause_s in enumerate(PAUSES_S):
        try:
            return await _in(pool, function, *args, **kwargs)
        except TRANSIENT as error:
            if isinstance(error, IntegrityError) and attempt >= _RACES:
                raise
            logger.warning("database stumbled", extra={"service": str(function), "error": type(error).__name__})
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))
    return await _in(pool, function, *args, **kwargs)
