"""Visits to come: reservations, and what the floors above know."""

from datetime import timedelta

import pytest

from chargepoints.models import Reservation
from smac.ports import Visit
from smac.snapshot import reading
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def evse():
    return factories.evse()


def reserve(evse, **values):
    driver = factories.driver()
    usual = {"reserved_at": NOW, "expires_at": NOW + HOUR, "id_token": factories.id_token(driver)}
    return Reservation.objects.create(evse=evse, driver=driver, **{**usual, **values})


def sessions(evse, now=NOW):
    return reading.take(supply_point_id=evse.charge_point.supply_point_id, now=now).problem.sessions


def test_a_reservation_is_a_session_to_come_with_a_typical_car(evse):
    row = reserve(evse)
    (session,) = sessions(evse)
    assert (session.key, session.announced) == (f"reservation:{row.pk}", True)
    assert (session.first_slot, session.last_slot) == (4, 20)
    assert (session.capacity_wh, session.energy_wh, session.targets[0].energy_wh) == (50_000, 12_500, 40_000)
    assert session.max_charge_w == 11_000


def test_a_reservation_that_lapsed_or_was_given_back_is_nobody(evse):
    row = reserve(evse)
    assert sessions(evse, NOW + 61 * timedelta(minutes=1)) == ()
    Reservation.objects.filter(pk=row.pk).update(status="cancelled")
    assert sessions(evse) == ()


def test_who_is_there_already_is_not_expected_too(evse):
    reserve(evse)
    need, _ = world.running(evse)
    assert [session.key for session in sessions(evse)] == [f"need:{need.pk}"]


def known_vehicle(*, supply_point_id, start, end):
    return [
        Visit(
            key="booking:7",
            evse_id=known_vehicle.evse_id,
            arrives_at=start + 2 * HOUR,
            departs_at=start + 5 * HOUR,
            mode="green",
            battery_capacity_wh=40_000,
            soc_percent=35.0,
            target_soc_percent=90.0,
            max_charge_w=7_400,
        )
    ]


def test_what_a_floor_above_knows_goes_before_a_mere_reservation(evse, settings):
    reserve(evse)
    known_vehicle.evse_id = evse.pk
    settings.SMAC_EXPECTED_VISITS = [f"{__name__}.known_vehicle"]
    (session,) = sessions(evse)
    assert (session.key, session.mode, session.first_slot, session.last_slot) == ("booking:7", "green", 8, 20)
    assert (session.energy_wh, session.targets[0].energy_wh, session.max_charge_w) == (14_000, 36_000, 7_400)


def test_a_visit_elsewhere_is_not_seen_here(evse, settings):
    known_vehicle.evse_id = factories.evse().pk
    settings.SMAC_EXPECTED_VISITS = [f"{__name__}.known_vehicle"]
    assert sessions(evse) == ()
