"""A browser that subscribed at a push service on this machine, and a notice for its owner."""

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.models import Notice, PushSubscription
from drivers.services import notices, push, vapid
from tests.drivers.services.push_service import PushService, Subscriber, running
from tests.factories import NOW


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    with running() as service:
        settings.PUSH_SERVICES = [*settings.PUSH_SERVICES, service.origin]
        settings.VAPID_PRIVATE_KEY = vapid.generate()
        yield service


@pytest.fixture
def browser(service: PushService) -> Subscriber:
    return Subscriber(service)


@pytest.fixture
def subscription(driver: Any, browser: Subscriber) -> PushSubscription:
    return push.subscribe(user=driver, endpoint=browser.endpoint, now=NOW, **browser.keys)


@pytest.fixture
def notice(driver: Any) -> Notice:
    about: dict[str, str | int] = {"station": "Town hall", "energy_wh": 7_000}
    return notices.tell(user=driver, kind=Notice.Kind.SESSION_END, about=about, path="/charge/7/", now=NOW)
