"""What became of an order, in one sentence for the person who gave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from smac.services import limits

# Whoever misses something does not read that nothing is missing.
_LEAST_SHOWN_KWH = 0.1


def sentence(verdict: Mapping[str, Any]) -> str:
    """The verdict (``Judgement.as_json()``, or ``FlexOrder.verdict``) as a sentence; empty while there is none."""
    if not verdict:
        return ""
    words = _feasible(verdict) if verdict["feasible"] else _unfeasible(verdict)
    if verdict.get("certain", True):
        return words
    doubt = _("This is an estimate: the optimiser did not answer in time.")
    return f"{words} {doubt}"


def missed_kwh(verdict: Mapping[str, Any]) -> float:
    """What all sessions together would miss, kWh."""
    return sum(missed["missed_wh"] for missed in verdict.get("missed", [])) / 1000


def _feasible(verdict: Mapping[str, Any]) -> str:
    hit = len(verdict.get("hit", []))
    if not hit:
        return _("Feasible: nobody is charging there now.")
    return ngettext(
        "Feasible: %(count)d session follows the limit and keeps its target.",
        "Feasible: %(count)d sessions follow the limit, none misses its target.",
        hit,
    ) % {"count": hit}


def _unfeasible(verdict: Mapping[str, Any]) -> str:
    least = limits.least_limit_in(verdict)
    facts: dict[str, Any] = {
        "limit": _quantity(least / 1000, "kW") if least else "",
        "count": len(verdict.get("missed", [])),
        "energy": _quantity(max(missed_kwh(verdict), _LEAST_SHOWN_KWH), "kWh"),
    }
    if not facts["count"]:
        facts["energy"] = _quantity(verdict.get("relaxation_wh", 0.0) / 1000, "kWh")
        return _("Not feasible: the limit would be exceeded by %(energy)s.") % facts
    if not least:
        return (
            ngettext(
                "Not feasible: %(count)d session would miss %(energy)s.",
                "Not feasible: %(count)d sessions would miss %(energy)s in all.",
                facts["count"],
            )
            % facts
        )
    return (
        ngettext(
            "Not feasible below %(limit)s: %(count)d session would miss %(energy)s.",
            "Not feasible below %(limit)s: %(count)d sessions would miss %(energy)s in all.",
            facts["count"],
        )
        % facts
    )


def _quantity(value: float, unit: str) -> str:
    """At most one decimal, none where it is zero; the unit stays on the line of its figure."""
    rounded = round(value, 1)
    return f"{number_format(rounded, 0 if rounded.is_integer() else 1)}\u00a0{unit}"
