"""What goes wrong with a charger, on order: cut lines, failing supplies, reboots, repeated and senseless words."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from .faults import Faults
from .observation import Observed
from .rpc import Payload

if TYPE_CHECKING:
    from .link import Link
    from .station import Station

TRANSACTION_ACTIONS = ("StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent")


class Mishaps(Observed):
    """Half of the virtual charge point."""

    faults: Faults
    link: Link
    station: Station
    boot_status: str
    boot_reason: str

    def refuse(
        self, action: str, status: str | None = "Rejected", *, error: str | None = None, times: int | None = None
    ) -> None:
        """Answer `action` with `status` (or CALLERROR `error`) and do nothing. More of the kind: `faults`."""
        self.faults.refuse(action, status, error=error, times=times)

    def silence(self, action: str, *, times: int | None = None) -> None:
        """Do not answer `action`."""
        self.faults.silence(action, times=times)

    @property
    def ignore_profile(self) -> bool:
        """Accept charging profiles and do as one likes."""
        return self.station.ignores_profiles

    @ignore_profile.setter
    def ignore_profile(self, ignores: bool) -> None:
        self.station.ignores_profiles = ignores
        self.station.refresh()

    def drop_link(self, *, stay_down: bool = False) -> None:
        """Cut the line; the charger connects again by itself unless it is to `stay_down` until `restore_link`."""
        self.link.online = False
        self.link.drop(stay_down=stay_down)

    def restore_link(self) -> None:
        """End of `drop_link(stay_down=True)`."""
        self.link.restore()

    async def duplicate_last(self, *, new_id: bool = False) -> Payload:
        """Say the last transaction message again, under the same message id or a new one; the server's answer.

        LookupError if none was said yet, LinkLostError without a link.
        """
        frame = self.last_sent(TRANSACTION_ACTIONS)
        return await self.link.call(frame.action, frame.payload, None if new_id else frame.message_id)

    async def send_raw(self, text: str) -> None:
        """Say something that this charger would not say by itself; LinkLostError without a link."""
        await self.link.send_raw(text)

    def power_loss(self) -> None:
        """The supply fails: no energy, no link, until `power_restore`."""
        self.station.powered = False
        self.station.refresh()
        self.drop_link(stay_down=True)

    def power_restore(self, *, resume: bool = False, keep_profiles: bool = True) -> None:
        """Boot again; running transactions end with PowerLoss unless the charger can `resume` them."""
        self.station.powered = True
        self._restart("PowerUp", None if resume else "PowerLoss", keep_profiles=keep_profiles)
        self.restore_link()

    async def reboot(
        self,
        *,
        boot_reason: str = "LocalReset",
        end_reason: str = "Reboot",
        keep_profiles: bool = True,
        hard: bool = False,
    ) -> None:
        """Restart: transactions end, what can be said is said, then boot again. `hard`: the line drops at once."""
        self._restart(boot_reason, end_reason, keep_profiles=keep_profiles)
        if hard:
            self.drop_link()
            return
        with contextlib.suppress(TimeoutError):
            await self.await_delivered(self.link.timing.call_timeout_s)
        self.boot_status = ""
        await self.link.close()

    def _restart(self, boot_reason: str, end_reason: str | None, *, keep_profiles: bool) -> None:
        if end_reason:
            for session in self.station.sessions():
                self.station.end(session, end_reason)
        if not keep_profiles:
            self.station.profiles.forget_all()
        self.boot_status, self.boot_reason = "", boot_reason
        self.restarted()
        self.station.refresh()

    def restarted(self) -> None:
        """Settings that wait for a restart take effect."""

    async def await_online(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Until connected and accepted by the server."""
        await self.wait_for(lambda cp: cp.link.online, timeout)

    async def await_delivered(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Until the server has answered all that was to be said."""
        await self.wait_for(lambda cp: cp.link.online and not len(cp.link.outbox), timeout)
