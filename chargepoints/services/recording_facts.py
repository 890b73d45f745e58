"""What is stored together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chargepoints.domain import reports

NOT_ORDINARY: Final = object()
Report = (
    reports.MeterValuesReported
    | reports.TransactionStarted
    | reports.TransactionUpdated
    | reports.TransactionEnded
    | reports.StatusReported
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A report of a charger, and when it came."""

    charge_point_id: int
    report: Report
    now: datetime
