"""The task that sends a charger its commands: claim a row, send it, await the answer, settle the row.

It lives beside the handlers: a call awaited inside a handler would wait for a frame that the handler itself holds up.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from chargepoints.domain import intents
from chargepoints.models import Command
from chargepoints.ocpp import database, rpc
from chargepoints.ocpp.version import Outcome, Request
from chargepoints.services import answers, commands, profile_limits

if TYPE_CHECKING:
    from chargepoints.ocpp.link import Link

Answer = rpc.CallResult | rpc.CallError
logger = logging.getLogger(__name__)
# A nudge may be lost; the row is found by looking.
POLL_S = 30.0
# A charger that only reconnects sends no BootNotification: after this it is taken to be up.
GRACE_S = 10.0
_AFTER_FAILURE_S = 2.0
_LAST_WORDS_S = 5.0
# What is said in W or in A.
_LIMITING = (intents.SetChargingProfile, intents.GetCompositeSchedule, intents.RemoteStart)


class LinkLostError(Exception):
    """The connection went while an answer was awaited."""


class Sender:
    """Sends one command at a time (OCPP-J 4.1.1: no second call before the first is answered)."""

    def __init__(self, link: Link, *, answer_timeout_s: float, grace_s: float | None) -> None:
        self._link = link
        self._answer_timeout_s = answer_timeout_s
        self._grace_s = grace_s
        self._ready = asyncio.Event()
        self._wake = asyncio.Event()
        self._stopped = False
        self._kinds: frozenset[str] | None = None
        self._awaited: dict[str, asyncio.Future[Answer]] = {}
        # Whether limits go out in A; None until the first one: by what the charger told, else learnt by asking.
        self._in_ampere: bool | None = None
        self._actions: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="ocpp sender")

    def ready(self, kinds: frozenset[str] | None = None) -> None:
        """The charger is up and may be told things: of these kinds, or (None) anything."""
        if kinds != self._kinds:
            self._kinds = kinds
            self._wake.set()
        self._ready.set()

    def wake(self) -> None:
        """There may be a command."""
        self._wake.set()

    def answer(self, message: Answer) -> bool:
        """Hand over the charger's answer; False when nobody waits for it (too late, or never asked)."""
        future = self._awaited.pop(message.message_id, None)
        if future is None or future.done():
            return False
        future.set_result(message)
        return True

    def action_of(self, message_id: str) -> str:
        """What the open call with this id asked for, for the log."""
        return self._actions.get(message_id, "")

    async def stop(self) -> None:
        """End after what the database is doing for it now, so that no row is claimed by a connection that is gone."""
        self._stopped = True
        self._ready.set()
        self._wake.set()
        for future in self._awaited.values():
            if not future.done():
                future.set_exception(LinkLostError())
        if self._task is not None:
            _, unfinished = await asyncio.wait([self._task], timeout=_LAST_WORDS_S)
            for task in unfinished:
                task.cancel()

    async def _run(self) -> None:
        await self._until_ready()
        while not self._stopped:
            self._wake.clear()
            try:
                await self._send_all()
                await _set_within(self._wake, POLL_S)
            except Exception:
                logger.exception("sending commands stumbled", extra=self._link.log_extra)
                await asyncio.sleep(_AFTER_FAILURE_S)

    async def _until_ready(self) -> None:
        if self._grace_s is not None and not await _set_within(self._ready, self._grace_s):
            return
        await self._ready.wait()

    async def _send_all(self) -> None:
        while not self._stopped:
            claimed = await database.run(
                commands.take,
                charge_point_id=self._link.charge_point_id,
                connection_key=self._link.connection_key,
                now=self._link.now(),
                kinds=self._kinds,
            )
            if claimed is None:
                return
            await self._deliver(claimed.command)
            if not claimed.has_more:
                return  # whoever queued another one meanwhile has woken this task

    async def _deliver(self, command: Command) -> None:
        try:
            request = self._link.version.request(command.intent, in_ampere=await self._speaks_ampere(command.intent))
        except Exception as error:
            logger.exception("a command cannot be said", extra=self._extra(command))
            await self._settle(commands.failed, command, error=f"not sent: {type(error).__name__}: {error}")
            return
        try:
            message = await self._call(str(command.pk), request)
            if self._may_want_ampere(command, message):
                message = await self._call_in_ampere(command, message)
        except TimeoutError:
            logger.warning("no answer to a command", extra=self._extra(command))
            await self._settle(commands.timed_out, command)
        except LinkLostError:
            return  # the row goes back to the queue when the link is closed
        else:
            await self._conclude(command, message)

    async def _speaks_ampere(self, intent: intents.Intent) -> bool:
        if self._in_ampere is None and isinstance(intent, _LIMITING):
            self._in_ampere = await database.run(
                profile_limits.ampere_only, self._link.charge_point_id, self._link.rate_unit
            )
        return bool(self._in_ampere)

    def _may_want_ampere(self, command: Command, message: Answer) -> bool:
        """Some chargers take limits in A only (ChargingScheduleAllowedChargingRateUnit), and reject those in W."""
        refused = isinstance(message, rpc.CallError) or (
            isinstance(message.payload, dict) and message.payload.get("status") == "Rejected"
        )
        return refused and not self._in_ampere and isinstance(command.intent, intents.SetChargingProfile)

    async def _call_in_ampere(self, command: Command, refusal: Answer) -> Answer:
        """The answer to the same in A; the refusal when that is refused as well, as the unit was not the reason."""
        request = self._link.version.request(command.intent, in_ampere=True)
        answer = await self._call(f"{command.pk}-A", request)
        self._in_ampere = not self._may_want_ampere(command, answer)
        return answer if self._in_ampere else refusal

    async def _call(self, message_id: str, request: Request) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._awaited[message_id] = future
        self._actions[message_id] = request.action
        if self._stopped:
            raise LinkLostError
        try:
            await self._link.send(rpc.CALL, message_id, request.action, request.payload)
            async with asyncio.timeout(self._answer_timeout_s):
                return await future
        finally:
            self._awaited.pop(message_id, None)
            self._actions.pop(message_id, None)

    async def _conclude(self, command: Command, message: Answer) -> None:
        if isinstance(message, rpc.CallError):
            await self._settle(commands.failed, command, error=f"{message.code}: {message.description}"[:250])
            return
        try:
            outcome = self._outcome(command, message.payload)
        except Exception:
            logger.exception("an answer made no sense", extra=self._extra(command))
            await self._settle(commands.failed, command, error="the answer made no sense")
            return
        await self._settle(commands.answered, command, accepted=outcome.accepted, answer=outcome.answer)
        if outcome.report is not None:
            await database.run(answers.keep, command=command, report=outcome.report, now=self._link.now())

    def _outcome(self, command: Command, payload: Any) -> Outcome:
        if not isinstance(payload, dict):
            raise ValueError("the answer is not an object")
        return self._link.version.outcome(command.intent, payload, self._link.now())

    async def _settle(self, service: Any, command: Command, **facts: Any) -> None:
        await database.run(service, command_id=command.pk, now=self._link.now(), **facts)

    def _extra(self, command: Command) -> dict[str, Any]:
        return {**self._link.log_extra, "command": command.pk, "kind": command.kind}


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
