"""Reports as OpenADR 3 has them: kilowatts by resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toadr3.models import Report as WireReport

from gridops.ports import Kind, Report
from twinev.adapters.openadr_events import KINDS

# The definition's name for a resource that is the sum of several.
AGGREGATED = "AGGREGATED_REPORT"
TYPES = {kind: name for name, kind in KINDS.items()}


def written(report: Report, *, client_name: str) -> WireReport:
    """The report for the wire, as JSON values: toadr3 writes what was set."""
    kinds = {kind for figures in report.figures.values() for kind in figures}
    descriptors = [{"payloadType": TYPES[kind], "units": "KW"} for kind in Kind if kind in kinds]
    return WireReport.model_validate(
        {
            "programID": report.event.program_id,
            "eventID": report.event.event_id,
            "clientName": client_name,
            "reportName": f"capacity-{report.at:%Y%m%dT%H%MZ}",
            "payloadDescriptors": descriptors,
            "resources": [_resource(report, name, figures) for name, figures in report.figures.items()],
        }
    )


def _resource(report: Report, name: str, figures: Mapping[Kind, int]) -> dict[str, Any]:
    payloads = [{"type": TYPES[kind], "values": [_kilowatts(kind, watts)]} for kind, watts in figures.items()]
    period = {"start": report.at.isoformat(), "duration": "PT15M"}
    return {
        "resourceName": name or AGGREGATED,
        "intervalPeriod": period,
        "intervals": [{"id": 0, "payloads": payloads}],
    }


def _kilowatts(kind: Kind, watts: int) -> float:
    """Demand is at least zero there: what flows back is no demand."""
    return (max(watts, 0) if kind is Kind.POWER else watts) / 1000
