"""The list of tokens that a charger keeps for the time when it cannot ask (1.6 3.5.2, 2.0.1 part 2 D)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from chargepoints.domain.authorization import AuthorizationStatus, normal
from chargepoints.domain.intents import ListEntry

# What a charger that never told its own limit is sent at once: a frame of some 10 KiB.
USUAL_ITEMS = 100
# An entry as JSON: token, type, group, expiry and their names.
_ENTRY_BYTES = 250
# OCPP 1.6: idToken is a CiString20.
_LONGEST_IN_16 = 20


def speakable(entries: Iterable[ListEntry], *, ocpp_version: str) -> list[ListEntry]:
    """The entries that the version has words for: 1.6 takes tokens of 20 characters."""
    if ocpp_version != "1.6":
        return list(entries)
    return [entry for entry in entries if len(entry.token) <= _LONGEST_IN_16 and len(entry.parent) <= _LONGEST_IN_16]


def digest(entries: Iterable[ListEntry]) -> str:
    """The same for the same entries in any order."""
    lines = sorted(f"{normal(one.token)}|{one.status}|{one.expires_at}|{one.parent}" for one in entries)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:40]


def chosen(entries: Sequence[ListEntry], *, most: int | None, last_use: Mapping[str, float]) -> list[ListEntry]:
    """What fits into a list of ``most`` entries: who charged here last comes first, whom to refuse comes last.

    ``last_use``: moments (seconds) by normal token.
    """
    if most is None or len(entries) <= most:
        return list(entries)

    def weight(entry: ListEntry) -> tuple[bool, float, str]:
        return entry.status != AuthorizationStatus.ACCEPTED, -last_use.get(normal(entry.token), 0.0), entry.token

    return sorted(entries, key=weight)[:most]


def changes(wanted: Iterable[ListEntry], held: Iterable[ListEntry]) -> list[ListEntry]:
    """What has to be told to a charger that holds ``held``; what goes comes first, so that it makes room."""
    new = {normal(entry.token): entry for entry in wanted}
    old = {normal(entry.token): entry for entry in held}
    gone = [ListEntry(entry.token, entry.token_type) for key, entry in old.items() if key not in new]
    return gone + [entry for key, entry in new.items() if not _same(entry, old.get(key))]


def _same(entry: ListEntry, other: ListEntry | None) -> bool:
    if other is None:
        return False
    return (entry.status, entry.expires_at, entry.parent) == (other.status, other.expires_at, other.parent)


def items_a_message(*, items: int | None, size_bytes: int | None) -> int:
    """How many entries a message may carry, by what the charger told of messages."""
    by_size = max(size_bytes // _ENTRY_BYTES, 1) if size_bytes else USUAL_ITEMS
    return max(items or by_size, 1) if size_bytes is None else max(min(items or by_size, by_size), 1)
