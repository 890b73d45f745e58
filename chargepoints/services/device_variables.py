"""What a charger told of its settings, one row a variable; the same rows for both versions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chargepoints.domain import intents, reports
from chargepoints.domain.configuration import SECRETS
from chargepoints.models import DeviceVariable

_KEY = (
    "component",
    "component_instance",
    "evse_number",
    "connector_number",
    "name",
    "instance",
    "attribute",
)
_LENGTHS = {"component": 50, "component_instance": 50, "name": 50, "instance": 50, "attribute": 8, "refusal": 24}
_TRAITS = ("mutability", "data_type", "unit", "min_limit", "max_limit", "values_list")
_MUTABILITIES = frozenset(DeviceVariable.Mutability.values)


def keep(*, charge_point_id: int, report: reports.VariablesReported, now: datetime) -> None:
    """Store what was told. A refusal leaves the value that is known; a later word on the same variable counts."""
    rows: dict[tuple[str, ...], dict[tuple[Any, ...], DeviceVariable]] = {}
    for told in report.variables:
        row = _row(charge_point_id, told, now)
        key = tuple(getattr(row, name) for name in _KEY)
        for others in rows.values():
            others.pop(key, None)
        rows.setdefault(_changed(told, report), {})[key] = row
    for fields, chosen in rows.items():
        DeviceVariable.objects.bulk_create(
            chosen.values(), update_conflicts=True, update_fields=fields, unique_fields=["charge_point", *_KEY]
        )


def _row(charge_point_id: int, told: reports.VariableReported, now: datetime) -> DeviceVariable:
    values = {name: getattr(told, name) for name in (*_KEY, *_TRAITS, "value", "needs_reboot", "refusal")}
    values |= {name: values[name][:length] for name, length in _LENGTHS.items()}
    values["data_type"], values["unit"] = told.data_type[:16], told.unit[:16]
    if told.mutability not in _MUTABILITIES:
        values["mutability"] = DeviceVariable.Mutability.READ_WRITE
    if told.name in SECRETS or told.refusal:
        values["value"] = ""
    return DeviceVariable(charge_point_id=charge_point_id, reported_at=now, **values)


def _changed(told: reports.VariableReported, report: reports.VariablesReported) -> tuple[str, ...]:
    """An answer to a question or a change tells no traits, except 1.6's, which tells what may be changed."""
    if told.refusal:
        return ("refusal", "reported_at")
    if report.was_set:
        return ("value", "refusal", "needs_reboot", "reported_at")
    if report.request_id is not None:
        return ("value", "refusal", *_TRAITS, "reported_at")
    return ("value", "refusal", "reported_at") if told.component else ("value", "refusal", "mutability", "reported_at")


def forget_untold(*, charge_point_id: int, since: datetime) -> int:
    """After a full inventory: what the charger did not name any more is gone; how many."""
    old = DeviceVariable.objects.filter(charge_point_id=charge_point_id, reported_at__lt=since)
    return old.delete()[0]


def restarted(*, charge_point_id: int) -> None:
    """What waited for a restart is in force now."""
    DeviceVariable.objects.filter(charge_point_id=charge_point_id, needs_reboot=True).update(needs_reboot=False)


def row_of(*, charge_point_id: int, variable: intents.Variable) -> DeviceVariable | None:
    """What is known of a variable. Names compare without case (2.0.1 part 2, 2.1.1)."""
    exact = {name: getattr(variable, name) for name in ("evse_number", "connector_number", "attribute")}
    loose = {f"{name}__iexact": getattr(variable, name) for name in _KEY if name not in exact}
    return DeviceVariable.objects.filter(charge_point_id=charge_point_id, **exact, **loose).first()


def value(*, charge_point_id: int, name: str, component: str = "", instance: str = "") -> str | None:
    """The value of a variable (1.6: of a key) as last told; None when the charger never told or does not have it."""
    row = row_of(
        charge_point_id=charge_point_id, variable=intents.Variable(name, component=component, instance=instance)
    )
    return row.value if row is not None and not row.refusal else None


def number(*, charge_point_id: int, names: Iterable[tuple[str, str, str]]) -> int | None:
    """The first of these variables (component, name, instance) that holds a whole number of at least 1."""
    for component, name, instance in names:
        told = value(charge_point_id=charge_point_id, name=name, component=component, instance=instance) or ""
        if told.strip().isdecimal() and int(told) > 0:
            return int(told)
    return None
