"""Blocks C and D: the cache and the list of tokens that a charger keeps."""

from datetime import datetime

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.v201.commands.words import Payload, Words, group_token, id_token, without_nothing
from chargepoints.ocpp.version import Request


def _clear_cache(intent: intents.ClearCache) -> Request:
    return Request("ClearCache", {})


def _send_local_list(intent: intents.SendLocalList) -> Request:
    return Request(
        "SendLocalList",
        without_nothing(
            versionNumber=intent.version,
            updateType="Full" if intent.full else "Differential",
            localAuthorizationList=[_entry(one) for one in intent.entries],
        ),
    )


def _entry(entry: intents.ListEntry) -> Payload:
    """Without a verdict it takes the token off the list (D01.FR.15)."""
    said: Payload = {"idToken": id_token(entry.token, entry.token_type)}
    if entry.status:
        until = reading.moment_text(entry.expires_at) if entry.expires_at else None
        said["idTokenInfo"] = without_nothing(
            status=entry.status, cacheExpiryDateTime=until, groupIdToken=group_token(entry.parent)
        )
    return said


def _get_local_list_version(intent: intents.GetLocalListVersion) -> Request:
    return Request("GetLocalListVersion", {})


def _version_was_told(payload: Payload) -> bool:
    return reading.whole(payload["versionNumber"]) is not None


def _version(
    intent: intents.GetLocalListVersion, payload: Payload, now: datetime
) -> reports.LocalListVersionReported | None:
    version = reading.whole(payload["versionNumber"])
    return None if version is None else reports.LocalListVersionReported(version)


WORDS = {
    intents.ClearCache.kind: Words(_clear_cache),
    intents.SendLocalList.kind: Words(_send_local_list),
    intents.GetLocalListVersion.kind: Words(_get_local_list_version, _version_was_told, _version),
}
