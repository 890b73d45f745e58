"""When transactions start and stop, for each point that OCPP 2.0.1 knows."""

import random
from datetime import timedelta

import pytest

from chargepoints.virtual import EvseSpec, Token, Vehicle
from chargepoints.virtual.evse import Authorization, Evse
from chargepoints.virtual.station import Station
from chargepoints.virtual.transaction_points import points, starts, stops

from .conftest import START
from .test_station import Diary

CARD = Token("A")


def a_station(start: str, stop: str) -> tuple[Station, Evse, Diary]:
    station = Station([EvseSpec(max_power_w=11_000)], now=START, rng=random.Random(1), sample_every_s=0)
    station.start_points, station.stop_points = start.split(","), stop.split(",")
    station.reporter = diary = Diary()
    return station, station.evses[1], diary


def show_card(station: Station, evse: Evse) -> None:
    station.authorize(evse, Authorization(CARD, "Authorized", station.now + timedelta(minutes=2)))


def test_the_power_path_is_closed_when_car_and_card_are_there_and_nothing_is_broken() -> None:
    facts = {"parked": True, "connected": True, "authorized": True, "flowing": True}
    assert "PowerPathClosed" in points(**facts, faulted=False)
    assert "PowerPathClosed" not in points(**facts, faulted=True)
    assert "EnergyTransfer" not in points(**facts, faulted=True)


def test_one_point_starts_and_one_that_goes_away_stops() -> None:
    before, after = frozenset({"EVConnected", "Authorized"}), frozenset({"Authorized"})
    assert starts(("EVConnected", "DataSigned"), before)
    assert not starts(("DataSigned",), before)
    assert stops(before, after, ("EVConnected",))
    assert not stops(before, after, ("Authorized", "DataSigned"))


@pytest.mark.parametrize(
    ("start", "deeds", "runs_after"),
    [
        ("ParkingBayOccupancy", ["park"], 1),
        ("EVConnected", ["park", "plug"], 2),
        ("Authorized", ["park", "card", "plug"], 2),
        ("PowerPathClosed", ["park", "card", "plug"], 3),
        ("DataSigned", ["park", "plug", "card"], 3),
        ("EnergyTransfer", ["park", "plug", "card"], 3),
    ],
)
def test_a_transaction_starts_at_its_point(start: str, deeds: list[str], runs_after: int) -> None:
    station, evse, _ = a_station(start, "EVConnected,Authorized")
    acts = {
        "park": lambda: station.park(evse),
        "plug": lambda: station.plug_in(evse, Vehicle()),
        "card": lambda: show_card(station, evse),
    }
    for number, deed in enumerate(deeds, start=1):
        acts[deed]()
        assert (evse.session is not None) == (number >= runs_after), deed


def test_a_transaction_that_began_with_the_cable_learns_its_card_and_charges() -> None:
    station, evse, diary = a_station("EVConnected", "EVConnected")
    station.plug_in(evse, Vehicle())
    session = evse.session
    assert session
    assert (session.token, session.authorized, evse.meter.power_w) == (None, False, 0)
    show_card(station, evse)
    assert (session.token, evse.meter.power_w) == (CARD, 11_000)
    station.stop(session, "Local", trigger="StopAuthorized", stop_token=CARD)
    assert (evse.session, evse.meter.power_w) == (session, 0)
    station.unplug(evse)
    assert evse.session is None
    assert diary.lines[0] == "started"
    assert diary.lines[-1] == "EVDisconnected"


def test_a_transaction_that_began_with_the_card_ends_if_no_car_comes() -> None:
    station, evse, diary = a_station("Authorized", "Authorized")
    show_card(station, evse)
    assert evse.session
    station.advance_to(START + timedelta(minutes=3))
    assert (evse.session, diary.lines[-1]) == (None, "Timeout")


def test_the_transaction_outlives_the_cable_where_only_the_card_ends_it() -> None:
    station, evse, _ = a_station("Authorized", "Authorized")
    show_card(station, evse)
    station.plug_in(evse, Vehicle())
    station.unplug(evse)
    assert evse.session
    assert (evse.session.state, evse.meter.power_w) == ("Idle", 0)
    station.plug_in(evse, Vehicle())
    assert evse.meter.power_w == 11_000


def test_a_full_battery_ends_a_transaction_that_stands_for_the_flow() -> None:
    station, evse, diary = a_station("EnergyTransfer", "EnergyTransfer")
    station.plug_in(evse, Vehicle(capacity_wh=50_000, energy_wh=49_500))
    show_card(station, evse)
    station.advance_to(START + timedelta(hours=1))
    assert (evse.session, diary.lines[-1]) == (None, "StoppedByEV")


def test_a_car_that_stays_in_the_bay_keeps_its_transaction() -> None:
    station, evse, _ = a_station("ParkingBayOccupancy", "ParkingBayOccupancy")
    station.plug_in(evse, Vehicle())
    station.unplug(evse, stays=True)
    assert evse.session
    station.unplug(evse)
    assert evse.session is None


def test_the_cable_may_come_out_where_the_setting_says_so() -> None:
    station, evse, _ = a_station("PowerPathClosed", "EVConnected,Authorized")
    station.stop_on_unplug = False
    car = Vehicle()
    station.plug_in(evse, car)
    show_card(station, evse)
    session = evse.session
    station.unplug(evse)
    assert (evse.session, evse.status) == (session, "SuspendedEV")
    station.plug_in(evse, car)
    assert evse.meter.power_w == 11_000
