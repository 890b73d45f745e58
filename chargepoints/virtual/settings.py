"""Every setting of the virtual charger, by functional block. Source: OCPP 1.6 section 9, its security extension, and
the referenced components of OCPP 2.0.1 part 2 appendix 3."""

from __future__ import annotations

from functools import partial

from .samples import DEFAULT_MEASURANDS, KNOWN_MEASURANDS
from .variables import Variable

START_POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed", "EnergyTransfer")
# OCPP 1.6 security extension: 16 bytes at least; 2.0.1: 16 to 40 characters. Some servers set up to 64.
SHORTEST_PASSWORD, LONGEST_PASSWORD = 16, 64
_MEASURED = ",".join(DEFAULT_MEASURANDS)
# What stands at the beginning and end of a transaction must not be missing there.
_ENDS_MEASURED = "Energy.Active.Import.Register,Energy.Active.Export.Register,SoC"


def _fits(text: str) -> bool:
    return SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD


_integer = partial(Variable, kind="integer")
_flag = partial(Variable, kind="boolean")
_measurands = partial(Variable, kind="MemberList", options=KNOWN_MEASURANDS)
_seconds = partial(Variable, kind="integer", unit="s")


def _fixed(
    name: str, value: str, v16: str | None = None, v201: tuple[str, ...] | None = None, kind: str = "string"
) -> Variable:
    return Variable(name, value, v16, v201, kind=kind, writable=False)


LINE = (
    _seconds("heartbeat_s", "300", "HeartbeatInterval", ("OCPPCommCtrlr", "HeartbeatInterval")),
    _seconds("ping_s", "20", "WebSocketPingInterval", ("OCPPCommCtrlr", "WebSocketPingInterval")),
    _integer("attempts", "3", "TransactionMessageAttempts", ("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent")),
    _seconds(
        "retry_s",
        "10",
        "TransactionMessageRetryInterval",
        ("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent"),
    ),
    _integer("reset_retries", "1", "ResetRetries", ("OCPPCommCtrlr", "ResetRetries")),
    _seconds("message_timeout_s", "30", None, ("OCPPCommCtrlr", "MessageTimeout", "Default")),
    _seconds("offline_threshold_s", "60", None, ("OCPPCommCtrlr", "OfflineThreshold")),
    _fixed("active_network", "0", None, ("OCPPCommCtrlr", "ActiveNetworkProfile"), "integer"),
    _fixed("file_protocols", "HTTP,HTTPS", None, ("OCPPCommCtrlr", "FileTransferProtocols"), "MemberList"),
    Variable(
        "network_order",
        "0",
        None,
        ("OCPPCommCtrlr", "NetworkConfigurationPriority"),
        kind="SequenceList",
        options=("0", "1", "2", "3"),
        reboot=True,
    ),
    _integer("network_attempts", "3", None, ("OCPPCommCtrlr", "NetworkProfileConnectionAttempts")),
    Variable(
        "time_source",
        "Heartbeat",
        None,
        ("ClockCtrlr", "TimeSource"),
        kind="SequenceList",
        options=("Heartbeat", "NTP"),
    ),
    _seconds("min_status_s", "0", "MinimumStatusDuration"),
)

METER = (
    _seconds("meter_interval_s", "60", "MeterValueSampleInterval", ("SampledDataCtrlr", "TxUpdatedInterval")),
    _measurands("measurands", _MEASURED, "MeterValuesSampledData", ("SampledDataCtrlr", "TxUpdatedMeasurands")),
    _measurands("begin_measurands", _MEASURED, None, ("SampledDataCtrlr", "TxStartedMeasurands")),
    _measurands("end_measurands", "", "StopTxnSampledData"),
    _measurands("ended_measurands", _ENDS_MEASURED, None, ("SampledDataCtrlr", "TxEndedMeasurands")),
    _seconds("ended_interval_s", "0", None, ("SampledDataCtrlr", "TxEndedInterval")),
    _flag("sign_readings", "false", None, ("SampledDataCtrlr", "SignReadings")),
    _seconds("aligned_s", "0", "ClockAlignedDataInterval", ("AlignedDataCtrlr", "Interval")),
    _measurands(
        "aligned_measurands",
        "Energy.Active.Import.Register,Power.Active.Import",
        "MeterValuesAlignedData",
        ("AlignedDataCtrlr", "Measurands"),
    ),
    _measurands("end_aligned_measurands", "", "StopTxnAlignedData", ("AlignedDataCtrlr", "TxEndedMeasurands")),
    _seconds("ended_aligned_s", "0", None, ("AlignedDataCtrlr", "TxEndedInterval")),
    _fixed("measurands_max", "20", "MeterValuesSampledDataMaxLength", kind="integer"),
    _fixed("aligned_max", "20", "MeterValuesAlignedDataMaxLength", kind="integer"),
    _fixed("end_max", "20", "StopTxnSampledDataMaxLength", kind="integer"),
    _fixed("end_aligned_max", "20", "StopTxnAlignedDataMaxLength", kind="integer"),
    Variable("phase_rotation", "0.RST,1.RST", "ConnectorPhaseRotation"),
)

SESSIONS = (
    _seconds("plug_in_timeout_s", "120", "ConnectionTimeOut", ("TxCtrlr", "EVConnectionTimeOut")),
    _flag("stop_on_invalid", "true", "StopTransactionOnInvalidId", ("TxCtrlr", "StopTxOnInvalidId")),
    _integer("max_energy_on_invalid_wh", "0", "MaxEnergyOnInvalidId", ("TxCtrlr", "MaxEnergyOnInvalidId")),
    _flag("stop_on_unplug", "true", "StopTransactionOnEVSideDisconnect", ("TxCtrlr", "StopTxOnEVSideDisconnect")),
    _flag(
        "unlock_on_unplug", "true", "UnlockConnectorOnEVSideDisconnect", ("OCPPCommCtrlr", "UnlockOnEVSideDisconnect")
    ),
    Variable(
        "start_points", "PowerPathClosed", None, ("TxCtrlr", "TxStartPoint"), kind="MemberList", options=START_POINTS
    ),
    Variable(
        "stop_points",
        "EVConnected,Authorized",
        None,
        ("TxCtrlr", "TxStopPoint"),
        kind="MemberList",
        options=START_POINTS,
    ),
    _flag("tx_before_accepted", "false", None, ("TxCtrlr", "TxBeforeAcceptedEnabled")),
    _integer("blink_repeat", "3", "BlinkRepeat"),
    _integer("light_percent", "100", "LightIntensity"),
)

CARDS = (
    _flag("authorize_remote", "false", "AuthorizeRemoteTxRequests", ("AuthCtrlr", "AuthorizeRemoteStart")),
    _flag("offline_unknown", "true", "AllowOfflineTxForUnknownId", ("AuthCtrlr", "OfflineTxForUnknownIdEnabled")),
    _flag("offline_known", "true", "LocalAuthorizeOffline", ("AuthCtrlr", "LocalAuthorizeOffline")),
    _flag("known_first", "false", "LocalPreAuthorize", ("AuthCtrlr", "LocalPreAuthorize")),
    _flag("auth_enabled", "true", None, ("AuthCtrlr", "Enabled")),
    _flag("cache", "true", "AuthorizationCacheEnabled", ("AuthCacheCtrlr", "Enabled")),
    _seconds("cache_life_s", "0", None, ("AuthCacheCtrlr", "LifeTime")),
    _flag("local_list", "true", "LocalAuthListEnabled", ("LocalAuthListCtrlr", "Enabled")),
    _fixed("list_max", "1000", "LocalAuthListMaxLength", ("LocalAuthListCtrlr", "Storage"), "integer"),
    _fixed("list_entries", "0", None, ("LocalAuthListCtrlr", "Entries"), "integer"),
    _fixed("list_items", "100", "SendLocalListMaxLength", ("LocalAuthListCtrlr", "ItemsPerMessage"), "integer"),
    _fixed("list_bytes", "65536", None, ("LocalAuthListCtrlr", "BytesPerMessage"), "integer"),
)

RESERVATIONS = (
    _flag("reserve_any", "false", "ReserveConnectorZeroSupported", writable=False),
    _flag("reservations", "true", None, ("ReservationCtrlr", "Enabled")),
    _flag("reserve_unspecified", "true", None, ("ReservationCtrlr", "NonEvseSpecific")),
)

SMART = (
    _flag("smart", "true", None, ("SmartChargingCtrlr", "Enabled")),
    _fixed(
        "max_stack_level", "8", "ChargeProfileMaxStackLevel", ("SmartChargingCtrlr", "ProfileStackLevel"), "integer"
    ),
    _fixed("max_periods", "100", "ChargingScheduleMaxPeriods", ("SmartChargingCtrlr", "PeriodsPerSchedule"), "integer"),
    _fixed(
        "max_profiles",
        "20",
        "MaxChargingProfilesInstalled",
        ("SmartChargingCtrlr", "Entries", "ChargingProfiles"),
        "integer",
    ),
    _fixed("units", "Current,Power", "ChargingScheduleAllowedChargingRateUnit"),
    _fixed("rate_units", "A,W", None, ("SmartChargingCtrlr", "RateUnit"), "MemberList"),
    _fixed("one_phase", "false", "ConnectorSwitch3to1PhaseSupported", ("SmartChargingCtrlr", "Phases3to1"), "boolean"),
    _flag("tell_limit_schedules", "true", None, ("SmartChargingCtrlr", "NotifyChargingLimitWithSchedules")),
    Variable(
        "limit_change_percent",
        "0",
        None,
        ("SmartChargingCtrlr", "LimitChangeSignificance"),
        kind="integer",
        unit="Percent",
    ),
)

SECURITY = (
    Variable("password", "", "AuthorizationKey", ("SecurityCtrlr", "BasicAuthPassword"), readable=False, accepts=_fits),
    Variable("security_profile", "1", "SecurityProfile", kind="integer", options=(), reboot=True),
    _fixed("security_profile_told", "1", None, ("SecurityCtrlr", "SecurityProfile"), "integer"),
    Variable("organization", "TwinEV", "CpoName", ("SecurityCtrlr", "OrganizationName")),
    _fixed("identity", "", None, ("SecurityCtrlr", "Identity")),
    _fixed("certificates_max", "20", "CertificateStoreMaxLength", ("SecurityCtrlr", "CertificateEntries"), "integer"),
    _fixed(
        "chain_max", "10000", "CertificateSignedMaxChainSize", ("SecurityCtrlr", "MaxCertificateChainSize"), "integer"
    ),
    _flag(
        "additional_root_check",
        "false",
        "AdditionalRootCertificateCheck",
        ("SecurityCtrlr", "AdditionalRootCertificateCheck"),
        writable=False,
    ),
    _seconds("sign_wait_s", "30", "CertSigningWaitMinimum", ("SecurityCtrlr", "CertSigningWaitMinimum")),
    _integer("sign_attempts", "3", "CertSigningRepeatTimes", ("SecurityCtrlr", "CertSigningRepeatTimes")),
)

ABILITIES = (
    _fixed("connectors", "1", "NumberOfConnectors", kind="integer"),
    _fixed("keys_max", "100", "GetConfigurationMaxKeys", kind="integer"),
    _fixed(
        "feature_profiles",
        "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
        "SupportedFeatureProfiles",
    ),
    _fixed("feature_profiles_max", "6", "SupportedFeatureProfilesMaxLength", kind="integer"),
    _fixed("report_items", "50", None, ("DeviceDataCtrlr", "ItemsPerMessage", "GetReport"), "integer"),
    _fixed("get_items", "50", None, ("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables"), "integer"),
    _fixed("set_items", "50", None, ("DeviceDataCtrlr", "ItemsPerMessage", "SetVariables"), "integer"),
    _fixed("report_bytes", "65536", None, ("DeviceDataCtrlr", "BytesPerMessage", "GetReport"), "integer"),
    _fixed("get_bytes", "65536", None, ("DeviceDataCtrlr", "BytesPerMessage", "GetVariables"), "integer"),
    _fixed("set_bytes", "65536", None, ("DeviceDataCtrlr", "BytesPerMessage", "SetVariables"), "integer"),
)

TABLE = (*LINE, *METER, *SESSIONS, *CARDS, *RESERVATIONS, *SMART, *SECURITY, *ABILITIES)
