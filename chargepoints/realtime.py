"""Browser updates: the socket says only "this changed"; the page fetches by its ordinary address.

Topics: ``map``, ``user.<pk>.session``, ``operator.<pk>.transactions`` (``commands``, ``locations``), ``orders``.
"""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.db import transaction
from django.urls import path
from django.utils.module_loading import import_string

from chargepoints import groups, layer
from chargepoints.gathering import Gathering
from chargepoints.models import ChargePoint, OperatorStaff

MOST_TOPICS = 20
_OPERATOR_TOPIC = re.compile(r"operator\.(\d+)\.[a-z]+")
_USER_TOPIC = re.compile(r"user\.(\d+)\.[a-z]+")
_TOPIC = re.compile(r"[a-z0-9.]{1,60}")


# Whose a charger is changes rarely, and a hint to the wrong page tells nothing.
_OWNERS_KEPT_S = 60.0


class ChargerTopic(NamedTuple):
    """A topic of the operator that owns a charge point; of nobody for a private one."""

    charge_point_id: int
    subject: str


Topic = str | ChargerTopic


def nudge(*topics: Topic) -> None:
    """Tell browsers, after the current transaction's commit and a moment, that something under ``topics`` changed."""
    transaction.on_commit(lambda: _changes.add(*topics), robust=True)


def _send(topics: list[Topic]) -> None:
    texts = dict.fromkeys(_texts(topics))
    layer.send((groups.topic_group(text), {"type": "changed", "topic": text}) for text in texts)


_changes: Gathering[Topic] = Gathering(_send)


_owners: dict[int, tuple[float, int | None]] = {}


def _texts(topics: Iterable[Topic]) -> list[str]:
    chargers = {topic.charge_point_id for topic in topics if isinstance(topic, ChargerTopic)}
    owners = _operators_of(chargers) if chargers else {}
    texts = []
    for topic in topics:
        if isinstance(topic, str):
            texts.append(topic)
        elif owners.get(topic.charge_point_id):
            texts.append(f"operator.{owners[topic.charge_point_id]}.{topic.subject}")
    return texts


def _operators_of(charge_point_ids: Iterable[int]) -> dict[int, int | None]:
    """The operators of charge points, None for private ones."""
    now = time.monotonic()
    known = {pk: _owners[pk] for pk in charge_point_ids if pk in _owners and _owners[pk][0] > now}
    owners = {pk: operator_id for pk, (_, operator_id) in known.items()}
    if asked := [pk for pk in charge_point_ids if pk not in owners]:
        rows = ChargePoint.objects.filter(pk__in=asked).order_by()
        found = dict(rows.values_list("pk", "supply_point__location__operator_id"))
        owners |= found
        if settings.NEWS_GATHERED_S:
            _owners.update({pk: (now + _OWNERS_KEPT_S, operator_id) for pk, operator_id in found.items()})
    return owners


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
