"""A scripted OCPP 1.6 charger for the conformance cases, and what the rows say meanwhile."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, Connector, Transaction
from chargepoints.ocpp import validation
from chargepoints.services import commands
from tests.chargepoints.ocpp.conftest import NOW, Charger, rows, until
from tests.chargepoints.ocpp.words import iso

Payload = dict[str, Any]
OPEN = ["queued", "sent"]


class Station:
    """Says what a charge point says; every question of the server has to be as 1.6's schemas want it."""

    def __init__(self, charger: Charger) -> None:
        self.charger = charger
        self.transaction_id = 0

    async def boot(self, **more: str) -> Payload:
        payload = {"chargePointVendor": "Vend", "chargePointModel": "M1", "firmwareVersion": "1.2", **more}
        return await self.charger.call("BootNotification", payload)

    async def status(
        self, status: str, at: datetime = NOW, *, connector: int = 1, error: str = "NoError", **more: str
    ) -> None:
        payload = {"connectorId": connector, "errorCode": error, "status": status, "timestamp": iso(at), **more}
        assert await self.charger.call("StatusNotification", payload) == {}

    async def authorize(self, token: str) -> Payload:
        return (await self.charger.call("Authorize", {"idTag": token}))["idTagInfo"]

    async def start(
        self, token: str = "DEADBEEF", meter_wh: int = 0, at: datetime = NOW, *, connector: int = 1, **more: Any
    ) -> Payload:
        payload = {"connectorId": connector, "idTag": token, "meterStart": meter_wh, "timestamp": iso(at), **more}
        answer = await self.charger.call("StartTransaction", payload)
        self.transaction_id = answer["transactionId"]
        return answer["idTagInfo"]

    async def stop(self, meter_wh: int, at: datetime, *, reason: str = "Local", token: str = "") -> Payload:
        payload = {
            "transactionId": self.transaction_id,
            "meterStop": meter_wh,
            "timestamp": iso(at),
            "reason": reason,
        } | ({"idTag": token} if token else {})
        return await self.charger.call("StopTransaction", payload)

    async def asked(self, action: str) -> tuple[str, Payload]:
        """The server's next question with this action; what it asks before is accepted."""
        message_id, payload = await self.charger.asked(action)
        assert list(validation.validator("1.6", action).iter_errors(payload)) == []
        return message_id, payload

    async def obey(self, action: str, **answer: Any) -> Payload:
        """Answer the server's next question with this action; what it asked."""
        message_id, payload = await self.asked(action)
        assert list(validation.validator("1.6", f"{action}Response").iter_errors(answer)) == []
        await self.charger.reply(message_id, answer)
        return payload


async def wish(service: Callable[..., Any], **arguments: Any) -> Any:
    """Call a service in the server's threads, at the moment at which the clock stands."""
    return await rows(lambda: service(now=NOW, **arguments))


async def send(charge_point: ChargePoint, intent: intents.Intent) -> Command:
    """A command for which the service is the queue itself."""
    return await wish(commands.enqueue, charge_point=charge_point, intent=intent)


async def settled(command: Command) -> Command:
    """The command, once it has its outcome."""
    return await until(lambda: Command.objects.filter(pk=command.pk).exclude(status__in=OPEN).first())


async def transaction() -> Transaction:
    """The only transaction there is."""
    return await rows(lambda: Transaction.objects.select_related("reservation", "driver").get())


async def no_transaction() -> bool:
    return await rows(Transaction.objects.count) == 0


async def connector(charge_point: ChargePoint, number: int = 1) -> Connector:
    return await rows(
        lambda: Connector.objects.select_related("evse__charge_point").get(
            evse__charge_point=charge_point, evse__number=number
        )
    )
