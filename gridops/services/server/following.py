"""Events of the server become orders: new ones are given, changed ones replaced, those that are gone withdrawn."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from chargepoints.domain.errors import Refused
from gridops.forms import MOST_KW
from gridops.models import ServerEvent, ServerLink
from gridops.ports import Event, Events, Limited, OrderServer, Unavailable
from gridops.services import once
from gridops.services.server import meant
from gridops.services.server.meant import Meant
from smac.models import FlexOrder
from smac.services import limits

log = logging.getLogger(__name__)
# A day in quarter hours: whoever sends more has a plan for a week, whose rest will come again.
MOST_WINDOWS = 96
_MOST_W = MOST_KW * 1000


@dataclass(frozen=True)
class Part:
    """One order of an event: these charge points, in this window."""

    meant: Meant
    window: Limited

    @property
    def ids(self) -> list[int]:
        return sorted(point.pk for point in self.meant.charge_points)

    def limits(self) -> dict[str, Any]:
        """As arguments of ``limits.create_order``. Without an import limit whatever is installed may be drawn."""
        most_w = _MOST_W if self.window.import_w is None else min(self.window.import_w, _MOST_W)
        back_w = min(self.window.export_w or 0, _MOST_W)
        return {"scope": self.meant.scope, "max_power_w": most_w, "v2g": back_w > 0, "max_export_w": back_w}

    def is_kept_by(self, order: FlexOrder) -> bool:
        """Whether an order that stands says the same; what had begun when it was given began then."""
        start = max(self.window.starts_at, order.created_at)
        same = {name: getattr(order, name) for name in self.limits()} == self.limits()
        window = (order.starts_at, order.ends_at) == (start, self.window.ends_at)
        return same and window and sorted(point.pk for point in order.charge_points.all()) == self.ids


def follow(*, user: Any, server: OrderServer, now: datetime) -> ServerLink:
    """Ask the server once. What goes wrong is told in the link and its events, and tried again the next time."""
    link, _new = ServerLink.objects.get_or_create(user=user)
    link.asked_at = now
    with override(user.language):
        try:
            _take_all(link, server.events(), now)
            link.answered_at, link.problem = now, ""
        except Unavailable as error:
            link.problem = _("The server cannot be reached or read: %(why)s.") % {"why": error}
            log.warning("order server of %s: %s", user, error)
    link.problem = link.problem[:300]
    link.save(update_fields=["asked_at", "answered_at", "problem"])
    return link


def _take_all(link: ServerLink, seen: Events, now: datetime) -> None:
    for event in seen.events:
        _take(link, event, now)
    # Of what could not be read nobody knows whether it is gone.
    if seen.is_whole:
        for row in link.events.filter(gone_at=None).exclude(event_id__in=[it.event_id for it in seen.events]):
            _end(standing(row, now), now, row)
            link.events.filter(pk=row.pk).update(gone_at=now, digest="", is_followed=False)


def _take(link: ServerLink, event: Event, now: datetime) -> None:
    """Bring the orders of an event in step with it; what did not succeed is tried again."""
    row = _seen(link, event, now)
    if row.is_followed:
        return
    # An event that cannot be read leaves what stands.
    problem = (event.problem or " ".join(_bring_in_step(row, event, now)))[:300]
    if problem and problem != row.problem:
        log.warning("event %s of the order server of %s: %s", event.event_id, link.user, problem)
    row.problem, row.is_followed = problem, not problem
    row.save(update_fields=["problem", "is_followed"])


def _seen(link: ServerLink, event: Event, now: datetime) -> ServerEvent:
    """The event's row. Of two that see a change at once one counts it, so that both go on with the same number."""
    digest = once.digest_of(asdict(event))
    row, _new = ServerEvent.objects.get_or_create(
        link=link, event_id=event.event_id, defaults={"digest": "", "seen_at": now}
    )
    same = ServerEvent.objects.filter(pk=row.pk)
    same.exclude(digest=digest).update(digest=digest, revision=F("revision") + 1, is_followed=False)
    ends_at = max((it.ends_at for it in event.windows), default=None)
    same.update(name=event.name, seen_at=now, gone_at=None, ends_at=ends_at)
    row.refresh_from_db()
    return row


def _bring_in_step(row: ServerEvent, event: Event, now: datetime) -> list[str]:
    """First what is new, then away with what is old, so that no moment is without a limit. Returns problems."""
    wanted, problems = meant.by(event, user=row.link.user)
    left = [it for it in event.windows if it.ends_at > now]
    if len(left) > MOST_WINDOWS:
        problems.append(_("Of the windows only the next %(count)d are followed.") % {"count": MOST_WINDOWS})
    parts = [Part(who, window) for who in wanted for window in left[:MOST_WINDOWS]]
    old = list(standing(row, now).prefetch_related("charge_points"))
    kept = []
    for part in parts:
        found = next((order for order in old if part.is_kept_by(order)), None)
        try:
            kept.append(found or _give(row, event, part, now))
        except Refused as refusal:
            problems.append(str(refusal))
    _end([order for order in old if order not in kept], now, row)
    return problems


def _give(row: ServerEvent, event: Event, part: Part, now: datetime) -> FlexOrder:
    """The event's id, its revision and the part are the key: two that ask the server at once order once.

    What somebody withdrew by hand stays withdrawn until the event changes.
    """
    asked = {"points": part.ids, "window": asdict(part.window)}
    key = f"openadr:{event.event_id}:{row.revision}:{once.digest_of(asked)[:16]}"

    def save() -> FlexOrder:
        return limits.create_order(
            **part.limits(),
            ordered_by=row.link.user,
            charge_points=part.meant.charge_points,
            starts_at=max(part.window.starts_at, now),
            ends_at=part.window.ends_at,
            reason=_reason(event, part),
            now=now,
        )

    order = once.give(user=row.link.user, key=key, asked=asked, now=now, save=save).order
    row.orders.add(order)
    return order


def _reason(event: Event, part: Part) -> str:
    return " · ".join(it for it in ("OpenADR", event.name or event.event_id, part.meant.name) if it)[:200]


def standing(row: ServerEvent, now: datetime) -> QuerySet[FlexOrder]:
    """The orders of an event that still hold or will."""
    return row.orders.filter(withdrawn_at=None, ends_at__gt=now)


def _end(orders: Iterable[FlexOrder], now: datetime, row: ServerEvent) -> None:
    for order in orders:
        # Somebody may have withdrawn it a moment ago.
        with suppress(Refused):
            limits.withdraw_order(order=order, now=now, by=row.link.user, note=f"OpenADR {row.event_id}")
