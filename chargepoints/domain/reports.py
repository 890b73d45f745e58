"""Facts that charge points report, free of the protocol's version.

Handlers of both OCPP versions translate their messages into these records; services take nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargepoints.domain.certificate import CertificateHash
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
    signed: tuple["SignedReading", ...] = ()


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
    signed: tuple["SignedReading", ...] = ()
    token: TokenPresented | None = None
    remote_start_id: int | None = None  # of a start from here that came after the cable (F01)


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
    signed: tuple["SignedReading", ...] = ()


@dataclass(frozen=True)
class MeterValuesReported:
    """Meter values, with or without a transaction (``remote_id`` empty)."""

    evse_number: int
    samples: tuple[Sample, ...]
    remote_id: str = ""
    signed: tuple["SignedReading", ...] = ()


@dataclass(frozen=True)
class ScheduleReadBack:
    """The composite schedule that a charger says it follows. Periods: (seconds from start, limit in W).

    ``in_ampere``: it told currents, from which the limits were computed.
    """

    evse_number: int
    starts_at: datetime
    duration_s: int
    periods: tuple[tuple[int, float], ...] = field(default=())
    in_ampere: bool = False


@dataclass(frozen=True)
class VariableReported:
    """One variable (2.0.1) or configuration key (1.6: no component) as the charger tells it.

    ``refusal`` is OCPP's word for why it was not told or set ("UnknownVariable", "NotSupported", ...); empty: fine.
    """

    name: str
    value: str = ""
    component: str = ""
    component_instance: str = ""
    evse_number: int = 0
    connector_number: int = 0
    instance: str = ""
    attribute: str = "Actual"
    mutability: str = "ReadWrite"
    data_type: str = ""
    unit: str = ""
    min_limit: float | None = None
    max_limit: float | None = None
    values_list: str = ""
    needs_reboot: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class VariablesReported:
    """Answers to GetConfiguration, ChangeConfiguration, GetVariables, SetVariables, and parts of a NotifyReport.

    ``was_set`` tells an answer to a change: its value counts when it was not refused.
    """

    variables: tuple[VariableReported, ...]
    request_id: int | None = None
    part: int = 0
    is_last: bool = True
    was_set: bool = False


@dataclass(frozen=True)
class FirmwareProgress:
    """FirmwareStatusNotification, SignedFirmwareStatusNotification. ``status`` in OCPP's own words."""

    status: str
    at: datetime
    request_id: int | None = None


@dataclass(frozen=True)
class LogProgress:
    """DiagnosticsStatusNotification, LogStatusNotification."""

    status: str
    at: datetime
    request_id: int | None = None


@dataclass(frozen=True)
class LogNamed:
    """The answer to GetDiagnostics or GetLog: the file that will be uploaded; empty: there is nothing to upload."""

    file_name: str


@dataclass(frozen=True)
class SecurityEventReported:
    type: str
    at: datetime
    info: str = ""


@dataclass(frozen=True)
class CertificatesReported:
    """The answer to GetInstalledCertificateIds: the roots of this use that the charger has."""

    use: str
    certificates: tuple[CertificateHash, ...] = ()


@dataclass(frozen=True)
class LocalListVersionReported:
    """0: an empty list; -1 (1.6): the charger keeps none."""

    version: int


@dataclass(frozen=True)
class ReservationEnded:
    """2.0.1 ReservationStatusUpdate. ``status``: "Expired" (by the charger's own clock) or "Removed"."""

    reservation_number: int
    status: str


@dataclass(frozen=True)
class TransactionStatusReported:
    """The answer to GetTransactionStatus; ``remote_id`` empty: the question was about any transaction."""

    remote_id: str
    messages_in_queue: bool
    is_running: bool | None = None


@dataclass(frozen=True)
class ExternalLimitReported:
    """NotifyChargingLimit. ``evse_number`` 0: the whole charger. Periods: (seconds from ``starts_at``, limit in W)."""

    evse_number: int
    source: str
    starts_at: datetime
    is_grid_critical: bool | None = None
    periods: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class ExternalLimitCleared:
    evse_number: int
    source: str


@dataclass(frozen=True)
class ChargingNeedsTold:
    """2.0.1 NotifyEVChargingNeeds: what a car says of itself; None where it is silent."""

    evse_number: int
    at: datetime
    soc_percent: float | None = None
    energy_wh: float | None = None
    departure_at: datetime | None = None


@dataclass(frozen=True)
class ProfilesReported:
    """One part of ReportChargingProfiles; ``profiles`` as the charger sent them."""

    request_id: int
    evse_number: int
    source: str
    profiles: tuple[dict[str, Any], ...]
    is_last: bool = True


@dataclass(frozen=True)
class SignedReading:
    """A signed meter value, untouched."""

    at: datetime
    data: str
    context: str = ""
    measurand: str = ""
    signing_method: str = ""
    encoding_method: str = ""
    public_key: str = ""
