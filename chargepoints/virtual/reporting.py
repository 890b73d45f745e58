"""What both versions share in telling the server about the station: which status was told, and how entries queue."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .evse import Evse
from .outbox import Entry, Payload

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
        self.charge_point.changed()
        if not self.charge_point.link.online:
            return
        for report in self.status_reports(None) + self.status_reports(evse):
            if self._told.get(report.place) != report.state:
                self._told[report.place] = report.state
                self.tell("StatusNotification", report.payload)

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

    def deauthorize(self, key: str) -> None:
        """The server does not accept the token of a running transaction."""
        charge_point = self.charge_point
        session = next((s for s in charge_point.station.sessions() if s.key == key), None)
        if session and charge_point.variables.flag("stop_on_invalid"):
            charge_point.station.end(session, "DeAuthorized")
