from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from twinev import health
from twinev.models import Heartbeat

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_healthz_is_200_when_database_worker_and_beat_live(client: Client) -> None:
    health.heartbeat()
    health.mark("beat", now=timezone.now())
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "parts": {"database": "ok", "beat": "ok", "worker": "ok"}}


@pytest.mark.django_db
def test_healthz_is_503_and_names_who_was_never_seen(client: Client) -> None:
    health.mark("beat", now=timezone.now())
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "ok", "beat": "ok", "worker": "never seen"}


@pytest.mark.django_db
def test_a_part_that_fell_silent_is_reported_with_how_long() -> None:
    health.mark("worker", now=NOW - timedelta(minutes=2))
    health.mark("beat", now=NOW - health.STALE_AFTER)
    assert health.examine(now=NOW) == {"database": "ok", "beat": "ok", "worker": "silent for 120 s"}


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_reported(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr("django.db.connection.ensure_connection", fail)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "unreachable"


@pytest.mark.django_db
def test_only_the_publishing_of_the_heartbeat_counts_as_a_sign_of_beat() -> None:
    from celery.signals import before_task_publish

    before_task_publish.send(sender="drivers.tasks.advance_sessions")
    assert not Heartbeat.objects.filter(part="beat").exists()
    before_task_publish.send(sender=health.heartbeat.name)
    assert Heartbeat.objects.filter(part="beat").exists()
