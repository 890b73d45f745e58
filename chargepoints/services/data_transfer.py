"""Vendors' own messages (DataTransfer, 1.6 4.3, 2.0.1 P): each vendor's dialect registers who understands it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands

logger = logging.getLogger(__name__)


class Status(StrEnum):
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    UNKNOWN_MESSAGE = "UnknownMessageId"
    UNKNOWN_VENDOR = "UnknownVendorId"


@dataclass(frozen=True)
class VendorMessage:
    """``data`` as it came: text in 1.6, anything that JSON has in 2.0.1; ``message_id`` empty when it has none."""

    vendor_id: str
    message_id: str = ""
    data: Any = None


@dataclass(frozen=True)
class Reply:
    status: Status = Status.ACCEPTED
    data: Any = None


class UnknownMessageError(Exception):
    """Raised by a vendor's handler for a message that it does not know."""


Handler = Callable[[int, VendorMessage, datetime], Reply]
AnswerHook = Callable[[Command, VendorMessage], None]
_handlers: dict[str, Handler] = {}
_answer_hooks: dict[str, AnswerHook] = {}


def register(vendor_id: str) -> Callable[[Handler], Handler]:
    """Register who takes the messages of a vendor: called with the charge point's key, the message and the moment.

    Vendors' ids compare without case. :class:`UnknownMessageError` from the handler is answered so.
    """

    def remember(handler: Handler) -> Handler:
        _handlers[vendor_id.casefold()] = handler
        return handler

    return remember


def on_answer(vendor_id: str) -> Callable[[AnswerHook], AnswerHook]:
    """Register what follows, in the settling transaction, when our message to a vendor's charger is settled."""

    def remember(hook: AnswerHook) -> AnswerHook:
        _answer_hooks[vendor_id.casefold()] = hook
        return hook

    return remember


def receive(*, charge_point_id: int, message: VendorMessage, now: datetime) -> Reply:
    """The answer to a vendor's message. A handler that fails refuses it: the charger goes on."""
    handler = _handlers.get(message.vendor_id.casefold())
    if handler is None:
        return Reply(Status.UNKNOWN_VENDOR)
    try:
        return handler(charge_point_id, message, now)
    except UnknownMessageError:
        return Reply(Status.UNKNOWN_MESSAGE)
    except (ValueError, LookupError, TypeError):
        extra = {"charge_point": charge_point_id, "vendor": message.vendor_id[:50]}
        logger.warning("a vendor's message made no sense", extra=extra, exc_info=True)
        return Reply(Status.REJECTED)


def send(
    *, charge_point: ChargePoint, vendor_id: str, now: datetime, message_id: str = "", data: str = "", **details: Any
) -> Command:
    """Send a vendor's own message; ``details`` as in ``commands.enqueue``."""
    intent = intents.DataTransfer(vendor_id=vendor_id, message_id=message_id, data=data)
    return commands.enqueue(charge_point=charge_point, intent=intent, now=now, **details)


@commands.on_settled(intents.DataTransfer.kind)
def _answered(command: Command) -> None:
    """Hand the charger's answer to whoever registered for the vendor; its status is the command's result."""
    intent = command.intent
    assert isinstance(intent, intents.DataTransfer)
    if hook := _answer_hooks.get(intent.vendor_id.casefold()):
        answer = VendorMessage(intent.vendor_id, intent.message_id, command.result.get("data"))
        hook(command, answer)
