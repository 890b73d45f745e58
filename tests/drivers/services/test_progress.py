"""What the card and the top bar show."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.models import Evse, MeterValue, Reservation, Transaction
from drivers.models import ChargeSession, Vehicle
from drivers.services import progress, queue, sessions, stations, status
from drivers.services.progress import Look
from drivers.services.status import DriverStatus
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def look(session: ChargeSession, after: timedelta = HOUR) -> Look:
    session = sessions.with_relations().get(pk=session.pk)
    return progress.of(session=session, now=NOW + after).look


def test_the_card_follows_the_life_of_the_session(charging: ChargeSession) -> None:
    assert look(charging) is Look.CHARGING
    sessions.request_stop(session=charging, requested_by=None, now=NOW)
    assert look(charging) is Look.ENDING
    sessions.finished(session=charging, ended_at=NOW)
    assert look(charging, timedelta(minutes=10)) is Look.FINISHED
    assert look(charging, timedelta(minutes=11)) is Look.OVERDUE
    sessions.pick_up(session=charging, now=NOW + HOUR)
    assert look(charging) is Look.CLOSED


def test_the_battery_is_what_the_car_tells_else_what_the_meter_counted(charging: ChargeSession) -> None:
    Transaction.objects.update(energy_wh=5_200)
    counted = progress.of(session=sessions.with_relations().get(), now=NOW)
    assert not counted.soc_is_measured
    assert counted.soc_percent == pytest.approx(40 + 100 * 5.2 * 0.92 / 52)
    Transaction.objects.update(soc_percent=47)
    told = progress.of(session=sessions.with_relations().get(), now=NOW)
    assert (told.soc_percent, told.soc_is_measured, told.soc_note) == (47, True, "Told by the car: ±1 points.")


def test_cost_so_far_is_the_meter_at_the_tariff(charging: ChargeSession) -> None:
    for minutes, register_wh in ((0, 1_000), (15, 3_000)):
        MeterValue.objects.create(
            charge_point=charging.evse.charge_point,
            evse_number=1,
            transaction=charging.transaction,
            at=NOW + timedelta(minutes=minutes),
            measurand="Energy.Active.Import.Register",
            value=register_wh,
            unit="Wh",
        )
    cost = progress.of(session=charging, now=NOW + HOUR).cost
    assert cost is not None
    assert str(cost.total) == "1.00"


def test_the_penalty_runs_on_the_card(charging: ChargeSession) -> None:
    sessions.finished(session=charging, ended_at=NOW)
    shown = progress.of(session=charging, now=NOW + timedelta(minutes=15))
    assert shown.overdue_minutes == 5
    assert shown.cost is not None
    assert str(shown.cost.penalty) == "0.50"


def test_the_top_bar_shows_blue_orange_green_and_red(driver: Any, reservation: Reservation) -> None:
    held = status.of(driver=driver, now=NOW)
    assert held is not None
    assert (held.state, held.until) == ("reserved", reservation.expires_at)


def test_the_top_bar_shows_the_battery_while_charging(driver: Any, charging: ChargeSession) -> None:
    running = status.of(driver=driver, now=NOW)
    assert running is not None
    assert (running.state, running.soc_percent) == ("charging", 40)
    sessions.finished(session=charging, ended_at=NOW)
    states = [status.of(driver=driver, now=NOW + timedelta(minutes=m)) for m in (5, 15)]
    assert [each.state for each in states if each] == ["finished", "overdue"]


def test_the_top_bar_shows_a_place_in_a_queue_and_the_turn(driver: Any, car: Vehicle, public_evse: Evse) -> None:
    guest = factories.transaction(public_evse, factories.driver())
    station = stations.station_of(public_evse.charge_point_id)
    assert station is not None
    queue.join(driver=driver, station=station, vehicle=car, now=NOW)
    assert status.of(driver=driver, now=NOW) == DriverStatus("waiting", place=1)
    guest.delete()
    queue.sweep(now=NOW)
    assert status.of(driver=driver, now=NOW) == DriverStatus("turn", until=NOW + queue.TURN)


def test_the_top_bar_of_others_is_empty(other_driver: Any, charging: ChargeSession) -> None:
    assert status.of(driver=other_driver, now=NOW) is None
