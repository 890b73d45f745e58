"""A control room's system: a client with a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gridops.services import tokens
from tests.gridops.conftest import Area

BASE = "/api/v1/gridops"


class Machine:
    """Speaks JSON with a token; answers are Django's test responses."""

    def __init__(self, text: str) -> None:
        self._client, self.token = Client(), text

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(f"{BASE}{path}", headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._client.post(
            f"{BASE}{path}", body if body is not None else {}, "application/json", headers=self._headers(headers)
        )

    def order(self, body: Any, key: str = "k-1") -> Any:
        return self.post("/orders", body, **{"Idempotency-Key": key})

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | more


Maker = Callable[..., Machine]


def machine_of(user: Any, scope: str = "order") -> Machine:
    now = timezone.now()
    _row, text = tokens.make(user=user, name="SCADA", scope=scope, expires_at=now + timedelta(days=30), now=now)
    return Machine(text)


@pytest.fixture
def machine(area: Area) -> Machine:
    return machine_of(area.dso)


@pytest.fixture
def stranger(area: Area) -> Machine:
    return machine_of(area.other_dso)


def wanted(*identities: str, **changes: Any) -> dict[str, Any]:
    """An order of tomorrow, two hours long, for STM-1 and STM-2."""
    start = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    usual = {
        "charge_points": list(identities) or ["STM-1", "STM-2"],
        "scope": "each",
        "max_power_w": 5000,
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=2)).isoformat(),
        "reason": "Transformer at its limit",
    }
    return {**usual, **changes}
