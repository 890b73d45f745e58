"""What a driver wants of a session."""

from dataclasses import dataclass
from datetime import datetime

from chargepoints.models import Evse, Reservation
from drivers.models import Vehicle
from drivers.services import plugs


@dataclass(frozen=True)
class Wish:
    """A filled-in charge form. State of charge in percent; guessed where the driver does not know it."""

    vehicle: Vehicle
    evse: Evse
    mode: str
    soc_percent: float
    target_soc_percent: float
    departure_at: datetime
    reservation: Reservation | None = None
    v2g_wanted: bool = False
    floor_soc_percent: float = 30.0
    soc_is_unknown: bool = False

    @property
    def max_charge_w(self) -> int:
        return max_charge_w(self.vehicle, self.evse)

    @property
    def v2g_allowed(self) -> bool:
        """Only when car, charger and driver allow it."""
        return self.v2g_wanted and can_discharge(self.vehicle, self.evse)

    @property
    def max_discharge_w(self) -> int:
        return min(self.vehicle.max_discharge_w, self.evse.max_discharge_w) if self.v2g_allowed else 0


def max_charge_w(vehicle: Vehicle, evse: Evse) -> int:
    """What car and charger can do together, through the best socket that fits."""
    fitting = plugs.fitting(vehicle.connector_standard)
    powers = [
        plugs.charge_power_w(
            vehicle_standard=vehicle.connector_standard,
            socket_standard=connector.standard,
            vehicle_max_w=vehicle.max_charge_w,
            evse_max_w=evse.max_power_w,
        )
        for connector in evse.connectors.all()
        if connector.standard in fitting
    ]
    return max(powers, default=min(vehicle.max_charge_w, evse.max_power_w))


def can_discharge(vehicle: Vehicle, evse: Evse) -> bool:
    """Whether car and charger can give energy back together."""
    return vehicle.v2g and vehicle.max_discharge_w > 0 and evse.max_discharge_w > 0
