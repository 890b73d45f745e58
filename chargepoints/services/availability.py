"""What connectors are doing, and whether they are in service."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from chargepoints import events, realtime
from chargepoints.domain import clock, intents, reports
from chargepoints.domain.status import OF_CHARGING_STATE, OUT_OF_SERVICE, ConnectorStatus
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Command, Connector, Evse
from chargepoints.selectors.operators import topic_of
from chargepoints.services import commands, reservations

# A charger that is away is still to be taken out of service when it is back.
AVAILABILITY_VALIDITY = timedelta(days=1)


@transaction.atomic
def report_status(*, charge_point_id: int, report: reports.StatusReported, now: datetime) -> None:
    """Keep a connector's status. Connector 0 speaks for all; a report older than what is known is dropped."""
    connectors = Connector.objects.select_for_update().filter(evse__charge_point_id=charge_point_id)
    if report.evse_number:
        connectors = connectors.filter(evse__number=report.evse_number)
        if report.connector_number:  # 0 of an EVSE: sloppy firmware means all of its connectors
            connectors = connectors.filter(number=report.connector_number)
        if not connectors and (created := _unseen(charge_point_id, report)):
            connectors = Connector.objects.filter(pk=created.pk)
    elif report.status not in OUT_OF_SERVICE:
        return  # the whole is fine: each connector tells its own status
    # A charger whose clock is wrong would otherwise never be believed again: its future is cut to now, as is 1970.
    at = min(clock.corrected(report.at, now), now)
    for connector in connectors:
        if connector.status_at is None or connector.status_at <= at:
            _keep(connector, report, at)


def _unseen(charge_point_id: int, report: reports.StatusReported) -> Connector | None:
    """A further connector of a known EVSE; an EVSE that nobody configured stays out (its power is not known)."""
    evse = Evse.objects.filter(charge_point_id=charge_point_id, number=report.evse_number).first()
    return Connector.objects.create(evse=evse, number=report.connector_number) if evse else None


def _refined(connector: Connector, status: ConnectorStatus) -> ConnectorStatus:
    """2.0.1 says "Occupied" again whenever it is asked: a transaction that runs there knows better."""
    if status != ConnectorStatus.PREPARING:
        return status
    running = connector.evse.transactions.filter(state=TransactionState.ACTIVE).first()
    return OF_CHARGING_STATE.get(running.charging_state, status) if running else status


def _keep(connector: Connector, report: reports.StatusReported, at: datetime) -> None:
    status = _refined(connector, report.status)
    changed = connector.status != status.value
    connector.status = status.value
    connector.status_at = at
    # A vendor's code tells a technician more than "OtherError" does.
    connector.error_code = f"{report.error_code} {report.info}".strip()[:50] if report.error_code else ""
    connector.save(update_fields=["status", "status_at", "error_code"])
    charge_point_id = connector.evse.charge_point_id
    if changed:
        if report.status in OUT_OF_SERVICE:
            reservations.release_unusable(evse_id=connector.evse_id, now=at)
        events.announce(events.status_changed, charge_point_id=charge_point_id, connector_id=connector.pk)
        realtime.nudge("map", *topic_of(charge_point_id, "locations"))


def put_in_service(
    *,
    charge_point: ChargePoint,
    operative: bool,
    now: datetime,
    evse: Evse | None = None,
    connector: Connector | None = None,
    requested_by: Any = None,
    reason: str = "",
) -> Command:
    """Put a charger, one EVSE or one connector into service or out of it. What it does then its status tells.

    While a session runs the charger waits for its end ("Scheduled"); the wish holds until another one replaces it.
    """
    evse = connector.evse if connector else evse
    place = (evse.number if evse else 0, connector.number if connector else 0)
    return commands.enqueue(
        charge_point=charge_point,
        intent=intents.ChangeAvailability(operative, *place),
        now=now,
        requested_by=requested_by,
        reason=reason,
        supersede_key=f"availability:{place[0]}:{place[1]}",
        valid_for=AVAILABILITY_VALIDITY,
    )
