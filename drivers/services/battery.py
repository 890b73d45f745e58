"""What the battery holds, when the car itself does not tell. Pure."""

# From socket to battery; what is lost is heat in the charger on board.
CHARGE_EFFICIENCY = 0.92


def energy_needed_wh(*, soc_percent: float, target_soc_percent: float, capacity_wh: float) -> float:
    """What the meter must count until the battery reaches the target."""
    return max(target_soc_percent - soc_percent, 0.0) / 100 * capacity_wh / CHARGE_EFFICIENCY


def after_driving(*, soc_percent: float, energy_wh: float, capacity_wh: float) -> float:
    """State of charge after a drive; 0 when the battery does not reach so far."""
    return max(soc_percent - 100 * energy_wh / capacity_wh, 0.0)
