"""Why a plan looks as it does, in short sentences in the reader's language: of a session, of a slot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import localize
from django.utils.translation import gettext as _

from smac.optimisation.plan import MainReason, SlotReason


def sentence(reason: Mapping[str, Any], *, zone: str) -> str:
    """The sentence for the reason of a PlannedCurve (or a quote). `zone` is the location's time zone.

    Moments are told as hours and minutes there. An unknown reason gives an empty text.
    """
    try:
        code = MainReason(reason.get("code", ""))
    except ValueError:
        return ""
    facts = _Facts(reason, zone)
    told = _SENTENCES[code](facts)
    return f"{told} {_makeshift()}" if reason.get("is_makeshift") else told


def _makeshift() -> str:
    return _("This is a makeshift plan: a better one follows as soon as it can be made.")


class _Facts:
    """The reason's figures as people read them."""

    def __init__(self, reason: Mapping[str, Any], zone: str) -> None:
        self.reason = reason
        self.zone = ZoneInfo(zone)

    @property
    def start(self) -> str:
        return self._clock("from")

    @property
    def end(self) -> str:
        return self._clock("until")

    @property
    def waits(self) -> bool:
        return bool(self.reason.get("waits"))

    @property
    def kwh(self) -> str:
        return str(localize(round((self.reason.get("energy_wh") or 0.0) / 1000, 1)))

    @property
    def kw(self) -> str:
        return f"{localize(round((self.reason.get('limit_w') or 0.0) / 1000, 1))}".removesuffix(".0").removesuffix(",0")

    def _clock(self, name: str) -> str:
        moment = self.reason.get(name)
        return f"{datetime.fromisoformat(moment).astimezone(self.zone):%H:%M}" if moment else ""


def _cheap(facts: _Facts) -> str:
    if facts.waits:
        return _("Waits for the cheaper hours from %(start)s.") % {"start": facts.start}
    return _("Charges in the cheapest hours, until %(end)s.") % {"end": facts.end}


def _early(facts: _Facts) -> str:
    return _("Charges as early as possible, until %(end)s.") % {"end": facts.end}


def _surplus(facts: _Facts) -> str:
    if facts.waits:
        return _("Waits for the sun from %(start)s: %(energy)s kWh come from it.") % {
            "start": facts.start,
            "energy": facts.kwh,
        }
    return _("Follows the sun: %(energy)s kWh come from it.") % {"energy": facts.kwh}


def _even(facts: _Facts) -> str:
    return _("Charges evenly until %(end)s.") % {"end": facts.end}


def _order(facts: _Facts) -> str:
    if facts.reason.get("is_offer"):
        return _("Follows the grid operator's offer from %(start)s to %(end)s, as you agreed.") % {
            "start": facts.start,
            "end": facts.end,
        }
    if facts.reason.get("order_begins_later"):
        return _("Grid limit of %(power)s kW from %(start)s to %(end)s.") % {
            "power": facts.kw,
            "start": facts.start,
            "end": facts.end,
        }
    return _("Grid limit of %(power)s kW until %(end)s.") % {"power": facts.kw, "end": facts.end}


def _supply_limit(facts: _Facts) -> str:
    return _("The grid connection gives no more until %(end)s.") % {"end": facts.end}


def _group_limit(facts: _Facts) -> str:
    return _("The grid of this area gives no more until %(end)s.") % {"end": facts.end}


def _unreachable(facts: _Facts) -> str:
    if facts.reason.get("order_id"):
        return _("The wanted charge is out of reach under a grid limit: %(energy)s kWh are missing.") % {
            "energy": facts.kwh
        }
    return _("The wanted charge is out of reach in this time: %(energy)s kWh are missing.") % {"energy": facts.kwh}


def _nothing_needed(facts: _Facts) -> str:
    return _("The wanted charge is reached.")


def _gives_back(facts: _Facts) -> str:
    return _("Gives energy back from %(start)s to %(end)s, while it pays.") % {"start": facts.start, "end": facts.end}


_SENTENCES = {
    MainReason.CHEAP_SLOTS: _cheap,
    MainReason.EARLY: _early,
    MainReason.SURPLUS: _surplus,
    MainReason.EVEN: _even,
    MainReason.ORDER: _order,
    MainReason.SUPPLY_LIMIT: _supply_limit,
    MainReason.GROUP_LIMIT: _group_limit,
    MainReason.UNREACHABLE: _unreachable,
    MainReason.NOTHING_NEEDED: _nothing_needed,
    MainReason.GIVES_BACK: _gives_back,
}


def slot_label(reason: str) -> str:
    """A word or two for what bound one slot, for charts. Unknown reasons give an empty text."""
    labels: dict[str, str] = {
        SlotReason.AWAY: _("Not plugged in"),
        SlotReason.FULL_POWER: _("Full power"),
        SlotReason.OWN_LIMIT: _("Limit of the charge point"),
        SlotReason.ORDER: _("Grid limit"),
        SlotReason.SUPPLY_LIMIT: _("Limit of the grid connection"),
        SlotReason.GROUP_LIMIT: _("Limit of the area's grid"),
        SlotReason.PHASE_LIMIT: _("Limit of a phase"),
        SlotReason.PEAK: _("No new peak"),
        SlotReason.TARGET: _("In time for the target"),
        SlotReason.OPPORTUNITY: _("Frees the charge point for others"),
        SlotReason.FLOOR: _("Down to the driver's limit"),
        SlotReason.TAPER: _("Battery nearly full"),
        SlotReason.SURPLUS: _("Follows the sun"),
        SlotReason.PRICE: _("Good price"),
        SlotReason.SHARED: _("Even share"),
        SlotReason.WAITING: _("Waits for a better time"),
        SlotReason.DONE: _("Done"),
        SlotReason.ENOUGH: _("Enough for the target"),
        SlotReason.DISCHARGING: _("Gives back"),
    }
    return labels.get(reason, "")
