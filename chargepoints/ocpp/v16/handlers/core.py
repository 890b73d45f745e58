"""The core profile."""

from typing import Any

from chargepoints.domain import reports
from chargepoints.models import ChargePoint
from chargepoints.ocpp import database, reading, recorder
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.v16 import translation
from chargepoints.ocpp.version import Handler
from chargepoints.services import authorization, availability, metering, provisioning, transactions
from chargepoints.services import data_transfer as data_transfer_service

Payload = dict[str, Any]
_REGISTRATIONS = {
    ChargePoint.Registration.ACCEPTED: "Accepted",
    ChargePoint.Registration.PENDING: "Pending",
    ChargePoint.Registration.REJECTED: "Rejected",
}


async def boot_notification(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.booted(payload)
    charge_point = await recorder.run(provisioning.boot, charge_point_id=link.charge_point_id, report=report, now=now)
    link.booted(charge_point)
    return {
        "status": _REGISTRATIONS[ChargePoint.Registration(charge_point.registration)],
        "currentTime": reading.moment_text(now),
        "interval": charge_point.heartbeat_interval_s,
    }


async def heartbeat(link: Link, payload: Payload) -> Payload:
    return {"currentTime": reading.moment_text(link.now())}


async def status_notification(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.status_reported(payload, now)
    await recorder.run(availability.report_status, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def authorize(link: Link, payload: Payload) -> Payload:
    token = translation.token_presented(payload) or reports.TokenPresented("")
    verdict = await database.run(
        authorization.authorize, charge_point_id=link.charge_point_id, token=token, now=link.now()
    )
    return {"idTagInfo": translation.id_tag_info(verdict)}


async def start_transaction(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.transaction_started(payload, now)
    started = await recorder.run(transactions.start, charge_point_id=link.charge_point_id, report=report, now=now)
    return {
        "transactionId": int(started.transaction.remote_id),
        "idTagInfo": translation.id_tag_info(started.authorization),
    }


async def stop_transaction(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.transaction_ended(payload, now)
    ended = await recorder.run(transactions.end, charge_point_id=link.charge_point_id, report=report, now=now)
    if ended.authorization is None or report.token is None:
        return {}
    return {"idTagInfo": translation.id_tag_info(ended.authorization)}


async def meter_values(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.meter_values(payload, now)
    await recorder.run(metering.store, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def data_transfer(link: Link, payload: Payload) -> Payload:
    reply = await database.run(
        data_transfer_service.receive,
        charge_point_id=link.charge_point_id,
        message=translation.vendor_message(payload),
        now=link.now(),
    )
    return translation.vendor_reply(reply)


HANDLERS: dict[str, Handler] = {
    "Authorize": authorize,
    "BootNotification": boot_notification,
    "DataTransfer": data_transfer,
    "Heartbeat": heartbeat,
    "MeterValues": meter_values,
    "StartTransaction": start_transaction,
    "StatusNotification": status_notification,
    "StopTransaction": stop_transaction,
}
