"""How long a grid operator's order takes to the chargers: all of one supply point, all charging, all of it real.

`make bench-orders` prints one line of JSON: the median and the 95th percentile, over some orders, of the time from
saving the order in the database to the last SetChargingProfile that a charger accepted. Web, worker and beat are
processes of their own on PostgreSQL and Redis; the chargers are virtual ones on real websockets.
"""

# ruff: noqa: E402 (the path must be right before the first import)
import argparse
import asyncio
import signal
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.load.ocpp_bench import names
from tests.load.ocpp_bench.servers import Server
from tests.load.ocpp_bench.stage import Stage, stage
from tests.load.ocpp_bench.tell import tell_fact

POWER_W, LEAST_W = 11_000, 4_140
CAPACITY_WH = 60_000
STAY = timedelta(hours=6)
# Chargers connect and cars come over so many seconds: what is measured comes after.
RAMP_S = 20.0
PATIENCE_S = 300.0
_LOOK_EVERY_S = 0.1


class NotObeyed(RuntimeError):
    """A figure of such a run is worth nothing."""


@dataclass(frozen=True)
class Took:
    """Seconds since the order was saved: until a worker took it up, until the first and the last charger were told,
    until the last had accepted it; and how many did."""

    taken_up_s: float
    first_sent_s: float
    last_sent_s: float
    accepted_s: float
    profiles: int


def register(count: int) -> None:
    """Charge points at one supply point, each with a driver who has announced a wish."""
    from django.utils import timezone

    from chargepoints.models import Evse, Location, Operator, SupplyPoint
    from chargepoints.services import authorization, provisioning
    from smac.services import needs
    from twinev.identity.models import User

    now = timezone.now()
    place = Location.objects.create(
        operator=Operator.objects.create(name="Bench"), name="Depot", latitude=51.9, longitude=9
    )
    point = SupplyPoint.objects.create(location=place, name="Depot", contracted_capacity_w=round(0.7 * POWER_W * count))
    prices(now)
    for number in range(count):
        row, _ = provisioning.register_charge_point(
            identity=names.identity(number),
            supply_point=point,
            latitude=51.9,
            longitude=9.0,
            evses=[provisioning.EvseSpec(number=1, max_power_w=POWER_W, min_power_w=LEAST_W)],
            secret=names.SECRET,
        )
        driver = User.objects.create(username=f"driver{number}", password="!")
        authorization.register_token(token=names.token(number), driver=driver)
        needs.state_need(
            evse=Evse.objects.get(charge_point=row),
            driver=driver,
            mode=("fast", "basic", "cheap", "green")[number % 4],
            battery_capacity_wh=CAPACITY_WH,
            soc_percent=20.0 + number % 30,
            target_soc_percent=80.0,
            departure_at=now + STAY + timedelta(minutes=number % 60),
            max_charge_w=POWER_W,
            now=now,
        )


def prices(now: datetime) -> None:
    """Dear now, cheaper later."""
    from chargepoints.domain.quarters import QUARTER, quarter_start
    from smac.models import Series
    from smac.services.prices import store_values

    series = Series.objects.create(kind=Series.Kind.IMPORT_PRICE, zone="DE-LU")
    curve = [(quarter_start(now) + slot * QUARTER, 0.3 + 0.02 * (slot % 7) - 0.001 * slot) for slot in range(140)]
    store_values(series=series, values=curve, known_at=now)


async def measure(server: Server, count: int, orders: int) -> list[Took]:
    """What each of some orders took, one after the other."""
    from chargepoints.virtual import Clock
    from chargepoints.virtual.fleet import ChargePointSpec, Fleet

    specs = [ChargePointSpec(names.identity(number), password=names.SECRET) for number in range(count)]
    async with Fleet(specs, server.url, clock=Clock(speed=1.0)) as fleet:
        await fleet.await_online(PATIENCE_S)
        await asyncio.gather(*(arrive(machine, number, count) for number, machine in enumerate(fleet)))
        await until(lambda: profiles().values("transaction").distinct().count() == count, "all have a plan")
        took = []
        for number in range(orders):
            await quiet()
            took.append(await _one_order(round(POWER_W * (0.8 - 0.3 * number / orders))))
            await rows(_withdraw)
    return took


async def arrive(machine: Any, number: int, count: int) -> None:
    from chargepoints.virtual import Vehicle

    await asyncio.sleep(RAMP_S * number / count)
    energy_wh = CAPACITY_WH * (20.0 + number % 30) / 100
    await machine.plug_in(1, Vehicle(capacity_wh=CAPACITY_WH, energy_wh=energy_wh, max_charge_w=POWER_W))
    await machine.present_token(1, names.token(number))


async def _one_order(limit_w: int) -> Took:
    saved_at = await rows(lambda: save(limit_w))
    await until(lambda: _runs_since(saved_at) > 0, "the order is planned")
    await until(is_at_rest, "all have answered")
    return await rows(lambda: _outcome(saved_at))


def save(limit_w: int) -> datetime:
    """Save an order for all points, and have it judged; the moment before it was in the database."""
    from django.utils import timezone

    from chargepoints.models import ChargePoint
    from smac.models import FlexOrder
    from smac.services import limits
    from twinev.identity.models import User

    by, _ = User.objects.get_or_create(username="grid")
    points = list(ChargePoint.objects.all())
    now = timezone.now()
    order = limits.create_order(
        ordered_by=by,
        charge_points=points,
        scope=FlexOrder.Scope.EACH,
        max_power_w=limit_w,
        starts_at=now,
        ends_at=now + timedelta(hours=3),
        now=now,
    )
    return order.created_at


def _withdraw() -> None:
    """Give the power back."""
    from django.utils import timezone

    from smac.models import FlexOrder
    from smac.services import limits

    limits.withdraw_order(order=FlexOrder.objects.latest("pk"), now=timezone.now())


def profiles(since: datetime | None = None) -> Any:
    from chargepoints.models import Command

    profiles = Command.objects.filter(kind="set_charging_profile", transaction__isnull=False)
    return profiles.filter(created_at__gte=since) if since else profiles.filter(status="accepted")


def is_at_rest() -> bool:
    """Nothing is planned or asked for, and no charger is to be told anything."""
    from chargepoints.models import Command
    from smac.models import PlanningState

    planning = PlanningState.objects.exclude(requested_at=None, lock_key="").exists()
    return not planning and not Command.objects.filter(status__in=["queued", "sent"]).exists()


def _runs_since(since: datetime) -> int:
    from smac.models import PlanRun

    return PlanRun.objects.filter(made_at__gte=since, reason="order").count()


def _outcome(since: datetime) -> Took:
    """Of the profiles of the plan that the order brought; what later plans change of them is not the order's."""
    from smac.models import PlanRun

    taken_up = PlanRun.objects.filter(made_at__gte=since, reason="order").earliest("made_at").made_at
    answered = list(profiles(since).filter(created_at=taken_up).values_list("status", "sent_at", "settled_at"))
    accepted = [(sent, settled) for status, sent, settled in answered if status == "accepted" and sent and settled]
    bad = {status for status, *_ in answered} - {"accepted"}
    if bad or not accepted:
        raise NotObeyed(f"{len(accepted)} of {len(answered)} profiles accepted; others: {sorted(bad)}")
    moments = (taken_up, min(accepted)[0], max(accepted)[0], max(settled for _, settled in accepted))
    began, first, last, done = ((moment - since).total_seconds() for moment in moments)
    return Took(began, first, last, done, len(accepted))


async def quiet() -> None:
    """At rest for a while: each order is measured alone."""
    for _ in range(10):
        await until(is_at_rest, "the system is at rest")
        await asyncio.sleep(_LOOK_EVERY_S)


async def rows(work: Callable[[], Any]) -> Any:
    from channels.db import database_sync_to_async

    return await database_sync_to_async(work, thread_sensitive=False)()


async def until(condition: Callable[[], bool], what: str) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while not await rows(condition):
        if loop.time() > deadline:
            raise NotObeyed(f"not within {PATIENCE_S:.0f} s: {what}")
        await asyncio.sleep(_LOOK_EVERY_S)


def run(at: Stage, *, count: int, orders: int) -> None:
    at.empty()
    register(count)
    with at.twinev(yields=False) as server:
        found = asyncio.run(measure(server, count, orders))
    seconds = sorted(one.accepted_s for one in found)
    p95 = seconds[min(round(0.95 * len(seconds)), len(seconds) - 1)]
    tell_fact(
        "smac-order", count, "order saved to last profile accepted, median", statistics.median(seconds), "s",
        p95_s=p95, orders=orders, profiles=round(statistics.median(one.profiles for one in found)),
        taken_up_s=statistics.median(one.taken_up_s for one in found),
        first_sent_s=statistics.median(one.first_sent_s for one in found),
        last_sent_s=statistics.median(one.last_sent_s for one in found),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chargers", type=int, default=200, help="connected and charging at one supply point")
    parser.add_argument("--orders", type=int, default=10)
    wanted = parser.parse_args()
    # Servers that are started here end also when this is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with stage() as at:
        run(at, count=wanted.chargers, orders=wanted.orders)


if __name__ == "__main__":
    main()
