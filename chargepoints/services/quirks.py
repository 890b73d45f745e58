"""What is known of a charger's firmware, and which V2G dialect it speaks: from the shipped tables and its own words."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from functools import cache, lru_cache, partial
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from chargepoints.domain import dialects
from chargepoints.domain import quirks as table
from chargepoints.domain.dialects import Dialect
from chargepoints.domain.quirks import Quirks
from chargepoints.models import ChargePoint, DeviceVariable

_YES = frozenset({"true", "yes", "1"})


def _rows(name: str, entry: str) -> list[dict[str, Any]]:
    path = files("chargepoints") / "data" / name
    return list(tomllib.loads(path.read_text(encoding="utf-8")).get(entry, []))


@cache
def entries() -> tuple[table.Entry, ...]:
    """The shipped table of quirks."""
    return table.parse(_rows("quirks.toml", "quirk"))


@cache
def all_dialects() -> dict[str, Dialect]:
    """The shipped V2G dialects by name."""
    return dialects.parse(_rows("dialects.toml", "dialect"))


@lru_cache(maxsize=1024)
def _known(vendor: str, model: str, firmware: str) -> Quirks:
    return table.of(entries(), vendor=vendor, model=model, firmware=firmware)


def of(charge_point: ChargePoint) -> Quirks:
    """What is known of a charger by what it told at its boot."""
    return _known(charge_point.vendor, charge_point.model, charge_point.firmware_version)


def dialect_of(charge_point: ChargePoint) -> Dialect | None:
    """The V2G dialect that a charger speaks; None: it is never asked to give energy back."""
    return all_dialects().get(charge_point.dialect)


Mender = Callable[[dict[str, Any]], dict[str, Any]]


def may_need_mending(charge_point: ChargePoint) -> bool:
    """Whether a charger's messages may have to be put right before they are read; asks no database."""
    dialect = dialect_of(charge_point)
    return of(charge_point).mends or bool(dialect and dialect.measurands)


def mender_of(charge_point_id: int) -> Mender:
    """What puts a charger's messages right, in the zone of its place."""
    charge_point = ChargePoint.objects.select_related("supply_point__location").get(pk=charge_point_id)
    known, dialect = of(charge_point), dialect_of(charge_point)
    named = (*(dialect.measurands if dialect else ()), *known.measurands)
    zone = ZoneInfo(charge_point.supply_point.location.time_zone)
    return partial(table.mend, quirks=replace(known, measurands=named), zone=zone)


def find_dialect(charge_point: ChargePoint) -> str:
    """The dialect's name by vendor, model and firmware, else by the charger's settings; empty when none is known."""
    known = of(charge_point).dialect
    if known in all_dialects():
        return known
    if not any(evse.max_discharge_w for evse in charge_point.evses.all()):
        return ""
    told = _true_settings(charge_point)
    return next((one.name for one in all_dialects().values() if told.intersection(one.keys)), "")


class DialectSource(StrEnum):
    """How a charger's dialect is known."""

    NOWHERE = ""
    STAFF = "staff"
    TABLE = "table"
    SETTINGS = "settings"


def dialect_source(charge_point: ChargePoint) -> DialectSource:
    """How the dialect was found: said by staff, by vendor, model and firmware, or by the charger's settings."""
    if charge_point.dialect_is_fixed:
        return DialectSource.STAFF
    if not charge_point.dialect:
        return DialectSource.NOWHERE
    return DialectSource.TABLE if of(charge_point).dialect == charge_point.dialect else DialectSource.SETTINGS


def _true_settings(charge_point: ChargePoint) -> set[str]:
    keys = {key for one in all_dialects().values() for key in one.keys}
    rows = DeviceVariable.objects.filter(
        charge_point=charge_point, name__in={key.rpartition(".")[2] for key in keys}, attribute="Actual"
    )
    return {f"{row.component}.{row.name}" if row.component else row.name for row in rows if row.value.lower() in _YES}


def note_dialect(charge_point: ChargePoint) -> None:
    """At a boot: keep the dialect that was found, unless staff set one."""
    if charge_point.dialect_is_fixed:
        return
    found = find_dialect(charge_point)
    if found != charge_point.dialect:
        charge_point.dialect = found
        ChargePoint.objects.filter(pk=charge_point.pk, dialect_is_fixed=False).update(dialect=found)


def set_dialect(*, charge_point: ChargePoint, name: str) -> None:
    """Staff say which dialect a charger speaks; an empty name leaves it to what is found.

    :raises KeyError: for a dialect that does not exist.
    """
    if name:
        all_dialects()[name]
    charge_point.dialect_is_fixed = bool(name)
    charge_point.dialect = name or find_dialect(charge_point)
    charge_point.save(update_fields=["dialect", "dialect_is_fixed"])
