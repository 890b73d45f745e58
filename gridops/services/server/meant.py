"""Whom an event of the server limits: its targets as charge points of the operator's branch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from chargepoints.models import ChargePoint, SupplyPoint
from chargepoints.selectors.groups import charge_points_in
from gridops.access import charge_points_of
from gridops.ports import Event, Target, TargetKind
from gridops.selectors import visible_groups
from smac.models import FlexOrder


@dataclass(frozen=True)
class Meant:
    """Charge points that bear one limit: each of them, or all together."""

    name: str
    scope: str
    charge_points: tuple[ChargePoint, ...]


def by(event: Event, *, user: Any) -> tuple[list[Meant], list[str]]:
    """Who bears the limits, and what is wrong with the other targets. A limit holds for each target by itself."""
    if not event.targets:
        everything = _of(user)
        return ([Meant("", FlexOrder.Scope.TOGETHER, everything)], []) if everything else ([], [_("No charge point.")])
    found: list[Meant] = []
    problems: list[str] = []
    connections = names(user=user)
    for target in event.targets:
        try:
            found.append(_meant(target, user, connections))
        except LookupError as error:
            problems.append(str(error))
    return list(_each(found)), problems


def _meant(target: Target, user: Any, connections: dict[str, int]) -> Meant:
    """Raises LookupError, in words."""
    if target.kind is TargetKind.GROUP:
        groups = visible_groups(user).filter(name=target.name)
        points = _of(user, pk__in=charge_points_in(groups.values_list("pk", flat=True)).order_by().values("pk"))
        if points:
            return Meant(target.name, FlexOrder.Scope.TOGETHER, points)
        raise LookupError(_("There is no group %(name)s.") % {"name": target.name})
    if target.kind is TargetKind.RESOURCE:
        if points := _of(user, identity=target.name):
            return Meant(target.name, FlexOrder.Scope.EACH, points)
        if points := _of(user, supply_point=connections.get(target.name, 0)):
            return Meant(target.name, FlexOrder.Scope.TOGETHER, points)
        raise LookupError(_("There is no charge point or grid connection %(name)s.") % {"name": target.name})
    raise LookupError(
        _("Targets other than groups and resources are not known here: %(name)s.") % {"name": target.name}
    )


def _each(found: Iterable[Meant]) -> Iterator[Meant]:
    """Charge points that each bear the limit are one order."""
    found = list(found)
    single = [one for one in found if one.scope == FlexOrder.Scope.EACH]
    yield from (one for one in found if one.scope != FlexOrder.Scope.EACH)
    if single:
        points = {point.pk: point for one in single for point in one.charge_points}
        yield Meant("", FlexOrder.Scope.EACH, tuple(points.values()))


def _of(user: Any, **wanted: Any) -> tuple[ChargePoint, ...]:
    mine = charge_points_of(user).order_by().values("pk")
    points = ChargePoint.objects.filter(pk__in=mine).filter(**wanted).select_related("supply_point__location")
    return tuple(points.order_by("identity"))


def names(*, user: Any) -> dict[str, int]:
    """The grid connections of the operator's charge points by the names that the server knows them by."""
    mine = charge_points_of(user).order_by().values("supply_point")
    rows = list(SupplyPoint.objects.filter(pk__in=mine).order_by("pk").values_list("name", "pk"))
    often = Counter(name for name, _pk in rows)
    return {name if often[name] == 1 else f"{name} #{pk}": pk for name, pk in rows}
