"""The baseline: the example of the `ocpp` library on `websockets` with its defaults. It answers and stores nothing.

python -m tests.load.ocpp_bench.bare_server PORT
"""

import asyncio
import itertools
import sys
from datetime import UTC, datetime
from typing import Any

import websockets
from ocpp.routing import on  # type: ignore[import-untyped]
from ocpp.v16 import ChargePoint as ChargePoint16  # type: ignore[import-untyped]
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201  # type: ignore[import-untyped]
from ocpp.v201 import call_result as result201

_ids = itertools.count(1)
_ACCEPTED = {"status": "Accepted"}


def _now() -> str:
    return datetime.now(UTC).isoformat()


class Central16(ChargePoint16):  # type: ignore[misc]
    @on("BootNotification")
    def boot(self, **_: Any) -> Any:
        return result16.BootNotification(current_time=_now(), interval=300, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self) -> Any:
        return result16.Heartbeat(current_time=_now())

    @on("StatusNotification")
    def status(self, **_: Any) -> Any:
        return result16.StatusNotification()

    @on("Authorize")
    def authorize(self, **_: Any) -> Any:
        return result16.Authorize(id_tag_info=_ACCEPTED)

    @on("StartTransaction")
    def start_transaction(self, **_: Any) -> Any:
        return result16.StartTransaction(transaction_id=next(_ids), id_tag_info=_ACCEPTED)

    @on("MeterValues")
    def meter_values(self, **_: Any) -> Any:
        return result16.MeterValues()

    @on("StopTransaction")
    def stop_transaction(self, **_: Any) -> Any:
        return result16.StopTransaction(id_tag_info=_ACCEPTED)


class Central201(ChargePoint201):  # type: ignore[misc]
    @on("BootNotification")
    def boot(self, **_: Any) -> Any:
        return result201.BootNotification(current_time=_now(), interval=300, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self) -> Any:
        return result201.Heartbeat(current_time=_now())

    @on("StatusNotification")
    def status(self, **_: Any) -> Any:
        return result201.StatusNotification()

    @on("Authorize")
    def authorize(self, **_: Any) -> Any:
        return result201.Authorize(id_token_info=_ACCEPTED)

    @on("TransactionEvent")
    def transaction_event(self, **_: Any) -> Any:
        return result201.TransactionEvent()


_CENTRALS: dict[str, type[Any]] = {"ocpp1.6": Central16, "ocpp2.0.1": Central201}


async def on_connect(connection: websockets.ServerConnection) -> None:
    path = connection.request.path if connection.request else ""
    central = _CENTRALS[str(connection.subprotocol)](path.rpartition("/")[2], connection)
    try:
        await central.start()
    except websockets.ConnectionClosed:
        return


async def main(port: int) -> None:
    async with websockets.serve(on_connect, "127.0.0.1", port, subprotocols=list(_CENTRALS)) as server:  # type: ignore[arg-type]
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
