"""Intents as OCPP 1.6 calls, and what their answers mean; one module for each functional block."""

from datetime import datetime
from typing import Any

from chargepoints.domain import intents
from chargepoints.ocpp.v16.commands import (
    certificates,
    configuration,
    core,
    local_list,
    maintenance,
    reservation,
    smart_charging,
)
from chargepoints.ocpp.version import Outcome, Request
from chargepoints.ocpp.words import Words

WORDS: dict[str, Words] = {
    **core.WORDS,
    **configuration.WORDS,
    **local_list.WORDS,
    **reservation.WORDS,
    **smart_charging.WORDS,
    **maintenance.WORDS,
    **certificates.WORDS,
}


def request(intent: intents.Intent, *, in_ampere: bool = False) -> Request:
    """The call that says it; limits in W, or in A for a charger that takes nothing else.

    :raises KeyError: for an intent that 1.6 has no words for.
    """
    if in_ampere and isinstance(intent, intents.SetChargingProfile):
        return smart_charging.set_charging_profile(intent, "A")
    if in_ampere and isinstance(intent, intents.GetCompositeSchedule):
        return smart_charging.get_composite_schedule(intent, "A")
    if in_ampere and isinstance(intent, intents.RemoteStart):
        return core.remote_start(intent, "A")
    return WORDS[intent.kind].say(intent)


def outcome(intent: intents.Intent, payload: dict[str, Any], now: datetime) -> Outcome:
    """What the answer to it means.

    :raises LookupError: when the answer lacks what it has to say.
    """
    return WORDS[intent.kind].outcome(intent, payload, now)
