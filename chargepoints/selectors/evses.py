"""Which EVSE a charger means."""

from chargepoints.models import Evse


def evse_of(charge_point_id: int, evse_number: int) -> Evse | None:
    """The EVSE with this number; a charger with one EVSE may number it as it likes."""
    evses = list(Evse.objects.filter(charge_point_id=charge_point_id))
    exact = next((evse for evse in evses if evse.number == evse_number), None)
    return exact or (evses[0] if len(evses) == 1 and evse_number > 0 else None)


def evse_of_transaction(charge_point_id: int, evse_number: int) -> Evse | None:
    """2.0.1 may begin a transaction before it names an EVSE; where there is only one, it is that."""
    if evse := evse_of(charge_point_id, evse_number):
        return evse
    only = Evse.objects.filter(charge_point_id=charge_point_id)[:2]
    return only[0] if evse_number == 0 and len(only) == 1 else None
