"""The charger's line to the server: connect, come back after a loss, and send what waits in the outbox."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import random
import ssl as ssl_module
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from .outbox import Entry, Outbox
from .rpc import UNREADABLE, Answer, CallFailedError, Frame, LinkLostError, NoAnswerError, Payload, Rpc

logger = logging.getLogger(__name__)
# OCPP frames stay far below; a server that sends more is broken.
MAX_FRAME_BYTES = 1 << 20
# After so many failures with a new secret or address the old one is tried, and so on in turn.
ATTEMPTS = 3
# How long a dead server may keep us from leaving.
CLOSE_TIMEOUT_S = 2


@dataclass(frozen=True)
class Timing:
    """Waiting in real seconds (not simulated ones). Tests give small numbers."""

    call_timeout_s: float = 30
    retry_s: float | None = None  # None: what the charger is configured to
    backoff_first_s: float = 1
    backoff_max_s: float = 30
    boot_wait_max_s: float | None = None  # cap on the interval of a Pending or Rejected boot
    live_period_s: float = 1


@dataclass(frozen=True)
class Access:
    """Where to connect and as whom. `password` as text, or as the bytes behind a hexadecimal key."""

    address: str
    identity: str
    subprotocol: str
    password: str | bytes | None = None
    ssl: ssl_module.SSLContext | None = None

    def headers(self) -> dict[str, str]:
        """HTTP Basic, if there is a password."""
        if self.password is None:
            return {}
        password = self.password.encode() if isinstance(self.password, str) else self.password
        credentials = base64.b64encode(self.identity.encode() + b":" + password).decode()
        return {"Authorization": f"Basic {credentials}"}


class Link:
    """One connection at a time, for as long as `run` runs."""

    def __init__(
        self,
        access: Access,
        *,
        timing: Timing,
        rng: random.Random,
        on_open: Callable[[], Awaitable[None]],
        answer: Callable[[str, Payload], Answer],
        record: Callable[[Frame], None],
        on_online: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self.access = access
        self.timing = timing
        self.outbox = Outbox()
        self.online = False
        self.connections = 0
        self.given_up = 0
        self.last_error: Exception | None = None
        self.retry_s: float = 10
        self.max_attempts = 3
        self.ping_s: float | None = 20
        self.retry_with_new_id = False
        self._rng = rng
        self._on_open = on_open
        self._answer = answer
        self._record = record
        self._on_online = on_online
        self._changed = changed
        self._rpc: Rpc | None = None
        self._proven: Access | None = None
        self._allowed = asyncio.Event()
        self._allowed.set()

    async def call(self, action: str, payload: Payload, message_id: str | None = None) -> Payload:
        """A CALL past the outbox; raises CallFailedError, NoAnswerError, LinkLostError."""
        if self._rpc is None:
            raise LinkLostError
        return await self._rpc.call(action, payload, message_id)

    async def send_raw(self, text: str) -> None:
        """Any text, unrecorded; LinkLostError without a link."""
        if self._rpc is None:
            raise LinkLostError
        try:
            await self._rpc.socket.send(text)
        except ConnectionClosed:
            raise LinkLostError from None

    def drop(self, *, stay_down: bool = False) -> None:
        """Cut the TCP connection in the middle, as a cut cable does."""
        if stay_down:
            self._allowed.clear()
        if self._rpc:
            self._rpc.socket.transport.abort()

    async def close(self) -> None:
        """Close in an orderly way; `run` connects again."""
        if self._rpc:
            await self._rpc.socket.close()

    def move_to(self, access: Access) -> None:
        """Use this from the next connection on; the present one is what to fall back on if it does not open."""
        self._proven, self.access = self._proven or self.access, access

    def restore(self) -> None:
        """Allow connections again."""
        self._allowed.set()

    async def run(self) -> None:
        """Connect, serve, and connect again, until cancelled."""
        failures = 0
        while True:
            await self._allowed.wait()
            before = self.connections
            try:
                await self._serve_one_connection()
            except (OSError, TimeoutError, WebSocketException) as error:
                self.last_error = error
                logger.info("%s: no connection: %s", self.access.identity, error)
                self._changed()
            failures = 0 if self.connections > before else failures + 1
            if failures and failures % ATTEMPTS == 0 and self._proven:
                self.access, self._proven = self._proven, self.access
            await asyncio.sleep(self._backoff_s(failures))

    def _backoff_s(self, failures: int) -> float:
        longest_s = min(self.timing.backoff_max_s, self.timing.backoff_first_s * 2**failures)
        return longest_s * self._rng.uniform(0.5, 1)

    async def _serve_one_connection(self) -> None:
        async with connect(
            self.access.address,
            subprotocols=[Subprotocol(self.access.subprotocol)],
            additional_headers=self.access.headers(),
            ssl=self.access.ssl,
            ping_interval=self.ping_s or None,
            max_size=MAX_FRAME_BYTES,
            compression=None,
            close_timeout=CLOSE_TIMEOUT_S,
            proxy=None,
        ) as socket:
            if socket.subprotocol != self.access.subprotocol:
                raise WebSocketException(f"the server chose the subprotocol {socket.subprotocol!r}")
            await self._serve(socket)

    async def _serve(self, socket: ClientConnection) -> None:
        self._rpc = Rpc(socket, answer=self._answer, record=self._record, timeout_s=self.timing.call_timeout_s)
        tasks = [asyncio.create_task(self._rpc.listen()), asyncio.create_task(self._work())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                with contextlib.suppress(LinkLostError, ConnectionClosed):
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._rpc, self.online = None, False
            self.outbox.drop_volatile()
            self._changed()

    async def _work(self) -> None:
        await self._on_open()
        self.online, self._proven = True, None
        self.connections += 1
        self._on_online()
        while True:
            await self._deliver(await self.outbox.head())

    async def _deliver(self, entry: Entry) -> None:
        try:
            answer = await self.call(entry.action, entry.payload, entry.message_id)
        except NoAnswerError:
            await self._after_failure(entry, give_up=not entry.durable)
        except CallFailedError as error:
            logger.warning("%s: %s was answered by %s", self.access.identity, entry.action, error)
            entry.failures += 1
            await self._after_failure(entry, give_up=not entry.durable or entry.failures >= self.max_attempts)
        else:
            self.outbox.remove(entry)
            self._read(entry, answer)
            self._changed()

    def _read(self, entry: Entry, answer: Payload) -> None:
        try:
            if entry.on_answer:
                entry.on_answer(answer)
        except UNREADABLE:
            logger.warning("%s: %s was answered by %s", self.access.identity, entry.action, answer)

    async def _after_failure(self, entry: Entry, *, give_up: bool) -> None:
        if give_up:
            self.given_up += entry.durable
            self.outbox.remove(entry)
            self._changed()
            return
        if self.retry_with_new_id:
            entry.renew_id()
        await asyncio.sleep(self.retry_s if self.timing.retry_s is None else self.timing.retry_s)
