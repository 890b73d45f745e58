"""Which cards a charger knows without asking: the local list that the server sent, and the cache of answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

Verdict = tuple[str, str | None]


@dataclass(frozen=True)
class Token:
    """An identification as presented: the card's value and OCPP 2.0.1's kind of it."""

    value: str
    kind: str = "ISO14443"


@dataclass(frozen=True)
class Entry:
    """What is known of one card. An accepted one whose `expires_at` has passed counts as expired."""

    status: str
    group: str | None = None
    expires_at: datetime | None = None

    def verdict(self, now: datetime) -> Verdict:
        """Status and group at this moment."""
        lapsed = self.expires_at is not None and self.expires_at <= now
        return ("Expired" if lapsed and self.status == "Accepted" else self.status), self.group


@dataclass
class TokenBook:
    """Two lists by token; tokens compare without case."""

    version: int = 0
    _listed: dict[str, Entry] = field(default_factory=dict)
    _heard: dict[str, Entry] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._listed)

    def hear(self, token: str, entry: Entry) -> None:
        """Remember what the server answered."""
        self._heard[token.lower()] = entry

    def forget(self) -> None:
        """ClearCache."""
        self._heard.clear()

    def send_list(self, version: int, entries: Iterable[tuple[str, Entry | None]], *, full: bool, longest: int) -> str:
        """Take over a list, or the changes (None takes a card off); the status of SendLocalList."""
        if not full and version <= self.version:
            return "VersionMismatch"
        listed = {} if full else dict(self._listed)
        for token, entry in entries:
            listed[token.lower()] = entry  # type: ignore[assignment]
        listed = {token: entry for token, entry in listed.items() if entry}
        if len(listed) > longest:
            return "Failed"
        self._listed, self.version = listed, version
        return "Accepted"

    def known(self, token: str, now: datetime, *, use_list: bool, use_cache: bool) -> Verdict | None:
        """What the list, or else the cache, says of a card; None if neither knows it."""
        key = token.lower()
        if use_list and key in self._listed:
            return self._listed[key].verdict(now)
        if use_cache and key in self._heard:
            return self._heard[key].verdict(now)
        return None
