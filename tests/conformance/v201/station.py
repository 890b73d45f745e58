"""A scripted OCPP 2.0.1 charging station for the conformance cases."""

from datetime import datetime
from typing import Any

from chargepoints.models import Transaction
from chargepoints.ocpp import validation
from tests.chargepoints.ocpp.conftest import NOW, Charger, rows
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v16.station import connector, no_transaction, send, settled, transaction, wish

__all__ = ["Station", "connector", "no_transaction", "of_id", "send", "settled", "transaction", "wish"]
Payload = dict[str, Any]
CARD = {"idToken": "DEADBEEF", "type": "ISO14443"}
ID = "f3b1c8d2-7d4e-4a6e-9a77-0123456789ab"


def card(token: str) -> Payload:
    return {"idToken": token, "type": "ISO14443"}


def energy(value_wh: float, context: str = "Sample.Periodic", **more: Any) -> Payload:
    return {"value": value_wh, "context": context, "measurand": "Energy.Active.Import.Register", **more}


class Station:
    """Says what a charging station says; every question and answer of the server has to be as the schemas want it."""

    def __init__(self, charger: Charger) -> None:
        self.charger = charger
        self.seq_no = 0

    async def call(self, action: str, payload: Payload) -> Payload:
        assert _errors(f"{action}Request", payload) == []
        answer = await self.charger.call(action, payload)
        assert _errors(f"{action}Response", answer) == []
        return answer

    async def boot(self, reason: str = "PowerUp", **more: Any) -> Payload:
        station = {"vendorName": "Vend", "model": "M1", "firmwareVersion": "1.2"}
        return await self.call("BootNotification", {"reason": reason, "chargingStation": station, **more})

    async def status(self, status: str, at: datetime = NOW, *, evse: int = 1, connector: int = 1) -> None:
        payload = {"evseId": evse, "connectorId": connector, "connectorStatus": status, "timestamp": iso(at)}
        assert await self.call("StatusNotification", payload) == {}

    async def authorize(self, token: str) -> Payload:
        return (await self.call("Authorize", {"idToken": card(token)}))["idTokenInfo"]

    async def event(
        self,
        kind: str,
        trigger: str,
        at: datetime = NOW,
        *samples: Payload,
        state: str = "Charging",
        token: str = "",
        evse: int | None = None,
        id: str = ID,  # noqa: A002
        info: Payload | None = None,
        **more: Any,
    ) -> Payload:
        """A TransactionEvent; its number counts up by itself."""
        payload: Payload = {
            "eventType": kind,
            "triggerReason": trigger,
            "timestamp": iso(at),
            "seqNo": self.seq_no,
            "transactionInfo": {"transactionId": id, "chargingState": state, **(info or {})},
            **more,
        }
        if samples:
            payload["meterValue"] = [{"timestamp": iso(at), "sampledValue": list(samples)}]
        if token:
            payload["idToken"] = card(token)
        if evse is not None:
            payload["evse"] = {"id": evse, "connectorId": 1}
        self.seq_no += 1
        return await self.call("TransactionEvent", payload)

    async def start(self, at: datetime = NOW, *, meter_wh: float = 1_000, token: str = "DEADBEEF", **more: Any) -> str:
        """A session with all that it needs from its first message on; what its token is worth."""
        begin = energy(meter_wh, "Transaction.Begin")
        answer = await self.event("Started", "Authorized", at, begin, token=token, **{"evse": 1, **more})
        return answer["idTokenInfo"]["status"]

    async def end(
        self,
        at: datetime,
        reason: str = "Local",
        *,
        trigger: str = "StopAuthorized",
        meter_wh: float = 3_500,
        token: str = "",
        **more: Any,
    ) -> Payload:
        info = {"stoppedReason": reason} | more.pop("info", {})
        end = energy(meter_wh, "Transaction.End")
        return await self.event("Ended", trigger, at, end, state="Idle", token=token, info=info, **more)

    async def asked(self, action: str) -> tuple[str, Payload]:
        """The server's next question with this action; what it asks before is accepted."""
        message_id, payload = await self.charger.asked(action)
        assert _errors(f"{action}Request", payload) == []
        return message_id, payload

    async def obey(self, action: str, **answer: Any) -> Payload:
        """Answer the server's next question with this action; what it asked."""
        message_id, payload = await self.asked(action)
        assert _errors(f"{action}Response", answer) == []
        await self.charger.reply(message_id, answer)
        return payload


def _errors(name: str, payload: Payload) -> list[Any]:
    return list(validation.validator("2.0.1", name).iter_errors(payload))


async def of_id(remote_id: str = ID) -> Transaction:
    return await rows(lambda: Transaction.objects.select_related("reservation", "driver").get(remote_id=remote_id))


async def over(reason: str, *, energy_wh: float = 2_500, at: datetime | None = None) -> Transaction:
    """The only transaction, ended for this reason with this energy, half an hour after its start."""
    row = await transaction()
    assert (row.state, row.stop_reason, row.energy_wh, row.flaw) == ("ended", reason, energy_wh, "")
    assert row.ended_at == (at or minutes(30))
    return row
