"""The map's data, small enough for ten thousand points: what stays (the layout) and what moves (the news).

Columns instead of rows, indices instead of repeated words: of such a text little is left when it is compressed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.db.models import Sum

from chargepoints.domain.status import OCCUPIED, OUT_OF_SERVICE
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePointGroup, Connector, Evse, Transaction
from gridops.access import charge_points_of
from gridops.selectors import visible_groups

# About a metre, and a tenth of a kilowatt: what a map and a list can show.
DEGREES = 1e-5
POWER_STEP_W = 100

# One letter for each state that has a colour.
OFFLINE, FAULT, CHARGING, RESERVED, FREE = "o", "x", "c", "r", "f"
# The same as machines read them.
STATES = {OFFLINE: "offline", FAULT: "fault", CHARGING: "charging", RESERVED: "reserved", FREE: "free"}
State = tuple[str, int]
_AT_REST: State = (FREE, 0)
# A page asks every ten seconds at the latest; what is older is answered in full.
_KEPT_S = 60
_KEPT_VERSIONS = 6


class Places:
    """Gives every distinct thing a number, and keeps the things in the order of their numbers."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def __call__(self, thing: Any) -> int:
        return self.numbers.setdefault(thing, len(self.numbers))

    @property
    def things(self) -> list[Any]:
        return list(self.numbers)


def layout(user: Any) -> dict[str, Any]:
    """Every point that the user may see, in columns, with the places, connections and groups that they refer to.

    ``points``: ``id``, ``lat`` and ``lng`` as differences to the point before, the places in units of 1e-5 degrees;
    ``max`` and ``back`` in W (to vehicles, to the grid);
    ``place``, ``connection`` and ``groups`` are numbers of entries in ``places`` ([name, zone]), ``connections``
    ([name, capacity in W]) and ``memberships`` (lists of group ids). ``groups``: [id, parent, name, capacity in W].
    """
    points = charge_points_of(user)
    places, connections, memberships = Places(), Places(), Places()
    groups, powers = _groups(user), _max_powers(points)
    member_of = _memberships(points, [group[0] for group in groups])
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for pk, identity, lat, lng, place, zone, supply, supply_name, capacity_w in points.values_list(*_FIELDS):
        grid = (connections((supply, supply_name, capacity_w)), memberships(tuple(sorted(member_of[pk]))))
        where = (round(lat / DEGREES), round(lng / DEGREES))
        row = (pk, identity, *where, *powers.get(pk, (0, 0)), places((place, zone)), *grid)
        for name, value in zip(_COLUMNS, row, strict=True):
            columns[name].append(value)
    version = _digest(columns["id"])
    for name in _STEPS:
        columns[name] = _steps(columns[name])
    return {
        "version": version,
        "places": places.things,
        "connections": [[name, capacity_w] for _, name, capacity_w in connections.things],
        "memberships": memberships.things,
        "groups": groups,
        "points": columns,
    }


def _steps(values: list[int]) -> list[int]:
    """The first value, then the difference of each to the one before: neighbours in the list mostly are near."""
    return [value - before for before, value in zip([0, *values], values, strict=False)]


_COLUMNS = ("id", "identity", "lat", "lng", "max", "back", "place", "connection", "groups")
_STEPS = ("id", "lat", "lng")
_FIELDS = (
    "pk",
    "identity",
    "latitude",
    "longitude",
    "supply_point__location__name",
    "supply_point__location__time_zone",
    "supply_point_id",
    "supply_point__name",
    "supply_point__contracted_capacity_w",
)


def _groups(user: Any) -> list[list[Any]]:
    shown = list(visible_groups(user).values_list("pk", "parent_id", "name", "capacity_w"))
    known = {row[0] for row in shown}
    return [[pk, parent if parent in known else None, name, capacity_w] for pk, parent, name, capacity_w in shown]


def _max_powers(points: Any) -> dict[int, tuple[int, int]]:
    """What each point's chargers may draw, and give back, at most in all, W."""
    sums = Evse.objects.filter(charge_point__in=points.values("pk")).order_by().values("charge_point_id")
    rows = sums.annotate(most=Sum("max_power_w"), back=Sum("max_discharge_w"))
    return {pk: (most, back) for pk, most, back in rows.values_list("charge_point_id", "most", "back")}


def _memberships(points: Any, group_ids: list[int]) -> dict[int, list[int]]:
    """The groups of each point, as far as the user may see them."""
    through = ChargePointGroup.charge_points.through.objects.filter(chargepointgroup__in=group_ids)
    found: dict[int, list[int]] = defaultdict(list)
    for pk, group_id in through.values_list("chargepoint_id", "chargepointgroup_id"):
        found[pk].append(group_id)
    return found


def news(user: Any, since: str = "") -> dict[str, Any]:
    """What the points do now, or, where the version ``since`` is still known here, what changed after it.

    ``layout``: the version of the layout that it belongs to. ``id``, ``state`` (a letter each) and ``power`` (in
    100 W; below zero what flows back) go together; a point that is not told of is free and draws nothing, or, in
    changes, does what it did.
    """
    ids, now = _states(user)
    version = _digest(sorted(now.items()))
    earlier = _remembered(user, version, now).get(since)
    rows = now if earlier is None else _changes(earlier, now, ids)
    return {
        "layout": _digest(ids),
        "version": version,
        "since": since if earlier is not None else "",
        "id": list(rows),
        "state": "".join(state for state, _ in rows.values()),
        "power": [power for _, power in rows.values()],
    }


def _changes(earlier: dict[int, State], now: dict[int, State], ids: Iterable[int]) -> dict[int, State]:
    """Only of points that the user may still see."""
    there = set(ids)
    moved = {pk: now.get(pk, _AT_REST) for pk in sorted(earlier.keys() | now.keys()) if pk in there}
    return {pk: state for pk, state in moved.items() if earlier.get(pk, _AT_REST) != state}


def _remembered(user: Any, version: str, now: dict[int, State]) -> dict[str, dict[int, State]]:
    """The last versions that this process told the user, the present one among them."""
    key = f"gridops.points.{user.pk}"
    kept: dict[str, dict[int, State]] = cache.get(key) or {}
    if version not in kept:
        kept = dict([*kept.items(), (version, now)][-_KEPT_VERSIONS:])
    cache.set(key, kept, _KEPT_S)
    return kept


def _states(user: Any) -> tuple[list[int], dict[int, State]]:
    """All points that the user may see, and the state of those that do not just stand there free."""
    points = charge_points_of(user)
    statuses: dict[int, set[str]] = defaultdict(set)
    connectors = Connector.objects.filter(evse__charge_point__in=points.values("pk")).order_by()
    for pk, status in connectors.values_list("evse__charge_point_id", "status"):
        statuses[pk].add(status)
    power, links = _power_now(points), points.order_by("identity").values_list("pk", "connection_key")
    found = {pk: (state_of(bool(link), statuses[pk]), power.get(pk, 0)) for pk, link in links}
    return list(found), {pk: state for pk, state in found.items() if state != _AT_REST}


def _power_now(points: Any) -> dict[int, int]:
    running = Transaction.objects.filter(state=TransactionState.ACTIVE, charge_point__in=points.values("pk")).order_by()
    sums = running.values("charge_point_id").annotate(now=Sum("power_w"))
    return {pk: round(now / POWER_STEP_W) for pk, now in sums.values_list("charge_point_id", "now")}


def state_of(is_connected: bool, statuses: set[str]) -> str:
    """The letter of a point's state, from its link and its connectors."""
    if not is_connected:
        return OFFLINE
    if statuses and statuses <= OUT_OF_SERVICE:
        return FAULT
    if statuses & OCCUPIED:
        return CHARGING
    return RESERVED if "reserved" in statuses and "available" not in statuses else FREE


def _digest(content: Any) -> str:
    return blake2b(repr(content).encode(), digest_size=9).hexdigest()
