"""What a charging station of OCPP 2.0.1 does when it is asked, by action."""

from __future__ import annotations

from ..answers import Action, clear_cache, data_transfer
from . import (
    availability,
    certificates,
    charging_profiles,
    local_list,
    maintenance,
    network,
    remote,
    reports,
    reservations,
    triggers,
    variables,
)

ACTIONS: dict[str, Action] = {
    **remote.ACTIONS,
    **reservations.ACTIONS,
    **charging_profiles.ACTIONS,
    **triggers.ACTIONS,
    **availability.ACTIONS,
    **variables.ACTIONS,
    **reports.ACTIONS,
    **network.ACTIONS,
    **local_list.ACTIONS,
    **maintenance.ACTIONS,
    **certificates.ACTIONS,
    "ClearCache": clear_cache,
    "DataTransfer": data_transfer,
}
