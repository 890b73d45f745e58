"""Reports of a 2.0.1 charger's device model: asked for, and put together from parts that come in any order."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from chargepoints.domain import intents, reports
from chargepoints.domain.command import CommandStatus
from chargepoints.models import ChargePoint, Command, DeviceReport
from chargepoints.services import commands, device_variables

FULL = "FullInventory"
CUSTOM = "Custom"
Status = DeviceReport.Status
_OPEN = (Status.ASKED, Status.RUNNING)
_completed: list[Callable[[DeviceReport, datetime], None]] = []


def on_complete(hook: Callable[[DeviceReport, datetime], None]) -> Callable[[DeviceReport, datetime], None]:
    """Register what follows, in the same database transaction, when all parts of a report are there."""
    _completed.append(hook)
    return hook


@transaction.atomic
def ask(
    *,
    charge_point: ChargePoint,
    now: datetime,
    base: str = "",
    criteria: Sequence[str] = (),
    variables: Sequence[intents.Variable] = (),
    requested_by: Any = None,
    reason: str = "",
) -> DeviceReport:
    """Ask for an inventory (``base``), or for a report of ``variables`` and ``criteria`` (2.0.1 B07, B08)."""
    request_id = secrets.randbelow(2**31 - 1) + 1
    intent = intents.GetReport(request_id, base=base, criteria=tuple(criteria), variables=tuple(variables))
    command = commands.enqueue(
        charge_point=charge_point,
        intent=intent,
        now=now,
        requested_by=requested_by,
        reason=reason,
        supersede_key=f"report:{base or CUSTOM}",
    )
    return DeviceReport.objects.create(
        charge_point=charge_point, command=command, request_id=request_id, kind=base or CUSTOM, asked_at=now
    )


@commands.on_settled(intents.GetReport.kind)
def _answered(command: Command) -> None:
    report = DeviceReport.objects.select_for_update().filter(command=command, status=Status.ASKED).first()
    if report is None:
        return  # its first part came before the answer
    status = Status.RUNNING if command.status == CommandStatus.ACCEPTED else Status.REFUSED
    report.status = Status.EMPTY if command.result.get("status") == "EmptyResultSet" else status
    report.save(update_fields=["status"])


@transaction.atomic
def take_part(*, charge_point_id: int, report: reports.VariablesReported, now: datetime) -> None:
    """Store one part. A part that was sent again counts once; one that nobody asked for is stored all the same."""
    device_variables.keep(charge_point_id=charge_point_id, report=report, now=now)
    mine = DeviceReport.objects.select_for_update().filter(charge_point_id=charge_point_id)
    row = mine.filter(request_id=report.request_id or 0).first()
    if row is None or row.status not in _OPEN or report.part in row.seen_parts:
        return
    row.seen_parts = sorted([*row.seen_parts, report.part])
    row.parts = len(row.seen_parts)
    row.variables += len(report.variables)
    row.status = Status.RUNNING
    if report.is_last:
        row.last_part = report.part
    # Some chargers count parts from 1.
    if row.last_part is not None and row.parts >= row.last_part + 1 - min(row.seen_parts[0], 1):
        _complete(row, now)
    row.save()


def _complete(row: DeviceReport, now: datetime) -> None:
    row.status, row.completed_at = Status.COMPLETE, now
    if row.kind == FULL:
        device_variables.forget_untold(charge_point_id=row.charge_point_id, since=row.asked_at)
    for hook in _completed:
        hook(row, now)
