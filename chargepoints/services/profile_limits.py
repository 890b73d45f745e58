"""What a charger can be told in a charging profile: its own words, then what is known of its firmware."""

from dataclasses import replace

from chargepoints.domain import profile_limits
from chargepoints.domain.profile_limits import Adaptation, ProfileLimits
from chargepoints.models import ChargePoint, ChargingProfile, DeviceVariable
from chargepoints.services import quirks


def of(charge_point: ChargePoint) -> ProfileLimits:
    """The limits of a charger's profiles, with how it is told to give energy back."""
    rows = DeviceVariable.objects.filter(
        charge_point=charge_point, attribute="Actual", refusal="", component__in=["", "SmartChargingCtrlr"]
    )
    told = {name.lower(): value for name, value in rows.values_list("name", "value")}
    limits = profile_limits.from_variables({name: told[name] for name in profile_limits.VARIABLES if name in told})
    known, dialect = quirks.of(charge_point), quirks.dialect_of(charge_point)
    return replace(
        limits,
        units=frozenset({known.rate_unit}) if known.rate_unit else limits.units,
        max_periods=known.max_periods or limits.max_periods,
        max_profiles=known.max_profiles or limits.max_profiles,
        negative_limits=bool(dialect and dialect.negative_limits),
        discharge_messages=bool(dialect and dialect.setpoint),
        starts_now=known.starts_now or _learnt_to_start_now(charge_point),
    )


def _learnt_to_start_now(charge_point: ChargePoint) -> bool:
    """Whether the last profile that it took was one that had to begin at once."""
    taken = charge_point.charging_profiles.exclude(
        status__in=[ChargingProfile.Status.SENT, ChargingProfile.Status.REFUSED]
    )
    last = taken.order_by("-pk").values_list("adaptations", flat=True).first()
    return last is not None and Adaptation.STARTS_NOW in last.split(",")


def ampere_only(charge_point_id: int) -> bool:
    """Whether a charger takes limits in A and nothing else, as far as is known."""
    return of(ChargePoint.objects.get(pk=charge_point_id)).ampere_only
