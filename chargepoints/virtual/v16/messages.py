"""What a charger of OCPP 1.6 tells. A connector is an EVSE here: its id is the EVSE's number."""

from __future__ import annotations

from functools import partial

from ..evse import Evse, Reservation, Session, Token
from ..outbox import Payload
from ..profile_wire import parse_optional_time, without_none
from ..reporting import BaseMessages, StatusReport
from ..tokens import Entry
from . import metering

# A StopTransaction whose start never got an id; real chargers send 0 or -1.
UNKNOWN_TRANSACTION = -1
REASONS = (
    *("DeAuthorized", "EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss", "Reboot"),
    *("Remote", "SoftReset", "UnlockCommand"),
)


class Messages(BaseMessages):
    """Outgoing half of 1.6."""

    def boot(self, reason: str) -> Payload:
        """BootNotification (1.6 has no reason)."""
        charge_point = self.charge_point
        return {
            "chargePointVendor": charge_point.vendor,
            "chargePointModel": charge_point.model,
            "chargePointSerialNumber": charge_point.identity[:25],
            "firmwareVersion": charge_point.firmware_version,
        }

    def authorize(self, token: Token) -> Payload:
        """Authorize."""
        return {"idTag": token.value}

    def read_authorization(self, answer: Payload) -> Entry:
        """Status, parent and expiry of the answer."""
        info = answer["idTagInfo"]
        return Entry(info["status"], info.get("parentIdTag"), parse_optional_time(info.get("expiryDate")))

    def status_reports(self, evse: Evse | None) -> list[StatusReport]:
        """StatusNotification of a connector, or (None) of connector 0."""
        if evse is None:
            in_service = any(evse.operative for evse in self.charge_point.station.evses.values())
            return [self._status(0, "Available" if in_service else "Unavailable", None)]
        return [self._status(evse.number, evse.status, evse)]

    def _status(self, connector_id: int, status: str, evse: Evse | None) -> StatusReport:
        payload = {
            "connectorId": connector_id,
            "status": status,
            "errorCode": (evse.fault if evse else None) or "NoError",
            "timestamp": self.stamp(),
            "vendorErrorCode": evse.fault_code if evse else None,
        }
        return StatusReport((connector_id, 0), status, without_none(payload))

    def started(self, session: Session) -> None:
        """StartTransaction; its answer brings the transaction's id."""
        self.charge_point.history.append(session)
        payload = {
            "connectorId": session.evse_number,
            "idTag": session.token.value if session.token else "",
            "meterStart": session.meter_start_wh,
            "timestamp": self.stamp(session.started_at),
            "reservationId": session.reservation_id,
        }
        self.keep("StartTransaction", without_none(payload), on_answer=partial(self._start_answered, session))

    def _start_answered(self, session: Session, answer: Payload) -> None:
        session.transaction_id = str(int(answer["transactionId"]))
        self.heard(session.token, self.read_authorization(answer), session)

    def changed(self, session: Session, trigger: str) -> None:
        """Told by the connector's status alone."""

    def sampled(self, session: Session, context: str = "Sample.Periodic") -> None:
        """MeterValues of the transaction."""
        evse = self.charge_point.evse(session.evse_number)
        self._keep_values(session, self._meter_values(evse, context, "measurands"))
        self.charge_point.v2g.tell(evse)

    def aligned(self, evse: Evse) -> None:
        """MeterValues at the clock's round moments, of a transaction or of none."""
        payload = self._meter_values(evse, "Sample.Clock", "aligned_measurands")
        if evse.session:
            self._keep_values(evse.session, payload)
        elif payload:
            self.tell("MeterValues", payload)

    def _keep_values(self, session: Session, payload: Payload) -> None:
        if payload:
            self.keep("MeterValues", payload, complete=partial(_add_known_id, session))

    def meter_values(self, evse: Evse, context: str = "Trigger") -> None:
        """MeterValues on demand, of a transaction or of none."""
        if evse.session:
            self.sampled(evse.session, context)
        elif payload := self._meter_values(evse, context, "measurands"):
            self.tell("MeterValues", payload)

    def _meter_values(self, evse: Evse, context: str, setting: str) -> Payload:
        """Empty where nothing is to be measured."""
        sampled = metering.sampled_values(self.samples(evse, setting), context, self.charge_point.manner)
        value = {"timestamp": self.stamp(), "sampledValue": sampled}
        return {"connectorId": evse.number, "meterValue": [value]} if sampled else {}

    def ended(self, session: Session) -> None:
        """StopTransaction."""
        payload = {
            "idTag": session.stop_token.value if session.stop_token else None,
            "meterStop": session.meter_stop_wh,
            "timestamp": self.stamp(session.ended_at),
            "reason": session.reason if session.reason in REASONS else "Other",
            "transactionData": self._transaction_data(session) or None,
        }
        self.keep("StopTransaction", without_none(payload), complete=partial(_add_id, session))

    def _transaction_data(self, session: Session) -> list[Payload]:
        """What StopTxnSampledData asks for, and signed readings: of the beginning and of the end."""
        evse, charge_point = self.charge_point.evse(session.evse_number), self.charge_point
        manner = charge_point.manner
        at_end = metering.sampled_values(self.samples(evse, "end_measurands"), "Transaction.End", manner)
        at_begin = [metering.register(session.meter_start_wh, "Transaction.Begin", manner)] if at_end else []
        if charge_point.variables.flag("sign_readings"):
            at_begin.append(metering.signed(charge_point.identity, session, "Transaction.Begin"))
            at_end.append(metering.signed(charge_point.identity, session, "Transaction.End"))
        moments = ((session.started_at, at_begin), (session.ended_at, at_end))
        return [{"timestamp": self.stamp(at), "sampledValue": sampled} for at, sampled in moments if sampled]

    def reservation_ended(self, reservation: Reservation, how: str) -> None:
        """Told by the connector's status alone."""


def _add_known_id(session: Session, payload: Payload) -> None:
    if session.transaction_id is not None:
        payload["transactionId"] = int(session.transaction_id)


def _add_id(session: Session, payload: Payload) -> None:
    payload["transactionId"] = int(session.transaction_id or UNKNOWN_TRANSACTION)
