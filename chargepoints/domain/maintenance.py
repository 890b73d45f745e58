"""Firmware updates and uploads of logs: what OCPP's words say of how far they are."""

from datetime import datetime, timedelta

# 1.6 7.25, whitepaper ed. 3 6.13 (and 2.0.1 3.33, which has the same words).
FIRMWARE_DONE = frozenset({"Installed"})
FIRMWARE_FAILED = frozenset({"DownloadFailed", "InstallationFailed", "InstallVerificationFailed", "InvalidSignature"})
# 1.6 7.24, whitepaper ed. 3 6.18.
LOG_DONE = frozenset({"Uploaded"})
LOG_FAILED = frozenset({"UploadFailed", "UploadFailure", "BadMessage", "NotSupportedOperation", "PermissionDenied"})
# "Nothing under way": the answer to a trigger, no progress (1.6 4.5).
IDLE = "Idle"

# A large image over a mobile network, then a wait for the last car to leave: a day. A log is there within hours.
FIRMWARE_SILENCE = timedelta(days=1)
LOG_SILENCE = timedelta(hours=6)
# The security events that a charger has to tell at once (whitepaper ed. 3, ch. 4; 2.0.1 part 2 appendix 1).
CRITICAL_EVENTS = frozenset(
    {
        "FirmwareUpdated",
        "SettingSystemTime",
        "StartupOfTheDevice",
        "ResetOrReboot",
        "SecurityLogWasCleared",
        "MemoryExhaustion",
        "TamperDetectionActivated",
        "MaintenanceLoginAccepted",
        "MaintenanceLoginFailed",
    }
)


def is_silent(*, last_word_at: datetime, due_at: datetime, now: datetime, patience: timedelta) -> bool:
    """Whether a charger has told nothing for too long since it was due to begin and since its last word."""
    return now - max(last_word_at, due_at) > patience


def is_critical(event: str) -> bool:
    return event in CRITICAL_EVENTS
