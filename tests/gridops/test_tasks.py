"""What workers do for machines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from gridops import tasks
from gridops.models import OrderKey, ServerLink
from gridops.services import once
from smac.models import FlexOrder
from tests import vtn as vtns
from tests.gridops.conftest import Area
from tests.vtn import Vtn, interval

pytestmark = pytest.mark.django_db


@pytest.fixture
def vtn(area: Area, settings: Any) -> Iterator[Vtn]:
    with vtns.running() as running:
        settings.ORDER_SERVERS = {area.dso.username: running.url}
        yield running


def test_without_a_server_in_the_settings_nothing_is_asked(area: Area) -> None:
    assert django_settings.ORDER_SERVERS == {}
    assert not {"follow-servers", "report-capacity"} & set(django_settings.CELERY_BEAT_SCHEDULE)
    tasks.follow_servers()
    tasks.report_capacity()
    assert not ServerLink.objects.exists()


def test_an_operator_follows_the_own_server_and_reports_to_it(area: Area, vtn: Vtn) -> None:
    now = timezone.now()
    asked = {"reportDescriptors": [{"payloadType": "DEMAND"}]}
    vtn.publish("e-1", interval(0, start=now - timedelta(minutes=1), import_kw=11), **asked)
    tasks.follow_server(area.dso.username)
    tasks.report_capacity_to(area.dso.username)
    assert FlexOrder.objects.get().ordered_by == area.dso
    assert [it["eventID"] for it in vtn.reports] == ["e-1"]


def test_keys_are_forgotten_when_nobody_asks_with_them_any_more(area: Area) -> None:
    now = timezone.now()
    for name, age in (("new", once.KEPT - timedelta(hours=1)), ("old", once.KEPT + timedelta(hours=1))):
        OrderKey.objects.create(user=area.dso, key=name, digest="", created_at=now - age)
    tasks.forget_old_keys()
    assert [it.key for it in OrderKey.objects.all()] == ["new"]
