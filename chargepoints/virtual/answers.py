"""What handlers of both versions are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from .outbox import Payload
from .rpc import Answer

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint

Action: TypeAlias = Callable[["VirtualChargePoint", Payload], Answer]


def status(text: str, then: Callable[[], object] | None = None) -> Answer:
    """The usual answer, and what is done once it has gone out."""
    return Answer({"status": text}, then)


def data_transfer(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """DataTransfer of the vendors in `charge_point.data_transfers`; the same in both versions."""
    transfer = charge_point.data_transfers.get(payload["vendorId"])
    if transfer is None:
        return status("UnknownVendorId")
    text, data = transfer(payload.get("messageId"), payload.get("data"))
    return Answer({"status": text} if data is None else {"status": text, "data": data})


def clear_cache(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ClearCache; the same in both versions."""
    if not charge_point.variables.flag("cache"):
        return status("Rejected")
    charge_point.tokens.forget()
    return status("Accepted")
