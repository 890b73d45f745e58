"""The district's chargers: real OCPP clients on real websockets, remembered from one start to the next."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Mapping
from pathlib import Path

from chargepoints.virtual.charge_point import VirtualChargePoint
from chargepoints.virtual.evse import EvseSpec
from chargepoints.virtual.station import Station
from twinev.demo.specs import CCS, CHADEMO, TYPE2, ChargePointSpec, District

logger = logging.getLogger(__name__)
HEARTBEAT_S = 60
METER_INTERVAL_S = 30
# OCPI's words for plugs to OCPP 2.0.1's: the posts and wallboxes have sockets, DC hangs on a cable.
_OCPP_CONNECTOR = {TYPE2: "sType2", CCS: "cCCS2", CHADEMO: "cG105"}

Key = tuple[str, int]


class SecretFile:
    """The chargers' secrets, as their technicians would keep them; the system itself has only hashes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "demo-charger-secrets.json"

    def save(self, charger_secrets: Mapping[str, str]) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(dict(charger_secrets), indent=1), encoding="utf-8")
        fresh.replace(self._path)

    def load(self) -> dict[str, str]:
        loaded: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        return loaded

    def keep(self, chargers: Mapping[str, VirtualChargePoint]) -> None:
        """Remember the secrets that open the door now: one may have been changed from afar."""
        known = self.load()
        in_use = {identity: _as_text(one.link.access.password) for identity, one in chargers.items() if one.link.online}
        if in_use.items() - known.items():
            self.save(known | in_use)


def _as_text(password: str | bytes | None) -> str:
    """1.6's AuthorizationKey stands in hexadecimal for the bytes that the charger sends."""
    return password.hex() if isinstance(password, bytes) else password or ""


class StationFile:
    """What the chargers were doing when the demo ended: cables, sessions, profiles and registers."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "demo-stations.pickle"

    def save(self, chargers: Mapping[str, VirtualChargePoint]) -> None:
        stations = {}
        for identity, charger in chargers.items():
            station = charger.station
            reporter, station.reporter = station.reporter, None  # type: ignore[assignment]
            stations[identity] = pickle.dumps(station)
            station.reporter = reporter
        self._path.write_bytes(pickle.dumps(stations))

    def load(self) -> dict[str, Station]:
        if not self._path.exists():
            return {}
        # Our own file in our own data folder, written by ``save``.
        stations = pickle.loads(self._path.read_bytes())  # noqa: S301
        self._path.unlink()  # a crash must not bring yesterday's sessions back
        return {identity: pickle.loads(kept) for identity, kept in stations.items()}  # noqa: S301


def make(
    district: District,
    *,
    url: str,
    charger_secrets: Mapping[str, str],
    kept: Mapping[str, Station],
    registers: Mapping[Key, float],
) -> dict[str, VirtualChargePoint]:
    """A virtual charge point for each of the district's, by identity."""
    chargers = {}
    for _, _, spec in district.charge_points():
        charger = _charger(spec, url, charger_secrets[spec.identity])
        if spec.identity in kept:
            _resume(charger, kept[spec.identity])
        else:
            _set_registers(charger, registers)
        chargers[spec.identity] = charger
    return chargers


def _charger(spec: ChargePointSpec, url: str, secret: str) -> VirtualChargePoint:
    return VirtualChargePoint(
        spec.identity,
        url,
        spec.ocpp_version,
        secret,
        [_evse(spec, number) for number in range(len(spec.evses))],
        heartbeat_s=HEARTBEAT_S,
        meter_interval_s=METER_INTERVAL_S,
        vendor=spec.vendor,
        model=spec.model,
        frames_kept=200,
    )


def _evse(spec: ChargePointSpec, index: int) -> EvseSpec:
    evse = spec.evses[index]
    is_dc = TYPE2 not in evse.connectors
    return EvseSpec(
        number=evse.number,
        connectors=tuple(_OCPP_CONNECTOR[standard] for standard in evse.connectors),
        max_power_w=evse.max_power_w,
        max_discharge_w=evse.max_discharge_w,
        phases=evse.phases,
        dc=is_dc,
        knows_soc=is_dc,  # the car tells a DC charger its state of charge, an AC one learns nothing
        min_power_w=evse.min_power_w,
        lock="none" if is_dc else "works",
    )


def _resume(charger: VirtualChargePoint, station: Station) -> None:
    station.reporter = charger.messages
    charger.station = station


def _set_registers(charger: VirtualChargePoint, registers: Mapping[Key, float]) -> None:
    for number, evse in charger.station.evses.items():
        evse.meter.import_wh = registers.get((charger.identity, number), 0.0)
