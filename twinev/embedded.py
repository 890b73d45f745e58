"""The whole system in one process: web server in the main thread, a Celery worker and beat in threads.

For the demo and for small installations: SQLite, a broker and a channel layer in memory, nothing to install but Python
packages. With DATABASE_URL and REDIS_URL the same three parts run as processes of their own instead (compose.yaml).
"""

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, cast

from celery.beat import EmbeddedService
from celery.signals import worker_ready
from celery.worker import WorkController
from django.conf import settings

from twinev import web
from twinev.celery import app as celery_app

logger = logging.getLogger(__name__)

Job = Callable[[threading.Event], None]
AsyncJob = Callable[[asyncio.Event], Coroutine[Any, Any, None]]

# Two cores at home: a plan in one thread, sweeps in the others.
WORKER_THREADS = 4
STOP_WITHIN_S = 10


def run(
    *,
    port: int,
    host: str = "127.0.0.1",
    background: Sequence[Job | AsyncJob] = (),
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Serves until Ctrl-C or SIGTERM, then ends every part. Raises web.CannotListen. Migrations come before.

    Each background job gets its own thread, and starts when the server listens: a plain function gets a
    threading.Event, a coroutine function an asyncio.Event in a loop of its own; it returns when the event is set.
    on_ready is called when the server listens.
    """
    parts = _Parts(background=background, on_ready=on_ready)
    try:
        web.run(port=port, host=host, on_ready=parts.start)
    finally:
        parts.stop()


class _Parts:
    """What runs beside the web server: worker, beat and background jobs, each in a thread."""

    def __init__(self, *, background: Sequence[Job | AsyncJob], on_ready: Callable[[], None] | None) -> None:
        self._on_ready = on_ready
        self._stopping = threading.Event()
        self._loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._worker = WorkController(
            app=celery_app,
            pool_cls="threads",
            concurrency=WORKER_THREADS,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            # The signal that a worker of its own process would send.
            ready_callback=lambda consumer: worker_ready.send(sender=consumer),
        )
        # A thread of its own making, not a process: that could not see a broker in memory.
        self._beat: Any = EmbeddedService(celery_app, thread=True, scheduler_cls=settings.CELERY_BEAT_SCHEDULER)
        self._threads = [
            threading.Thread(target=self._worker.start, name="worker", daemon=True),
            *(threading.Thread(target=self._run_job, args=[job], name=_name(job), daemon=True) for job in background),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        self._beat.start()
        if self._on_ready is not None:
            self._on_ready()

    def stop(self) -> None:
        self._stopping.set()
        for loop, event in self._loops:
            loop.call_soon_threadsafe(event.set)
        if self._beat.is_alive():
            self._beat.stop()
        self._worker.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=STOP_WITHIN_S)

    def _run_job(self, job: Job | AsyncJob) -> None:
        try:
            if inspect.iscoroutinefunction(job):
                asyncio.run(self._await_job(cast(AsyncJob, job)))
            else:
                cast(Job, job)(self._stopping)
        except Exception:
            logger.exception("Background job ended by an error", extra={"job": _name(job)})

    async def _await_job(self, job: AsyncJob) -> None:
        stop = asyncio.Event()
        self._loops.append((asyncio.get_running_loop(), stop))
        if self._stopping.is_set():
            return
        await job(stop)


def _name(job: Job | AsyncJob) -> str:
    return getattr(job, "__qualname__", repr(job))
