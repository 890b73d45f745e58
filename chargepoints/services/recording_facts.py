"""What is stored together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

NOT_ORDINARY: Final = object()


@dataclass(frozen=True, slots=True)
class Fact:
    """What a charger told (domain/reports.py) or what its link did (services/links.py), and when it came."""

    charge_point_id: int
    report: Any
    now: datetime
