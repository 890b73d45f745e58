"""A grid operator's server that speaks OpenADR 3.0.1 (`gridops.ports.OrderServer`); here is its client (VEN).

Source: OpenADR 3.0.1, API definition (openadr3.yaml) and its enumerations of payload types.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiohttp
import toadr3
from pydantic import ValidationError
from toadr3 import ToadrClient

from gridops.ports import Event, Events, OrderServer, Report, Unavailable
from twinev.adapters import openadr_events, openadr_reports

# Of one answer, and of a whole visit.
_WITHIN_S, _VISIT_S = 20.0, 60.0
# The most that a server may give at once (parameter `limit` of the definition), and the most that is taken.
_PAGE, _MOST = 50, 2_000
_SCOPE = "read_all write_reports"
_NAME = re.compile(r"[^A-Za-z0-9_-]+")
Answer = TypeVar("Answer")


def at(address: str) -> OrderServer:
    """The server at ``https://client-id:secret@host/base``; ``?token_url=…&scope=…`` where its log-in is elsewhere."""
    return OpenAdr(urlsplit(address))


class OpenAdr:
    """Each call is a visit of its own: logs in, asks, leaves."""

    def __init__(self, address: SplitResult) -> None:
        where = address.netloc.rpartition("@")[2]
        self._base = f"{address.scheme}://{where}{address.path.rstrip('/')}"
        self._client_id, self._secret = unquote(address.username or ""), unquote(address.password or "")
        query = parse_qs(address.query)
        self._token_url = query.get("token_url", [f"{self._base}/auth/token"])[0]
        self._scope = query.get("scope", [_SCOPE])[0]

    def events(self) -> Events:
        return self._visit(_all_events)

    def report(self, report: Report) -> None:
        name = _NAME.sub("-", self._client_id) or "TwinEV"
        wire = openadr_reports.written(report, client_name=name)

        async def hand_in(client: ToadrClient) -> None:
            await client.post_report(wire)

        self._visit(hand_in)

    def _visit(self, ask: Callable[[ToadrClient], Awaitable[Answer]]) -> Answer:
        with _understood():
            return asyncio.run(self._asked(ask))

    async def _asked(self, ask: Callable[[ToadrClient], Awaitable[Answer]]) -> Answer:
        resolver = aiohttp.ThreadedResolver()  # the system's own, as for all else here
        connector, timeout = aiohttp.TCPConnector(resolver=resolver), aiohttp.ClientTimeout(total=_WITHIN_S)
        async with asyncio.timeout(_VISIT_S), aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            return await ask(ToadrClient(self._base, self._credentials(), session))

    def _credentials(self) -> toadr3.OAuthConfig | None:
        if not self._client_id:
            return None
        return toadr3.OAuthScopeConfig(
            self._token_url, "client_credentials", self._scope, self._client_id, self._secret
        )


async def _all_events(client: ToadrClient) -> Events:
    """Page by page; a page that cannot be read, one by one, so that a single bad event does not hide the others."""
    found: list[Event] = []
    is_whole, skip = True, 0
    while skip < _MOST:
        try:
            page = await client.get_events(skip=skip, limit=_PAGE)
            found += [openadr_events.read(event) for event in page]
            count = len(page)
        except ValidationError:
            readable, count = await _one_by_one(client, skip)
            found += readable
            is_whole = False
        if count < _PAGE:
            return Events(tuple(found), is_whole)
        skip += _PAGE
    return Events(tuple(found), is_whole=False)


async def _one_by_one(client: ToadrClient, skip: int) -> tuple[list[Event], int]:
    """The events of a page that can be read, and how many there are."""
    found: list[Event] = []
    for count in range(_PAGE):
        try:
            page = await client.get_events(skip=skip + count, limit=1)
        except ValidationError:
            continue
        if not page:
            return found, count
        found += [openadr_events.read(event) for event in page]
    return found, _PAGE


@contextmanager
def _understood() -> Iterator[None]:
    """Whatever goes wrong outside comes as Unavailable: also what toadr3 stumbles over in an answer."""
    try:
        yield
    except toadr3.ToadrError as error:
        raise Unavailable(f"HTTP {error.status_code}: {error.message}"[:200]) from error
    except TimeoutError as error:
        raise Unavailable("no answer in time") from error
    except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"{type(error).__name__}: {error}"[:200]) from error
