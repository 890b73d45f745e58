"""How green energy is: own surplus first, then what the grid's mix says. Pure."""

from __future__ import annotations

from collections.abc import Sequence

# Grams per kWh of a grid without any renewables. Chosen so that the German mix of 2018 (about 470 g with 37 per cent
# renewables) comes out right; the real share is not in the curve, so what is told is an estimate.
FOSSIL_G_PER_KWH = 750.0


def grid_share(co2_g_per_kwh: float | None) -> float:
    """The renewable share (0 to 1) of a kWh from the grid, from its CO2; 0 where nothing is known.

    >>> round(grid_share(470), 2)
    0.37
    """
    if co2_g_per_kwh is None:
        return 0.0
    return min(max(1 - co2_g_per_kwh / FOSSIL_G_PER_KWH, 0.0), 1.0)


def of_curve(
    *,
    power_w: Sequence[float],
    own_w: Sequence[float],
    hours: Sequence[float],
    co2_g_per_kwh: Sequence[float | None],
) -> tuple[float, float]:
    """(green share from 0 to 1, grams of CO2) of a charge curve; `own_w` is the own surplus that it may use."""
    charged = green = grams = 0.0
    for power, own, length, co2 in zip(power_w, own_w, hours, co2_g_per_kwh, strict=True):
        if power <= 0:
            continue
        drawn_w = max(power - max(own, 0.0), 0.0)
        charged += power * length
        green += (power - drawn_w + drawn_w * grid_share(co2)) * length
        grams += drawn_w * length / 1000 * (co2 or 0.0)
    return (green / charged if charged else 0.0), grams
