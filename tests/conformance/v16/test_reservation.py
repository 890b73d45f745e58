"""Reservation."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from chargepoints.domain.errors import NotAvailable
from chargepoints.models import ChargePoint, DeviceVariable, Evse, IdToken, Reservation
from chargepoints.services import authorization, reservations
from tests.chargepoints.ocpp.conftest import NOW, Clock, rows, until
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v16.station import Station, connector, no_transaction, settled, transaction, wish


def _evse(charge_point: ChargePoint) -> Evse:
    return Evse.objects.select_related("charge_point__supply_point__location").get(charge_point=charge_point, number=1)


async def reserve(charge_point: ChargePoint, token: IdToken) -> Reservation:
    evse = await rows(lambda: _evse(charge_point))
    return await wish(reservations.reserve, evse=evse, driver=token.driver, id_token=token, until=minutes(15))


async def reserved(station: Station, charge_point: ChargePoint, token: IdToken) -> Reservation:
    """A reservation that the charger has accepted and shows."""
    reservation = await reserve(charge_point, token)
    asked = await station.obey("ReserveNow", status="Accepted")
    assert (asked["connectorId"], asked["idTag"], asked["reservationId"]) == (1, "DEADBEEF", reservation.pk)
    await until(lambda: Reservation.objects.filter(pk=reservation.pk, charger_answer="Accepted").exists())
    await station.status("Reserved")
    assert (await connector(charge_point)).status == "reserved"
    return reservation


async def state(reservation: Reservation) -> str:
    return (await rows(lambda: Reservation.objects.get(pk=reservation.pk))).status


async def history(reservation: Reservation) -> list[str]:
    return await rows(lambda: [change.status for change in reservation.changes.all()])


async def stranger(token: str = "STRANGER", **values: Any) -> IdToken:
    def make() -> IdToken:
        made = authorization.register_token(token=token, driver=get_user_model().objects.create_user(token.lower()))
        IdToken.objects.filter(pk=made.pk).update(**values)
        return made

    return await rows(make)


@pytest.mark.conformance("TC_046")
async def test_a_reserved_connector_is_used_by_its_holder(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await stranger()
    reservation = await reserved(station, charge_point, token)
    assert (await station.start("STRANGER"))["status"] != "Accepted"
    assert await state(reservation) == "active"
    await station.authorize("DEADBEEF")
    await station.status("Preparing", minutes(1))
    info = await station.start(at=minutes(1), reservationId=reservation.pk)
    await station.status("Charging", minutes(1))
    assert info["status"] == "Accepted"
    row = await rows(lambda: reservation.transactions.get())
    assert (row.state, row.remote_id, row.driver_id) == ("active", str(station.transaction_id), token.driver_id)
    assert await state(reservation) == "in_use"
    await station.stop(2_500, minutes(30), token="DEADBEEF")
    assert await history(reservation) == ["active", "in_use", "done"]


@pytest.mark.conformance("TC_047")
async def test_a_reservation_lapses(station: Station, charge_point: ChargePoint, token: IdToken, clock: Clock) -> None:
    reservation = await reserved(station, charge_point, token)
    clock.advance(minutes=16)
    assert await rows(lambda: reservations.sweep(now=minutes(16))) == 1
    assert await station.obey("CancelReservation", status="Accepted") == {"reservationId": reservation.pk}
    await station.status("Available", minutes(16))
    assert (await state(reservation), (await connector(charge_point)).status) == ("not_used", "available")
    await station.start(at=minutes(17))
    assert ((await transaction()).reservation, await state(reservation)) == (None, "not_used")


@pytest.mark.conformance("TC_048_1", "TC_048_2", "TC_048_3", "TC_048_4")
@pytest.mark.parametrize("answer", ["Faulted", "Occupied", "Unavailable", "Rejected"])
async def test_a_charger_that_refuses_ends_the_reservation(
    station: Station, charge_point: ChargePoint, token: IdToken, answer: str
) -> None:
    reservation = await reserve(charge_point, token)
    await station.obey("ReserveNow", status=answer)
    await until(lambda: Reservation.objects.filter(pk=reservation.pk, status="cancelled").exists())
    row = await rows(lambda: Reservation.objects.get(pk=reservation.pk))
    assert (row.charger_answer, row.closed_at) == (answer, NOW)
    change = await rows(lambda: reservation.changes.last())
    assert change.reason
    again = await reserve(charge_point, token)  # nothing is left in the way of another
    assert await state(again) == "active"


@pytest.mark.conformance("TC_048_1", "TC_048_2", "TC_048_3")
@pytest.mark.parametrize("status", ["Faulted", "Charging", "Unavailable"])
async def test_what_the_charger_has_told_already_is_not_asked(
    station: Station, charge_point: ChargePoint, token: IdToken, status: str
) -> None:
    await station.status(status, error="GroundFailure" if status == "Faulted" else "NoError")
    with pytest.raises(NotAvailable):
        await reserve(charge_point, token)
    assert await rows(Reservation.objects.count) == 0


@pytest.mark.conformance("TC_049")
async def test_a_charge_point_is_reserved_and_any_connector_of_it_used(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await rows(lambda: Evse.objects.create(charge_point=charge_point, number=2, max_power_w=11_000).connectors.create())
    await station.status("Available", connector=2)
    await rows(
        lambda: DeviceVariable.objects.create(
            charge_point=charge_point, name="ReserveConnectorZeroSupported", value="true", reported_at=NOW
        )
    )
    known = await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))
    reservation = await wish(
        reservations.reserve_any, charge_point=known, driver=token.driver, id_token=token, until=minutes(15)
    )
    assert (await station.obey("ReserveNow", status="Accepted"))["connectorId"] == 0
    info = await station.start(at=minutes(1), connector=2, reservationId=reservation.pk)
    assert info["status"] == "Accepted"
    row = await rows(lambda: Reservation.objects.select_related("evse").get(pk=reservation.pk))
    assert (row.status, row.any_evse, row.evse.number) == ("in_use", True, 2)
    assert (await transaction()).reservation == row


@pytest.mark.conformance("TC_051")
async def test_a_reservation_is_cancelled(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    reservation = await reserved(station, charge_point, token)
    assert await wish(reservations.cancel, reservation=reservation, reason="changed my mind")
    assert await station.obey("CancelReservation", status="Accepted") == {"reservationId": reservation.pk}
    await station.status("Available", minutes(1))
    assert await history(reservation) == ["active", "cancelled"]
    assert (await connector(charge_point)).status == "available"


@pytest.mark.conformance("TC_052")
async def test_a_cancellation_that_the_charger_refuses_ends_the_reservation_here_all_the_same(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    reservation = await reserved(station, charge_point, token)
    await wish(reservations.cancel, reservation=reservation)
    await station.obey("CancelReservation", status="Rejected")
    command = await until(lambda: charge_point.commands.filter(kind="cancel_reservation").first())
    assert (await settled(command)).status == "rejected"
    assert (await state(reservation), await no_transaction()) == ("cancelled", True)


@pytest.mark.conformance("TC_053")
async def test_a_reserved_connector_is_used_by_another_of_the_holder_s_group(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await stranger("MEMBER", parent="FLEET")
    await rows(lambda: IdToken.objects.filter(pk=token.pk).update(parent="FLEET"))
    reservation = await reserve(
        charge_point, await rows(lambda: IdToken.objects.select_related("driver").get(pk=token.pk))
    )
    asked = await station.obey("ReserveNow", status="Accepted")
    assert (asked["idTag"], asked["parentIdTag"]) == ("DEADBEEF", "FLEET")
    info = await station.authorize("MEMBER")
    assert (info["status"], info["parentIdTag"]) == ("Accepted", "FLEET")
    info = await station.start("MEMBER", at=minutes(1), reservationId=reservation.pk)
    assert (info["status"], info["parentIdTag"]) == ("Accepted", "FLEET")
    row = await transaction()
    assert (row.reservation, row.token, await state(reservation)) == (reservation, "MEMBER", "in_use")
