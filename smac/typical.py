"""What is assumed of a car of which nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Typical:
    """A middle-sized battery, a quarter full, a stay of four hours, charged to what spares it: what serves most.

    `uncertainty_percent` is how far the assumed charge may be off, plus or minus. A car loses `driven_wh_per_day` on
    its usual ways (some 40 km a day).
    """

    capacity_wh: int = 50_000
    soc_percent: float = 25.0
    target_percent: float = 80.0
    stay: timedelta = timedelta(hours=4)
    uncertainty_percent: float = 25.0
    driven_wh_per_day: float = 7_000.0


TYPICAL = Typical()
