"""The charger's settings: one table, named as 1.6 configuration keys and as 2.0.1 component variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .meter import DEFAULT_MEASURANDS


@dataclass
class Variable:
    """One setting. `v201` is (component, variable); None where a version has no such setting."""

    name: str
    value: str
    v16: str | None = None
    v201: tuple[str, str] | None = None
    writable: bool = True
    readable: bool = True
    accepts: Callable[[str], bool] = lambda text: True


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_flag(text: str) -> bool:
    return text.lower() in ("true", "false")


def _are_measurands(text: str) -> bool:
    return all(part.strip() in DEFAULT_MEASURANDS for part in text.split(",") if part.strip())


class Variables:
    """The settings of one charger, by neutral name."""

    def __init__(self, *, heartbeat_s: float, meter_interval_s: float, evse_count: int) -> None:
        listed = _standard(int(heartbeat_s), int(meter_interval_s), evse_count)
        self._by_name = {variable.name: variable for variable in listed}

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> str:
        return self._by_name[name].value

    def number(self, name: str) -> int:
        """The value as an integer."""
        return int(self[name])

    def flag(self, name: str) -> bool:
        """The value as yes or no."""
        return self[name].lower() == "true"

    def words(self, name: str) -> tuple[str, ...]:
        """The value as a comma-separated list."""
        return tuple(part.strip() for part in self[name].split(",") if part.strip())

    def set(self, name: str, value: str) -> None:
        """Change it without asking whether it may be changed."""
        self._by_name[name].value = value

    def by_key(self, key: str) -> Variable | None:
        """OCPP 1.6: find by configuration key (case does not matter)."""
        return next((v for v in self if v.v16 and v.v16.lower() == key.lower()), None)

    def by_component(self, component: str, variable: str) -> Variable | None:
        """OCPP 2.0.1: find by component and variable (case does not matter)."""
        wanted = (component.lower(), variable.lower())
        return next((v for v in self if v.v201 and (v.v201[0].lower(), v.v201[1].lower()) == wanted), None)

    def has_component(self, component: str) -> bool:
        """Whether any variable belongs to that component."""
        return any(v.v201 and v.v201[0].lower() == component.lower() for v in self)


def _standard(heartbeat_s: int, meter_interval_s: int, evse_count: int) -> list[Variable]:
    """What every charger has."""
    return [*_line(heartbeat_s), *_meter(meter_interval_s), *_sessions(), *_abilities(evse_count)]


def _line(heartbeat_s: int) -> list[Variable]:
    return [
        Variable(
            "heartbeat_s",
            str(heartbeat_s),
            "HeartbeatInterval",
            ("OCPPCommCtrlr", "HeartbeatInterval"),
            accepts=_is_count,
        ),
        Variable(
            "ping_s", "20", "WebSocketPingInterval", ("OCPPCommCtrlr", "WebSocketPingInterval"), accepts=_is_count
        ),
        Variable(
            "attempts", "3", "TransactionMessageAttempts", ("OCPPCommCtrlr", "MessageAttempts"), accepts=_is_count
        ),
        Variable(
            "retry_s",
            "10",
            "TransactionMessageRetryInterval",
            ("OCPPCommCtrlr", "MessageAttemptInterval"),
            accepts=_is_count,
        ),
    ]


def _meter(meter_interval_s: int) -> list[Variable]:
    return [
        Variable(
            "meter_interval_s",
            str(meter_interval_s),
            "MeterValueSampleInterval",
            ("SampledDataCtrlr", "TxUpdatedInterval"),
            accepts=_is_count,
        ),
        Variable(
            "measurands",
            ",".join(DEFAULT_MEASURANDS),
            "MeterValuesSampledData",
            ("SampledDataCtrlr", "TxUpdatedMeasurands"),
            accepts=_are_measurands,
        ),
    ]


def _sessions() -> list[Variable]:
    return [
        Variable(
            "plug_in_timeout_s", "120", "ConnectionTimeOut", ("TxCtrlr", "EVConnectionTimeOut"), accepts=_is_count
        ),
        Variable(
            "stop_on_invalid", "true", "StopTransactionOnInvalidId", ("TxCtrlr", "StopTxOnInvalidId"), accepts=_is_flag
        ),
        Variable(
            "authorize_remote",
            "false",
            "AuthorizeRemoteTxRequests",
            ("AuthCtrlr", "AuthorizeRemoteStart"),
            accepts=_is_flag,
        ),
        Variable(
            "offline_unknown",
            "true",
            "AllowOfflineTxForUnknownId",
            ("AuthCtrlr", "OfflineTxForUnknownIdEnabled"),
            accepts=_is_flag,
        ),
        Variable("local_list", "true", "LocalAuthListEnabled", ("LocalAuthListCtrlr", "Enabled"), accepts=_is_flag),
        Variable(
            "password",
            "",
            "AuthorizationKey",
            ("SecurityCtrlr", "BasicAuthPassword"),
            readable=False,
            accepts=lambda text: 16 <= len(text) <= 64,
        ),
    ]


def _abilities(evse_count: int) -> list[Variable]:
    return [
        Variable(
            "max_stack_level",
            "8",
            "ChargeProfileMaxStackLevel",
            ("SmartChargingCtrlr", "ProfileStackLevel"),
            writable=False,
        ),
        Variable(
            "max_periods",
            "100",
            "ChargingScheduleMaxPeriods",
            ("SmartChargingCtrlr", "PeriodsPerSchedule"),
            writable=False,
        ),
        Variable(
            "max_profiles", "20", "MaxChargingProfilesInstalled", ("SmartChargingCtrlr", "Entries"), writable=False
        ),
        Variable("units", "Current,Power", "ChargingScheduleAllowedChargingRateUnit", None, writable=False),
        Variable("rate_units", "A,W", None, ("SmartChargingCtrlr", "RateUnit"), writable=False),
        Variable("connectors", str(evse_count), "NumberOfConnectors", None, writable=False),
        Variable(
            "feature_profiles",
            "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
            "SupportedFeatureProfiles",
            None,
            writable=False,
        ),
    ]
