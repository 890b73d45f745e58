"""Fifty drivers press "Reserve" on the same charger at the same instant."""

import threading
from collections import Counter

import pytest
from django.db import close_old_connections, connection

from chargepoints.domain.errors import Refused
from chargepoints.models import Command, DeviceVariable, Reservation
from chargepoints.services import reservations
from tests import factories
from tests.factories import NOW, minutes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
DRIVERS = 50


def test_of_fifty_drivers_who_reserve_at_once_one_has_it_and_the_others_get_a_clear_answer() -> None:
    evse = factories.evse()
    holders = [factories.driver() for _ in range(DRIVERS)]
    tokens = [factories.id_token(holder) for holder in holders]
    barrier = threading.Barrier(DRIVERS)
    answers: list[str] = []

    def ask(index: int) -> None:
        close_old_connections()
        barrier.wait()
        try:
            mine = type(evse).objects.select_related("charge_point__supply_point__location").get(pk=evse.pk)
            reservations.reserve(
                evse=mine, driver=holders[index], id_token=tokens[index], until=NOW + minutes(20), now=NOW
            )
            answers.append("reserved")
        except Refused as refusal:
            answers.append(f"{type(refusal).__name__}: {refusal}")
        except Exception as error:
            answers.append(f"failed: {error!r}")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[index]) for index in range(DRIVERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {
        "reserved": 1,
        "AlreadyReserved: Somebody else has just reserved this charger.": DRIVERS - 1,
    }
    assert Reservation.objects.count() == 1
    assert Command.objects.filter(kind="reserve_now").count() == 1


def test_of_fifty_drivers_who_take_any_evse_of_a_charger_as_many_get_one_as_it_has() -> None:
    point = factories.charge_point(evses=3)
    DeviceVariable.objects.create(
        charge_point=point, name="ReserveConnectorZeroSupported", value="true", reported_at=NOW
    )
    holders = [factories.driver() for _ in range(DRIVERS)]
    tokens = [factories.id_token(holder) for holder in holders]
    answers: list[str] = []
    barrier = threading.Barrier(DRIVERS)

    def ask(index: int) -> None:
        close_old_connections()
        barrier.wait()
        try:
            reservations.reserve_any(
                charge_point=type(point).objects.get(pk=point.pk),
                driver=holders[index],
                id_token=tokens[index],
                until=NOW + minutes(20),
                now=NOW,
            )
            answers.append("reserved")
        except Refused as refusal:
            answers.append(type(refusal).__name__)
        except Exception as error:
            answers.append(f"failed: {error!r}")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[index]) for index in range(DRIVERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {"reserved": 3, "AlreadyReserved": DRIVERS - 3}
    assert sorted(Reservation.objects.values_list("evse__number", "any_evse")) == [(1, True), (2, True), (3, True)]
