from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from chargepoints import groups, realtime
from chargepoints.realtime import LiveConsumer, may_hear
from chargepoints.selectors.operators import topic_of
from tests import factories

pytestmark = pytest.mark.django_db


def test_everybody_may_hear_the_map() -> None:
    assert may_hear(AnonymousUser(), "map")


def test_the_anonymous_hear_nothing_else() -> None:
    assert not any(may_hear(AnonymousUser(), topic) for topic in ("user.1.session", "operator.1.commands", "orders"))


def test_a_driver_hears_own_news_only() -> None:
    ann, bob = factories.driver(), factories.driver()
    assert may_hear(ann, f"user.{ann.pk}.session")
    assert not may_hear(ann, f"user.{bob.pk}.session")


def test_staff_hear_their_own_operator_only() -> None:
    mine, other = factories.operator(), factories.operator()
    person = factories.staff(mine)
    assert may_hear(person, f"operator.{mine.pk}.transactions")
    assert not may_hear(person, f"operator.{other.pk}.transactions")
    assert not may_hear(factories.driver(), f"operator.{mine.pk}.transactions")


def test_orders_are_for_grid_operators() -> None:
    assert may_hear(factories.grid_operator(), "orders")
    assert not may_hear(factories.driver(), "orders")
    assert not may_hear(factories.staff(factories.operator()), "orders")


@pytest.mark.parametrize("topic", ["", "everything", "user.x.session", "map/../orders", "m" * 61])
def test_what_no_rule_knows_is_refused(topic: str) -> None:
    assert not may_hear(factories.grid_operator(), topic)


async def connect(user, topics: str) -> tuple[WebsocketCommunicator, bool]:
    socket = WebsocketCommunicator(LiveConsumer.as_asgi(), f"/live/?topics={topics}")
    socket.scope["user"] = user
    connected, _ = await socket.connect()
    return socket, connected


@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_asks_for_one_topic_too_many_is_closed() -> None:
    ann = await sync_to_async(factories.driver)()
    _, connected = await connect(ann, f"map,user.{ann.pk}.session,user.{ann.pk + 1}.session")
    assert not connected


@pytest.mark.django_db(transaction=True)
async def test_a_socket_hears_that_its_topic_changed() -> None:
    ann = await sync_to_async(factories.driver)()
    topic = f"user.{ann.pk}.session"
    socket, connected = await connect(ann, topic)
    assert connected
    await get_channel_layer().group_send(groups.topic_group(topic), {"type": "changed", "topic": topic})
    assert await socket.receive_json_from() == {"topic": topic}
    await socket.disconnect()


def test_a_charger_s_topic_is_its_operator_s_and_nobody_s_where_it_is_private(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[str] = []

    def note(messages: Any) -> None:
        told.extend(message["topic"] for _, message in messages)

    monkeypatch.setattr(realtime.layer, "send", note)
    public = factories.charge_point()
    private = factories.charge_point(at=factories.supply_point(owner=factories.driver()))
    with django_capture_on_commit_callbacks(execute=True):
        topics = [*topic_of(public.pk, "locations"), *topic_of(private.pk, "locations"), *topic_of(0, "locations")]
        realtime.nudge("map", *topics, *topics)
    assert told == ["map", f"operator.{public.location.operator_id}.locations"]
