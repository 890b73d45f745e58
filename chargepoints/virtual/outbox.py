"""What the charger has to say, in order. Transaction messages wait for the link; the rest is dropped without it."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]


@dataclass(eq=False)
class Entry:
    """A message to send. `complete` fills in what is known only when its turn comes (1.6: the transaction's id)."""

    action: str
    payload: Payload
    durable: bool = False
    on_answer: Callable[[Payload], None] | None = None
    complete: Callable[[Payload], None] | None = None
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    failures: int = 0

    def renew_id(self) -> None:
        """Some firmware repeats the same content under a new message id."""
        self.message_id = str(uuid.uuid4())


class Outbox:
    """First in, first out; an entry stays at the head until it is answered or given up."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def put(self, entry: Entry) -> None:
        """To the end of the queue."""
        self._entries.append(entry)
        self._arrived.set()

    async def head(self) -> Entry:
        """The oldest entry, completed; waits for one."""
        while not self._entries:
            self._arrived.clear()
            await self._arrived.wait()
        entry = self._entries[0]
        if entry.complete:
            entry.complete(entry.payload)
            entry.complete = None
        return entry

    def remove(self, entry: Entry) -> None:
        """Delivered, or given up."""
        if entry in self._entries:
            self._entries.remove(entry)

    def drop_volatile(self) -> None:
        """The link is gone: only what must not be lost stays."""
        self._entries = deque(entry for entry in self._entries if entry.durable)

    def shuffle(self, rng: random.Random, *, walls: str) -> None:
        """Mix up what waits behind the head, which may be on its way; nothing passes messages of the action `walls`."""
        listed = list(self._entries)
        mixed = listed[:1]
        open_part: list[Entry] = []
        for entry in listed[1:]:
            if entry.action == walls:
                mixed += [*rng.sample(open_part, len(open_part)), entry]
                open_part = []
            else:
                open_part.append(entry)
        self._entries = deque([*mixed, *rng.sample(open_part, len(open_part))])

    def clear(self) -> None:
        """Forget everything (a charger without a memory)."""
        self._entries.clear()
