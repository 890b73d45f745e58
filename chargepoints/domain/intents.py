"""Wishes towards a charge point, free of the protocol's version; stored as JSON in a Command row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, cast


@dataclass(frozen=True)
class Intent:
    """What we want of a charger. ``kind`` names it in rows and translations."""

    kind: ClassVar[str] = ""


@dataclass(frozen=True)
class Period:
    """From ``start_s`` seconds after the schedule's start: at most ``limit_w`` (negative: discharge)."""

    start_s: int
    limit_w: float
    phases: int | None = None


@dataclass(frozen=True)
class RemoteStart(Intent):
    kind: ClassVar[str] = "remote_start"
    evse_number: int
    token: str
    token_type: str = "Central"  # noqa: S105  (a kind of token, not a secret)
    remote_start_id: int = 0
    parent: str = ""
    # A profile that holds from the first moment: periods from ``starts_at``; empty: none.
    profile_id: int = 0
    stack_level: int = 1
    starts_at: datetime | None = None
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True)
class RemoteStop(Intent):
    kind: ClassVar[str] = "remote_stop"
    transaction_remote_id: str


@dataclass(frozen=True)
class ReserveNow(Intent):
    """``evse_number`` 0 asks for whichever EVSE is free."""

    kind: ClassVar[str] = "reserve_now"
    evse_number: int
    reservation_number: int
    token: str
    expires_at: datetime
    token_type: str = "Central"  # noqa: S105  (a kind of token, not a secret)
    parent: str = ""
    connector_standard: str = ""  # 2.0.1's ConnectorType, with ``evse_number`` 0: any EVSE that has it


@dataclass(frozen=True)
class CancelReservation(Intent):
    kind: ClassVar[str] = "cancel_reservation"
    reservation_number: int


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
    recurrency: str = ""  # "daily" or "weekly": the schedule begins again each day or week; empty: once


@dataclass(frozen=True)
class ClearChargingProfile(Intent):
    kind: ClassVar[str] = "clear_charging_profile"
    profile_id: int | None = None
    evse_number: int | None = None
    purpose: str = ""
    stack_level: int | None = None


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
    """``message`` in the version's own words: "StatusNotification", "MeterValues", "Heartbeat", "BootNotification", ...

    ``extended``: 1.6's ExtendedTriggerMessage (security whitepaper); 2.0.1 has one message for all.
    """

    kind: ClassVar[str] = "trigger"
    message: str
    evse_number: int | None = None
    connector_number: int | None = None
    extended: bool = False


@dataclass(frozen=True)
class Reset(Intent):
    kind: ClassVar[str] = "reset"
    immediate: bool = False
    evse_number: int = 0  # 2.0.1 can restart one EVSE alone


@dataclass(frozen=True)
class ChangeAvailability(Intent):
    kind: ClassVar[str] = "change_availability"
    operative: bool
    evse_number: int = 0
    connector_number: int = 0


@dataclass(frozen=True)
class Configure(Intent):
    """Set one configuration key (1.6) or variable (2.0.1: ``Component.Variable``)."""

    kind: ClassVar[str] = "configure"
    key: str
    value: str


@dataclass(frozen=True)
class SetSecret(Intent):
    """Give the charger a new password. The row keeps the seed of it only (``services.security.secret_of``)."""

    kind: ClassVar[str] = "set_secret"
    seed: str


@dataclass(frozen=True)
class Variable:
    """A variable of the device model; in 1.6 a configuration key: ``component`` is empty then."""

    name: str
    component: str = ""
    component_instance: str = ""
    evse_number: int = 0
    connector_number: int = 0
    instance: str = ""
    attribute: str = "Actual"
    value: str = ""  # what to set; empty when it is asked for


@dataclass(frozen=True)
class GetVariables(Intent):
    """Ask for settings; none named: all that 1.6 has (2.0.1 needs names, or a report)."""

    kind: ClassVar[str] = "get_variables"
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True)
class SetVariables(Intent):
    """Change several settings at once (2.0.1); 1.6 takes one a message: use ``Configure``."""

    kind: ClassVar[str] = "set_variables"
    variables: tuple[Variable, ...]


@dataclass(frozen=True)
class GetReport(Intent):
    """Ask a 2.0.1 charger for its device model.

    ``base``: "ConfigurationInventory", "FullInventory", "SummaryInventory";
    empty: a custom report by ``criteria`` ("Active", "Available", "Enabled", "Problem") and ``variables``.
    """

    kind: ClassVar[str] = "get_report"
    request_id: int
    base: str = ""
    criteria: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True)
class SetNetworkProfile(Intent):
    """Where and how a 2.0.1 charger shall connect. ``url``: the websocket without the identity."""

    kind: ClassVar[str] = "set_network_profile"
    slot: int
    url: str
    security_profile: int
    message_timeout_s: int = 30
    interface: str = "Wired0"


@dataclass(frozen=True)
class ClearCache(Intent):
    """Forget what was learnt of id tokens."""

    kind: ClassVar[str] = "clear_cache"


@dataclass(frozen=True)
class ListEntry:
    """One token of a local list. An empty ``status`` takes it out of a differential update."""

    token: str
    token_type: str = "ISO14443"  # noqa: S105  (a kind of token, not a secret)
    status: str = ""
    expires_at: datetime | None = None
    parent: str = ""


@dataclass(frozen=True)
class SendLocalList(Intent):
    kind: ClassVar[str] = "send_local_list"
    version: int
    full: bool
    entries: tuple[ListEntry, ...] = ()


@dataclass(frozen=True)
class GetLocalListVersion(Intent):
    kind: ClassVar[str] = "get_local_list_version"


@dataclass(frozen=True)
class GetTransactionStatus(Intent):
    """Whether a transaction runs and has messages left to deliver (2.0.1); without id: any messages at all."""

    kind: ClassVar[str] = "get_transaction_status"
    transaction_remote_id: str = ""


@dataclass(frozen=True)
class GetChargingProfiles(Intent):
    """Ask a 2.0.1 charger for the profiles that it has. ``evse_number`` None: all, 0: the whole charger's own."""

    kind: ClassVar[str] = "get_charging_profiles"
    request_id: int
    evse_number: int | None = None
    purpose: str = ""
    profile_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class UpdateFirmware(Intent):
    """``signing_certificate`` (PEM) and ``signature`` (base64) empty: 1.6's plain UpdateFirmware."""

    kind: ClassVar[str] = "update_firmware"
    request_id: int
    url: str
    retrieve_at: datetime
    install_at: datetime | None = None
    signing_certificate: str = ""
    signature: str = ""
    retries: int | None = None
    retry_interval_s: int | None = None


@dataclass(frozen=True)
class GetLog(Intent):
    """``log``: "diagnostics" or "security". ``extended`` False: 1.6's GetDiagnostics."""

    kind: ClassVar[str] = "get_log"
    request_id: int
    log: str
    url: str
    oldest_at: datetime | None = None
    latest_at: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    extended: bool = False


@dataclass(frozen=True)
class DataTransfer(Intent):
    """A vendor's own message."""

    kind: ClassVar[str] = "data_transfer"
    vendor_id: str
    message_id: str = ""
    data: str = ""


@dataclass(frozen=True)
class InstallCertificate(Intent):
    """``use``: "CentralSystemRootCertificate" or "ManufacturerRootCertificate"."""

    kind: ClassVar[str] = "install_certificate"
    use: str
    pem: str


@dataclass(frozen=True)
class DeleteCertificate(Intent):
    """OCPP's CertificateHashData."""

    kind: ClassVar[str] = "delete_certificate"
    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


@dataclass(frozen=True)
class GetInstalledCertificates(Intent):
    kind: ClassVar[str] = "get_installed_certificates"
    use: str


@dataclass(frozen=True)
class SendSignedCertificate(Intent):
    """The answer to a charger's signing request (CertificateSigned)."""

    kind: ClassVar[str] = "send_signed_certificate"
    pem: str


_KINDS: dict[str, type[Intent]] = {cls.kind: cls for cls in Intent.__subclasses__()}
KINDS: tuple[str, ...] = tuple(_KINDS)
_MOMENTS = frozenset({"expires_at", "starts_at", "valid_to", "retrieve_at", "install_at", "oldest_at", "latest_at"})
_RECORDS: dict[str, type[Any]] = {"periods": Period, "variables": Variable, "entries": ListEntry}


def to_payload(intent: Intent) -> dict[str, Any]:
    """A JSON-ready mapping of an intent's fields; moments as ISO 8601."""
    return {key: _jsonable(value) for key, value in asdict(intent).items()}


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    return [_jsonable(item) for item in value] if isinstance(value, list | tuple) else value


def from_payload(kind: str, payload: Mapping[str, Any]) -> Intent:
    """The intent that ``to_payload`` stored.

    :raises KeyError: for a kind that does not exist.
    """
    return cast(Intent, _built(_KINDS[kind], payload))


def _built(cls: type[Any], payload: Mapping[str, Any]) -> Any:
    known = {f.name for f in fields(cls)}
    return cls(**{key: _revived(key, value) for key, value in payload.items() if key in known})


def _revived(key: str, value: Any) -> Any:
    if key in _MOMENTS and isinstance(value, str):
        return datetime.fromisoformat(value)
    if key in _RECORDS:
        return tuple(_built(_RECORDS[key], item) for item in value)
    return tuple(value) if isinstance(value, list) else value
