"""Orders as the historical table shows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargepoints.models import ChargePoint, Location
from gridops.access import charge_points_of
from gridops.services import verdicts
from smac.models import FlexOrder, FlexOrderAcceptance
from smac.services import limits


class Phase(models.TextChoices):
    """Where an order stands in time."""

    UPCOMING = "upcoming", _("Upcoming")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Colour and icon of each word.
PHASE_LOOKS = {
    Phase.UPCOMING: ("reserved", "clock"),
    Phase.ACTIVE: ("charging", "bolt"),
    Phase.ENDED: ("neutral", "check"),
    Phase.WITHDRAWN: ("offline", "close"),
}
STATUS_LOOKS = {
    FlexOrder.Status.PENDING: ("reserved", "clock"),
    FlexOrder.Status.SUCCESS: ("finished", "check"),
    FlexOrder.Status.UNFEASIBLE: ("fault", "warning"),
}


@dataclass(frozen=True)
class OrderRow:
    """An order with what the user may see of it: ``others`` counts charge points of foreign groups."""

    order: FlexOrder
    points: list[ChargePoint]
    others: int
    phase: Phase
    # Of overlaps.Overlap, where they were looked for.
    overlaps: list[Any] = field(default_factory=list)

    @property
    def place(self) -> Location:
        """Whose clock the window follows."""
        return self.points[0].supply_point.location

    @property
    def phase_look(self) -> tuple[str, str]:
        return PHASE_LOOKS[self.phase]

    @property
    def status_look(self) -> tuple[str, str]:
        return STATUS_LOOKS[FlexOrder.Status(self.order.status)]

    @property
    def sentence(self) -> str:
        return verdicts.sentence(self.order.verdict)

    @property
    def missed(self) -> list[dict[str, Any]]:
        """Who misses what, as far as the user may see the charge point."""
        return visible_missed(self.order.verdict, {point.pk for point in self.points})

    @property
    def least_w(self) -> int | None:
        """The limit that the order can be changed to with one click."""
        return limits.least_limit_w(self.order) if self.may_withdraw else None

    @property
    def acceptance(self) -> FlexOrderAcceptance | None:
        """Who accepted what the present verdict says is missed."""
        return limits.standing_acceptance(self.order)

    @property
    def may_accept(self) -> bool:
        unfeasible = self.order.status == FlexOrder.Status.UNFEASIBLE
        return unfeasible and self.order.mandatory and self.may_withdraw and self.acceptance is None

    @property
    def seen(self) -> str:
        """What `limits.accept_misses` is told that was looked at."""
        return limits.misses_digest(self.order)

    @property
    def acceptances(self) -> list[Accepted]:
        """Whoever accepted which misses, the newest first, as far as the user may see the charge points."""
        ids = {point.pk for point in self.points}
        found = [Accepted(it, visible_missed({"missed": it.missed}, ids)) for it in self.order.acceptances.all()]
        return found[::-1]

    @property
    def successor(self) -> FlexOrder | None:
        """The order that took this one's place."""
        return getattr(self.order, "replaced_by", None)

    @property
    def is_open(self) -> bool:
        return self.phase in (Phase.UPCOMING, Phase.ACTIVE)

    @property
    def may_withdraw(self) -> bool:
        return self.is_open and not self.others


@dataclass(frozen=True)
class Accepted:
    """An acceptance, with those of its misses that the user may see."""

    row: FlexOrderAcceptance
    missed: list[dict[str, Any]]


def visible_missed(verdict: dict[str, Any], charge_point_ids: Collection[int]) -> list[dict[str, Any]]:
    """The sessions of a verdict that miss energy at these charge points, with their departure as a moment."""
    return [
        {**missed, "departure_at": datetime.fromisoformat(missed["departure_at"])}
        for missed in verdict.get("missed", [])
        if missed["charge_point_id"] in charge_point_ids
    ]


def phase_of(order: FlexOrder, now: datetime) -> Phase:
    """Where an order stands at ``now``."""
    if order.withdrawn_at:
        return Phase.WITHDRAWN
    if order.ends_at <= now:
        return Phase.ENDED
    return Phase.ACTIVE if order.starts_at <= now else Phase.UPCOMING


def in_phase(phase: Phase, now: datetime) -> Q:
    """The orders of a phase, as a condition."""
    kept = Q(withdrawn_at=None)
    return {
        Phase.UPCOMING: kept & Q(starts_at__gt=now),
        Phase.ACTIVE: kept & Q(starts_at__lte=now, ends_at__gt=now),
        Phase.ENDED: kept & Q(ends_at__lte=now),
        Phase.WITHDRAWN: Q(withdrawn_at__isnull=False),
    }[phase]


_SHOWN = (
    "charge_points__supply_point__location",
    "ordered_by",
    "acceptances__accepted_by",
    "replaces",
    "replaced_by",
)


def rows(user: Any, found: Iterable[FlexOrder], now: datetime) -> list[OrderRow]:
    """The orders with what the user may see of each."""
    allowed = set(charge_points_of(user).values_list("pk", flat=True))
    found = list(found)
    models.prefetch_related_objects(found, *_SHOWN)
    return [_row(order, allowed, now) for order in found]


def _row(order: FlexOrder, allowed: Collection[int], now: datetime) -> OrderRow:
    named = list(order.charge_points.all())
    own = [point for point in named if point.pk in allowed]
    return OrderRow(order, own, len(named) - len(own), phase_of(order, now))
