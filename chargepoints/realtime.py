"""Browser updates: the socket says only "this changed"; the page fetches by its ordinary address.

Topics: ``map``, ``user.<pk>.session``, ``operator.<pk>.transactions`` (``commands``, ``locations``), ``orders``.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from django.urls import path
from django.utils.module_loading import import_string

from chargepoints import groups
from chargepoints.models import OperatorStaff

MOST_TOPICS = 20
_OPERATOR_TOPIC = re.compile(r"operator\.(\d+)\.[a-z]+")
_USER_TOPIC = re.compile(r"user\.(\d+)\.[a-z]+")
_TOPIC = re.compile(r"[a-z0-9.]{1,60}")


def nudge(*topics: str) -> None:
    """Tell browsers, after the current transaction's commit, that something under ``topics`` changed."""
    transaction.on_commit(lambda: _send(topics), robust=True)


def _send(topics: tuple[str, ...]) -> None:
    layer = get_channel_layer()
    send = async_to_sync(layer.group_send)
    for topic in topics:
        send(groups.topic_group(topic), {"type": "changed", "topic": topic})


def may_hear(user: Any, topic: str) -> bool:
    """Whether ``user`` may listen to ``topic``. What no rule allows is refused."""
    if not _TOPIC.fullmatch(topic):
        return False
    if topic == "map":
        return True
    if not user.is_authenticated:
        return False
    if match := _USER_TOPIC.fullmatch(topic):
        return int(match[1]) == user.pk
    if match := _OPERATOR_TOPIC.fullmatch(topic):
        return OperatorStaff.objects.filter(user=user, operator_id=int(match[1])).exists()
    return any(rule(user, topic) for rule in _rules_of_apps())


def _rules_of_apps() -> list[Callable[[Any, str], bool]]:
    """Rules of the floors above, named by dotted path in the settings."""
    return [import_string(name) for name in getattr(settings, "LIVE_TOPIC_RULES", [])]


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """One socket a page; ``?topics=a,b`` names what it shows."""

    async def connect(self) -> None:
        query = self.scope["query_string"].decode()
        topics = [part for part in _query_value(query, "topics").split(",") if part][:MOST_TOPICS]
        allowed = await database_sync_to_async(_allowed)(self.scope["user"], topics)
        if not allowed or len(allowed) != len(topics):
            await self.close(code=4403)
            return
        self.topics = allowed
        for topic in allowed:
            await self.channel_layer.group_add(groups.topic_group(topic), self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for topic in getattr(self, "topics", []):
            await self.channel_layer.group_discard(groups.topic_group(topic), self.channel_name)

    async def changed(self, event: dict[str, str]) -> None:
        await self.send_json({"topic": event["topic"]})


def _allowed(user: Any, topics: list[str]) -> list[str]:
    return [topic for topic in topics if may_hear(user, topic)]


def _query_value(query: str, name: str) -> str:
    return parse_qs(query).get(name, [""])[0]


websocket_urlpatterns = [path("live/", LiveConsumer.as_asgi())]
