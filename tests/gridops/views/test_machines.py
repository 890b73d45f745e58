"""Access for machines, made and revoked by its owner."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridops.models import MachineToken, ServerLink
from gridops.services import tokens
from tests.gridops.conftest import Area, browser

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FORM = {"name": "Control room", "scope": "order", "days": "90"}


def test_a_token_is_shown_once_and_works(area: Area, console: Client) -> None:
    answer = console.post(reverse("gridops:machine_add"), FORM, headers=HTMX)
    text = re.search(r"twinev_[\w-]{40,}", answer.text)
    assert text
    assert "no-store" in answer.headers["Cache-Control"]
    row = MachineToken.objects.get()
    assert (row.user, row.scope, row.expires_at.date()) == (
        area.dso,
        "order",
        (timezone.now() + timedelta(days=90)).date(),
    )
    page = console.get(reverse("gridops:machines")).text
    assert "Control room" in page
    assert row.hint in page
    assert text[0] not in page
    headers = {"Authorization": f"Bearer {text[0]}"}
    assert Client().get("/api/v1/gridops/groups", headers=headers).status_code == 200


def test_one_that_is_revoked_stays_in_the_list_and_works_no_more(area: Area, console: Client) -> None:
    now = timezone.now()
    row, text = tokens.make(user=area.dso, name="Old", scope="read", expires_at=now + timedelta(days=1), now=now)
    address = reverse("gridops:machine_revoke", kwargs={"pk": row.pk})
    assert "Revoke Old?" in console.get(address, headers=HTMX).text
    assert console.post(address, headers=HTMX).headers["HX-Redirect"] == reverse("gridops:machines")
    assert "Revoked" in console.get(reverse("gridops:machines")).text
    assert Client().get("/api/v1/gridops/groups", headers={"Authorization": f"Bearer {text}"}).status_code == 401


def test_nobody_sees_or_revokes_anothers_not_even_an_administrator_of_the_same_groups(area: Area) -> None:
    now = timezone.now()
    row, _text = tokens.make(user=area.dso, name="Mine", scope="read", expires_at=now + timedelta(days=1), now=now)
    other = browser(area.other_dso)
    assert "Mine" not in other.get(reverse("gridops:machines")).text
    assert other.post(reverse("gridops:machine_revoke", kwargs={"pk": row.pk})).status_code == 404
    assert MachineToken.objects.get().revoked_at is None


@pytest.mark.parametrize("change", [{"name": ""}, {"scope": "all"}, {"days": "9999"}])
def test_a_wrong_form_comes_back(console: Client, change: dict[str, str]) -> None:
    assert console.post(reverse("gridops:machine_add"), FORM | change, headers=HTMX).status_code == 422
    assert not MachineToken.objects.exists()


def test_there_are_only_so_many(area: Area, console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_PER_USER", 1)
    answers: list[Any] = [console.post(reverse("gridops:machine_add"), FORM) for _ in range(2)]
    assert [it.status_code for it in answers] == [200, 422]
    assert "revoke one first" in answers[1].text


def test_the_page_says_how_it_goes_with_the_own_server(area: Area, console: Client) -> None:
    assert "OpenADR" not in console.get(reverse("gridops:machines")).text
    link = ServerLink.objects.create(user=area.dso, problem="The server does not answer.")
    link.events.create(event_id="e-1", digest="", problem="No such group: North.", seen_at=timezone.now())
    page = console.get(reverse("gridops:machines")).text
    assert "The server does not answer." in page
    assert "No such group: North." in page
    assert "The server does not answer." not in browser(area.other_dso).get(reverse("gridops:machines")).text
