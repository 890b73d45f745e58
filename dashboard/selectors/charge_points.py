"""Reads of charge points: what they are, what they have, what they said of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from chargepoints.domain.intents import SetNetworkProfile, SetSecret
from chargepoints.domain.reservation import OPEN
from chargepoints.models import (
    ChargePoint,
    ChargingProfile,
    Command,
    CompositeSchedule,
    DeviceVariable,
    Evse,
    ExternalLimit,
    OcppMessage,
    Operator,
    Reservation,
    Transaction,
)
from chargepoints.selectors import smart_charging
from chargepoints.selectors.operators import charge_points_of

NEWEST = 10
# A charger's own rounding, and its conversion to whole amperes on three phases.
TOLERANCE_W = 250.0
_SECURITY_KINDS = (SetSecret.kind, SetNetworkProfile.kind)


def of_operator(operator: Operator) -> QuerySet[ChargePoint]:
    """An operator's charge points with their place, supply point and connectors."""
    rows = charge_points_of(operator).select_related("supply_point__location", "tariff")
    return rows.prefetch_related("evses__connectors").annotate(status_at=Max("evses__connectors__status_at"))


def sessions_to_check(charge_point: ChargePoint) -> QuerySet[Transaction]:
    """The newest transactions whose facts make no sense."""
    return charge_point.transactions.exclude(flaw="").select_related("evse", "driver").order_by("-pk")[:NEWEST]


def open_reservations(charge_point: ChargePoint) -> QuerySet[Reservation]:
    """Who holds an EVSE of it now."""
    held = Reservation.objects.filter(evse__charge_point=charge_point, status__in=list(OPEN))
    return held.select_related("evse", "driver").order_by("evse__number")


def profiles(charge_point: ChargePoint) -> QuerySet[ChargingProfile]:
    """The profiles that were sent last, with their commands."""
    return charge_point.charging_profiles.select_related("command", "evse", "transaction")[:NEWEST]


def over_their_limit(charge_point: ChargePoint) -> QuerySet[Transaction]:
    """The sessions whose meter showed more than the limit in force."""
    return smart_charging.over_their_limit(charge_point).select_related("evse")[:NEWEST]


def security_commands(charge_point: ChargePoint) -> QuerySet[Command]:
    """How the last changes of its password and security profile went."""
    mine = charge_point.commands.filter(Q(kind__in=_SECURITY_KINDS) | Q(cause__has_key="security profile"))
    return mine.select_related("requested_by").order_by("-pk")[:NEWEST]


def external_limits(charge_point: ChargePoint) -> QuerySet[ExternalLimit]:
    """Limits in force that did not come from here."""
    return charge_point.external_limits.filter(cleared_at=None).select_related("evse")


@dataclass(frozen=True)
class Comparison:
    """What an EVSE said last that it follows, beside what was computed here."""

    evse: Evse
    schedule: CompositeSchedule

    @property
    def differs(self) -> bool:
        return self.schedule.difference_w is not None and self.schedule.difference_w > TOLERANCE_W


def comparisons(charge_point: ChargePoint) -> list[Comparison]:
    """The newest schedule that was read back from each EVSE."""
    newest = ((evse, evse.composite_schedules.first()) for evse in charge_point.evses.all())
    return [Comparison(evse, schedule) for evse, schedule in newest if schedule is not None]


def variables(charge_point: ChargePoint, *, text: str = "") -> QuerySet[DeviceVariable]:
    """Its settings, those whose name or value has ``text`` in it."""
    rows = charge_point.variables.all()
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(component__icontains=text) | Q(value__icontains=text))
    return rows


def newest_frames(charge_point: ChargePoint) -> Iterable[OcppMessage]:
    """The last frames on its line, in order."""
    return list(charge_point.messages.order_by("-pk")[:NEWEST])[::-1]
