"""Every input of a plan comes from a row: change the row, and the problem changes there and nowhere else."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from chargepoints.models import Evse, Reservation, SupplyPoint
from smac.models import ChargingNeed, FlexOrder, NeedTarget, PlanningState, Series
from smac.snapshot import reading
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


class Scene:
    """A place with a battery of its own, a vehicle that gives back, and an order over it."""

    def __init__(self) -> None:
        self.point = factories.supply_point(
            storage_capacity_wh=10_000, storage_power_w=4_000, phase_current_a=100, demand_charge_per_kw="5"
        )
        self.evse = factories.evse(at=self.point, max_power_w=22_000, max_discharge_w=9_000)
        self.free = factories.evse(at=self.point)
        world.prices((NOW, 0.30))
        self.need, self.row = world.running(
            self.evse, max_charge_w=22_000, max_discharge_w=8_000, v2g_allowed=True, departure_at=NOW + 4 * HOUR
        )
        self.order = FlexOrder.objects.create(
            ordered_by=factories.grid_operator(), max_power_w=9_000, created_at=NOW, starts_at=NOW, ends_at=NOW + HOUR
        )
        self.order.charge_points.set([self.evse.charge_point])

    def told(self, kind: str, value: float) -> None:
        series, _ = Series.objects.get_or_create(kind=kind, supply_point=self.point, defaults={"zone": ""})
        world.value(series, NOW, value, duration_s=900, known_at=NOW)

    def place(self, **values: Any) -> None:
        SupplyPoint.objects.filter(pk=self.point.pk).update(**values)

    def wish(self, **values: Any) -> None:
        ChargingNeed.objects.filter(pk=self.need.pk).update(**values)

    def charger(self, **values: Any) -> None:
        Evse.objects.filter(pk=self.evse.pk).update(**values)

    def ordered(self, **values: Any) -> None:
        FlexOrder.objects.filter(pk=self.order.pk).update(**values)

    def measured(self, **values: Any) -> None:
        type(self.row).objects.filter(pk=self.row.pk).update(**values)

    def target(self) -> None:
        NeedTarget.objects.create(need=self.need, at=NOW + HOUR, soc_percent=40)

    def reserved(self) -> None:
        person = factories.driver()
        times = {"reserved_at": NOW, "expires_at": NOW + QUARTER}
        Reservation.objects.create(evse=self.free, driver=person, id_token=factories.id_token(person), **times)

    def peak(self) -> None:
        PlanningState.objects.update(peak_w=7_000, peak_month=NOW.date().replace(day=1))


INPUTS: dict[str, tuple[Callable[[Scene], None], set[str]]] = {
    "demand forecast": (lambda it: it.told("demand", 3_000), {"demand_w"}),
    "production forecast": (lambda it: it.told("production", 3_000), {"production_w"}),
    "supply point max. power": (lambda it: it.place(contracted_capacity_w=33_000), {"max_import_w"}),
    "supply point max. power by the hour": (lambda it: it.told("max_import", 8_000), {"max_import_w"}),
    "supply point min. power": (lambda it: it.place(injection_limit_w=1_000), {"max_export_w"}),
    "supply point min. power by the hour": (lambda it: it.told("max_export", 500), {"max_export_w"}),
    "energy price": (lambda it: it.told("import_price", 0.11), {"import_price", "export_price"}),
    "energy price to the grid": (lambda it: it.told("export_price", 0.02), {"export_price"}),
    "energy mix": (lambda it: it.told("co2", 300), {"co2_g_per_kwh"}),
    "battery capacity": (
        lambda it: it.wish(battery_capacity_wh=80_000),
        {"sessions.capacity_wh", "sessions.energy_wh", "sessions.floor_wh", "sessions.targets"},
    ),
    "state of charge": (lambda it: it.wish(soc_percent=31), {"sessions.energy_wh"}),
    "state of charge by the car": (lambda it: it.measured(soc_percent=44), {"sessions.energy_wh"}),
    "state of charge by the meter": (lambda it: it.measured(energy_wh=2_000), {"sessions.energy_wh"}),
    "nominal power": (lambda it: it.charger(max_power_w=18_000), {"sessions.max_charge_w"}),
    "nominal power of the car": (lambda it: it.wish(max_charge_w=12_000), {"sessions.max_charge_w"}),
    "nominal discharge power": (lambda it: it.charger(max_discharge_w=3_000), {"sessions.max_discharge_w"}),
    "target slot": (
        lambda it: it.wish(departure_at=NOW + 2 * HOUR),
        {"sessions.last_slot", "sessions.targets"},
    ),
    "more target slots": (lambda it: it.target(), {"sessions.targets"}),
    "target state of charge": (lambda it: it.wish(target_soc_percent=66), {"sessions.targets"}),
    "mode": (lambda it: it.wish(mode="green"), {"sessions.mode"}),
    "floor": (lambda it: it.wish(floor_soc_percent=15), {"sessions.floor_wh"}),
    "order": (lambda it: it.ordered(max_power_w=6_000), {"orders.limit_w"}),
    "order for a least power": (lambda it: it.ordered(min_power_w=5_000), {"orders.least_w"}),
    "order on what flows back": (lambda it: it.ordered(v2g=True, max_export_w=2_000), {"orders.export_limit_w"}),
    "order for power to the grid": (
        lambda it: it.ordered(v2g=True, max_export_w=2_000, wanted_export_w=2_000),
        {"orders.limit_w", "orders.export_limit_w"},
    ),
    "order for several": (lambda it: it.ordered(scope="together"), {"orders.scope"}),
    "order as an offer": (lambda it: it.ordered(mandatory=False), {"orders.mandatory"}),
    "floor of an order": (lambda it: it.ordered(floor_w=4_200), {"orders.floor_w"}),
    "opportunity cost": (lambda it: it.place(opportunity_cost_per_h="0.3"), {"opportunity_cost_per_h"}),
    "local storage": (
        lambda it: it.place(storage_capacity_wh=30_000),
        {"storage.capacity_wh", "storage.energy_wh", "storage.end_energy_wh"},
    ),
    "charge of the local storage": (lambda it: it.told("storage_soc", 80), {"storage.energy_wh"}),
    "current of a phase": (lambda it: it.place(phase_current_a=35), {"max_phase_w"}),
    "phases of the car": (lambda it: it.wish(phases=2), {"sessions.phases", "sessions.min_charge_w"}),
    "minimum power": (lambda it: it.charger(min_power_w=5_000), {"sessions.min_charge_w"}),
    "efficiency": (lambda it: it.wish(charge_efficiency=0.85), {"sessions.charge_efficiency"}),
    "efficiency back": (lambda it: it.wish(discharge_efficiency=0.85), {"sessions.discharge_efficiency"}),
    "taper": (lambda it: it.wish(taper_from_percent=75), {"sessions.knee"}),
    "wear": (lambda it: it.wish(wear_cost_per_kwh="0.2"), {"sessions.wear_cost_per_kwh"}),
    "demand charge": (lambda it: it.place(demand_charge_per_kw="9"), {"demand_charge_per_kw"}),
    "peak of the month": (lambda it: it.peak(), {"peak_so_far_w"}),
    "announced session": (lambda it: it.reserved(), {"sessions"}),
}


def facts(point: SupplyPoint) -> dict[str, Any]:
    problem = asdict(reading.take(supply_point_id=point.pk, now=NOW).problem)
    found = {name: value for name, value in problem.items() if name not in ("sessions", "orders", "storage")}
    found |= {f"storage.{name}": value for name, value in problem["storage"].items()}
    for several in ("sessions", "orders"):
        if len(problem[several]) == 1:
            found |= {f"{several}.{name}": value for name, value in problem[several][0].items()}
        else:
            found[several] = problem[several]
    return found


@pytest.mark.parametrize("name", INPUTS)
def test_a_changed_row_changes_its_input_and_no_other(name: str) -> None:
    scene = Scene()
    before = facts(scene.point)
    change, expected = INPUTS[name]
    change(scene)
    after = facts(scene.point)
    changed = {one for one in before.keys() & after.keys() if before[one] != after[one]}
    assert changed | {one for one in after.keys() - before.keys() if "." not in one} == expected


def test_what_becomes_known_later_changes_nothing_before() -> None:
    scene = Scene()
    before = facts(scene.point)
    demand = world.series("demand", scene.point)
    world.value(demand, NOW, 3_000, known_at=NOW + timedelta(seconds=1))
    assert facts(scene.point) == before
