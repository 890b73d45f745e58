"""Whom a charger lets charge while it cannot ask, in its own settings (1.6 9.1-9.2, 2.0.1 part 2, 2.4)."""

from collections.abc import Mapping
from enum import StrEnum

from chargepoints.domain.intents import Variable

Key = tuple[str, str]


class OfflineBehaviour(StrEnum):
    KNOWN = "known"
    ANYBODY = "anybody"
    NOBODY = "nobody"


# The list and the cache are for the time offline: online we judge each card ourselves, who may have reserved included.
# Whoever turns out to be refused after an offline start is stopped.
_ALWAYS: Mapping[str, Mapping[Key, bool]] = {
    "1.6": {
        ("", "LocalAuthListEnabled"): True,
        ("", "AuthorizationCacheEnabled"): True,
        ("", "LocalPreAuthorize"): False,
        ("", "StopTransactionOnInvalidId"): True,
    },
    "2.0.1": {
        ("LocalAuthListCtrlr", "Enabled"): True,
        ("AuthCacheCtrlr", "Enabled"): True,
        ("AuthCtrlr", "LocalPreAuthorize"): False,
        ("TxCtrlr", "StopTxOnInvalidId"): True,
    },
}
_KNOWN_MAY: Mapping[str, Key] = {"1.6": ("", "LocalAuthorizeOffline"), "2.0.1": ("AuthCtrlr", "LocalAuthorizeOffline")}
_ANYBODY_MAY: Mapping[str, Key] = {
    "1.6": ("", "AllowOfflineTxForUnknownId"),
    "2.0.1": ("AuthCtrlr", "OfflineTxForUnknownIdEnabled"),
}
_MASTER_PASS: Key = ("AuthCtrlr", "MasterPassGroupId")
# What else decides what a 2.0.1 charger is told of tokens and reservations; 1.6 tells all of its keys at once.
_LIMITS = (
    ("LocalAuthListCtrlr", "Available"),
    ("LocalAuthListCtrlr", "ItemsPerMessage"),
    ("LocalAuthListCtrlr", "BytesPerMessage"),
    ("LocalAuthListCtrlr", "Entries"),
    ("ReservationCtrlr", "NonEvseSpecific"),
)


def wanted(behaviour: str, *, ocpp_version: str, master_pass_group: str = "") -> dict[Key, str]:
    """The settings that make a charger behave so, by component (empty in 1.6) and name; none for other versions."""
    if ocpp_version not in _ALWAYS:
        return {}
    flags = dict(_ALWAYS[ocpp_version])
    flags[_KNOWN_MAY[ocpp_version]] = behaviour != OfflineBehaviour.NOBODY
    flags[_ANYBODY_MAY[ocpp_version]] = behaviour == OfflineBehaviour.ANYBODY
    settings = {key: "true" if flag else "false" for key, flag in flags.items()}
    if ocpp_version != "1.6":
        # Empty is a value as well: a group that is not named any more must open nothing.
        settings[_MASTER_PASS] = master_pass_group
    return settings


def keys(ocpp_version: str) -> list[Key]:
    """All settings that ``wanted`` may name."""
    always = [*_ALWAYS[ocpp_version], _KNOWN_MAY[ocpp_version], _ANYBODY_MAY[ocpp_version]]
    return always if ocpp_version == "1.6" else [*always, _MASTER_PASS]


def to_ask() -> list[Variable]:
    """What a 2.0.1 charger has to be asked for before it can be told anything of the above."""
    return [Variable(name, component=component) for component, name in [*keys("2.0.1"), *_LIMITS]]
