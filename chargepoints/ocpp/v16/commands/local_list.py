"""Local authorisation list management."""

from datetime import datetime

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.version import Request
from chargepoints.ocpp.words import Payload, Words, without_nothing


def _send_local_list(intent: intents.SendLocalList) -> Request:
    payload = without_nothing(
        listVersion=intent.version,
        updateType="Full" if intent.full else "Differential",
        localAuthorizationList=[_entry(entry) for entry in intent.entries],
    )
    return Request("SendLocalList", payload)


def _entry(entry: intents.ListEntry) -> Payload:
    """Without its information an entry goes out of the list (7.3)."""
    if not entry.status:
        return {"idTag": entry.token}
    expires = reading.moment_text(entry.expires_at) if entry.expires_at else None
    info = without_nothing(status=entry.status, parentIdTag=entry.parent, expiryDate=expires)
    return {"idTag": entry.token, "idTagInfo": info}


def _get_local_list_version(intent: intents.GetLocalListVersion) -> Request:
    return Request("GetLocalListVersion", {})


def _has_version(answer: Payload) -> bool:
    """
    :raises KeyError: when the answer has none.
    """
    return reading.whole(answer["listVersion"]) is not None


def _version(
    intent: intents.GetLocalListVersion, answer: Payload, now: datetime
) -> reports.LocalListVersionReported | None:
    version = reading.whole(answer["listVersion"])
    return None if version is None else reports.LocalListVersionReported(version)


WORDS = {
    intents.SendLocalList.kind: Words(_send_local_list),
    intents.GetLocalListVersion.kind: Words(_get_local_list_version, _has_version, _version),
}
