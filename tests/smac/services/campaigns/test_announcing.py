"""An offer begins, and may be taken back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chargepoints.domain.errors import Refused
from smac import events
from smac.models import Campaign
from smac.services.campaigns import announcing
from tests import factories
from tests.smac.services.campaigns.conftest import END, START, campaign
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


def test_an_offer_is_kept_and_told(django_capture_on_commit_callbacks: Any) -> None:
    heard: list[int] = []

    def hear(campaign_id: int, **_: Any) -> None:
        heard.append(campaign_id)

    events.campaign_changed.connect(hear)
    point = factories.charge_point()
    with django_capture_on_commit_callbacks(execute=True):
        offer = campaign(point)
    assert heard == [offer.pk]
    assert list(Campaign.objects.get().charge_points.all()) == [point]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"starts_at": START + timedelta(minutes=1)}, "quarter of an hour"),
        ({"ends_at": START}, "end must be after"),
        ({"starts_at": NOW - QUARTER}, "must not be in the past"),
        ({"starts_at": NOW - 2 * HOUR, "ends_at": NOW}, "must be in the future"),
        ({"wanted_w": 0}, "above zero"),
        ({"budget": Decimal(0)}, "above zero"),
        ({"incentive_per_kwh": Decimal("-0.1")}, "above zero"),
        ({"direction": "sideways"}, "less or more"),
        ({"ends_at": START + 25 * HOUR}, "24 hours"),
        ({"starts_at": NOW + 15 * 24 * HOUR, "ends_at": NOW + 15 * 24 * HOUR + HOUR}, "14 days"),
    ],
)
def test_what_is_wrong_is_said(values: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        campaign(factories.charge_point(), **values)
    assert not Campaign.objects.exists()


def test_an_offer_reaches_somebody() -> None:
    with pytest.raises(Refused, match="at least one group"):
        campaign()


def test_an_offer_is_withdrawn_once() -> None:
    offer = campaign(factories.charge_point())
    announcing.withdraw(campaign=offer, now=NOW)
    with pytest.raises(Refused):
        announcing.withdraw(campaign=offer, now=NOW)


def test_an_offer_that_is_over_is_not_withdrawn() -> None:
    offer = campaign(factories.charge_point())
    with pytest.raises(Refused):
        announcing.withdraw(campaign=offer, now=END)
