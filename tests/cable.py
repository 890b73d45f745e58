"""A network between chargers and server that can be cut, as a digger cuts it: nobody is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Cable:
    """A TCP relay. Cut, it swallows what comes and takes no new connection; mended, the old connections are dead."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._whole = asyncio.Event()
        self._whole.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        """The line works again; routers have forgotten the connections that went over it."""
        for writer in self._writers:
            writer.transport.abort()
        self._whole.set()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._whole.wait()
        with contextlib.suppress(OSError):
            there = await asyncio.open_connection("127.0.0.1", self._target_port)
            self._writers |= {writer, there[1]}
            await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if self._whole.is_set():
                    writer.write(data)
                    await writer.drain()
        # An end that comes while the line is cut is not told to the other side.
        if self._whole.is_set():
            writer.close()
        self._writers.discard(writer)


@contextlib.asynccontextmanager
async def cable(target_port: int) -> AsyncIterator[Cable]:
    """A cable to a port of this machine; its own is in ``port``."""
    laid = Cable(target_port)
    server = await asyncio.start_server(laid._relay, "127.0.0.1", 0)
    laid.port = server.sockets[0].getsockname()[1]
    try:
        yield laid
    finally:
        laid.mend()
        server.close()
