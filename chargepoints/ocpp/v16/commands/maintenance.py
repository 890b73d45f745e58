"""Firmware management, and the signed updates and logs of the security extension (whitepaper ed. 3, 4 and 5)."""

from datetime import datetime

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.version import Request
from chargepoints.ocpp.words import Payload, Words, without_nothing

_LOGS = {"diagnostics": "DiagnosticsLog", "security": "SecurityLog"}
# AcceptedCanceled: this one is taken, an older one was given up for it.
_TAKEN = frozenset({"Accepted", "AcceptedCanceled"})


def _update_firmware(intent: intents.UpdateFirmware) -> Request:
    """1.6's own message knows no moment of installation; the signed one does."""
    retrieve = reading.moment_text(intent.retrieve_at)
    if not intent.signature:
        payload = {"location": intent.url, "retrieveDate": retrieve}
        return Request("UpdateFirmware", payload | _retries(intent))
    firmware = without_nothing(
        location=intent.url,
        retrieveDateTime=retrieve,
        installDateTime=_said(intent.install_at),
        signingCertificate=intent.signing_certificate,
        signature=intent.signature,
    )
    signed: Payload = {"requestId": intent.request_id, "firmware": firmware}
    return Request("SignedUpdateFirmware", signed | _retries(intent))


def _get_log(intent: intents.GetLog) -> Request:
    """There are no words for the security log but those of the security extension."""
    oldest, latest = _said(intent.oldest_at), _said(intent.latest_at)
    if intent.log == "diagnostics" and not intent.extended:
        payload = without_nothing(location=intent.url, startTime=oldest, stopTime=latest)
        return Request("GetDiagnostics", payload | _retries(intent))
    log = without_nothing(remoteLocation=intent.url, oldestTimestamp=oldest, latestTimestamp=latest)
    payload = {"logType": _LOGS[intent.log], "requestId": intent.request_id, "log": log}
    return Request("GetLog", payload | _retries(intent))


def _said(moment: datetime | None) -> str | None:
    return None if moment is None else reading.moment_text(moment)


def _retries(intent: intents.UpdateFirmware | intents.GetLog) -> Payload:
    return without_nothing(retries=intent.retries, retryInterval=intent.retry_interval_s)


def _is_taken(answer: Payload) -> bool:
    """UpdateFirmware and GetDiagnostics are answered without a status (6.20, 6.55): that they are is the yes."""
    return answer.get("status", "Accepted") in _TAKEN


def _file_name(intent: intents.GetLog, answer: Payload, now: datetime) -> reports.LogNamed | None:
    """The file that will be uploaded. GetDiagnostics without a name: there is nothing to upload (5.9)."""
    name = answer.get("filename") or answer.get("fileName")
    if not _is_taken(answer) or (not name and "status" in answer):
        return None
    return reports.LogNamed(file_name=reading.text(name, 255))


WORDS = {
    intents.UpdateFirmware.kind: Words(_update_firmware, _is_taken),
    intents.GetLog.kind: Words(_get_log, _is_taken, _file_name),
}
