"""Chargers of the usual kinds, so that the district reads as a list of places."""

from __future__ import annotations

from twinev.demo.specs import CCS, CHADEMO, OCPP_16, OCPP_201, TYPE2, ChargePointSpec, EvseSpec

VENDOR = "TwinEV Virtual"


def ac(number: int, power_w: int, phases: int = 3) -> EvseSpec:
    """An AC socket; 6 A a phase is the least that it can offer (IEC 61851-1)."""
    return EvseSpec(number, power_w, 1380 * phases, phases, (TYPE2,))


def post_22(
    identity: str, version: str, latitude: float, longitude: float, tariff: str, group: str, sockets: int = 2
) -> ChargePointSpec:
    """A public AC post with one or two 22 kW sockets."""
    evses = tuple(ac(number, 22_000) for number in range(1, sockets + 1))
    return ChargePointSpec(identity, version, VENDOR, "Post AC22", latitude, longitude, tariff, group, evses)


def post_11(identity: str, version: str, latitude: float, longitude: float, tariff: str, group: str) -> ChargePointSpec:
    """A public AC post with two 11 kW sockets."""
    evses = (ac(1, 11_000), ac(2, 11_000))
    return ChargePointSpec(identity, version, VENDOR, "Post AC11", latitude, longitude, tariff, group, evses)


def fast_50(identity: str, version: str, latitude: float, longitude: float, tariff: str, group: str) -> ChargePointSpec:
    """A 50 kW DC charger with a CCS and a CHAdeMO cable, one car at a time."""
    evse = EvseSpec(1, 50_000, 5_000, 3, (CCS, CHADEMO))
    return ChargePointSpec(
        identity, version, VENDOR, "Fast DC50", latitude, longitude, tariff, group, (evse,), default_limit_w=15_000
    )


def v2g_10(identity: str, latitude: float, longitude: float, tariff: str, group: str) -> ChargePointSpec:
    """A bidirectional CHAdeMO charger, 10 kW each way, over OCPP 1.6 with negative limits."""
    evse = EvseSpec(1, 10_000, 500, 3, (CHADEMO,), max_discharge_w=10_000)
    return ChargePointSpec(identity, OCPP_16, VENDOR, "Duo V2G10", latitude, longitude, tariff, group, (evse,))


def wallbox(
    identity: str, power_w: int, phases: int, latitude: float, longitude: float, tariff: str, group: str
) -> ChargePointSpec:
    """A home charger; the three-phase ones speak the newer OCPP."""
    version = OCPP_201 if phases == 3 else OCPP_16
    return ChargePointSpec(
        identity, version, VENDOR, "Home", latitude, longitude, tariff, group, (ac(1, power_w, phases),)
    )
