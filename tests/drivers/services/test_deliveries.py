"""Each browser is told once of each notice, whatever ends in between."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from drivers import tasks
from drivers.models import Notice, PushDelivery, PushSubscription
from drivers.services import deliveries, push
from tests.drivers.services.push_service import PushService, Subscriber
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def paths(service: PushService) -> list[str]:
    return sorted(path for path, _headers, _body in service.requests)


@pytest.fixture
def delivery(subscription: PushSubscription, notice: Notice) -> int:
    [pk] = deliveries.claim(notice_id=notice.pk, now=NOW)
    return pk


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tasks run when they are sent, but those that are to wait: these are lost. The waits that were asked for."""
    waits: list[int] = []
    for task in (tasks.push_notice, tasks.push_to_browser):
        monkeypatch.setattr(task, "delay", task)
    monkeypatch.setattr(tasks.push_to_browser, "apply_async", lambda _args, countdown: waits.append(countdown))
    return waits


def test_a_notice_is_pushed_once_to_each_browser_and_found_when_its_task_was_lost(
    service: PushService,
    driver: Any,
    subscription: PushSubscription,
    notice: Notice,
    at_once: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = Subscriber(service, "two")
    push.subscribe(user=driver, endpoint=other.endpoint, now=NOW, **other.keys)
    assert deliveries.unclaimed(now=NOW) == []
    monkeypatch.setattr(timezone, "now", lambda: NOW + minutes(2))
    for _ in range(2):
        tasks.tell_drivers()
    assert paths(service) == ["/push/one", "/push/two"]
    assert not PushDelivery.objects.exists()


def test_a_try_that_was_lost_with_its_process_is_found_again(
    service: PushService,
    subscription: PushSubscription,
    notice: Notice,
    at_once: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sweep_at(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)
        tasks.tell_drivers()

    service.status = 503
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    tasks.push_notice(notice.pk)
    assert (at_once, len(service.requests)) == ([15], 1)
    service.status = 201
    sweep_at(NOW + seconds(15))
    assert len(service.requests) == 1
    sweep_at(NOW + seconds(26))
    assert len(service.requests) == 2
    sweep_at(NOW + seconds(90))
    assert len(service.requests) == 2


def test_a_process_that_ended_while_it_was_telling_is_followed_by_another(
    service: PushService, delivery: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(**_: Any) -> None:
        raise KeyboardInterrupt

    send = push.send
    monkeypatch.setattr(push, "send", dies)
    with pytest.raises(KeyboardInterrupt):
        deliveries.deliver(delivery_id=delivery, now=NOW)
    monkeypatch.setattr(push, "send", send)
    assert deliveries.overdue(now=NOW + seconds(30)) == []
    assert deliveries.overdue(now=NOW + seconds(71)) == [delivery]
    deliveries.deliver(delivery_id=delivery, now=NOW + seconds(71))
    assert paths(service) == ["/push/one"]


def test_two_that_come_at_once_tell_once(service: PushService, delivery: int) -> None:
    for _ in range(2):
        assert deliveries.deliver(delivery_id=delivery, now=NOW) is None
    assert len(service.requests) == 1


def test_a_busy_push_service_is_asked_four_times_more_and_then_given_up(service: PushService, delivery: int) -> None:
    service.status, now, waits = 503, NOW, []
    while (wait_s := deliveries.deliver(delivery_id=delivery, now=now)) is not None:
        assert deliveries.deliver(delivery_id=delivery, now=now) is None
        waits.append(wait_s)
        now += seconds(wait_s)
    assert waits == [15, 60, 240, 960]
    assert len(service.requests) == 5
    assert not PushDelivery.objects.exists()


def test_it_waits_as_long_as_the_push_service_says(service: PushService, delivery: int) -> None:
    service.status, service.answer_headers = 429, {"Retry-After": "7"}
    assert deliveries.deliver(delivery_id=delivery, now=NOW) == 7


def test_old_news_wakes_nobody(service: PushService, delivery: int, notice: Notice) -> None:
    assert deliveries.claim(notice_id=notice.pk, now=NOW + minutes(61)) == []
    assert deliveries.deliver(delivery_id=delivery, now=NOW + minutes(61)) is None
    assert service.requests == []
    assert not PushDelivery.objects.exists()


def test_a_browser_that_is_gone_takes_its_deliveries_along(service: PushService, delivery: int) -> None:
    service.status = 410
    assert deliveries.deliver(delivery_id=delivery, now=NOW) is None
    assert not PushDelivery.objects.exists()
