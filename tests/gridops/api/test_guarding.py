"""Who gets in: with which token, how, and how often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from gridops.api.guarding import Pace
from gridops.models import MachineToken
from gridops.services import tokens
from tests import factories
from tests.gridops.api.conftest import BASE, Machine, machine_of
from tests.gridops.conftest import Area, browser

pytestmark = pytest.mark.django_db


def test_without_a_token_nobody_gets_in_not_even_with_a_log_in(area: Area) -> None:
    for client in (Client(), browser(area.dso)):
        answer = client.get(f"{BASE}/charge-points")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"digest": "0" * 64},
    ],
)
def test_a_token_that_ended_lets_nobody_in(machine: Machine, change: dict[str, Any]) -> None:
    assert machine.get("/groups").status_code == 200
    MachineToken.objects.update(**change)
    assert machine.get("/groups").status_code == 401


def test_neither_does_one_of_a_closed_account_or_of_a_driver(area: Area, machine: Machine) -> None:
    driver = machine_of(factories.driver())
    assert driver.get("/groups").status_code == 403
    area.dso.is_active = False
    area.dso.save()
    assert machine.get("/groups").status_code == 401


def test_rights_end_with_the_role(area: Area, machine: Machine) -> None:
    area.dso.grid_operator.delete()
    assert machine.get("/orders").status_code == 403


def test_the_last_use_is_noted(machine: Machine) -> None:
    machine.get("/groups")
    row = MachineToken.objects.get()
    assert row.last_used_at is not None
    assert row.last_used_at >= row.created_at


def test_without_tls_the_token_does_not_work_and_nobody_is_led_on(machine: Machine, settings: Any) -> None:
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
    answer = machine.get("/groups")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    secure = Client().get(f"{BASE}/groups", headers={"Authorization": f"Bearer {machine.token}"}, secure=True)
    assert secure.status_code == 200


def test_who_asks_too_often_waits(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(Pace, "THROTTLE_RATES", {"machines": "2/min", "machines_solving": "1/min"})
    answers = [machine.get("/groups") for _ in range(3)]
    assert [it.status_code for it in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert answers[2].headers["Content-Type"] == "application/problem+json"
    cache.clear()


def test_a_wrong_body_and_a_wrong_method_are_told_as_problems(machine: Machine) -> None:
    assert machine.post("/groups").status_code == 405
    answer = Client().post(
        f"{BASE}/previews", "{", "application/json", headers={"Authorization": f"Bearer {machine.token}"}
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert machine.post("/previews", []).status_code == 422


def test_only_a_digest_is_kept(area: Area) -> None:
    now = timezone.now()
    row, text = tokens.make(user=area.dso, name="x", scope="read", expires_at=now + timedelta(days=1), now=now)
    assert text.startswith("twinev_")
    assert text not in str(MachineToken.objects.filter(pk=row.pk).values().get())
