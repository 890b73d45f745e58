"""OCPP 2.0.1: the device model as reports and GetVariables see it. Settings, and what each EVSE and connector is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..evse import Evse
from ..outbox import Payload
from ..profile_wire import without_none
from ..variables import Variable

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint

CRITERIA = ("Active", "Available", "Enabled", "Problem")


@dataclass(frozen=True)
class Fact:
    """One variable of one component, as it stands. `setting` where it can be asked for by that name in the table."""

    component: str
    variable: str
    value: str
    kind: str = "string"
    evse: int | None = None
    connector: int | None = None
    instance: str | None = None
    unit: str | None = None
    setting: Variable | None = None

    @property
    def writable(self) -> bool:
        """Whether SetVariables may change it."""
        return self.setting is not None and self.setting.writable

    def fits(self, component: Payload, variable: Payload | None) -> bool:
        """Whether a ComponentVariable means this one; what it does not name may be anything."""
        evse = component.get("evse", {})
        wanted = (evse.get("id", self.evse), evse.get("connectorId", self.connector))
        names = (component["name"].lower(), (variable or {}).get("name", self.variable).lower())
        instance = (variable or {}).get("instance", self.instance)
        here = (self.component.lower(), self.variable.lower())
        return names == here and wanted == (self.evse, self.connector) and instance == self.instance

    def report(self) -> Payload:
        """ReportDataType; the value of what nobody may read is left out."""
        readable = self.setting is None or self.setting.readable
        access = "ReadOnly" if not self.writable else "ReadWrite" if readable else "WriteOnly"
        options = self.setting.options if self.setting else ()
        attribute = {"type": "Actual", "mutability": access, "value": self.value if readable else None}
        traits = {"dataType": self.kind, "supportsMonitoring": False, "unit": self.unit}
        return {
            "component": self._component(),
            "variable": without_none({"name": self.variable, "instance": self.instance}),
            "variableAttribute": [without_none(attribute)],
            "variableCharacteristics": without_none({**traits, "valuesList": ",".join(options) or None}),
        }

    def _component(self) -> Payload:
        if self.evse is None:
            return {"name": self.component}
        return {"name": self.component, "evse": without_none({"id": self.evse, "connectorId": self.connector})}


def facts(charge_point: VirtualChargePoint) -> Iterator[Fact]:
    """The full inventory."""
    for setting in charge_point.variables:
        if setting.v201:
            yield of_setting(charge_point, setting)
    yield from _station(charge_point)
    for evse in charge_point.station.evses.values():
        yield from _evse(evse)


def of_setting(charge_point: VirtualChargePoint, setting: Variable) -> Fact:
    """A setting as a fact."""
    component, variable, *instance = setting.v201 or ("", "")
    return Fact(
        component,
        variable,
        charge_point.variables[setting.name],
        setting.kind,
        instance=instance[0] if instance else None,
        unit=setting.unit,
        setting=setting,
    )


def _station(charge_point: VirtualChargePoint) -> Iterator[Fact]:
    name = "ChargingStation"
    in_service = any(evse.operative for evse in charge_point.station.evses.values())
    yield Fact(name, "Available", "true", "boolean")
    yield Fact(name, "AvailabilityState", "Available" if in_service else "Unavailable", "OptionList")
    yield Fact(name, "SupplyPhases", str(max(e.spec.phases for e in charge_point.station.evses.values())), "integer")
    yield Fact(name, "Model", charge_point.model)
    yield Fact(name, "VendorName", charge_point.vendor)
    yield Fact("Controller", "FirmwareVersion", charge_point.firmware_version)
    problem = any(evse.fault for evse in charge_point.station.evses.values())
    yield Fact(name, "Problem", str(problem).lower(), "boolean")


def _evse(evse: Evse) -> Iterator[Fact]:
    number, spec = evse.number, evse.spec
    yield Fact("EVSE", "Available", "true", "boolean", number)
    yield Fact("EVSE", "AvailabilityState", "Available" if evse.operative else "Unavailable", "OptionList", number)
    yield Fact("EVSE", "SupplyPhases", str(0 if spec.dc else spec.phases), "integer", number)
    yield Fact("EVSE", "Power", str(round(spec.max_power_w)), "decimal", number, unit="W")
    yield Fact("EVSE", "Problem", str(evse.fault is not None).lower(), "boolean", number)
    for connector, kind in enumerate(spec.connectors, start=1):
        state = "Unavailable" if connector in evse.inoperative_connectors else "Available"
        yield Fact("Connector", "Available", "true", "boolean", number, connector)
        yield Fact("Connector", "AvailabilityState", state, "OptionList", number, connector)
        yield Fact("Connector", "ConnectorType", kind, "string", number, connector)
        yield Fact("Connector", "SupplyPhases", str(0 if spec.dc else spec.phases), "integer", number, connector)


def has_criteria(found: list[Fact], criteria: list[str]) -> list[Fact]:
    """Only the facts of components that have one of these as a variable that is true, or do not have it at all."""
    kept = []
    for fact in found:
        place = (fact.component, fact.evse, fact.connector)
        mine = {one.variable: one.value for one in found if (one.component, one.evse, one.connector) == place}
        if any(mine.get(name, "true" if name != "Problem" else "false") == "true" for name in criteria):
            kept.append(fact)
    return kept
