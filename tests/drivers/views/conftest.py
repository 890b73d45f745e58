"""Browsers of the cast, at a standing clock."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def as_user() -> Callable[[Any], Client]:
    def logged_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in


@pytest.fixture
def mine(driver: Any, as_user: Callable[[Any], Client]) -> Client:
    return as_user(driver)


@pytest.fixture
def theirs(other_driver: Any, as_user: Callable[[Any], Client]) -> Client:
    return as_user(other_driver)
