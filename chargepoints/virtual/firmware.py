"""A firmware update from the order to the boot with the new version; the same stages in both versions of OCPP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .outbox import Payload

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint

IDLE, INSTALLED = "Idle", "Installed"
# Stages at which a charger can be told to fail, and what it says then.
FAILURES = {
    "Downloading": "DownloadFailed",
    "SignatureVerified": "InvalidSignature",
    "Installing": "InstallationFailed",
}


@dataclass(frozen=True)
class Update:
    """One order. `tell` says a stage in the words of the version."""

    location: str
    retrieve_at: datetime
    tell: Callable[[str], object]
    install_at: datetime | None = None
    request_id: int | None = None
    signed: bool = False


class Firmware:
    """The updates of one charger. `fails_at`: a stage of FAILURES that it does not survive."""

    def __init__(self, charge_point: VirtualChargePoint) -> None:
        self._charge_point = charge_point
        self._running: tuple[Update, asyncio.Task[None]] | None = None
        self.stage = IDLE
        self.fails_at: str | None = None

    def verdict(self) -> str:
        """What to answer to an order; it cancels one that runs."""
        return "AcceptedCanceled" if self._running else "Accepted"

    def report(self) -> Payload:
        """The stage as it is asked for."""
        if self._running is None:
            return {"status": IDLE}
        number = self._running[0].request_id
        return {"status": self.stage} if number is None else {"status": self.stage, "requestId": number}

    def begin(self, update: Update) -> None:
        """Go through the stages, beside everything else."""
        if self._running:
            self._running[1].cancel()
        self._running = (update, self._charge_point.spawn(self._run(update)))

    async def _run(self, update: Update) -> None:
        if await self._download(update) and await self._install(update):
            self._say(update, INSTALLED)
        self._running = None

    async def _download(self, update: Update) -> bool:
        charge_point = self._charge_point
        if update.retrieve_at > charge_point.clock.now():
            if update.signed:
                self._say(update, "DownloadScheduled")
            await charge_point.until(update.retrieve_at)
        if not self._passes(update, "Downloading"):
            return False
        self._say(update, "Downloaded")
        return not update.signed or self._passes(update, "SignatureVerified", tells_first=False)

    async def _install(self, update: Update) -> bool:
        """Waits for the moment and for running transactions; the line drops before it is done."""
        charge_point = self._charge_point
        if update.install_at and update.install_at > charge_point.clock.now():
            self._say(update, "InstallScheduled")
            await charge_point.until(update.install_at)
        await charge_point.wait_for(lambda cp: not cp.station.sessions(), timeout=None)
        if not self._passes(update, "Installing"):
            return False
        charge_point.firmware_version = PurePosixPath(update.location).stem
        boots = charge_point.boots
        await charge_point.reboot(boot_reason="FirmwareUpdate")
        await charge_point.wait_for(lambda cp: cp.online and cp.boots > boots, timeout=None)
        return True

    def _passes(self, update: Update, stage: str, *, tells_first: bool = True) -> bool:
        """Whether a stage succeeds; a signature is told of afterwards, the other stages when they begin."""
        fails = self.fails_at == stage
        if tells_first or not fails:
            self._say(update, stage)
        if fails:
            self._say(update, FAILURES[stage])
        if fails and stage == "SignatureVerified":
            self._charge_point.security_event("InvalidFirmwareSignature")
        return not fails

    def _say(self, update: Update, stage: str) -> None:
        self.stage = stage
        update.tell(stage)
