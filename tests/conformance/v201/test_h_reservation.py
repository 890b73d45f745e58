"""Block H: reservations of an EVSE, of any, of a plug; by a group; and what the station makes of them."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from chargepoints.domain.errors import AlreadyReserved
from chargepoints.models import ChargePoint, Connector, DeviceVariable, Evse, IdToken, Reservation
from chargepoints.services import authorization, reservations
from tests.chargepoints.ocpp.conftest import NOW, Clock, rows, until
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v201.station import CARD, Station, connector, settled, transaction, wish

UNTIL = minutes(15)


async def reserve(charge_point: ChargePoint, token: IdToken) -> Reservation:
    evses = Evse.objects.select_related("charge_point__supply_point__location")
    evse = await rows(lambda: evses.get(charge_point=charge_point, number=1))
    return await wish(reservations.reserve, evse=evse, driver=token.driver, id_token=token, until=UNTIL)


async def reserved(station: Station, charge_point: ChargePoint, token: IdToken, **more: Any) -> Reservation:
    """A reservation of EVSE 1 that the station has accepted and shows."""
    reservation = await reserve(charge_point, token)
    asked = await station.obey("ReserveNow", status="Accepted")
    expiry = asked.pop("expiryDateTime")
    assert expiry >= iso(UNTIL)[:-1]
    assert asked == {"id": reservation.pk, "idToken": CARD, "evseId": 1, **more}
    await until(lambda: Reservation.objects.filter(pk=reservation.pk, charger_answer="Accepted").exists())
    await station.status("Reserved")
    assert (await connector(charge_point)).status == "reserved"
    return reservation


async def state(reservation: Reservation) -> str:
    return (await rows(lambda: Reservation.objects.get(pk=reservation.pk))).status


async def any_evse_is_possible(charge_point: ChargePoint) -> None:
    known = {"component": "ReservationCtrlr", "name": "NonEvseSpecific", "value": "true"}
    await rows(lambda: DeviceVariable.objects.create(charge_point=charge_point, reported_at=NOW, **known))


async def card_of(name: str, **values: Any) -> IdToken:
    def make() -> IdToken:
        made = authorization.register_token(token=name, driver=get_user_model().objects.create_user(name.lower()))
        IdToken.objects.filter(pk=made.pk).update(**values)
        return IdToken.objects.select_related("driver").get(pk=made.pk)

    return await rows(make)


@pytest.mark.conformance("TC_H_01")
async def test_a_reserved_evse_is_used_by_its_holder_alone(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await card_of("STRANGER")
    reservation = await reserved(station, charge_point, token)
    assert await station.start(token="STRANGER", id="strange") != "Accepted"
    assert await state(reservation) == "active"
    assert await station.start(reservationId=reservation.pk) == "Accepted"
    assert await state(reservation) == "in_use"
    await station.end(minutes(30))
    assert await state(reservation) == "done"


@pytest.mark.conformance("TC_H_07")
async def test_a_reservation_that_nobody_used_ends(
    station: Station, charge_point: ChargePoint, token: IdToken, clock: Clock
) -> None:
    reservation = await reserved(station, charge_point, token)
    clock.advance(minutes=16)
    update = {"reservationId": reservation.pk, "reservationUpdateStatus": "Expired"}
    assert await station.call("ReservationStatusUpdate", update) == {}
    assert await state(reservation) == "not_used"
    await station.status("Available", minutes(16))
    assert (await connector(charge_point)).status == "available"


async def reserve_any(charge_point: ChargePoint, token: IdToken, **more: Any) -> Reservation:
    return await wish(
        reservations.reserve_any,
        charge_point=charge_point,
        driver=token.driver,
        id_token=token,
        until=UNTIL,
        **more,
    )


@pytest.mark.conformance("TC_H_08")
async def test_whichever_evse_is_free_is_reserved(
    station: Station, charge_point: ChargePoint, token: IdToken, second_evse: Evse
) -> None:
    await any_evse_is_possible(charge_point)
    reservation = await reserve_any(charge_point, token)
    asked = await station.obey("ReserveNow", status="Accepted")
    assert (asked["id"], asked["idToken"]) == (reservation.pk, CARD)
    assert not {"evseId", "connectorType"} & set(asked)
    assert await station.start(evse=2, reservationId=reservation.pk) == "Accepted"
    row = await rows(lambda: Reservation.objects.get(pk=reservation.pk))
    assert (row.status, row.any_evse, row.evse_id) == ("in_use", True, second_evse.pk)
    assert (await transaction()).reservation_id == reservation.pk


@pytest.mark.conformance("TC_H_14")
async def test_no_more_are_reserved_than_there_are(
    station: Station, charge_point: ChargePoint, token: IdToken, second_evse: Evse
) -> None:
    await any_evse_is_possible(charge_point)
    for holder in (token, await card_of("BOB")):
        await reserve_any(charge_point, holder)
        await station.obey("ReserveNow", status="Accepted")
    for number in (1, 2):
        await station.status("Reserved", evse=number)
    with pytest.raises(AlreadyReserved):
        await reserve_any(charge_point, await card_of("EVE"))
    held = await rows(
        lambda: sorted(Reservation.objects.filter(status="active").values_list("evse__number", flat=True))
    )
    assert held == [1, 2]


@pytest.mark.conformance("TC_H_15")
async def test_a_plug_is_reserved(
    station: Station, charge_point: ChargePoint, token: IdToken, second_evse: Evse
) -> None:
    await any_evse_is_possible(charge_point)
    reservation = await reserve_any(charge_point, token, connector_standard=Connector.Standard.CCS)
    asked = await station.obey("ReserveNow", status="Accepted")
    assert (asked["connectorType"], "evseId" in asked) == ("cCCS2", False)
    assert await station.start(evse=2, reservationId=reservation.pk) == "Accepted"
    assert (await state(reservation), (await transaction()).evse_id) == ("in_use", second_evse.pk)


@pytest.mark.conformance("TC_H_17")
async def test_a_reservation_is_cancelled(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    reservation = await reserved(station, charge_point, token)
    assert await wish(reservations.cancel, reservation=reservation)
    assert await station.obey("CancelReservation", status="Accepted") == {"reservationId": reservation.pk}
    await station.status("Available")
    assert (await state(reservation), (await connector(charge_point)).status) == ("cancelled", "available")


@pytest.mark.conformance("TC_H_19")
async def test_a_card_of_the_same_group_uses_a_reservation(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await rows(lambda: IdToken.objects.update(parent="FLEET"))
    token.parent = "FLEET"
    await card_of("COLLEAGUE", parent="FLEET")
    group = {"idToken": "FLEET", "type": "Central"}
    reservation = await reserved(station, charge_point, token, groupIdToken=group)
    assert (await station.authorize("COLLEAGUE"))["groupIdToken"] == group
    assert await station.start(token="COLLEAGUE", reservationId=reservation.pk) == "Accepted"
    row = await transaction()
    assert (await state(reservation), row.reservation_id, row.token) == ("in_use", reservation.pk, "COLLEAGUE")


@pytest.mark.conformance("TC_H_20")
async def test_a_fault_frees_the_holder(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    reservation = await reserved(station, charge_point, token)
    await station.status("Faulted", minutes(0))
    update = {"reservationId": reservation.pk, "reservationUpdateStatus": "Removed"}
    assert await station.call("ReservationStatusUpdate", update) == {}
    assert (await state(reservation), (await connector(charge_point)).status) == ("cancelled", "faulted")


@pytest.mark.conformance("TC_H_22")
@pytest.mark.parametrize("answer", ["Rejected", "Occupied", "Faulted", "Unavailable"])
async def test_a_station_that_refuses_ends_the_reservation(
    station: Station, charge_point: ChargePoint, token: IdToken, answer: str
) -> None:
    reservation = await reserve(charge_point, token)
    command = await rows(lambda: charge_point.commands.get(kind="reserve_now"))
    await station.obey("ReserveNow", status=answer)
    assert (await settled(command)).status == "rejected"
    row = await rows(lambda: Reservation.objects.get(pk=reservation.pk))
    assert (row.status, row.charger_answer) == ("cancelled", answer)
