"""Putting a charger on."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from chargepoints.models import ChargePoint, SupplyPoint, Tariff
from chargepoints.services import provisioning, security
from chargepoints.services.provisioning import EvseSpec


@transaction.atomic
def register(
    *, identity: str, supply_point: SupplyPoint, evses: Sequence[EvseSpec], tariff: Tariff | None, profile: int
) -> tuple[ChargePoint, str]:
    """Register a charger at the place of its grid connection; the secret is told this once."""
    place = supply_point.location
    charge_point, secret = provisioning.register_charge_point(
        identity=identity,
        supply_point=supply_point,
        latitude=place.latitude,
        longitude=place.longitude,
        evses=evses,
        tariff=tariff,
    )
    security.set_profile(charge_point=charge_point, profile=profile, allow_downgrade=True)
    security.forget_refusals(identity=charge_point.identity)
    return charge_point, secret
