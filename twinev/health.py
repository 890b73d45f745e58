"""Whether the system lives: the database answers, beat publishes, a worker gets through its work.

Beat's mark is set where it publishes the heartbeat task, the worker's where the task runs, so that each names who died.
"""

from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from celery.signals import beat_embedded_init, beat_init, before_task_publish, worker_ready
from django.db import DatabaseError, close_old_connections, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from twinev.models import Heartbeat

PARTS = ("beat", "worker")
# Long enough for a worker that plans for some seconds, short enough for a restart to help.
STALE_AFTER = timedelta(seconds=45)


@shared_task(name="twinev.health.heartbeat")
def heartbeat() -> None:
    mark("worker", now=timezone.now())


@before_task_publish.connect
def _mark_beat(sender: str | None = None, **kwargs: Any) -> None:
    if sender == heartbeat.name:
        if not connection.in_atomic_block:
            close_old_connections()  # nobody else does it in beat's thread, which serves no requests and runs no tasks
        mark("beat", now=timezone.now())


# Without these two a fresh start would be reported dead until beat's first turn.
@beat_init.connect
@beat_embedded_init.connect
def _first_mark_of_beat(**kwargs: Any) -> None:
    mark("beat", now=timezone.now())


@worker_ready.connect
def _first_mark_of_worker(**kwargs: Any) -> None:
    mark("worker", now=timezone.now())


def mark(part: str, *, now: datetime) -> None:
    Heartbeat.objects.update_or_create(part=part, defaults={"at": now})


def examine(*, now: datetime) -> dict[str, str]:
    """The state of each part: "ok", or in words what is wrong."""
    try:
        connection.ensure_connection()
        seen = dict(Heartbeat.objects.values_list("part", "at"))
    except DatabaseError:
        return {"database": "unreachable"} | dict.fromkeys(PARTS, "unknown")
    return {"database": "ok"} | {part: _verdict(seen.get(part), now=now) for part in PARTS}


def healthz(request: HttpRequest) -> JsonResponse:
    parts = examine(now=timezone.now())
    healthy = all(state == "ok" for state in parts.values())
    status = "ok" if healthy else "failing"
    return JsonResponse({"status": status, "parts": parts}, status=200 if healthy else 503)


def _verdict(seen_at: datetime | None, *, now: datetime) -> str:
    if seen_at is None:
        return "never seen"
    silent_for = now - seen_at
    return "ok" if silent_for <= STALE_AFTER else f"silent for {silent_for.total_seconds():.0f} s"
