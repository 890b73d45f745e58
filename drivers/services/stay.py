"""How long a need takes at a charger, and the stay that is proposed for it. Pure."""

from math import ceil

from chargepoints.models import Evse
from drivers.models import Vehicle
from drivers.services import wish
from smac.snapshot.sessions import CHARGE_EFFICIENCY

# Others wait for a reserved charger, and nobody comes back in a few minutes.
LEAST_MINUTES = 60
QUARTER_MINUTES = 15


def minutes_per_percent(*, vehicle: Vehicle, evse: Evse) -> float:
    """How long a percent of the battery takes at the most that car and charger can do together."""
    stored_w = wish.max_charge_w(vehicle, evse) * CHARGE_EFFICIENCY
    return vehicle.battery_capacity_wh / 100 / stored_w * 60


def proposed_minutes(*, percent: float, per_percent: float, most: int) -> int:
    """The time for so much of the battery, in full quarters of an hour. drivers.js follows the sliders by this rule."""
    quarters = ceil(percent * per_percent / QUARTER_MINUTES)
    return min(max(quarters * QUARTER_MINUTES, LEAST_MINUTES), most)
