"""What a charging station of OCPP 2.0.1 tells."""

from __future__ import annotations

from functools import partial

from ..evse import Evse, Reservation, Session, Token
from ..outbox import Payload
from ..profile_wire import parse_optional_time, without_none
from ..reporting import BaseMessages, StatusReport
from ..tokens import Entry
from . import metering

TRIGGER_BY_REASON = {
    "Local": "StopAuthorized",
    "Remote": "RemoteStop",
    "EVDisconnected": "EVCommunicationLost",
    "PowerLoss": "AbnormalCondition",
    "DeAuthorized": "Deauthorized",
    "ImmediateReset": "ResetCommand",
    "Reboot": "ResetCommand",
    "Timeout": "EVConnectTimeout",
    "StoppedByEV": "ChargingStateChanged",
    "UnlockCommand": "UnlockCommand",
}
# Reasons that only 1.6 has a word for.
STOPPED_REASON = {"UnlockCommand": "Other", "HardReset": "ImmediateReset", "SoftReset": "ImmediateReset"}


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
        return {"idToken": id_token(token)}

    def read_authorization(self, answer: Payload) -> Entry:
        """Status, group and expiry of the answer."""
        info = answer["idTokenInfo"]
        return Entry(info["status"], _group(info), parse_optional_time(info.get("cacheExpiryDateTime")))

    def status_reports(self, evse: Evse | None) -> list[StatusReport]:
        """StatusNotification of each connector of the EVSE; 2.0.1 has none for the station."""
        if evse is None:
            return []
        return [self._status(evse, connector) for connector in range(1, len(evse.spec.connectors) + 1)]

    def _status(self, evse: Evse, connector: int) -> StatusReport:
        status = _connector_status(evse, connector)
        payload = {
            "timestamp": self.stamp(),
            "connectorStatus": status,
            "evseId": evse.number,
            "connectorId": connector,
        }
        return StatusReport((evse.number, connector), status, payload)

    def started(self, session: Session) -> None:
        """TransactionEvent Started."""
        self.charge_point.history.append(session)
        session.transaction_id = session.key
        trigger = session.trigger
        self._event(session, "Started", trigger, "Transaction.Begin", "begin_measurands", _admission(session))

    def changed(self, session: Session, trigger: str) -> None:
        """TransactionEvent Updated for a new charging state, for who may charge, or because it was asked for."""
        details: Payload = {}
        if trigger in ("Authorized", "RemoteStart"):
            details = _admission(session)
        elif trigger == "StopAuthorized" and session.stop_token:
            details = {"idToken": id_token(session.stop_token)}
        self._event(session, "Updated", trigger, "Trigger" if trigger == "Trigger" else "Other", details=details)

    def sampled(self, session: Session) -> None:
        """TransactionEvent Updated with the periodic meter values."""
        self._event(session, "Updated", "MeterValuePeriodic", "Sample.Periodic")
        self.charge_point.v2g.tell(self.charge_point.evse(session.evse_number))

    def aligned(self, evse: Evse) -> None:
        """Values at the clock's round moments: in the transaction's events, else as MeterValues."""
        if evse.session:
            self._event(evse.session, "Updated", "MeterValueClock", "Sample.Clock", "aligned_measurands")
        elif values := self._meter_values(evse, "Sample.Clock", "aligned_measurands"):
            self.tell("MeterValues", {"evseId": evse.number, "meterValue": values})

    def ended(self, session: Session) -> None:
        """TransactionEvent Ended."""
        details = {"idToken": id_token(session.stop_token) if session.stop_token else None}
        trigger = TRIGGER_BY_REASON.get(session.reason, "AbnormalCondition")
        self._event(session, "Ended", trigger, "Transaction.End", "ended_measurands", details)

    def reservation_ended(self, reservation: Reservation, how: str) -> None:
        """ReservationStatusUpdate."""
        update = {"reservationId": reservation.reservation_id, "reservationUpdateStatus": how}
        self.tell("ReservationStatusUpdate", update)

    def meter_values(self, evse: Evse) -> None:
        """MeterValues on demand, outside the transaction's events."""
        if values := self._meter_values(evse, "Trigger", "measurands"):
            self.tell("MeterValues", {"evseId": evse.number, "meterValue": values})

    def _event(
        self,
        session: Session,
        event_type: str,
        trigger: str,
        context: str,
        setting: str = "measurands",
        details: Payload | None = None,
    ) -> None:
        evse = self.charge_point.evse(session.evse_number)
        payload = {
            "eventType": event_type,
            "timestamp": self.stamp(),
            "triggerReason": trigger,
            "seqNo": session.next_sequence(),
            "offline": not self.charge_point.link.online,
            "transactionInfo": _transaction_info(session),
            "evse": {"id": evse.number, "connectorId": evse.connector} if evse.vehicle else {"id": evse.number},
            "meterValue": self._meter_values(evse, context, setting) or None,
            **(details or {}),
        }
        told = session.stop_token or session.token
        on_answer = partial(self._event_answered, session, told)
        self.keep("TransactionEvent", without_none(payload), on_answer=on_answer)

    def _event_answered(self, session: Session, token: Token | None, answer: Payload) -> None:
        if "idTokenInfo" in answer:
            self.heard(token, self.read_authorization(answer), session)

    def _meter_values(self, evse: Evse, context: str, setting: str) -> list[Payload]:
        """One value, or none where nothing is to be measured."""
        charge_point = self.charge_point
        sampled = metering.sampled_values(self.samples(evse, setting), context, charge_point.manner)
        if context.startswith("Transaction.") and charge_point.variables.flag("sign_readings"):
            metering.sign(sampled, serial=charge_point.identity, at=charge_point.station.now, number=evse.number)
        return [{"timestamp": self.stamp(), "sampledValue": sampled}] if sampled else []


def _admission(session: Session) -> Payload:
    """Who may charge, told when it becomes known."""
    token = id_token(session.token) if session.token else None
    return {"idToken": token, "reservationId": session.reservation_id}


def _transaction_info(session: Session) -> Payload:
    return without_none(
        {
            "transactionId": session.transaction_id,
            "chargingState": _charging_state(session),
            "timeSpentCharging": round(session.seconds_charging) or None,
            "stoppedReason": STOPPED_REASON.get(session.reason, session.reason) or None,
            "remoteStartId": session.remote_start_id,
        }
    )


def id_token(token: Token) -> Payload:
    """IdTokenType."""
    return {"idToken": token.value, "type": token.kind}


def _group(info: Payload) -> str | None:
    return info["groupIdToken"]["idToken"] if info.get("groupIdToken") else None


def _charging_state(session: Session) -> str:
    if not session.reason:
        return session.state
    return "Idle" if session.reason == "EVDisconnected" else "EVConnected"


def _connector_status(evse: Evse, connector: int) -> str:
    """The nine states of a 1.6 connector, folded into the five of 2.0.1."""
    if evse.status in ("Faulted", "Unavailable"):
        return evse.status
    if connector in evse.inoperative_connectors:
        return "Unavailable"
    if evse.vehicle:
        return "Occupied" if connector == evse.connector else "Unavailable"
    return "Reserved" if evse.reservation or evse.kept else "Available"
