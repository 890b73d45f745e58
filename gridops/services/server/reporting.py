"""What the server asked to be told of: power now, power possible, how far less and more, by grid connection."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from chargepoints.domain.quarters import quarter_start
from gridops.models import ServerLink
from gridops.ports import Asked, Event, Kind, OrderServer, Report, Unavailable
from gridops.services import capacity
from gridops.services.capacity import Load
from gridops.services.server import meant

log = logging.getLogger(__name__)


def report(*, user: Any, server: OrderServer, now: datetime) -> int:
    """Hand in what the events that are under way ask for; how many reports. What fails is told, and due again."""
    link, _new = ServerLink.objects.get_or_create(user=user)
    sent = 0
    with override(user.language):
        try:
            for event in server.events().events:
                found = _of(event, user, now) if event.asked and is_under_way(event, now) else None
                if found and found.figures:
                    server.report(found)
                    sent += 1
            link.report_problem = ""
        except Unavailable as error:
            link.report_problem = _("A report could not be handed in: %(why)s.") % {"why": error}
            log.warning("order server of %s takes no report: %s", user, error)
    link.reported_at = now if sent else link.reported_at
    link.report_problem = link.report_problem[:300]
    link.save(update_fields=["reported_at", "report_problem"])
    return sent


def is_under_way(event: Event, now: datetime) -> bool:
    """From its first window to the end of its last; one without windows asks for good."""
    starts, ends = [it.starts_at for it in event.windows], [it.ends_at for it in event.windows]
    return not event.windows or min(starts) <= now < max(ends)


def _of(event: Event, user: Any, now: datetime) -> Report:
    known = meant.names(user=user)
    named = {point.supply_point_id for one in meant.by(event, user=user)[0] for point in one.charge_points}
    loads = capacity.of_connections(user=user, supply_point_ids=named, now=now)
    by_name = {name: loads[pk] for name, pk in known.items() if pk in loads}
    figures = {name: _figures(load, event.asked, is_whole=False) for name, load in by_name.items()}
    if by_name:
        figures[""] = _figures(sum(by_name.values(), Load()), event.asked, is_whole=True)
    return Report(event, quarter_start(now), {name: values for name, values in figures.items() if values})


def _figures(load: Load, asked: tuple[Asked, ...], *, is_whole: bool) -> Mapping[Kind, int]:
    """What was asked for, as far as it is known."""
    values = {
        Kind.POWER: load.power_w,
        Kind.POSSIBLE: load.possible_w,
        Kind.POSSIBLE_BACK: load.possible_back_w,
        Kind.LESS: load.down_w,
        Kind.MORE: load.up_w,
    }
    wanted = [it.kind for it in asked if it.is_whole == is_whole]
    return {kind: value for kind in wanted if (value := values[kind]) is not None}
