"""News that may wait for a moment: gathered in each process, told once, and told beside what made them.

A charger's answer does not wait for browsers and workers to hear of it, and what changed ten times is told once. Losing
news delays: pages poll slowly, and sweeps find in the rows what no task told.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)
Item = TypeVar("Item", bound=Hashable)
# Opening a connection costs more than what is asked through it.
_CONNECTION_AGE_S = 60.0


class Gathering(Generic[Item]):
    """Gathers items, each once, and hands them to ``deliver``.

    After ``after_s``, else after ``settings.NEWS_GATHERED_S``; at once where that is 0.
    """

    def __init__(self, deliver: Callable[[list[Item]], None], *, after_s: float | None = None) -> None:
        self._deliver = deliver
        self._after_s = after_s
        self._items: dict[Item, None] = {}
        self._lock = threading.Lock()

    def add(self, *items: Item) -> None:
        if not settings.NEWS_GATHERED_S:
            self._deliver(list(dict.fromkeys(items)))
            return
        with self._lock:
            self._items.update(dict.fromkeys(items))
        _courier(settings.NEWS_GATHERED_S if self._after_s is None else self._after_s).wake(self)

    def flush(self) -> None:
        """Deliver what was gathered so far."""
        with self._lock:
            items, self._items = list(self._items), {}
        if not items:
            return
        try:
            self._deliver(items)
        except Exception:
            logger.exception("news could not be told")
            connection.close()


class _Courier:
    """One thread a process and a pace delivers all that was gathered."""

    def __init__(self, after_s: float) -> None:
        self.pid = os.getpid()
        self._after_s = after_s
        self._due: dict[Gathering, None] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        threading.Thread(target=self._run, name="news", daemon=True).start()

    def wake(self, gathering: Gathering) -> None:
        with self._lock:
            self._due[gathering] = None
        self._wake.set()

    def deliver(self) -> None:
        with self._lock:
            due, self._due = self._due, {}
        for gathering in due:
            gathering.flush()

    def _run(self) -> None:
        _thread.is_courier = True
        close_at_s = time.monotonic() + _CONNECTION_AGE_S
        while True:
            self._wake.wait()
            time.sleep(self._after_s)
            self._wake.clear()
            self.deliver()
            if time.monotonic() >= close_at_s:
                connection.close()
                close_at_s = time.monotonic() + _CONNECTION_AGE_S


_thread = threading.local()
_couriers: dict[float, _Courier] = {}
_starting = threading.Lock()


def is_courier() -> bool:
    """Whether this thread is one that delivers."""
    return getattr(_thread, "is_courier", False)


def _courier(after_s: float) -> _Courier:
    """This process's own: threads do not follow into a fork."""
    courier = _couriers.get(after_s)
    if courier is None or courier.pid != os.getpid():
        with _starting:
            courier = _couriers.get(after_s)
            if courier is None or courier.pid != os.getpid():
                courier = _couriers[after_s] = _Courier(after_s)
    return courier


def flush() -> None:
    """Deliver all that this process gathered, in this thread."""
    for courier in list(_couriers.values()):
        if courier.pid == os.getpid():
            courier.deliver()


atexit.register(flush)
