"""The client of OpenADR 3 against a server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridops.ports import Asked, Event, Kind, Limited, Report, Target, TargetKind, Unavailable
from tests import vtn as vtns
from tests.vtn import Vtn, interval
from twinev.adapters import openadr

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERIOD = {"start": START.isoformat(), "duration": "PT1H"}


@pytest.fixture
def vtn() -> Iterator[Vtn]:
    with vtns.running() as running:
        yield running


def only(vtn: Vtn) -> Event:
    found = openadr.at(vtn.url).events()
    assert found.is_whole
    (event,) = found.events
    return event


def test_an_event_comes_with_limits_targets_and_what_it_asks_for(vtn: Vtn) -> None:
    vtn.publish(
        "e-1",
        interval(0, start=START, import_kw=11.5),
        interval(1, start=START + HOUR, duration="PT30M", import_kw=0, export_kw=5),
        targets=[
            {"type": "GROUP", "values": ["Feeder 1"]},
            {"type": "RESOURCE_NAME", "values": ["STM-1", "STM-2"]},
            {"type": "VEN_NAME", "values": ["twinev-ven"]},
        ],
        reportDescriptors=[
            {"payloadType": "DEMAND"},
            {"payloadType": "UP_REGULATION_AVAILABLE", "aggregate": True},
            {"payloadType": "OPERATING_STATE"},
        ],
    )
    resources = [Target(TargetKind.RESOURCE, name) for name in ("STM-1", "STM-2")]
    assert only(vtn) == Event(
        event_id="e-1",
        program_id="dynamic-capacity",
        name="Event e-1",
        targets=(Target(TargetKind.GROUP, "Feeder 1"), *resources),
        windows=(
            Limited(START, START + HOUR, 11_500, None),
            Limited(START + HOUR, START + 1.5 * HOUR, 0, 5_000),
        ),
        asked=(Asked(Kind.POWER), Asked(Kind.LESS, is_whole=True)),
    )
    assert vtn.log_ins[0]["grant_type"] == "client_credentials"
    assert vtn.log_ins[0]["client_secret"] == vtns.SECRET


def test_intervals_without_an_own_period_follow_each_other_and_equal_ones_are_one(vtn: Vtn) -> None:
    numbers = [interval(number, import_kw=limit) for number, limit in enumerate((5, 5, 7))]
    vtn.publish("e-1", *numbers, intervalPeriod=PERIOD)
    assert only(vtn).windows == (
        Limited(START, START + 2 * HOUR, 5_000, None),
        Limited(START + 2 * HOUR, START + 3 * HOUR, 7_000, None),
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"payloadDescriptors": [{"payloadType": "IMPORT_CAPACITY_LIMIT", "units": "KWH"}]}, "none of power"),
        ({"intervalPeriod": {"start": "2026-11-24T10:00:00", "duration": "PT1H"}}, "no time zone"),
        ({"intervalPeriod": {"start": START.isoformat(), "duration": "PT0S"}}, "no end"),
        ({"intervalPeriod": None}, "no start"),
        ({"intervals": [interval(0, import_kw=-1)]}, "below zero"),
        ({"intervals": [{"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": ["5"]}]}]}, "one number"),
    ],
)
def test_what_makes_no_sense_is_told_and_limits_nobody(vtn: Vtn, values: dict[str, Any], words: str) -> None:
    vtn.publish("e-1", interval(0, import_kw=5), **({"intervalPeriod": PERIOD} | values))
    event = only(vtn)
    assert words in event.problem
    assert event.windows == ()


def test_many_events_are_read_page_by_page(vtn: Vtn) -> None:
    for number in range(120):
        vtn.publish(f"e-{number}", interval(0, import_kw=5), intervalPeriod=PERIOD)
    assert len(openadr.at(vtn.url).events().events) == 120


def test_an_event_that_cannot_be_read_hides_no_other(vtn: Vtn) -> None:
    for number in range(3):
        vtn.publish(f"e-{number}", interval(0, import_kw=5), intervalPeriod=PERIOD)
    vtn.events[1]["intervalPeriod"] = {"start": "soon"}
    found = openadr.at(vtn.url).events()
    assert ([it.event_id for it in found.events], found.is_whole) == (["e-0", "e-2"], False)


def test_a_report_names_resources_quarter_and_kilowatts(vtn: Vtn) -> None:
    event = Event("e-1", "dynamic-capacity")
    figures = {"Supply 1": {Kind.POWER: 7_000, Kind.MORE: 4_000}, "": {Kind.LESS: 2_500}}
    openadr.at(vtn.url).report(Report(event, START, figures))
    (report,) = vtn.reports
    assert (report["objectType"], report["programID"], report["eventID"]) == ("REPORT", "dynamic-capacity", "e-1")
    assert report["clientName"] == vtns.CLIENT_ID
    assert {it["payloadType"]: it["units"] for it in report["payloadDescriptors"]} == {
        "DEMAND": "KW",
        "UP_REGULATION_AVAILABLE": "KW",
        "DOWN_REGULATION_AVAILABLE": "KW",
    }
    one, whole = report["resources"]
    assert (one["resourceName"], whole["resourceName"]) == ("Supply 1", "AGGREGATED_REPORT")
    assert one["intervalPeriod"] == {"start": "2026-11-24T10:00:00Z", "duration": "PT15M"}
    assert one["intervals"][0]["payloads"] == [
        {"type": "DEMAND", "values": [7.0]},
        {"type": "DOWN_REGULATION_AVAILABLE", "values": [4.0]},
    ]
    assert whole["intervals"][0]["payloads"] == [{"type": "UP_REGULATION_AVAILABLE", "values": [2.5]}]


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_a_server_that_fails_is_unavailable(vtn: Vtn, status: int) -> None:
    vtn.fails = status
    with pytest.raises(Unavailable):
        openadr.at(vtn.url).events()


def test_so_is_one_that_does_not_know_us_and_its_error_bears_no_secret(vtn: Vtn) -> None:
    with pytest.raises(Unavailable) as error:
        openadr.at(vtn.url.replace("s3cret", "other")).events()
    assert "invalid_client" in str(error.value)
    assert "other" not in str(error.value)


def test_and_one_that_is_not_there_or_speaks_something_else(vtn: Vtn) -> None:
    with vtns.running() as gone:
        pass
    with pytest.raises(Unavailable):
        openadr.at(gone.url).events()
    vtn.events = {"not": "a list"}  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        openadr.at(vtn.url).events()
