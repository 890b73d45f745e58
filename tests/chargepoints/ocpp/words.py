"""What a charger says in each version, so that one test runs the same flow in both."""

from datetime import datetime, timedelta
from typing import Any

from tests.chargepoints.ocpp.conftest import NOW, Charger


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


class Words16:
    """A session in OCPP 1.6."""

    version = "1.6"

    def __init__(self, charger: Charger) -> None:
        self.charger = charger
        self.transaction_id = 0

    async def boot(self) -> dict[str, Any]:
        return await self.charger.call(
            "BootNotification",
            {"chargePointVendor": "Vend", "chargePointModel": "M1", "firmwareVersion": "1.2", "iccid": "89"},
        )

    async def status(self, status: str, at: datetime = NOW) -> dict[str, Any]:
        payload = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": iso(at)}
        return await self.charger.call("StatusNotification", payload)

    async def authorize(self, token: str) -> str:
        answer = await self.charger.call("Authorize", {"idTag": token})
        return answer["idTagInfo"]["status"]

    async def start(self, token: str, meter_wh: int, at: datetime = NOW) -> str:
        payload = {"connectorId": 1, "idTag": token, "meterStart": meter_wh, "timestamp": iso(at)}
        answer = await self.charger.call("StartTransaction", payload)
        self.transaction_id = answer["transactionId"]
        return answer["idTagInfo"]["status"]

    async def meter(self, energy_wh: int, power_w: int, at: datetime) -> dict[str, Any]:
        values = [
            {"value": str(energy_wh), "context": "Sample.Periodic", "unit": "Wh"},
            {"value": str(power_w / 1000), "measurand": "Power.Active.Import", "unit": "kW"},
        ]
        return await self.charger.call(
            "MeterValues",
            {
                "connectorId": 1,
                "transactionId": self.transaction_id,
                "meterValue": [{"timestamp": iso(at), "sampledValue": values}],
            },
        )

    async def stop(self, token: str, meter_wh: int, at: datetime) -> str:
        payload = {
            "transactionId": self.transaction_id,
            "idTag": token,
            "meterStop": meter_wh,
            "timestamp": iso(at),
            "reason": "EVDisconnected",
        }
        return (await self.charger.call("StopTransaction", payload))["idTagInfo"]["status"]


class Words201:
    """The same session in OCPP 2.0.1."""

    version = "2.0.1"
    transaction_id = "f3b1c8d2-7d4e-4a6e-9a77-0123456789ab"

    def __init__(self, charger: Charger) -> None:
        self.charger = charger
        self.seq_no = 0

    async def boot(self) -> dict[str, Any]:
        station = {"vendorName": "Vend", "model": "M1", "firmwareVersion": "1.2"}
        return await self.charger.call("BootNotification", {"reason": "PowerUp", "chargingStation": station})

    async def status(self, status: str, at: datetime = NOW) -> dict[str, Any]:
        payload = {"evseId": 1, "connectorId": 1, "connectorStatus": status, "timestamp": iso(at)}
        return await self.charger.call("StatusNotification", payload)

    async def authorize(self, token: str) -> str:
        answer = await self.charger.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
        return answer["idTokenInfo"]["status"]

    async def start(self, token: str, meter_wh: int, at: datetime = NOW) -> str:
        answer = await self._event(
            "Started",
            at,
            meter_wh,
            "Transaction.Begin",
            idToken={"idToken": token, "type": "ISO14443"},
            evse={"id": 1, "connectorId": 1},
        )
        return answer["idTokenInfo"]["status"]

    async def meter(self, energy_wh: int, power_w: int, at: datetime) -> dict[str, Any]:
        power = {
            "value": power_w / 1000,
            "measurand": "Power.Active.Import",
            "unitOfMeasure": {"unit": "W", "multiplier": 3},
        }
        return await self._event("Updated", at, energy_wh, "Sample.Periodic", power)

    async def stop(self, token: str, meter_wh: int, at: datetime) -> str:
        answer = await self._event(
            "Ended",
            at,
            meter_wh,
            "Transaction.End",
            idToken={"idToken": token, "type": "ISO14443"},
            reason="EVDisconnected",
        )
        return answer["idTokenInfo"]["status"]

    async def _event(
        self, kind: str, at: datetime, energy_wh: int, context: str, *further: Any, reason: str = "", **fields: Any
    ) -> dict[str, Any]:
        energy = {"value": energy_wh, "context": context, "measurand": "Energy.Active.Import.Register"}
        info = {"transactionId": self.transaction_id, "chargingState": "Charging"}
        payload = {
            "eventType": kind,
            "timestamp": iso(at),
            "triggerReason": "MeterValuePeriodic",
            "seqNo": self.seq_no,
            "transactionInfo": info | ({"stoppedReason": reason} if reason else {}),
            "meterValue": [{"timestamp": iso(at), "sampledValue": [energy, *further]}],
            **fields,
        }
        self.seq_no += 1
        return await self.charger.call("TransactionEvent", payload)


WORDS = {"1.6": Words16, "2.0.1": Words201}


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)
