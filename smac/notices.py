"""What people are told of a plan's inputs: what was bent, what stands in for a forecast, where a charge is from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from smac.models import ChargingNeed, PlanRun, Series
from smac.optimisation.plan import NoteCode
from smac.records import ASSUMED, FAILED, SUBSTITUTED
from smac.services.series import Origin

_Origin = ChargingNeed.SocOrigin


def of_run(run: PlanRun) -> list[str]:
    """The notes of a run in sentences, in the reader's language, each once. Unknown codes are left out."""
    told = [sentence(note) for note in run.notes]
    return [text for text in dict.fromkeys(told) if text]


def of_forecasts(run: PlanRun) -> list[str]:
    """What stands in for prices and forecasts that nobody told, alone: what drivers may want to know of a run."""
    told = [sentence(note) for note in run.notes if note.get("code") in (ASSUMED, SUBSTITUTED)]
    return [text for text in dict.fromkeys(told) if text]


def sentence(note: Mapping[str, Any]) -> str:
    """One note of a run in words; empty for a code that nobody knows."""
    code = str(note.get("code", ""))
    if code in _OWN:
        return _OWN[code](note)
    return str(_BENT.get(code, ""))


def _assumed(note: Mapping[str, Any]) -> str:
    return _("Nothing is known of: %(series)s. A usual value is assumed.") % {"series": _series(note)}


def _substituted(note: Mapping[str, Any]) -> str:
    quarters = int(note.get("quarters", 0))
    hours = ngettext("%(count)s quarter of an hour", "%(count)s quarters of an hour", quarters) % {"count": quarters}
    facts = {"series": _series(note), "time": hours}
    if note.get("substitute") == Origin.YESTERDAY:
        return _("%(series)s: for %(time)s yesterday's values stand in.") % facts
    if note.get("substitute") == Origin.TYPICAL:
        return _("%(series)s: for %(time)s the mean of the last week stands in.") % facts
    return _("%(series)s: for %(time)s the last known value stands in.") % facts


def _failed(note: Mapping[str, Any]) -> str:
    return _("No plan could be made. The chargers go on with what they have.")


def _series(note: Mapping[str, Any]) -> str:
    kind = note.get("subject", "")
    return str(Series.Kind(kind).label) if kind in Series.Kind.values else str(kind)


_OWN: dict[str, Callable[[Mapping[str, Any]], str]] = {
    ASSUMED: _assumed,
    SUBSTITUTED: _substituted,
    FAILED: _failed,
}

_BENT: dict[str, Promise | str] = {
    NoteCode.WINDOW_CLIPPED: gettext_lazy("A stay reaches beyond the planned day: planned is its first part."),
    NoteCode.ENERGY_CLIPPED: gettext_lazy("A battery was said to hold what it cannot: the nearest possible is taken."),
    NoteCode.TARGET_CLIPPED: gettext_lazy("A wanted charge was impossible: the nearest possible is taken."),
    NoteCode.BELOW_FLOOR: gettext_lazy("A battery is below its floor: it gives nothing back."),
    NoteCode.POWER_CLIPPED: gettext_lazy("A power was impossible: the nearest possible is taken."),
    NoteCode.EFFICIENCY_CLIPPED: gettext_lazy("An efficiency was impossible: the nearest possible is taken."),
    NoteCode.DEMAND_OVER_LIMIT: gettext_lazy("The demand alone is above the limit of the grid connection."),
    NoteCode.SERIES_CLIPPED: gettext_lazy("A forecast or price was impossible: the nearest possible is taken."),
    NoteCode.STORAGE_CLIPPED: gettext_lazy(
        "The local battery's figures were impossible: the nearest possible are taken."
    ),
    NoteCode.TIME_LIMIT: gettext_lazy("The solver had too little time."),
    NoteCode.SOLVER_FAILED: gettext_lazy("The solver failed."),
    NoteCode.PREVIOUS_PLAN_USED: gettext_lazy("The last plan goes on."),
    NoteCode.EARLIEST_DEADLINE_USED: gettext_lazy("Who leaves first is charged first."),
    NoteCode.GROUP_LIMIT_RAISED: gettext_lazy("The houses alone are above the capacity of their feeder."),
    NoteCode.GROUP_SHARED: gettext_lazy("The capacity of the feeder is shared by rule."),
}


def of_charge(origin: str, uncertainty_percent: float) -> str:
    """Where a battery's charge is known from and how far it may be off, in one sentence; empty where nobody says."""
    facts = {"points": round(uncertainty_percent)}
    told = {
        _Origin.STATED: _("As you said, and metered since: ±%(points)s points."),
        _Origin.METER: _("Told by the car: ±%(points)s points."),
        _Origin.LAST_SESSION: _("Guessed from the last session: ±%(points)s points."),
        _Origin.TYPICAL: _("Nobody knows: a typical value, ±%(points)s points."),
    }
    return told[_Origin(origin)] % facts if origin in _Origin.values else ""
