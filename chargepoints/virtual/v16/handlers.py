"""What a charger of OCPP 1.6 does when it is asked, by action."""

from __future__ import annotations

from ..answers import Action, clear_cache, data_transfer
from . import (
    availability,
    certificates,
    charging_profiles,
    configuration,
    local_list,
    maintenance,
    remote,
    reservations,
    triggers,
)

ACTIONS: dict[str, Action] = {
    **remote.ACTIONS,
    **reservations.ACTIONS,
    **charging_profiles.ACTIONS,
    **triggers.ACTIONS,
    **availability.ACTIONS,
    **configuration.ACTIONS,
    **local_list.ACTIONS,
    **maintenance.ACTIONS,
    **certificates.ACTIONS,
    "ClearCache": clear_cache,
    "DataTransfer": data_transfer,
}
