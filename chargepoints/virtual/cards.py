"""Who may charge: cards held to the reader, starts from afar, and what is known of a card without asking."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .evse import Authorization, Evse, Session, Token
from .profiles import Profile
from .rpc import UNREADABLE, CallFailedError, LinkLostError, NoAnswerError
from .tokens import Verdict

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint


class Cards:
    """The reader of one charger."""

    def __init__(self, charge_point: VirtualChargePoint) -> None:
        self._charge_point = charge_point

    async def present(self, evse: Evse, card: Token) -> str:
        """Start, or stop, the transaction; the status in OCPP's words (see `VirtualChargePoint.present_token`)."""
        if evse.session and evse.session.authorized:
            return await self._present_to_stop(evse, evse.session, card)
        status, group = await self.check(card)
        if status != "Accepted":
            return status
        if evse.session and evse.session.authorized:
            return "ConcurrentTx"
        if evse.status in ("Faulted", "Unavailable") or not self._charge_point.station.admits(evse, card, group):
            return "Blocked"
        self._charge_point.station.authorize(evse, self._authorization(card, "Authorized", group=group))
        return "Accepted"

    async def _present_to_stop(self, evse: Evse, session: Session, card: Token) -> str:
        if session.token is None or card.value.lower() != session.token.value.lower():
            status, group = await self.check(card)
            if status != "Accepted" or group is None or group != session.group:
                return "ConcurrentTx" if status == "Accepted" else status
        self._charge_point.station.stop(session, "Local", trigger="StopAuthorized", stop_token=card)
        return "Accepted"

    async def check(self, token: Token) -> Verdict:
        """Status and group of a token: from the server, or from what the charger knows."""
        charge_point = self._charge_point
        if not charge_point.variables.flag("auth_enabled"):
            return "Accepted", None
        known = self._known(token)
        if charge_point.variables.flag("known_first") and known and known[0] == "Accepted":
            return known
        if charge_point.link.online:
            with contextlib.suppress(NoAnswerError, CallFailedError, LinkLostError, *UNREADABLE):
                answer = await charge_point.link.call("Authorize", charge_point.messages.authorize(token))
                entry = charge_point.messages.read_authorization(answer)
                charge_point.tokens.hear(token.value, entry)
                return entry.status, entry.group
        return self._offline(known)

    def _offline(self, known: Verdict | None) -> Verdict:
        variables = self._charge_point.variables
        if known and variables.flag("offline_known"):
            return known
        return ("Accepted" if variables.flag("offline_unknown") else "Invalid"), None

    def _known(self, token: Token) -> Verdict | None:
        variables = self._charge_point.variables
        return self._charge_point.tokens.known(
            token.value,
            self._charge_point.station.now,
            use_list=variables.flag("local_list"),
            use_cache=variables.flag("cache"),
        )

    def remote_start(
        self,
        *,
        evse_number: int | None,
        token: Token,
        profile: Profile | None,
        remote_start_id: int | None = None,
        group: str | None = None,
    ) -> Callable[[], object] | None:
        """None if it is impossible, else what to do once the answer has gone out."""
        charge_point = self._charge_point
        evse = charge_point.station.evse_for_remote_start(evse_number, token, group)
        if evse is None:
            return None
        details = {"group": group, "remote_start_id": remote_start_id, "profile": profile}
        return lambda: charge_point.spawn(self._start_remotely(evse, token, details))

    async def _start_remotely(self, evse: Evse, token: Token, details: dict[str, Any]) -> None:
        if self._charge_point.variables.flag("authorize_remote"):
            status, group = await self.check(token)
            if status != "Accepted":
                return
            details = {**details, "group": group or details["group"]}
        self._charge_point.station.authorize(evse, self._authorization(token, "RemoteStart", **details))

    def _authorization(self, token: Token, trigger: str, **details: Any) -> Authorization:
        patience = timedelta(seconds=self._charge_point.variables.number("plug_in_timeout_s"))
        return Authorization(token, trigger, expires_at=self._charge_point.station.now + patience, **details)
