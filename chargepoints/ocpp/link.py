"""One connection of one charger: frames in, answers out; what both versions share."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from chargepoints import nearby, statements
from chargepoints.models import ChargePoint
from chargepoints.ocpp import database, journal, recorder, rpc, validation
from chargepoints.ocpp.rpc import Fault, RpcError
from chargepoints.ocpp.sender import GRACE_S, Sender
from chargepoints.ocpp.version import Version
from chargepoints.services import links, provisioning, quirks
from chargepoints.services.links import LinkClosed, LinkOpened
from chargepoints.services.messages import Entry

logger = logging.getLogger(__name__)
HEARD_EVERY = timedelta(seconds=15)
ANSWER_TIMEOUT_S = 30.0
_REMEMBERED_ANSWERS = 64


class Link:
    """A live connection. ``send_text`` puts a frame on the wire, ``clock`` tells the time in UTC."""

    def __init__(
        self,
        *,
        charge_point: ChargePoint,
        version: Version,
        send_text: Callable[[str], Awaitable[None]],
        clock: Callable[[], datetime],
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        self.charge_point_id = charge_point.pk
        self.version = version
        self.now = clock
        self.connection_key = uuid4().hex
        self.log_extra = {"charge_point": charge_point.pk, "ocpp": version.name}
        self._registration = charge_point.registration
        # What a pending charger was asked to send.
        self._prompted: set[str] = set()
        # How messages of this firmware are put right; found when the first one comes, by whom it may concern.
        self._mend: quirks.Mender | None = None
        self._has_manners = quirks.may_need_mending(charge_point)
        self.rate_unit = quirks.of(charge_point).rate_unit
        self._send_text = send_text
        self._heard_at: datetime | None = None
        self._answers: OrderedDict[int, str] = OrderedDict()
        self._wake_from_anywhere = partial(asyncio.get_running_loop().call_soon_threadsafe, self.wake)
        # One that never booted here is told nothing before it did.
        self._sender = Sender(
            self, answer_timeout_s=answer_timeout_s, grace_s=GRACE_S if charge_point.booted_at else None
        )

    async def opened(self) -> None:
        """This connection is the charger's only one from now on."""
        self._heard_at = now = self.now()
        report = LinkOpened(self.connection_key, self.version.name)
        await recorder.run(links.opened, charge_point_id=self.charge_point_id, report=report, now=now)
        self._sender.start()
        nearby.come(self.charge_point_id, self._wake_from_anywhere)

    async def closed(self) -> None:
        """The connection is gone, or a newer one took over: whatever was under way waits for the next."""
        nearby.go(self.charge_point_id, self._wake_from_anywhere)
        await self._sender.stop()
        report = LinkClosed(self.connection_key)
        await recorder.run(links.closed, charge_point_id=self.charge_point_id, report=report, now=self.now())
        await journal.current().flush()

    async def is_replaced(self) -> bool:
        """Whether a newer connection is the live one. The row tells: news of older changes may come late."""
        others = ChargePoint.objects.filter(pk=self.charge_point_id).exclude(
            connection_key__in=["", self.connection_key]
        )
        return await database.run(others.exists)

    def wake(self) -> None:
        """There may be a command to send."""
        self._sender.wake()

    def booted(self, charge_point: ChargePoint) -> None:
        """The charger introduced itself; commands go out once it is accepted."""
        self._registration = charge_point.registration
        self._mend, self._has_manners = None, quirks.may_need_mending(charge_point)
        self.rate_unit = quirks.of(charge_point).rate_unit
        self._may_send()
        if self._registration == ChargePoint.Registration.PENDING:
            self._sender.ready(self.version.while_pending)

    async def send(self, kind: int, message_id: Any, *rest: Any, action: str = "") -> None:
        """Put a message on the wire and into the log."""
        text = rpc.frame_of(kind, message_id, *rest)
        name = rest[0] if kind == rpc.CALL else action
        if kind == rpc.CALL and self._registration == ChargePoint.Registration.PENDING:
            self._prompted |= {self.version.prompts.get(name, name), str(rest[-1].get("requestedMessage"))}
        body = {"code": rest[0], "description": rest[1]} if kind == rpc.CALL_ERROR else rest[-1]
        self._log("out", kind, message_id, name, body, len(text))
        await self._send_text(text)

    async def alive(self) -> None:
        """A sign of life that is no message: a ping or a pong."""
        try:
            await self._be_heard()
        except Exception:
            logger.exception("a sign of life could not be kept", extra=self.log_extra)

    async def received(self, frame: str | bytes) -> None:
        """Deal with a frame. Never raises: no frame and no fault of ours costs the charger its link."""
        try:
            await self._deal_with(rpc.parse(frame), frame)
            await self._be_heard()
        except Exception:
            logger.exception("a frame could not be dealt with", extra=self.log_extra)

    async def _deal_with(self, message: rpc.Message, frame: str | bytes) -> None:
        if isinstance(message, rpc.Call):
            self._log("in", rpc.CALL, message.message_id, message.action, message.payload, len(frame))
            await self._answer(message, frame)
        elif isinstance(message, rpc.Malformed):
            await self._refuse(message, frame)
        else:
            self._take_answer(message, len(frame))

    async def _answer(self, call: rpc.Call, frame: str | bytes) -> None:
        """Answer a call. A session's fact that is repeated word by word gets the same answer again."""
        repeat = hash(frame) if call.action in self.version.lasting else None
        if repeat is not None and (text := self._answers.get(repeat)):
            await self._send_text(text)
            return
        try:
            payload = await self._handled(call)
        except RpcError as fault:
            await self._send_fault(call.message_id, fault.fault, fault.reason, action=call.action)
        except Exception as error:
            logger.exception("a handler failed", extra={**self.log_extra, "action": call.action})
            if repeat is not None and isinstance(error, database.TRANSIENT):
                return  # unanswered, the charger keeps the fact and sends it again; an error could make it drop it
            await self._send_fault(call.message_id, Fault.INTERNAL, "", action=call.action)
        else:
            if repeat is not None:
                self._remember(repeat, rpc.frame_of(rpc.CALL_RESULT, call.message_id, payload))
            await self.send(rpc.CALL_RESULT, call.message_id, payload, action=call.action)

    async def _handled(self, call: rpc.Call) -> dict[str, Any]:
        handler = self.version.handlers.get(call.action)
        if handler is None:
            known = validation.validator(self.version.name, self.version.schema_name(call.action)) is not None
            raise RpcError(Fault.UNSUPPORTED_ACTION if known else Fault.UNKNOWN_ACTION)
        if call.action != "BootNotification":
            if self._registration == ChargePoint.Registration.REJECTED or self._is_too_early(call.action):
                raise RpcError(Fault.SECURITY, "this charge point was not accepted")
            self._may_send()
        payload, notes = validation.mended(self.version.name, self.version.schema_name(call.action), call.payload)
        if notes:
            logger.info("sloppy message", extra={**self.log_extra, "action": call.action, "notes": "; ".join(notes)})
        return await handler(self, await self._put_right(payload))

    async def _put_right(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The message as the standard would have had it, from firmware that has manners of its own."""
        if not self._has_manners:
            return payload
        if self._mend is None:
            self._mend = await database.run(quirks.mender_of, self.charge_point_id)
        return self._mend(payload)

    def _is_too_early(self, action: str) -> bool:
        """Facts that are worth money are taken from a pending charger, too: it could drop them."""
        if self._registration != ChargePoint.Registration.PENDING or not self.version.is_strict:
            return False
        return action not in self.version.lasting and action not in self._prompted

    def _may_send(self) -> None:
        if self._registration == ChargePoint.Registration.ACCEPTED:
            self._sender.ready()

    def _remember(self, key: int, answer: str) -> None:
        self._answers[key] = answer
        if len(self._answers) > _REMEMBERED_ANSWERS:
            self._answers.popitem(last=False)

    async def _send_fault(self, message_id: Any, fault: Fault, reason: str, *, action: str = "") -> None:
        await self.send(rpc.CALL_ERROR, message_id, self.version.codes[fault], reason[:255], {}, action=action)

    async def _refuse(self, message: rpc.Malformed, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode(errors="replace")
        self._log("in", 0, message.message_id, "", {"unreadable": text[:500].replace("\x00", "")}, len(frame))
        logger.info("malformed frame", extra={**self.log_extra, "reason": message.reason})
        if message.answerable:
            await self._send_fault(message.message_id, message.fault, message.reason)

    def _take_answer(self, message: rpc.CallResult | rpc.CallError, size: int) -> None:
        action = self._sender.action_of(message.message_id)
        if isinstance(message, rpc.CallResult):
            self._log("in", rpc.CALL_RESULT, message.message_id, action, message.payload, size)
        else:
            body = {"code": message.code, "description": message.description, "details": message.details}
            self._log("in", rpc.CALL_ERROR, message.message_id, action, body, size)
        if not self._sender.answer(message):
            logger.info("an answer that nobody awaits", extra=self.log_extra)

    def _log(self, direction: str, kind: int, message_id: Any, action: str, payload: Any, size: int) -> None:
        entry = Entry(
            charge_point_id=self.charge_point_id,
            at=self.now(),
            direction=direction,
            message_type=kind,
            message_id=str(message_id)[:64],
            action=action[:48],
            payload=rpc.text_of(journal.storable(payload, size)),
        )
        journal.current().add(entry)

    async def _be_heard(self) -> None:
        """Any frame is a sign of life; told to the database now and then."""
        now = self.now()
        if self._heard_at is not None and abs(now - self._heard_at) < HEARD_EVERY:
            return
        self._heard_at = now
        await database.run(_heard, self.charge_point_id, self.connection_key, self.version.name, now)


def _heard(charge_point_id: int, connection_key: str, version: str, now: datetime) -> None:
    """A charger that was given up as silent and speaks again is connected after all."""
    live = {"id": charge_point_id, "connection_key": connection_key}
    if statements.update(ChargePoint, live, last_heard_at=now):
        return
    provisioning.heard(charge_point_id=charge_point_id, now=now)
    if ChargePoint.objects.filter(pk=charge_point_id, connection_key="").exists():
        provisioning.connected(
            charge_point_id=charge_point_id, connection_key=connection_key, ocpp_version=version, now=now
        )
