"""Charging profiles between OCPP's JSON (1.6 and 2.0.1 differ in a few names) and `profiles.Profile`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .profiles import STATION_MAX, Period, Profile, Schedule


def parse_time(text: str) -> datetime:
    """An aware UTC time; text without a zone is read as UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """RFC 3339 with milliseconds, as chargers write it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_optional_time(text: str | None) -> datetime | None:
    """The same where there may be none."""
    return parse_time(text) if text else None


def read_profile(wire: dict[str, Any]) -> Profile:
    """A profile of either version; raises KeyError, TypeError or ValueError where the shape is wrong."""
    schedule = wire["chargingSchedule"]
    schedule = schedule[0] if isinstance(schedule, list) else schedule
    purpose = wire["chargingProfilePurpose"]
    transaction_id = wire.get("transactionId")
    return Profile(
        profile_id=int(wire["id"] if "id" in wire else wire["chargingProfileId"]),
        stack_level=int(wire["stackLevel"]),
        purpose=STATION_MAX if purpose == "ChargePointMaxProfile" else purpose,
        kind=wire["chargingProfileKind"],
        schedule=_read_schedule(schedule),
        recurrency=wire.get("recurrencyKind"),
        valid_from=parse_optional_time(wire.get("validFrom")),
        valid_to=parse_optional_time(wire.get("validTo")),
        transaction_id=None if transaction_id is None else str(transaction_id),
    )


def _read_schedule(wire: dict[str, Any]) -> Schedule:
    periods = [
        Period(start_s=int(p["startPeriod"]), limit=float(p["limit"]), phases=p.get("numberPhases"))
        for p in wire["chargingSchedulePeriod"]
    ]
    return Schedule(
        unit=wire["chargingRateUnit"],
        periods=tuple(sorted(periods, key=lambda period: period.start_s)),
        start=parse_optional_time(wire.get("startSchedule")),
        duration_s=wire.get("duration"),
    )


def write_profile_v201(profile: Profile) -> dict[str, Any]:
    """The profile as 2.0.1 reports it (ReportChargingProfiles)."""
    schedule = profile.schedule
    wire_schedule = {
        "id": profile.profile_id,
        "chargingRateUnit": schedule.unit,
        "startSchedule": format_time(schedule.start) if schedule.start else None,
        "duration": schedule.duration_s,
        "chargingSchedulePeriod": [
            without_none({"startPeriod": p.start_s, "limit": p.limit, "numberPhases": p.phases})
            for p in schedule.periods
        ],
    }
    wire = {
        "id": profile.profile_id,
        "stackLevel": profile.stack_level,
        "chargingProfilePurpose": profile.purpose,
        "chargingProfileKind": profile.kind,
        "recurrencyKind": profile.recurrency,
        "validFrom": format_time(profile.valid_from) if profile.valid_from else None,
        "validTo": format_time(profile.valid_to) if profile.valid_to else None,
        "transactionId": profile.transaction_id,
        "chargingSchedule": [without_none(wire_schedule)],
    }
    return without_none(wire)


def without_none(wire: dict[str, Any]) -> dict[str, Any]:
    """The same without the members that are None: OCPP leaves out, it knows no null."""
    return {name: value for name, value in wire.items() if value is not None}
