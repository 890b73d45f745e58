"""What a charging station of OCPP 2.0.1 tells."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..evse import Evse, Reservation, Session, Token
from ..outbox import Payload
from ..profile_wire import format_time, without_none
from ..reporting import BaseMessages, StatusReport

TRIGGER_BY_REASON = {
    "Local": "StopAuthorized",
    "Remote": "RemoteStop",
    "EVDisconnected": "EVCommunicationLost",
    "PowerLoss": "AbnormalCondition",
    "DeAuthorized": "Deauthorized",
    "ImmediateReset": "ResetCommand",
    "Reboot": "ResetCommand",
}


class Messages(BaseMessages):
    """Outgoing half of 2.0.1."""

    def boot(self, reason: str) -> Payload:
        """BootNotification."""
        charge_point = self.charge_point
        station = {
            "vendorName": charge_point.vendor,
            "model": charge_point.model,
            "serialNumber": charge_point.identity[:25],
            "firmwareVersion": charge_point.firmware_version,
        }
        return {"reason": reason, "chargingStation": station}

    def authorize(self, token: Token) -> Payload:
        """Authorize."""
        return {"idToken": _id_token(token)}

    def read_authorization(self, answer: Payload) -> tuple[str, str | None]:
        """Status and group of the answer."""
        info = answer["idTokenInfo"]
        return info["status"], _group(info)

    def status_reports(self, evse: Evse | None) -> list[StatusReport]:
        """StatusNotification of each connector of the EVSE; 2.0.1 has none for the station."""
        if evse is None:
            return []
        return [self._status(evse, connector) for connector in range(1, len(evse.spec.connectors) + 1)]

    def _status(self, evse: Evse, connector: int) -> StatusReport:
        status = _connector_status(evse, connector)
        payload = {
            "timestamp": format_time(self.charge_point.station.now),
            "connectorStatus": status,
            "evseId": evse.number,
            "connectorId": connector,
        }
        return StatusReport((evse.number, connector), status, payload)

    def started(self, session: Session) -> None:
        """TransactionEvent Started."""
        session.transaction_id = session.key
        details = {"idToken": _id_token(session.token), "reservationId": session.reservation_id}
        self._event(session, "Started", session.trigger, context="Transaction.Begin", details=details)

    def changed(self, session: Session, trigger: str) -> None:
        """TransactionEvent Updated for a new charging state (or what was asked for)."""
        self._event(session, "Updated", trigger, context="Trigger" if trigger == "Trigger" else "Other")

    def sampled(self, session: Session) -> None:
        """TransactionEvent Updated with the periodic meter values."""
        self._event(session, "Updated", "MeterValuePeriodic", context="Sample.Periodic")

    def ended(self, session: Session) -> None:
        """TransactionEvent Ended."""
        details = {"idToken": _id_token(session.stop_token) if session.stop_token else None}
        trigger = TRIGGER_BY_REASON.get(session.reason, "AbnormalCondition")
        self._event(session, "Ended", trigger, context="Transaction.End", details=details)

    def reservation_lapsed(self, reservation: Reservation) -> None:
        """ReservationStatusUpdate."""
        update = {"reservationId": reservation.reservation_id, "reservationUpdateStatus": "Expired"}
        self.tell("ReservationStatusUpdate", update)

    def meter_values(self, evse: Evse) -> None:
        """MeterValues on demand, outside the transaction's events."""
        self.tell("MeterValues", {"evseId": evse.number, "meterValue": [self._meter_value(evse, "Trigger")]})

    def _event(
        self, session: Session, event_type: str, trigger: str, *, context: str, details: Payload | None = None
    ) -> None:
        evse = self.charge_point.evse(session.evse_number)
        payload = {
            "eventType": event_type,
            "timestamp": format_time(self.charge_point.station.now),
            "triggerReason": trigger,
            "seqNo": session.next_sequence(),
            "offline": not self.charge_point.link.online,
            "transactionInfo": self._transaction_info(session, evse),
            "evse": {"id": evse.number, "connectorId": evse.connector},
            "meterValue": [self._meter_value(evse, context)],
            **(details or {}),
        }
        self.keep("TransactionEvent", without_none(payload), on_answer=partial(self._event_answered, session))

    def _transaction_info(self, session: Session, evse: Evse) -> Payload:
        return without_none(
            {
                "transactionId": session.transaction_id,
                "chargingState": _charging_state(session, evse),
                "stoppedReason": session.reason or None,
                "remoteStartId": session.remote_start_id if session.trigger == "RemoteStart" else None,
            }
        )

    def _event_answered(self, session: Session, answer: Payload) -> None:
        info: dict[str, Any] = answer.get("idTokenInfo", {})
        session.group = _group(info) or session.group
        if info.get("status", "Accepted") != "Accepted":
            self.deauthorize(session.key)

    def _meter_value(self, evse: Evse, context: str) -> Payload:
        samples = evse.samples(self.charge_point.variables.words("measurands"))
        sampled = [
            {
                "value": sample.value,
                "context": context,
                "measurand": sample.measurand,
                "location": "EV" if sample.measurand == "SoC" else "Outlet",
                "unitOfMeasure": {"unit": sample.unit},
            }
            for sample in samples
        ]
        return {"timestamp": format_time(self.charge_point.station.now), "sampledValue": sampled}


def _id_token(token: Token) -> Payload:
    return {"idToken": token.value, "type": token.kind}


def _group(info: Payload) -> str | None:
    return info["groupIdToken"]["idToken"] if info.get("groupIdToken") else None


def _charging_state(session: Session, evse: Evse) -> str:
    if not session.reason:
        return session.state
    return "Idle" if session.reason == "EVDisconnected" else "EVConnected"


def _connector_status(evse: Evse, connector: int) -> str:
    """The nine states of a 1.6 connector, folded into the five of 2.0.1."""
    if evse.status in ("Faulted", "Unavailable"):
        return evse.status
    if evse.vehicle:
        return "Occupied" if connector == evse.connector else "Unavailable"
    return "Reserved" if evse.reservation else "Available"
