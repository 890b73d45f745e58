"""What is stored together leaves the same rows as what is stored one by one, whatever chargers tell."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from chargepoints.domain import reports
from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, POWER_IMPORT, SOC, Sample
from chargepoints.domain.reports import TokenPresented
from chargepoints.domain.status import ConnectorStatus
from chargepoints.models import ChargePoint, Connector, MeterValue, Transaction
from chargepoints.services import availability, metering, recording, transactions
from chargepoints.services.recording import NOT_ORDINARY, Fact
from tests import factories

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
START = NOW - timedelta(hours=2)
SERVICES: dict[type, Any] = {
    reports.TransactionStarted: transactions.start,
    reports.MeterValuesReported: metering.store,
    reports.TransactionUpdated: transactions.update,
    reports.TransactionEnded: transactions.end,
    reports.StatusReported: availability.report_status,
}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    recording.forget()
    yield
    recording.forget()


def together(fact: Fact) -> bool:
    """Store as a server does; whether it was ordinary."""
    result: Any = NOT_ORDINARY
    if recording.may_be_ordinary(fact.report):
        try:
            with transaction.atomic():
                (result,) = recording.store([fact])
        except Exception:
            result = NOT_ORDINARY
    if result is NOT_ORDINARY:
        alone(fact)
    return result is not NOT_ORDINARY


def alone(fact: Fact) -> Any:
    return SERVICES[type(fact.report)](charge_point_id=fact.charge_point_id, report=fact.report, now=fact.now)


def charger() -> ChargePoint:
    """With one EVSE and a card of its own."""
    point = factories.evse().charge_point
    Connector.objects.filter(evse__charge_point=point).update(status_at=None)
    factories.id_token(token=card(point))
    return point


def card(point: ChargePoint) -> str:
    return f"CARD{point.pk}"


def begin(**values: Any) -> reports.TransactionStarted:
    told = {"at": START, "token": TokenPresented("own"), "meter_start_wh": 1_000.0, "remote_id": "tx", "seq_no": 0}
    return reports.TransactionStarted(
        evse_number=1, connector_number=1, **(told | {"charging_state": "Charging"} | values)
    )


def of(point: ChargePoint, report: Any, now: datetime) -> Fact:
    """The report as this charger tells it: with its own card."""
    token = getattr(report, "token", None)
    if token is not None and token.token == "own":
        report = replace(report, token=TokenPresented(card(point)))
    return Fact(point.pk, report, now)


def rows(point: ChargePoint) -> Any:
    """All that is stored of a charger, less keys."""
    keys = ("_state", "id", "charge_point_id", "evse_id", "connector_id", "created_at", "id_token_id", "driver_id")
    found = [
        {name: value for name, value in vars(row).items() if name not in keys}
        | {"token": row.token.replace(card(point), "own"), "known": [row.id_token_id is None, row.driver_id is None]}
        | {"place": [row.evse_id is None, row.connector_id is None]}
        for row in Transaction.objects.filter(charge_point=point).order_by("remote_id")
    ]
    values = MeterValue.objects.filter(charge_point=point).order_by("at", "measurand", "phase", "location", "context")
    names = ("evse_number", "transaction__remote_id", "at", "measurand", "phase", "location", "context", "value")
    connectors = Connector.objects.filter(evse__charge_point=point).order_by("number")
    return (
        found,
        list(values.values_list(*names, "unit", "flaw")),
        list(connectors.values_list("number", "status", "status_at", "error_code")),
    )


moments = st.integers(0, 12).map(lambda tens: START + timedelta(minutes=10 * tens))
odd_moments = st.sampled_from([datetime(1970, 1, 1, tzinfo=UTC), NOW + timedelta(days=3), START - timedelta(hours=1)])


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    measurand = draw(
        st.sampled_from(
            [ENERGY_IMPORT] * 5
            + [ENERGY_EXPORT, POWER_IMPORT, POWER_IMPORT, "Power.Active.Export", SOC, "Voltage"]
            + ["Energy.Active.Import.Interval"]
        )
    )
    units = {"E": "Wh", "P": "W", "S": "%", "V": "V"}
    return Sample(
        at=START,
        measurand=measurand,
        value=float(draw(st.sampled_from([0, 500, 1_000, 1_500, 2_000, 3_000, 3_000.5, 9_000, 900_000, 50, 101]))),
        unit=draw(st.sampled_from([units[measurand[0]]] * 9 + ["A"])),
        phase=draw(st.sampled_from([""] * 6 + ["L1", "L2", "L3-N"])),
        location=draw(st.sampled_from(["Outlet"] * 6 + ["Inlet", "Body"])),
        context=draw(st.sampled_from(["Sample.Periodic"] * 4 + ["Sample.Clock", "Transaction.End"])),
        flaw=draw(st.sampled_from([""] * 9 + ["unreadable"])),
    )


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Sample, ...]:
    """Samples of one moment or of two, as a rule of a usual one."""
    count = draw(st.sampled_from([1, 1, 1, 2]))
    told: list[Sample] = []
    for _ in range(count):
        at = draw(st.one_of(moments, moments, moments, moments, odd_moments))
        told += [replace(one, at=at) for one in draw(st.lists(samples(), max_size=4))]
    return tuple(told)


@st.composite
def told(draw: st.DrawFn) -> Any:
    report = draw(online())
    if hasattr(report, "offline"):
        report = replace(report, offline=draw(st.sampled_from([False, False, True])))
    return report


@st.composite
def online(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from(["values"] * 4 + ["update"] * 3 + ["status", "end", "start"]))
    at = draw(st.one_of(moments, moments, moments, odd_moments))
    if kind == "start":
        token = draw(st.sampled_from([TokenPresented("own"), TokenPresented("own"), TokenPresented("X"), None]))
        meter_start_wh = draw(st.sampled_from([1_000.0, 1_000.0, 0.0, None]))
        name, evse = draw(st.sampled_from(["tx", "tx", "tx2"])), draw(st.sampled_from([1, 1, 1, 0, 2]))
        state = draw(st.sampled_from(["", "EVConnected", "Charging"]))
        return reports.TransactionStarted(
            evse, 1, at, token, meter_start_wh, remote_id=name, charging_state=state, seq_no=0, samples=draw(blocks())
        )
    if kind == "values":
        named = draw(st.sampled_from(["tx"] * 8 + ["", "tx2", "other"]))
        return reports.MeterValuesReported(evse_number=1, samples=draw(blocks()), remote_id=named)
    if kind == "update":
        state = draw(st.sampled_from(["", "Charging", "SuspendedEV", "EVConnected", "Idle", "Odd"]))
        number = draw(st.one_of(st.none(), st.integers(0, 9)))
        return reports.TransactionUpdated("tx", 1, at, state, number, samples=draw(blocks()))
    if kind == "status":
        status = draw(st.sampled_from(list(ConnectorStatus)))
        number = draw(st.sampled_from([1, 1, 1, 0, 2]))
        return reports.StatusReported(1, number, status, at, draw(st.sampled_from(["", "OtherError"])), "info")
    stop = draw(st.sampled_from([None, 500.0, 3_000.0, 3_000.0, 9_000.0]))
    return reports.TransactionEnded("tx", 1, at, stop, "Local", seq_no=99, samples=draw(blocks()))


@pytest.mark.database
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    first=st.sampled_from([[begin()], [begin()], []]),
    stream=st.lists(told(), min_size=1, max_size=8),
    orderly=st.booleans(),
)
def test_whatever_is_told_leaves_the_same_rows(first: list[Any], stream: list[Any], orderly: bool) -> None:
    recording.forget()
    if orderly:
        stream = sorted(stream, key=_moment)
    one, other = charger(), charger()
    for number, report in enumerate([*first, *stream]):
        now = NOW + timedelta(seconds=number)
        alone(of(one, report, now))
        event("together" if together(of(other, report, now)) else "alone")
        assert rows(one) == rows(other), report


def _moment(report: Any) -> datetime:
    return min((one.at for one in report.samples), default=START) if hasattr(report, "samples") else report.at


def register(minute: int, value_wh: float, context: str = "Sample.Periodic") -> Sample:
    return Sample(START + timedelta(minutes=minute), ENERGY_IMPORT, value_wh, "Wh", context=context)


def values(minute: int, value_wh: float) -> reports.MeterValuesReported:
    power = Sample(START + timedelta(minutes=minute), POWER_IMPORT, 7_000.0, "W")
    return reports.MeterValuesReported(1, (register(minute, value_wh), power), "tx")


def session(named: bool) -> list[Any]:
    """A whole session of 1.6, or of 2.0.1 where transactions are ``named`` by the charger."""
    end = reports.TransactionEnded(
        "tx", 1, START + timedelta(minutes=20), 3_000.0, "Local", TokenPresented("own"), seq_no=4 if named else None
    )
    between: list[Any] = [values(10, 2_000.0), values(20, 3_000.0)]
    if named:
        between = [
            reports.TransactionUpdated("tx", 1, one.samples[0].at, "Charging", number, samples=one.samples)
            for number, one in enumerate(between, 1)
        ]
    return [
        reports.StatusReported(1, 1, ConnectorStatus.AVAILABLE, START - timedelta(minutes=2)),
        reports.StatusReported(1, 1, ConnectorStatus.PREPARING, START - timedelta(minutes=1)),
        begin(seq_no=0 if named else None, charging_state="Charging" if named else ""),
        *between,
        end,
        reports.StatusReported(1, 1, ConnectorStatus.AVAILABLE, START + timedelta(minutes=21)),
    ]


@pytest.mark.database
@pytest.mark.parametrize(("named", "offline"), [(True, False), (True, True), (False, False)])
def test_an_ordinary_session_is_stored_together_from_its_start_to_its_end(named: bool, offline: bool) -> None:
    point, other = charger(), charger()
    for report in session(named):
        if offline and hasattr(report, "offline"):
            report = replace(report, offline=True)
        alone(of(other, report, NOW))
        assert together(of(point, report, NOW)) == (connection.vendor == "postgresql"), report
    assert rows(point) == rows(other)
    row = Transaction.objects.get(charge_point=point)
    assert (row.state, row.energy_wh, row.flaw, row.was_offline) == ("ended", 2_000.0, "", offline)


@pytest.mark.database
def test_a_start_of_1_6_is_named_by_its_number() -> None:
    point = charger()
    result = start_of(point, begin(remote_id=""))
    row = Transaction.objects.get()
    assert (row.remote_id, result.transaction.remote_id, result.authorization.status) == (
        str(row.pk),
        str(row.pk),
        "Accepted",
    )
    again = start_of(point, begin(remote_id=""))
    assert again.transaction.pk == row.pk
    assert Transaction.objects.count() == 1


def start_of(point: ChargePoint, report: Any) -> Any:
    fact = of(point, report, NOW)
    result = recording.store([fact])[0] if recording.may_be_ordinary(report) else NOT_ORDINARY
    return result if result is not NOT_ORDINARY else alone(fact)


@pytest.mark.database
def test_what_somebody_else_changed_meanwhile_is_not_overwritten() -> None:
    point = charger()
    together(of(point, begin(), NOW))
    together(of(point, values(10, 2_000.0), NOW))
    # Another server stores a value that this one does not know of.
    alone(of(point, values(15, 2_500.0), NOW))
    assert not together(of(point, values(12, 2_200.0), NOW))
    row = Transaction.objects.get()
    assert row.energy_wh == 1_500.0
    assert row.last_value_at == START + timedelta(minutes=15)


@pytest.mark.database
def test_a_value_that_is_there_already_spoils_nothing() -> None:
    point = charger()
    MeterValue.objects.create(
        charge_point=point, evse_number=1, at=START + timedelta(minutes=10), measurand=ENERGY_IMPORT, value=7.0,
        location="Outlet", context="Sample.Periodic", unit="Wh",
    )  # fmt: skip
    together(of(point, begin(), NOW))
    assert not together(of(point, values(10, 2_000.0), NOW))
    assert together(of(point, values(20, 3_000.0), NOW)) == (connection.vendor == "postgresql")
    assert Transaction.objects.get().energy_wh == 2_000.0
    assert MeterValue.objects.filter(measurand=POWER_IMPORT).count() == 2


@pytest.mark.database
def test_a_card_that_charges_elsewhere_starts_no_second_session() -> None:
    point, other = charger(), charger()
    ChargePoint.objects.update(connection_key="live")
    together(of(point, begin(), NOW))
    Connector.objects.update(status=ConnectorStatus.CHARGING)
    stolen = begin(token=TokenPresented(card(point)))
    together(Fact(other.pk, stolen, NOW))
    assert Transaction.objects.get(charge_point=other).state == "quarantined"


@pytest.mark.database
def test_the_energy_of_intervals_outlives_an_update_without_values() -> None:
    point, other = charger(), charger()
    interval = Sample(START + timedelta(minutes=10), "Energy.Active.Import.Interval", 500.0, "Wh")
    backwards = replace(register(10, 0.0), location="Outlet")
    for report in (
        begin(),
        reports.MeterValuesReported(1, (backwards, interval), "tx"),
        reports.TransactionUpdated("tx", 1, START + timedelta(minutes=11), "Charging", 1),
    ):
        alone(of(other, report, NOW))
        together(of(point, report, NOW))
    assert rows(point) == rows(other)
    assert Transaction.objects.get(charge_point=point).energy_wh == 500.0
