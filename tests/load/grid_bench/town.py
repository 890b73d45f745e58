"""A grid area full of charge points: feeders of some hundred each, four at a connection, a third of them charging."""

import math
import random
from collections.abc import Iterator
from typing import Any

CENTRE = (51.87, 9.09)
# As far as a middling town and its villages reach, in degrees.
_HALF_LAT, _HALF_LNG = 0.09, 0.14
_AT_A_CONNECTION = 4
_OF_A_FEEDER = 250
_BATCH = 2_000
MAX_POWER_W = 11_000


def build(points: int) -> Any:
    """So many charge points, and the grid operator who holds all of them by one branch."""
    from chargepoints.models import ChargePointGroup
    from tests import factories

    dice = random.Random(4711)
    root = ChargePointGroup.objects.create(name="Area", capacity_w=points * 3_600)
    rows = _charge_points(points, dice)
    feeders = math.ceil(points / _OF_A_FEEDER)
    for number in range(feeders):
        capacity_w = dice.randint(700, 1_400) * 1_000
        feeder = ChargePointGroup.objects.create(name=f"Feeder {number + 1}", parent=root, capacity_w=capacity_w)
        feeder.charge_points.add(*(row.pk for row in rows[number * _OF_A_FEEDER : (number + 1) * _OF_A_FEEDER]))
    _devices(rows, dice)
    return factories.grid_operator(root)


def _spots(count: int, dice: random.Random) -> Iterator[tuple[float, float]]:
    """Denser towards the middle, as towns are."""
    for _ in range(count):
        angle, far = dice.uniform(0, math.tau), dice.random()
        yield CENTRE[0] + _HALF_LAT * far * math.sin(angle), CENTRE[1] + _HALF_LNG * far * math.cos(angle)


def _charge_points(count: int, dice: random.Random) -> list[Any]:
    from chargepoints.models import ChargePoint, Location, SupplyPoint
    from tests import factories

    operator, spots = factories.operator("Bench"), list(_spots(math.ceil(count / _AT_A_CONNECTION), dice))
    places = _all(
        Location,
        (
            Location(operator=operator, name=f"Street {n // 40}, {n % 40}", address=f"No. {n}", latitude=a, longitude=b)
            for n, (a, b) in enumerate(spots)
        ),
    )
    supplies = _all(
        SupplyPoint,
        (SupplyPoint(location=place, name=f"Connection {n}", contracted_capacity_w=_capacity_w(dice))
         for n, place in enumerate(places)),
    )  # fmt: skip
    near = ((supplies[n // _AT_A_CONNECTION], spots[n // _AT_A_CONNECTION]) for n in range(count))
    return _all(
        ChargePoint,
        (
            ChargePoint(
                identity=f"CP-{n:05d}", supply_point=supply, connection_key="link" if dice.random() < 0.97 else "",
                latitude=lat + dice.uniform(-2e-4, 2e-4), longitude=lng + dice.uniform(-2e-4, 2e-4),
            )
            for n, (supply, (lat, lng)) in enumerate(near)
        ),
    )  # fmt: skip


def _capacity_w(dice: random.Random) -> int:
    return dice.choice((22_000, 33_000, 44_000, 44_000, 66_000))


def _devices(rows: list[Any], dice: random.Random) -> None:
    from chargepoints.models import Connector, Evse, Transaction
    from tests.factories import NOW

    evses = _all(Evse, (Evse(charge_point=row, number=1, max_power_w=MAX_POWER_W) for row in rows))
    busy = [dice.random() < 1 / 3 for _ in evses]
    statuses = [Connector.Status.CHARGING if one else Connector.Status.AVAILABLE for one in busy]
    _all(Connector, (Connector(evse=evse, status=status) for evse, status in zip(evses, statuses, strict=True)))
    running = (evse for evse, one in zip(evses, busy, strict=True) if one)
    _all(
        Transaction,
        (Transaction(charge_point_id=evse.charge_point_id, evse=evse, remote_id=str(evse.pk), started_at=NOW,
                     power_w=dice.uniform(1_400, MAX_POWER_W)) for evse in running),
    )  # fmt: skip


def _all(model: Any, rows: Iterator[Any]) -> list[Any]:
    return list(model.objects.bulk_create(rows, batch_size=_BATCH))
