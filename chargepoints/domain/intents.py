"""Wishes towards a charge point, free of the protocol's version; stored as JSON in a Command row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True)
class Intent:
    """What we want of a charger. ``kind`` names it in rows and translations."""

    kind: ClassVar[str] = ""


@dataclass(frozen=True)
class RemoteStart(Intent):
    kind: ClassVar[str] = "remote_start"
    evse_number: int
    token: str
    token_type: str = "Central"  # noqa: S105  (a kind of token, not a secret)
    remote_start_id: int = 0


@dataclass(frozen=True)
class RemoteStop(Intent):
    kind: ClassVar[str] = "remote_stop"
    transaction_remote_id: str


@dataclass(frozen=True)
class ReserveNow(Intent):
    kind: ClassVar[str] = "reserve_now"
    evse_number: int
    reservation_number: int
    token: str
    expires_at: datetime
    token_type: str = "Central"  # noqa: S105  (a kind of token, not a secret)


@dataclass(frozen=True)
class CancelReservation(Intent):
    kind: ClassVar[str] = "cancel_reservation"
    reservation_number: int


@dataclass(frozen=True)
class Period:
    """From ``start_s`` seconds after the schedule's start: at most ``limit_w`` (negative: discharge)."""

    start_s: int
    limit_w: float
    phases: int | None = None


@dataclass(frozen=True)
class SetChargingProfile(Intent):
    """``evse_number`` 0 with purpose ``charge_point_max`` is the whole charge point."""

    kind: ClassVar[str] = "set_charging_profile"
    evse_number: int
    profile_id: int
    stack_level: int
    purpose: str  # "tx", "tx_default", "charge_point_max"
    starts_at: datetime
    periods: tuple[Period, ...]
    transaction_remote_id: str = ""
    valid_to: datetime | None = None
    duration_s: int | None = None


@dataclass(frozen=True)
class ClearChargingProfile(Intent):
    kind: ClassVar[str] = "clear_charging_profile"
    profile_id: int | None = None
    evse_number: int | None = None
    purpose: str = ""


@dataclass(frozen=True)
class GetCompositeSchedule(Intent):
    kind: ClassVar[str] = "get_composite_schedule"
    evse_number: int
    duration_s: int


@dataclass(frozen=True)
class Unlock(Intent):
    kind: ClassVar[str] = "unlock"
    evse_number: int
    connector_number: int = 1


@dataclass(frozen=True)
class Trigger(Intent):
    """``message``: "StatusNotification", "MeterValues", "Heartbeat", "BootNotification"."""

    kind: ClassVar[str] = "trigger"
    message: str
    evse_number: int | None = None


@dataclass(frozen=True)
class Reset(Intent):
    kind: ClassVar[str] = "reset"
    immediate: bool = False


@dataclass(frozen=True)
class ChangeAvailability(Intent):
    kind: ClassVar[str] = "change_availability"
    operative: bool
    evse_number: int = 0


@dataclass(frozen=True)
class Configure(Intent):
    """Set one configuration key (1.6) or variable (2.0.1: ``Component.Variable``)."""

    kind: ClassVar[str] = "configure"
    key: str
    value: str


_KINDS: dict[str, type[Intent]] = {cls.kind: cls for cls in Intent.__subclasses__()}
KINDS: tuple[str, ...] = tuple(_KINDS)
_MOMENTS = frozenset({"expires_at", "starts_at", "valid_to"})


def to_payload(intent: Intent) -> dict[str, Any]:
    """A JSON-ready mapping of an intent's fields; moments as ISO 8601."""
    values = asdict(intent)
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def from_payload(kind: str, payload: Mapping[str, Any]) -> Intent:
    """The intent that ``to_payload`` stored.

    :raises KeyError: for a kind that does not exist.
    """
    cls = _KINDS[kind]
    known = {f.name for f in fields(cls)}
    return cls(**{key: _revived(key, value) for key, value in payload.items() if key in known})


def _revived(key: str, value: Any) -> Any:
    if key in _MOMENTS and isinstance(value, str):
        return datetime.fromisoformat(value)
    if key == "periods":
        return tuple(Period(**dict(period)) for period in value)
    return value
