"""What the optimiser remembers: wishes, series, orders, runs."""

from smac.models.campaign import Campaign, OfferPreference, Participation
from smac.models.need import ChargingNeed, NeedTarget
from smac.models.order import FlexOrder, FlexOrderAcceptance, FlexOrderChange
from smac.models.plan import PlannedCurve, PlanningState, PlanRun
from smac.models.series import Series, SeriesValue

__all__ = [
    "Campaign",
    "ChargingNeed",
    "FlexOrder",
    "FlexOrderAcceptance",
    "FlexOrderChange",
    "NeedTarget",
    "OfferPreference",
    "Participation",
    "PlanRun",
    "PlannedCurve",
    "PlanningState",
    "Series",
    "SeriesValue",
]
