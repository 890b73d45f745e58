"""Changing a session while it runs."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.models import Transaction
from drivers.models import ChargeSession
from drivers.services import changing, progress, sessions
from drivers.services.changing import Change
from smac.models import ChargingNeed, PlanningState
from smac.services import needs
from tests import factories
from tests.factories import NOW
from tests.smac import world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def running(charging: ChargeSession) -> ChargeSession:
    """After half an hour, with 5 kWh for 2.50 EUR on the meter."""
    needs.attach(transaction=charging.transaction, now=NOW)
    world.meter(charging.transaction, (NOW, 0), (NOW + HOUR / 2, 5_000))
    return sessions.with_relations().get(pk=charging.pk)


def change(session: ChargeSession, **values: Any) -> Change:
    usual = {"mode": "fast", "target_soc_percent": 90, "departure_at": NOW + 3 * HOUR}
    return Change(session=session, **{**usual, **values})


def test_the_new_quote_counts_what_was_charged_and_what_is_still_to_come(running: ChargeSession) -> None:
    offer = changing.quote(change=change(running), now=NOW + HOUR / 2)
    rest_kwh = Decimal(str(round(offer.quote.energy_wh / 1000, 3)))
    assert offer.spent.total == Decimal("2.50")
    assert offer.quote.soc_end == pytest.approx(90, abs=0.2)
    assert offer.total.total == pytest.approx(Decimal("2.50") + rest_kwh * Decimal("0.50"), abs=Decimal("0.01"))
    assert offer.spent.total == progress.of(session=running, now=NOW + HOUR / 2).cost.total  # type: ignore[union-attr]


def test_a_quote_changes_nothing(running: ChargeSession) -> None:
    changing.quote(change=change(running), now=NOW + HOUR / 2)
    running.need.refresh_from_db()
    assert (running.need.mode, running.need.target_soc_percent) == ("basic", 80)


def test_the_change_moves_the_wish_the_end_and_the_promise_and_asks_for_a_plan(running: ChargeSession) -> None:
    PlanningState.objects.update(requested_at=None)
    offer = changing.apply(change=change(running), now=NOW + HOUR / 2)
    session = ChargeSession.objects.select_related("need").get(pk=running.pk)
    assert (session.need.mode, session.need.target_soc_percent) == ("fast", 90)
    assert session.need.departure_at == session.planned_end_at == NOW + 3 * HOUR
    assert session.quote["price"] == str(offer.total.total)
    assert PlanningState.objects.get().requested_at is not None


def test_the_battery_as_it_was_known_stays_unless_the_driver_says_otherwise(running: ChargeSession) -> None:
    before = progress.soc_percent(running)
    changing.apply(change=change(running), now=NOW + HOUR / 2)
    assert progress.soc_percent(sessions.with_relations().get()) == pytest.approx(before)
    changing.apply(change=change(sessions.with_relations().get(), soc_percent=70), now=NOW + HOUR / 2)
    assert progress.soc_percent(sessions.with_relations().get()) == pytest.approx(70)


@pytest.mark.parametrize(
    ("values", "code"),
    [({"target_soc_percent": 40}, "target"), ({"departure_at": NOW + HOUR / 2}, "time")],
)
def test_what_makes_no_sense_is_refused(running: ChargeSession, values: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        changing.quote(change=change(running, **values), now=NOW + HOUR / 2)
    assert refused.value.code == code


def test_a_session_that_ends_cannot_be_changed_any_more(running: ChargeSession) -> None:
    stale = sessions.with_relations().get()
    sessions.request_stop(session=running, requested_by=None, now=NOW)
    for session in (running, stale):
        with pytest.raises(Refused):
            changing.apply(change=change(session), now=NOW + HOUR / 2)
    assert ChargingNeed.objects.get().mode == "basic"


def test_a_session_of_a_card_learns_its_vehicle(running: ChargeSession, driver: Any) -> None:
    ChargeSession.objects.update(vehicle=None, started_by_card=True)
    big = factories.vehicle(driver, battery_capacity_wh=80_000, max_charge_w=7_400)
    session = sessions.with_relations().get()
    changing.apply(change=change(session, vehicle=big, soc_percent=50), now=NOW + HOUR / 2)
    session = sessions.with_relations().get()
    assert (session.vehicle, session.has_wish) == (big, True)
    assert (session.need.battery_capacity_wh, session.need.max_charge_w) == (80_000, 7_400)
    assert progress.soc_percent(session) == pytest.approx(50)


def test_one_tap_ends_giving_back(running: ChargeSession) -> None:
    ChargingNeed.objects.update(v2g_allowed=True)
    changing.stop_giving_back(session=sessions.with_relations().get(), now=NOW + HOUR)
    assert not ChargingNeed.objects.get().v2g_allowed


def test_v2g_is_consented_to_only_where_car_and_charger_can(running: ChargeSession) -> None:
    changing.apply(change=change(running, v2g_wanted=True), now=NOW + HOUR / 2)
    assert not ChargingNeed.objects.get().v2g_allowed
    running.vehicle.__class__.objects.update(v2g=True, max_discharge_w=8_000)
    running.evse.__class__.objects.update(max_discharge_w=6_000)
    able = sessions.with_relations().get()
    changing.apply(change=change(able, v2g_wanted=True, floor_soc_percent=45), now=NOW + HOUR / 2)
    need = ChargingNeed.objects.get()
    assert (need.v2g_allowed, need.max_discharge_w, need.floor_soc_percent) == (True, 6_000, 45)
    assert Transaction.objects.count() == 1
