"""Blocks C, E, H and J: who may charge, transactions, reservations, meter values."""

from typing import Any

from chargepoints.domain import reports
from chargepoints.ocpp import database, recorder
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.rpc import Fault, RpcError
from chargepoints.ocpp.v201 import translation
from chargepoints.ocpp.version import Handler
from chargepoints.services import authorization, metering, reservation_agreement, transactions

Payload = dict[str, Any]


async def authorize(link: Link, payload: Payload) -> Payload:
    token = translation.token_presented(payload.get("idToken")) or reports.TokenPresented("")
    verdict = await database.run(
        authorization.authorize, charge_point_id=link.charge_point_id, token=token, now=link.now()
    )
    return {"idTokenInfo": translation.id_token_info(verdict)}


async def transaction_event(link: Link, payload: Payload) -> Payload:
    kind = payload.get("eventType")
    if kind not in _TRANSACTION_EVENTS:
        raise RpcError(Fault.VALUE, "eventType")
    now = link.now()
    translate, service = _TRANSACTION_EVENTS[kind]
    report = translate(payload, now)
    result = await recorder.run(service, charge_point_id=link.charge_point_id, report=report, now=now)
    if result.authorization is None or report.token is None:
        return {}
    return {"idTokenInfo": translation.id_token_info(result.authorization)}


async def meter_values(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.meter_values(payload, now)
    await recorder.run(metering.store, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def reservation_status_update(link: Link, payload: Payload) -> Payload:
    """The charger let a reservation go, by its own clock or because it cannot keep it."""
    report = translation.reservation_ended(payload)
    await database.run(
        reservation_agreement.charger_ended, charge_point_id=link.charge_point_id, report=report, now=link.now()
    )
    return {}


_TRANSACTION_EVENTS: dict[str, tuple[Any, Any]] = {
    "Started": (translation.transaction_started, transactions.start),
    "Updated": (translation.transaction_updated, transactions.update),
    "Ended": (translation.transaction_ended, transactions.end),
}
HANDLERS: dict[str, Handler] = {
    "Authorize": authorize,
    "MeterValues": meter_values,
    "ReservationStatusUpdate": reservation_status_update,
    "TransactionEvent": transaction_event,
}
