"""Facts that charge points report, free of the protocol's version.

Handlers of both OCPP versions translate their messages into these records; services take nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime

from chargepoints.domain.metering import Sample
from chargepoints.domain.status import ConnectorStatus


@dataclass(frozen=True)
class Booted:
    """BootNotification. Empty strings where the charger said nothing."""

    vendor: str
    model: str
    ocpp_version: str
    serial_number: str = ""
    firmware_version: str = ""
    reason: str = ""


@dataclass(frozen=True)
class StatusReported:
    """StatusNotification. ``evse_number`` 0 is the charge point as a whole (1.6 connector 0)."""

    evse_number: int
    connector_number: int
    status: ConnectorStatus
    at: datetime
    error_code: str = ""
    info: str = ""


@dataclass(frozen=True)
class TokenPresented:
    """An id token as the charger or a 2.0.1 message told it."""

    token: str
    type: str = ""


@dataclass(frozen=True)
class TransactionStarted:
    """1.6 StartTransaction or 2.0.1 TransactionEvent(Started)."""

    evse_number: int
    connector_number: int
    at: datetime
    token: TokenPresented | None
    meter_start_wh: float | None = None
    remote_id: str = ""  # 2.0.1: the charger's own transaction id; 1.6: empty, we give one
    remote_start_id: int | None = None
    reservation_number: int | None = None
    charging_state: str = ""
    seq_no: int | None = None
    offline: bool = False
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True)
class TransactionUpdated:
    """2.0.1 TransactionEvent(Updated)."""

    remote_id: str
    evse_number: int
    at: datetime
    charging_state: str = ""
    seq_no: int | None = None
    offline: bool = False
    samples: tuple[Sample, ...] = ()
    token: TokenPresented | None = None


@dataclass(frozen=True)
class TransactionEnded:
    """1.6 StopTransaction or 2.0.1 TransactionEvent(Ended). ``evse_number`` 0 when the message does not tell."""

    remote_id: str
    evse_number: int
    at: datetime
    meter_stop_wh: float | None = None
    reason: str = ""
    token: TokenPresented | None = None
    seq_no: int | None = None
    offline: bool = False
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True)
class MeterValuesReported:
    """Meter values, with or without a transaction (``remote_id`` empty)."""

    evse_number: int
    samples: tuple[Sample, ...]
    remote_id: str = ""


@dataclass(frozen=True)
class ScheduleReadBack:
    """The composite schedule that a charger says it follows. Periods: (seconds from start, limit in W)."""

    evse_number: int
    starts_at: datetime
    duration_s: int
    periods: tuple[tuple[int, float], ...] = field(default=())
