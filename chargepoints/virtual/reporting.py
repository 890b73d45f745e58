"""What both versions share in telling the server about the station: which status was told, and how entries queue."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import tokens
from .evse import Evse, Session
from .outbox import Entry, Payload
from .samples import Sample

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint


@dataclass(frozen=True)
class StatusReport:
    """A StatusNotification, with what identifies the connector and what counts as its state."""

    place: tuple[int, int]
    state: str
    payload: Payload


class BaseMessages(ABC):
    """Queues messages; the versions add their words."""

    def __init__(self, charge_point: VirtualChargePoint) -> None:
        self.charge_point = charge_point
        self._told: dict[tuple[int, int], str] = {}

    @abstractmethod
    def status_reports(self, evse: Evse | None) -> list[StatusReport]:
        """The status of each connector of the EVSE (None: of the charger as a whole)."""

    def every_status(self) -> list[StatusReport]:
        """All of them, as told after a connect; they count as told from now on."""
        reports = self.status_reports(None)
        for evse in self.charge_point.station.evses.values():
            reports += self.status_reports(evse)
        self._told = {report.place: report.state for report in reports}
        return reports

    def status_changed(self, evse: Evse) -> None:
        """Tell the connectors whose state is new; offline nothing is told (a reconnect tells all)."""
        self.charge_point.status_told()
        if not self.charge_point.link.online:
            return
        for report in self.status_reports(None) + self.status_reports(evse):
            if self._told.get(report.place) != report.state:
                self._told[report.place] = report.state
                self.tell("StatusNotification", report.payload)

    def stamp(self, moment: datetime | None = None) -> str:
        """A moment (else now) as this charger writes it."""
        return self.charge_point.manner.stamp(moment or self.charge_point.station.now)

    def samples(self, evse: Evse, name: str) -> list[Sample]:
        """What the meter of an EVSE says of the measurands that the setting lists."""
        measurands = self.charge_point.variables.words(name)
        return evse.samples(measurands, offered_w=self.charge_point.station.limit_w(evse))

    def tell(self, action: str, payload: Payload) -> None:
        """To the server if the link is up; not kept."""
        if self.charge_point.link.online:
            self.charge_point.link.outbox.put(Entry(action, payload))

    def keep(
        self,
        action: str,
        payload: Payload,
        *,
        on_answer: Callable[[Payload], None] | None = None,
        complete: Callable[[Payload], None] | None = None,
    ) -> None:
        """Part of a transaction: kept until the server has answered."""
        entry = Entry(action, payload, durable=True, on_answer=on_answer, complete=complete)
        self.charge_point.link.outbox.put(entry)
        self.charge_point.changed()

    def heard(self, token: tokens.Token | None, entry: tokens.Entry, session: Session) -> None:
        """The server said in a transaction what it thinks of the token."""
        if token is None:
            return
        self.charge_point.tokens.hear(token.value, entry)
        session.group = entry.group or session.group
        if entry.status != "Accepted":
            self._deauthorize(session.key)

    def _deauthorize(self, key: str) -> None:
        charge_point = self.charge_point
        session = next((s for s in charge_point.station.sessions() if s.key == key), None)
        if session is None:
            return
        if charge_point.variables.flag("stop_on_invalid"):
            charge_point.station.stop(session, "DeAuthorized", trigger="Deauthorized")
        else:
            session.energy_cap_wh = charge_point.variables.number("max_energy_on_invalid_wh")
            charge_point.station.refresh()
