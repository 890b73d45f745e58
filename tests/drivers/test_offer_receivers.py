"""News of an offer, and the sweep that catches what was lost."""

from typing import Any

import pytest

from drivers import tasks
from drivers.models import Notice
from smac import tasks as smac_tasks
from smac.models import Campaign
from smac.services.campaigns import settling
from tests.smac.services.campaigns.conftest import END, campaign, session
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db


def test_the_news_of_an_offer_has_its_drivers_told(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    sent: list[int] = []
    monkeypatch.setattr(tasks.tell_of_offers, "delay", lambda: sent.append(1))
    need, _ = session()
    with django_capture_on_commit_callbacks(execute=True):
        campaign(need.evse.charge_point)
    assert sent
    tasks.tell_of_offers()
    assert Notice.objects.get(kind=Notice.Kind.OFFER).user == need.driver


def test_the_sweep_settles_what_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    need, _ = session()
    campaign(need.evse.charge_point)
    later = END + settling.GRACE
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    smac_tasks.serve_campaigns()
    smac_tasks.serve_campaigns()
    assert Campaign.objects.get().settled_at == later
