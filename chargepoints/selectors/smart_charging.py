"""What staff should know of a charger's profiles: whether it follows them, and what it could not be told."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.profile_limits import Adaptation
from chargepoints.models import ChargePoint, ChargingProfile, CompositeSchedule, Evse, Transaction


class Verdict(StrEnum):
    """How the schedule that a charger says it follows compares with the one that follows of its profiles."""

    UNKNOWN = "unknown"  # it was never asked, cannot answer, or told no limits
    AGREES = "agrees"
    TOLD_AGAIN = "told_again"  # it differed, and the profiles were sent once more
    DIFFERS = "differs"  # it still differs: somebody has to look


@dataclass(frozen=True)
class Comparison:
    """The newest read-back of an EVSE. ``schedule`` has both schedules, the distance and where it begins."""

    evse: Evse
    verdict: Verdict
    schedule: CompositeSchedule | None


def comparison(evse: Evse) -> Comparison:
    """What an EVSE said last that it follows, against what it should."""
    last = CompositeSchedule.objects.filter(evse=evse).first()
    if last is None or last.difference_w is None:
        return Comparison(evse, Verdict.UNKNOWN, last)
    if last.difference_at is None:
        return Comparison(evse, Verdict.AGREES, last)
    return Comparison(evse, Verdict.DIFFERS if last.is_persistent else Verdict.TOLD_AGAIN, last)


def comparisons(charge_point: ChargePoint) -> list[Comparison]:
    """The newest read-back of each EVSE of a charger."""
    return [comparison(evse) for evse in charge_point.evses.all()]


def over_their_limit(charge_point: ChargePoint) -> QuerySet[Transaction]:
    """The sessions whose meter showed more than the limit in force, newest first (``over_limit_at``, ``_w``)."""
    return charge_point.transactions.filter(over_limit_at__isnull=False).order_by("-over_limit_at")


_WORDS: dict[str, Promise] = {
    Adaptation.NO_DIALECT: _("Nobody knows how this charger is asked to give energy back: a pause instead."),
    Adaptation.BY_MESSAGE: _("It is asked to give energy back by its vendor's own message."),
    Adaptation.FEWER_PERIODS: _("It holds fewer periods than the plan has: the rest is sent in time."),
    Adaptation.STARTS_NOW: _("It refuses schedules that began in the past: this one began when it was sent."),
    Adaptation.ONLY_PROFILE: _("It holds one profile: the plan stands in the place of the safe default."),
}


def adaptations(profile: ChargingProfile) -> list[Promise]:
    """Why a charger was told something else than the plan, in words."""
    return [_WORDS[code] for code in profile.adaptations.split(",") if code in _WORDS]


DIALECTS: dict[str, Promise] = {
    "": _("none known: it is never asked to give energy back"),
    "negative-limits": _("negative limits in charging profiles"),
    "negative-limits-soc": _("negative limits; the car's charge by the vendor's messages"),
    "setpoint-messages": _("the vendor's own messages"),
}


def dialect_words(charge_point: ChargePoint) -> Promise | str:
    """How a charger speaks of giving energy back."""
    return DIALECTS.get(charge_point.dialect, charge_point.dialect)
