"""The charger without its network."""

import random
from datetime import timedelta

from chargepoints.virtual import EvseSpec, Token, Vehicle
from chargepoints.virtual.evse import Authorization, Evse, Reservation, Session
from chargepoints.virtual.station import Station

from .conftest import START


class Diary:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.statuses: list[str] = []

    def status_changed(self, evse: Evse) -> None:
        if self.statuses[-1:] != [evse.status]:
            self.statuses.append(evse.status)

    def started(self, session: Session) -> None:
        self.lines.append("started")

    def changed(self, session: Session, trigger: str) -> None:
        self.lines.append(session.state)

    def sampled(self, session: Session) -> None:
        self.lines.append("sampled")

    def aligned(self, evse: Evse) -> None:
        self.lines.append("aligned")

    def ended(self, session: Session) -> None:
        self.lines.append(session.reason)

    def reservation_ended(self, reservation: Reservation, how: str) -> None:
        self.lines.append(f"{how} {reservation.reservation_id}")


def a_station(**details: float) -> tuple[Station, Evse, Diary]:
    station = Station([EvseSpec(**details)], now=START, rng=random.Random(1), sample_every_s=900)
    diary = Diary()
    station.reporter = diary
    return station, station.evses[1], diary


def start(station: Station, evse: Evse, car: Vehicle) -> None:
    station.plug_in(evse, car)
    station.authorize(evse, Authorization(Token("A"), "Authorized", START + timedelta(minutes=2)))


def test_a_full_battery_suspends_by_the_car() -> None:
    station, evse, diary = a_station()
    start(station, evse, Vehicle(capacity_wh=50_000, energy_wh=49_500))
    station.advance_to(START + timedelta(hours=1))
    assert diary.statuses == ["Preparing", "Charging", "SuspendedEV"]
    assert evse.vehicle is not None
    assert evse.vehicle.is_full
    assert diary.lines.count("sampled") == 4


def test_one_long_step_and_many_short_ones_come_to_the_same_energy() -> None:
    registers = []
    for step_s in (7_200, 30, 7):
        station, evse, _ = a_station()
        start(station, evse, Vehicle(capacity_wh=50_000, energy_wh=38_000))
        for now_s in range(step_s, 7_201, step_s):
            station.advance_to(START + timedelta(seconds=now_s))
        station.advance_to(START + timedelta(seconds=7_200))
        registers.append(evse.meter.import_wh)
    assert max(registers) - min(registers) < 20


def test_a_fault_stops_the_flow_until_it_is_gone() -> None:
    station, evse, diary = a_station()
    start(station, evse, Vehicle())
    station.set_fault(evse, "GroundFailure")
    station.advance_to(START + timedelta(minutes=30))
    assert evse.meter.import_wh == 0
    station.set_fault(evse, None)
    assert diary.statuses[-2:] == ["Faulted", "Charging"]


def test_a_reservation_lapses_to_the_second_whatever_the_step() -> None:
    station, evse, diary = a_station()
    station.reserve(evse, Reservation(5, Token("A"), START + timedelta(seconds=100)))
    station.advance_to(START + timedelta(hours=1))
    assert diary.lines == ["Expired 5"]
    assert diary.statuses == ["Reserved", "Available"]


def test_a_reservation_is_refused_where_the_connector_is_not_free() -> None:
    station, evse, _ = a_station()
    mine = Reservation(5, Token("A"), START + timedelta(hours=1))
    station.set_fault(evse, "OtherError")
    assert station.reserve(evse, mine) == "Faulted"
    station.set_fault(evse, None)
    station.set_operative(evse, False)
    assert station.reserve(evse, mine) == "Unavailable"
    station.set_operative(evse, True)
    station.plug_in(evse, Vehicle())
    assert station.reserve(evse, mine) == "Occupied"


def test_a_new_reservation_of_the_same_id_replaces_the_old_one() -> None:
    station, evse, _ = a_station()
    station.reserve(evse, Reservation(5, Token("A"), START + timedelta(hours=1)))
    longer = Reservation(5, Token("A"), START + timedelta(hours=2))
    assert station.reserve(evse, longer) == "Accepted"
    assert evse.reservation == longer


def test_only_its_holder_uses_a_reservation_up() -> None:
    for token, group, used in (("A", None, 5), ("b", "family", 5), ("b", "other", None), ("a", None, 5)):
        station, evse, _ = a_station()
        station.reserve(evse, Reservation(5, Token("A"), START + timedelta(hours=1), group="FAMILY"))
        station.authorize(evse, Authorization(Token(token), "Authorized", START + timedelta(minutes=2), group=group))
        station.plug_in(evse, Vehicle())
        assert evse.session
        assert evse.session.reservation_id == used
        assert (evse.reservation is None) == (used is not None)


def test_a_clock_that_is_set_back_moves_no_energy() -> None:
    station, evse, _ = a_station()
    start(station, evse, Vehicle())
    station.advance_to(START - timedelta(hours=1))
    assert evse.meter.import_wh == 0
    assert station.now == START - timedelta(hours=1)


def test_ending_twice_is_ending_once() -> None:
    station, evse, diary = a_station()
    start(station, evse, Vehicle())
    session = evse.session
    assert session
    station.end(session, "Local")
    station.end(session, "Remote")
    assert diary.lines == ["started", "Charging", "Local"]
