"""Words and colours of rows."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from chargepoints.domain.status import OCCUPIED
from chargepoints.models import ChargePoint, ChargingProfile, Command, Connector, Location, OcppMessage, Transaction
from chargepoints.selectors import smart_charging
from smac.words import sentence

register = template.Library()

# State colours mean the same in all apps: orange charging, green finished, red fault, blue waiting, grey gone.
_TRANSACTION_LOOK = {"active": "charging", "ended": "finished", "quarantined": "fault"}
_COMMAND_LOOK = {
    "queued": "neutral",
    "sent": "reserved",
    "accepted": "finished",
    "rejected": "fault",
    "failed": "fault",
    "timed_out": "fault",
}
_SHORT = 90
_TONES = {"finished": "is-good", "fault": "is-bad", "reserved": "is-running"}


@register.filter
def transaction_look(row: Transaction) -> str:
    """The state colour of a transaction."""
    return _TRANSACTION_LOOK[row.state]


@register.filter
def command_look(row: Command) -> str:
    """The state colour of a command."""
    return _COMMAND_LOOK.get(row.status, "offline")


@register.filter
def connector_look(row: Connector) -> str:
    """The state colour of a connector."""
    looks = {"available": "free", "reserved": "reserved", "faulted": "fault", "unavailable": "fault"}
    return looks.get(row.status, "charging" if row.status in OCCUPIED else "offline")


@register.filter
def tone(look: str) -> str:
    """The tone of a line in a timeline."""
    return _TONES.get(look, "is-planned")


@register.simple_tag
def periods_words(periods: list[list[float]]) -> str:
    """A profile in short: its first limits in kW."""
    shown = " → ".join(number_format(limit_w / 1000, 1) for _start_s, limit_w in periods[:4])
    return f"{shown}{' …' if len(periods) > 4 else ''} kW"


@register.filter
def adaptations(profile: ChargingProfile) -> list[str]:
    """Why a charger was told something else than the plan."""
    return [str(words) for words in smart_charging.adaptations(profile)]


@register.filter
def dialect_words(charge_point: ChargePoint) -> str:
    """How a charger is asked to give energy back."""
    return str(smart_charging.dialect_words(charge_point))


@register.simple_tag
def reason_words(command: Command, place: Location) -> str:
    """Why something was sent, in the reader's language; what is not known is shown as it is."""
    if command.cause and (told := sentence(command.cause, zone=place.time_zone)):
        return told
    reason = command.reason
    words = {
        "safe default": _("Safe limit at every boot"),
        "read back": _("Check what the charger has"),
        "session started": _("Session started"),
        "session ended": _("Session ended"),
        "need stated": _("A driver said what is needed"),
        "need changed": _("A driver changed what is needed"),
        "order": _("Order of the grid operator"),
        "order started": _("Order of the grid operator began"),
        "order ended": _("Order of the grid operator ended"),
        "order withdrawn": _("Order of the grid operator withdrawn"),
        "charge point booted": _("Charger restarted"),
        "charge point connected": _("Charger came back"),
        "slot": _("New quarter of an hour"),
        "offline behaviour": _("How the charger behaves while offline"),
        "token refused": _("The card was refused, and the session went on"),
    }
    return words.get(reason, reason or "–")


@register.simple_tag
def flaw_words(flaw: str) -> str:
    """What is wrong with a transaction's facts, in the reader's language."""
    words = {
        "start missing": _("The charger never sent the start of this transaction."),
        "no stop was sent": _("The charger never sent the end of this transaction: another one began."),
        "meter stop below start": _("The meter's last value is below its first: nothing is billed unseen."),
        "doubtful meter stop": _("The meter's last value cannot be true: it is not billed unseen."),
        "clock was wrong": _("The charger's clock was wrong: its times were set right."),
        "unknown EVSE": _("The charger named a connector that nobody has configured."),
        "token refused": _("The card was refused; the charger had started all the same."),
    }
    return next((told for begin, told in words.items() if flaw.startswith(begin)), flaw)


@register.filter
def as_json(value: Any) -> str:
    """JSON for reading."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


_FRAME_LOOK = {2: "reserved", 3: "finished", 4: "fault", 0: "fault"}


@register.filter
def frame_look(frame: OcppMessage) -> str:
    """The state colour of a frame."""
    return _FRAME_LOOK.get(frame.message_type, "neutral")


@register.filter
def frame_kind(frame: OcppMessage) -> str:
    """What kind of frame it is (OCPP-J 4.1)."""
    words = {2: _("Call"), 3: _("Answer"), 4: _("Error")}
    return words.get(frame.message_type, _("unreadable"))


@register.inclusion_tag("dashboard/_direction.html")
def direction_icon(frame: OcppMessage) -> dict[str, Any]:
    """Which way a frame went."""
    return {"frame": frame}


@register.filter
def in_short(payload: Any) -> str:
    """The beginning of a payload, in one line."""
    text = json.dumps(payload, ensure_ascii=False, default=str)
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"
