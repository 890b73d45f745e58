"""The grid operator's own server, over HTTP, and a poll of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from gridops.models import ServerLink
from gridops.services.server import following
from tests import vtn as vtns
from tests.gridops.conftest import Area
from tests.vtn import Vtn
from twinev.adapters import openadr

Poll = Callable[..., ServerLink]


@pytest.fixture
def vtn() -> Iterator[Vtn]:
    with vtns.running() as running:
        yield running


@pytest.fixture
def start() -> datetime:
    """Ten minutes from now."""
    return timezone.now().replace(microsecond=0) + timedelta(minutes=10)


@pytest.fixture
def poll(area: Area, vtn: Vtn) -> Poll:
    def once(now: datetime | None = None, *, by: Any = None) -> ServerLink:
        server = openadr.at(vtn.url)
        return following.follow(user=by or area.dso, server=server, now=now or timezone.now())

    return once
