"""Who may stand where: the EVSEs of a charger, their reservations, faults, and what is in service."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from .evse import Evse, EvseSpec
from .reservations import Reservation, refusal
from .session import Session
from .tokens import Token


class Reporter(Protocol):
    """Who is told; `chargepoints.virtual.v16.messages` and `.v201.messages` turn it into OCPP."""

    def status_changed(self, evse: Evse) -> None: ...
    def started(self, session: Session) -> None: ...
    def changed(self, session: Session, trigger: str) -> None: ...
    def sampled(self, session: Session) -> None: ...
    def aligned(self, evse: Evse) -> None: ...
    def ended(self, session: Session) -> None: ...
    def reservation_ended(self, reservation: Reservation, how: str) -> None: ...


class Bays(ABC):
    """The EVSEs by number. `pool`: reservations for any of them. The station adds time, energy and transactions."""

    pool: tuple[Reservation, ...] = ()
    reporter: Reporter

    def __init__(self, specs: Iterable[EvseSpec], *, now: datetime) -> None:
        self.evses = {spec.number: Evse(spec) for spec in specs}
        self.now = now

    @abstractmethod
    def refresh(self) -> None:
        """Work out what is new and report it."""

    # Transactions

    def sessions(self) -> list[Session]:
        """The running transactions."""
        return [evse.session for evse in self.evses.values() if evse.session]

    def session_by_id(self, transaction_id: str) -> Session | None:
        """The running transaction with this id."""
        return next((s for s in self.sessions() if s.transaction_id == transaction_id), None)

    def evse_for_remote_start(self, number: int | None, token: Token, group: str | None = None) -> Evse | None:
        """The EVSE asked for, or any (one with a cable in it first), if that token may start there."""
        asked = [evse for evse in self.evses.values() if number in (None, evse.number)]
        for evse in sorted(asked, key=lambda evse: evse.vehicle is None):
            idle = evse.session is None or not evse.session.authorized
            if idle and self.admits(evse, token, group) and evse.status not in ("Faulted", "Unavailable"):
                return evse
        return None

    # Reservations

    def reservations(self) -> list[Reservation]:
        """All that are held."""
        return [*(evse.reservation for evse in self.evses.values() if evse.reservation), *self.pool]

    def admits(self, evse: Evse, token: Token, group: str | None) -> bool:
        """Whether no reservation keeps this card away."""
        if evse.reservation:
            return evse.reservation.fits(token, group)
        return not evse.kept or any(held.fits(token, group) for held in self.pool)

    def reserve(self, evse: Evse, reservation: Reservation) -> str:
        """OCPP's reservation status; the same id replaces what it stood for."""
        held = evse.reservation
        if held and held.reservation_id != reservation.reservation_id:
            return "Occupied"
        if held is None and evse.status != "Available":
            return refusal([evse])
        self.cancel_reservation(reservation.reservation_id)
        evse.reservation = reservation
        self.refresh()
        return "Accepted"

    def reserve_any(self, reservation: Reservation) -> str:
        """Keep one EVSE (that has the plug asked for) free, whichever it will be."""
        suitable = [evse for evse in self.evses.values() if reservation.suits(evse)]
        free = [evse for evse in suitable if evse.status == "Available" or (evse.kept and evse.status == "Reserved")]
        others = [held for held in self.pool if held.reservation_id != reservation.reservation_id]
        if len(free) <= sum(any(held.suits(evse) for evse in free) for held in others):
            return refusal(suitable)
        self.cancel_reservation(reservation.reservation_id)
        self.pool = (*self.pool, reservation)
        self.refresh()
        return "Accepted"

    def use_reservation(self, evse: Evse, token: Token, group: str | None) -> int | None:
        """The id of the reservation that this start uses up, if there is one."""
        candidates = [*([evse.reservation] if evse.reservation else []), *(r for r in self.pool if r.suits(evse))]
        held = next((one for one in candidates if one.fits(token, group)), None)
        if held is None:
            return None
        self._forget(held)
        return held.reservation_id

    def cancel_reservation(self, reservation_id: int) -> bool:
        """Whether there was one of that id."""
        held = next((one for one in self.reservations() if one.reservation_id == reservation_id), None)
        if held:
            self._forget(held)
            self.refresh()
        return held is not None

    def expire_reservations(self) -> None:
        """Drop what has lapsed."""
        for held in self.reservations():
            if held.expires_at <= self.now:
                self._forget(held)
                self.reporter.reservation_ended(held, "Expired")

    def keep_for_pool(self) -> None:
        """When no more EVSEs are free than are promised, all of them are kept."""
        for evse in self.evses.values():
            evse.kept = False
        free = [evse for evse in self.evses.values() if evse.status == "Available"]
        promised = [held for held in self.pool if any(held.suits(evse) for evse in free)]
        for evse in free:
            claims = [held for held in promised if held.suits(evse)]
            rivals = [other for other in free if any(held.suits(other) for held in claims)]
            evse.kept = bool(claims) and len(rivals) <= len(claims)

    def _forget(self, held: Reservation) -> None:
        self.pool = tuple(one for one in self.pool if one is not held)
        for evse in self.evses.values():
            if evse.reservation is held:
                evse.reservation = None

    def _release_if_useless(self, evse: Evse) -> None:
        """Nobody can use a reservation of what is broken or out of service."""
        held = evse.reservation
        if held and evse.status in ("Faulted", "Unavailable"):
            self._forget(held)
            self.reporter.reservation_ended(held, "Removed")

    # In and out of service

    def set_operative(self, evse: Evse, operative: bool) -> bool:
        """Take into or out of service; False if a running transaction goes first."""
        if evse.session and not operative:
            evse.inoperative_after_session = True
            return False
        evse.operative, evse.inoperative_after_session = operative, False
        self._release_if_useless(evse)
        self.refresh()
        return True

    def set_connector_operative(self, evse: Evse, connector: int, operative: bool) -> bool:
        """One plug of an EVSE; the EVSE follows when none of its plugs is left."""
        others = evse.inoperative_connectors - {connector}
        evse.inoperative_connectors = others if operative else others | {connector}
        everything_is_out = len(evse.inoperative_connectors) == len(evse.spec.connectors)
        return self.set_operative(evse, not everything_is_out)

    def set_fault(self, evse: Evse, code: str | None, vendor_code: str | None = None) -> None:
        """A fault appears (OCPP 1.6 error code) or goes away."""
        evse.fault, evse.fault_code = code, vendor_code if code else None
        self._release_if_useless(evse)
        self.refresh()
