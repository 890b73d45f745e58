"""What the charts of a session say, quarter by quarter: the data that the browser draws."""

from collections.abc import Iterable
from datetime import datetime
from statistics import median
from typing import Any

from playwright.sync_api import Page

from chargepoints.domain.quarters import QUARTER
from drivers.models import ChargeSession

A_MINUTE_S = 60


class Curves:
    """The curves of a session's details. Quarters are numbered from ``first`` on; kW, money per kWh, %."""

    def __init__(self, page: Page, session: ChargeSession, first: datetime) -> None:
        self._page, self._session, self._first = page, session, first
        address = f"/charge/{session.pk}/chart.json"
        self._curve: Any = page.request.get(address).json()
        self._context: Any = page.request.get(f"{address}?part=context").json()

    def again(self) -> "Curves":
        """As they are told now."""
        return Curves(self._page, self._session, self._first)

    def seconds_until(self, quarter: int, now: datetime) -> float:
        """From a moment to shortly before the end of a quarter."""
        return (self._first + QUARTER * (quarter + 1) - now).total_seconds() - A_MINUTE_S

    def steps(self, kind: str) -> dict[int, float]:
        """A curve of the charge: the value that holds at the end of each quarter of which one is told."""
        return _last(self._by_quarter(self._curve, kind))

    def context(self, kind: str) -> dict[int, float]:
        """A curve that the plan follows, likewise."""
        return _last(self._by_quarter(self._context, kind))

    def measured_kw(self) -> dict[int, float]:
        """What the meter told in each quarter, as it mostly was: around a change it may tell of either."""
        return {quarter: median(values) for quarter, values in self._by_quarter(self._curve, "measured").items()}

    def _by_quarter(self, chart: Any, kind: str) -> dict[int, list[float]]:
        series = next(series for series in chart["series"] if series["kind"] == kind)
        found: dict[int, list[float]] = {}
        for moment, value in sorted(zip(series["times"], series["values"], strict=True)):
            found.setdefault(int((moment - self._first.timestamp()) // QUARTER.total_seconds()), []).append(value)
        return found


def _last(by_quarter: dict[int, list[float]]) -> dict[int, float]:
    return {quarter: values[-1] for quarter, values in by_quarter.items()}


def at(quarters: Iterable[int], curve: dict[int, float]) -> list[float]:
    """The values of some quarters; KeyError where the curve tells none."""
    return [curve[quarter] for quarter in quarters]
