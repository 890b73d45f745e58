from datetime import timedelta
from typing import Any

import pytest

from chargepoints.models import ChargePoint, OcppMessage
from chargepoints.services import messages
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def frame(point: ChargePoint, days_old: float) -> int:
    return OcppMessage.objects.create(
        charge_point=point,
        at=NOW - timedelta(days=days_old),
        direction="in",
        message_type=2,
        message_id="1",
        action="Heartbeat",
        payload={},
    ).pk


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_frames_go_when_their_time_is_over(at_once: int, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OCPP_MESSAGES_KEPT_DAYS = 3
    monkeypatch.setattr(messages, "_AT_ONCE", at_once)
    point = factories.charge_point()
    kept = [frame(point, days) for days in (0, 1, 2.9)]
    for days in (3.1, 5, 30):
        frame(point, days)
    assert messages.forget_old(now=NOW) == 3
    assert sorted(OcppMessage.objects.values_list("pk", flat=True)) == kept
