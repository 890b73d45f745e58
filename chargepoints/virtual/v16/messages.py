"""What a charger of OCPP 1.6 tells. A connector is an EVSE here: its id is the EVSE's number."""

from __future__ import annotations

from functools import partial

from ..evse import Evse, Reservation, Session, Token
from ..outbox import Payload
from ..profile_wire import format_time, without_none
from ..reporting import BaseMessages, StatusReport

# A StopTransaction whose start never got an id; real chargers send 0 or -1.
UNKNOWN_TRANSACTION = -1


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

    def read_authorization(self, answer: Payload) -> tuple[str, str | None]:
        """Status and parent of the answer."""
        info = answer["idTagInfo"]
        return info["status"], info.get("parentIdTag")

    def status_reports(self, evse: Evse | None) -> list[StatusReport]:
        """StatusNotification of a connector, or (None) of connector 0."""
        if evse is None:
            in_service = any(evse.operative for evse in self.charge_point.station.evses.values())
            return [self._status(0, "Available" if in_service else "Unavailable", None)]
        return [self._status(evse.number, evse.status, evse.fault)]

    def _status(self, connector_id: int, status: str, fault: str | None) -> StatusReport:
        payload = {
            "connectorId": connector_id,
            "status": status,
            "errorCode": fault or "NoError",
            "timestamp": format_time(self.charge_point.station.now),
        }
        return StatusReport((connector_id, 0), status, payload)

    def started(self, session: Session) -> None:
        """StartTransaction; its answer brings the transaction's id."""
        payload = {
            "connectorId": session.evse_number,
            "idTag": session.token.value,
            "meterStart": session.meter_start_wh,
            "timestamp": format_time(session.started_at),
            "reservationId": session.reservation_id,
        }
        self.keep("StartTransaction", without_none(payload), on_answer=partial(self._start_answered, session))

    def _start_answered(self, session: Session, answer: Payload) -> None:
        session.transaction_id = str(int(answer["transactionId"]))
        info = answer["idTagInfo"]
        session.group = info.get("parentIdTag", session.group)
        if info["status"] != "Accepted":
            self.deauthorize(session.key)

    def changed(self, session: Session, trigger: str) -> None:
        """Told by the connector's status alone."""

    def sampled(self, session: Session, context: str = "Sample.Periodic") -> None:
        """MeterValues of the transaction."""
        evse = self.charge_point.evse(session.evse_number)
        payload = self._meter_values(evse, context)
        self.keep("MeterValues", payload, complete=partial(_add_known_id, session))

    def meter_values(self, evse: Evse, context: str = "Trigger") -> None:
        """MeterValues outside a transaction."""
        if evse.session:
            self.sampled(evse.session, context)
        else:
            self.tell("MeterValues", self._meter_values(evse, context))

    def _meter_values(self, evse: Evse, context: str) -> Payload:
        measurands = self.charge_point.variables.words("measurands")
        sampled = [
            {
                "value": f"{sample.value:g}" if sample.unit != "Wh" else str(int(sample.value)),
                "context": context,
                "measurand": sample.measurand,
                "location": "EV" if sample.measurand == "SoC" else "Outlet",
                "unit": sample.unit,
            }
            for sample in evse.samples(measurands)
        ]
        value = {"timestamp": format_time(self.charge_point.station.now), "sampledValue": sampled}
        return {"connectorId": evse.number, "meterValue": [value]}

    def ended(self, session: Session) -> None:
        """StopTransaction."""
        meter = self.charge_point.evse(session.evse_number).meter
        payload = {
            "idTag": session.stop_token.value if session.stop_token else None,
            "meterStop": round(meter.import_wh),
            "timestamp": format_time(session.ended_at or self.charge_point.station.now),
            "reason": session.reason,
        }
        self.keep("StopTransaction", without_none(payload), complete=partial(_add_id, session))

    def reservation_lapsed(self, reservation: Reservation) -> None:
        """Told by the connector's status alone."""


def _add_known_id(session: Session, payload: Payload) -> None:
    if session.transaction_id is not None:
        payload["transactionId"] = int(session.transaction_id)


def _add_id(session: Session, payload: Payload) -> None:
    payload["transactionId"] = int(session.transaction_id or UNKNOWN_TRANSACTION)
