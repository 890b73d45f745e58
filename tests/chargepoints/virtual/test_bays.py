"""Reservations of one EVSE or of any, faults, and what is in service."""

import random
from datetime import timedelta

from chargepoints.virtual import EvseSpec, Token, Vehicle
from chargepoints.virtual.evse import Reservation
from chargepoints.virtual.station import Station

from .conftest import START
from .test_station import Diary


def a_station() -> tuple[Station, Diary]:
    """Two EVSEs with different plugs."""
    specs = [EvseSpec(1), EvseSpec(2, ("cCCS2",), dc=True)]
    station = Station(specs, now=START, rng=random.Random(1), sample_every_s=0)
    station.reporter = diary = Diary()
    return station, diary


def hold(number: int, connector_type: str | None = None, token: str = "A") -> Reservation:
    return Reservation(number, Token(token), START + timedelta(hours=1), connector_type=connector_type)


def test_as_many_are_promised_as_are_free() -> None:
    station, _ = a_station()
    assert station.reserve_any(hold(1)) == "Accepted"
    assert {evse.status for evse in station.evses.values()} == {"Available"}
    assert station.reserve_any(hold(2)) == "Accepted"
    assert {evse.status for evse in station.evses.values()} == {"Reserved"}
    assert station.reserve_any(hold(3)) == "Occupied"
    assert station.reserve_any(hold(2)) == "Accepted"


def test_whoever_holds_one_for_any_is_let_in_and_uses_it_up() -> None:
    station, _ = a_station()
    station.reserve_any(hold(1))
    station.plug_in(station.evses[2], Vehicle())
    assert station.evses[1].status == "Reserved"
    assert not station.admits(station.evses[1], Token("B"), None)
    assert station.admits(station.evses[1], Token("A"), None)
    assert station.use_reservation(station.evses[1], Token("a"), None) == 1
    station.refresh()
    assert station.evses[1].status == "Available"


def test_a_plug_that_is_asked_for_is_kept() -> None:
    station, _ = a_station()
    assert station.reserve_any(hold(1, "cCCS2")) == "Accepted"
    assert [evse.status for evse in station.evses.values()] == ["Available", "Reserved"]
    assert station.reserve_any(hold(2, "cCCS2")) == "Occupied"
    assert station.reserve_any(hold(3, "cTesla")) == "Rejected"


def test_why_nothing_can_be_kept_is_told() -> None:
    station, _ = a_station()
    for evse in station.evses.values():
        station.set_fault(evse, "GroundFailure")
    assert station.reserve_any(hold(1)) == "Faulted"
    for evse in station.evses.values():
        station.set_fault(evse, None)
        station.set_operative(evse, False)
    assert station.reserve_any(hold(1)) == "Unavailable"


def test_a_fault_takes_the_reservation_away_and_says_so() -> None:
    station, diary = a_station()
    station.reserve(station.evses[1], hold(4))
    station.set_fault(station.evses[1], "GroundFailure")
    assert diary.lines == ["Removed 4"]
    station.set_fault(station.evses[1], None)
    assert station.evses[1].status == "Available"


def test_a_reservation_for_any_lapses_too() -> None:
    station, diary = a_station()
    station.reserve_any(hold(6))
    station.advance_to(START + timedelta(hours=2))
    assert diary.lines == ["Expired 6"]
    assert station.reservations() == []


def test_an_evse_is_out_of_service_with_its_last_plug() -> None:
    station = Station([EvseSpec(1, ("cCCS2", "cG105"))], now=START, rng=random.Random(1), sample_every_s=0)
    station.reporter = Diary()
    evse = station.evses[1]
    station.set_connector_operative(evse, 1, operative=False)
    assert evse.status == "Available"
    station.set_connector_operative(evse, 2, operative=False)
    assert evse.status == "Unavailable"
    station.set_connector_operative(evse, 1, operative=True)
    assert evse.status == "Available"
