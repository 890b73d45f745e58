"""How far an order is obeyed where some chargers do not answer and some refuse: `make bench-obedience`.

As in `make bench-orders`, 200 virtual charge points charge behind one supply point, with production's processes; a
twentieth of them never answers a SetChargingProfile, a twentieth rejects it. Prints the seconds from saving one order
to the last acceptance, and to the moment when each of the others draws by its own meter no more than it was told; then
whether the order's ledger names those that were silent and those that refused, and nobody else.
"""

# ruff: noqa: E402 (the path must be right before the first import)
import argparse
import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.load import orders
from tests.load.ocpp_bench import names
from tests.load.ocpp_bench.servers import Server
from tests.load.ocpp_bench.stage import stage
from tests.load.ocpp_bench.tell import tell_fact

LIMIT_W = 5_000
# What a meter and a charger can tell (gridops/services/ledger/judging.py).
TOLERANCE = 1.05
_ONE_IN = 20
_TOLD = "SetChargingProfile"


async def measure(server: Server, count: int) -> None:
    """One order over all of them; its figures and its ledger."""
    from chargepoints.virtual import Clock
    from chargepoints.virtual.fleet import ChargePointSpec, Fleet

    specs = [ChargePointSpec(names.identity(number), password=names.SECRET) for number in range(count)]
    async with Fleet(specs, server.url, clock=Clock(speed=1.0)) as fleet:
        await fleet.await_online(orders.PATIENCE_S)
        machines = list(fleet)
        await asyncio.gather(*(orders.arrive(machine, number, count) for number, machine in enumerate(machines)))
        planned = orders.profiles().values("transaction").distinct()
        await orders.until(lambda: planned.count() == count, "all have a plan")
        await orders.quiet()
        silent, refusing = machines[::_ONE_IN], machines[1::_ONE_IN]
        for machine in silent:
            machine.silence(_TOLD)
        for machine in refusing:
            machine.refuse(_TOLD)
        good = {machine.identity for machine in machines} - {machine.identity for machine in [*silent, *refusing]}
        saved_at = await orders.rows(lambda: orders.save(LIMIT_W))
        await orders.until(lambda: _accepted(saved_at) >= good, "all others have accepted")
        accepted_s = await orders.rows(lambda: _last_answer_s(saved_at, good))
        await orders.until(lambda: _obeying(saved_at) >= good, "all others obey by their meters")
        obeyed_s = await orders.rows(lambda: _seconds_since(saved_at))
        await orders.until(orders.is_at_rest, "the silent ones are given up")
        told = await orders.rows(_named)
    tell_fact("order-obedience", count, "order saved to last profile accepted", accepted_s, "s", accepted=len(good))
    tell_fact("order-obedience", count, "order saved to all of them obeying by their meters", obeyed_s, "s")
    for what, wanted in (("silent", silent), ("refused", refusing)):
        if told[what] != {machine.identity for machine in wanted}:
            raise orders.NotObeyed(f"{what}: {sorted(told[what])}")
        tell_fact("order-obedience", count, f"{what}, each named by the ledger", len(wanted), "chargers")


def _accepted(since: datetime) -> set[str]:
    accepted = orders.profiles(since).filter(status="accepted")
    return set(accepted.values_list("charge_point__identity", flat=True))


def _last_answer_s(since: datetime, identities: set[str]) -> float:
    answers = orders.profiles(since).filter(status="accepted", charge_point__identity__in=identities)
    first = {one.charge_point_id: one for one in answers.order_by("-settled_at")}
    return max((one.settled_at - since).total_seconds() for one in first.values() if one.settled_at)


def _obeying(since: datetime) -> set[str]:
    """Who has told since then that it draws no more than the limit."""
    from chargepoints.domain.metering import POWER_IMPORT
    from chargepoints.models import MeterValue

    readings = MeterValue.objects.filter(measurand=POWER_IMPORT, phase="", at__gt=since, value__lte=LIMIT_W * TOLERANCE)
    return set(readings.values_list("transaction__evse__charge_point__identity", flat=True))


def _seconds_since(since: datetime) -> float:
    from django.utils import timezone

    return (timezone.now() - since).total_seconds()


def _named() -> dict[str, set[str]]:
    """Whom the ledger of the order names, by what."""
    from django.utils import timezone

    from chargepoints.models import ChargePoint
    from gridops.services import ledger
    from smac.models import FlexOrder

    points = ChargePoint.objects.select_related("supply_point__location")
    found = ledger.of_order(order=FlexOrder.objects.latest("pk"), charge_points=points, now=timezone.now())
    books: dict[str, Any] = {"silent": found.silent, "refused": found.refused}
    return {what: {book.point.identity for book in some} for what, some in books.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chargers", type=int, default=200, help="connected and charging at one supply point")
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with stage() as at:
        at.empty()
        orders.register(wanted.chargers)
        with at.twinev(yields=False) as server:
            asyncio.run(measure(server, wanted.chargers))


if __name__ == "__main__":
    main()
