"""What workers do: ids in, one service call."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.module_loading import import_string

from gridops.ports import OrderServer
from gridops.services import once
from gridops.services.server import following, reporting


def _of(username: str) -> tuple[Any, OrderServer]:
    """The user, and the server that the settings name for the user."""
    server: OrderServer = import_string(settings.ORDER_SERVER)(settings.ORDER_SERVERS[username])
    return get_user_model().objects.get_by_natural_key(username), server


@shared_task
def follow_servers() -> None:
    """Each server in a task of its own: a slow one keeps nobody else waiting."""
    for username in settings.ORDER_SERVERS:
        follow_server.delay(username)


@shared_task
def follow_server(username: str) -> None:
    """Bring the orders of one grid operator in step with the own server."""
    user, server = _of(username)
    following.follow(user=user, server=server, now=timezone.now())


@shared_task
def report_capacity() -> None:
    """Tell each server what it asked for."""
    for username in settings.ORDER_SERVERS:
        report_capacity_to.delay(username)


@shared_task
def report_capacity_to(username: str) -> None:
    """Tell one server."""
    user, server = _of(username)
    reporting.report(user=user, server=server, now=timezone.now())


@shared_task
def forget_old_keys() -> None:
    """Drop keys of orders that nobody asks with any more."""
    once.forget(now=timezone.now())
