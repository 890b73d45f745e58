"""What a node of the group tree can carry: a feeder or a transformer that several supply points share."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePointGroup
from smac import selectors
from smac.services.requests import request


@transaction.atomic
def set_capacity(
    *, group: ChargePointGroup, capacity_w: int | None, export_capacity_w: int | None = None, now: datetime
) -> ChargePointGroup:
    """Set what the supply points in a group's branch may draw and give back together, W; None takes the limit away.

    Whoever it couples, before or after, is planned again. Raises Refused.
    """
    _check(capacity_w, export_capacity_w)
    before = _coupled(group)
    group.capacity_w, group.export_capacity_w = capacity_w, export_capacity_w
    group.save(update_fields=["capacity_w", "export_capacity_w"])
    for supply_point_id in sorted(before | _coupled(group)):
        request(supply_point_id=supply_point_id, reason="group capacity changed", now=now)
    return group


def _check(capacity_w: int | None, export_capacity_w: int | None) -> None:
    if capacity_w is not None and capacity_w <= 0:
        raise Refused(_("A capacity must be more than 0 kW. Leave it empty for no limit."))
    if export_capacity_w is not None and export_capacity_w < 0:
        raise Refused(_("The capacity to the grid cannot be negative."))


def _coupled(group: ChargePointGroup) -> frozenset[int]:
    found = {one.group_id: one.supply_point_ids for one in selectors.couplings()}
    return found.get(group.pk, frozenset())
