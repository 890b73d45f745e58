"""What a charger can be told in a charging profile: its own words, then what is known of its firmware."""

from collections.abc import Iterable
from dataclasses import replace

from chargepoints.domain import profile_limits
from chargepoints.domain.profile_limits import Adaptation, ProfileLimits
from chargepoints.models import ChargePoint, ChargingProfile, DeviceVariable
from chargepoints.services import quirks
from chargepoints.statements import Prepared

_NOT_TAKEN = (ChargingProfile.Status.SENT, ChargingProfile.Status.REFUSED)
_UNIT_VARIABLES = ("ChargingScheduleAllowedChargingRateUnit", "RateUnit")


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
        starts_now=starts_now(charge_point),
    )


def starts_now(charge_point: ChargePoint, taken: Iterable[ChargingProfile] | None = None) -> bool:
    """Whether schedules have to begin at once for it: known of its firmware, or the last profile that it took had to.

    ``taken``: its newest profiles where they were read already.
    """
    if quirks.of(charge_point).starts_now:
        return True
    if taken is None:
        rows = charge_point.charging_profiles.exclude(status__in=_NOT_TAKEN)
        last = rows.order_by("-pk").values_list("adaptations", flat=True).first()
    else:
        last = next((row.adaptations for row in taken if row.status not in _NOT_TAKEN), None)
    return last is not None and Adaptation.STARTS_NOW in last.split(",")


_UNIT_TOLD = Prepared(
    lambda charge_point_id: DeviceVariable.objects.filter(
        charge_point_id=charge_point_id, name__in=_UNIT_VARIABLES, refusal=""
    ).order_by("pk")[:1]
)


def ampere_only(charge_point_id: int, rate_unit: str = "") -> bool:
    """Whether a charger takes limits in A and nothing else, as far as is known. ``rate_unit``: of its firmware."""
    if rate_unit:
        return rate_unit == profile_limits.AMPERE
    told = _UNIT_TOLD.first(charge_point_id)
    return profile_limits.rate_units(told.value if told else "") == {profile_limits.AMPERE}
