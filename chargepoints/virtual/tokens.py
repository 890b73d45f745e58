"""Which cards a charger knows without asking: the local list that the server sent, and the cache of answers."""

from __future__ import annotations

from dataclasses import dataclass, field

Verdict = tuple[str, str | None]


@dataclass
class TokenBook:
    """Status and group by token; tokens compare without case."""

    version: int = 0
    _listed: dict[str, Verdict] = field(default_factory=dict)
    _heard: dict[str, Verdict] = field(default_factory=dict)

    def hear(self, token: str, verdict: Verdict) -> None:
        """Remember what the server answered."""
        self._heard[token.lower()] = verdict

    def forget(self) -> None:
        """ClearCache."""
        self._heard.clear()

    def replace_list(self) -> None:
        """Begin a full local list."""
        self._listed.clear()

    def list_token(self, token: str, status: str | None, group: str | None) -> None:
        """An entry of the local list; without a status it is taken off."""
        if status is None:
            self._listed.pop(token.lower(), None)
        else:
            self._listed[token.lower()] = (status, group)

    def verdict(self, token: str, *, use_list: bool, accept_unknown: bool) -> Verdict:
        """What to do with a card while the server cannot be asked."""
        key = token.lower()
        if use_list and key in self._listed:
            return self._listed[key]
        return self._heard.get(key, ("Accepted" if accept_unknown else "Invalid", None))
