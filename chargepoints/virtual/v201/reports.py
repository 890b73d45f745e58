"""OCPP 2.0.1: reports of the device model (B07, B08), in as many parts as they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..rpc import Answer
from .device_model import Fact, facts, has_criteria

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint

SUMMARY = ("AvailabilityState", "Problem")


def get_base_report(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetBaseReport, followed by NotifyReport."""
    base = payload["reportBase"]
    found = list(facts(charge_point))
    if base == "ConfigurationInventory":
        found = [fact for fact in found if fact.writable]
    elif base == "SummaryInventory":
        found = [fact for fact in found if fact.variable in SUMMARY]
    return _report(charge_point, payload["requestId"], found)


def get_report(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetReport of components, variables and criteria, followed by NotifyReport."""
    found = list(facts(charge_point))
    asked = payload.get("componentVariable")
    if asked:
        found = [fact for fact in found if any(fact.fits(one["component"], one.get("variable")) for one in asked)]
    if "componentCriteria" in payload:
        found = has_criteria(found, payload["componentCriteria"])
    return _report(charge_point, payload["requestId"], found)


def _report(charge_point: VirtualChargePoint, request_id: int, found: list[Fact]) -> Answer:
    if not found:
        return status("EmptyResultSet")
    return status("Accepted", lambda: _tell(charge_point, request_id, found))


def _tell(charge_point: VirtualChargePoint, request_id: int, found: list[Fact]) -> None:
    size = charge_point.variables.number("report_items")
    parts = [found[at : at + size] for at in range(0, len(found), size)]
    for number, part in enumerate(parts):
        report = {
            "requestId": request_id,
            "generatedAt": charge_point.messages.stamp(),
            "seqNo": number,
            "tbc": number < len(parts) - 1,
            "reportData": [fact.report() for fact in part],
        }
        charge_point.messages.tell("NotifyReport", report)


ACTIONS: dict[str, Action] = {"GetBaseReport": get_base_report, "GetReport": get_report}
