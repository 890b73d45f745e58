"""Blocks L, N and P: firmware, logs, and a vendor's own messages."""

from datetime import datetime

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.v201.commands.words import Payload, Words, status_in, without_nothing
from chargepoints.ocpp.version import Request

_LOGS = {"diagnostics": "DiagnosticsLog", "security": "SecurityLog"}


def _update_firmware(intent: intents.UpdateFirmware) -> Request:
    firmware = without_nothing(
        location=intent.url,
        retrieveDateTime=reading.moment_text(intent.retrieve_at),
        installDateTime=reading.moment_text(intent.install_at) if intent.install_at else None,
        signingCertificate=intent.signing_certificate,
        signature=intent.signature,
    )
    return Request("UpdateFirmware", {**_request(intent), "firmware": firmware})


def _get_log(intent: intents.GetLog) -> Request:
    log = without_nothing(
        remoteLocation=intent.url,
        oldestTimestamp=reading.moment_text(intent.oldest_at) if intent.oldest_at else None,
        latestTimestamp=reading.moment_text(intent.latest_at) if intent.latest_at else None,
    )
    return Request("GetLog", {**_request(intent), "logType": _LOGS[intent.log], "log": log})


def _request(intent: intents.UpdateFirmware | intents.GetLog) -> Payload:
    return without_nothing(requestId=intent.request_id, retries=intent.retries, retryInterval=intent.retry_interval_s)


def _data_transfer(intent: intents.DataTransfer) -> Request:
    return Request(
        "DataTransfer", without_nothing(vendorId=intent.vendor_id, messageId=intent.message_id, data=intent.data)
    )


# AcceptedCanceled: this one is taken, an older one was given up for it.
_TAKEN = status_in("Accepted", "AcceptedCanceled")


def _file_name(intent: intents.GetLog, payload: Payload, now: datetime) -> reports.LogNamed | None:
    """The file that will be uploaded, where the station names it already."""
    name = reading.text(payload.get("filename"), 255)
    return reports.LogNamed(name) if name and _TAKEN(payload) else None


WORDS = {
    intents.UpdateFirmware.kind: Words(_update_firmware, _TAKEN),
    intents.GetLog.kind: Words(_get_log, _TAKEN, _file_name),
    intents.DataTransfer.kind: Words(_data_transfer),
}
