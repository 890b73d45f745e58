"""The session card, its details and its end."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargepoints.models import Transaction
from drivers.models import ChargeSession
from drivers.services import sessions
from smac.services import needs, planning
from tests.drivers.views.conftest import HTMX
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def card(client: Client, session: ChargeSession) -> str:
    return client.get(reverse("drivers:session", args=[session.pk]), headers=HTMX).content.decode()


def at(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=minutes))


def test_the_orange_card_shows_battery_time_cost_and_energy(mine: Client, charging: ChargeSession) -> None:
    Transaction.objects.update(energy_wh=5_200, power_w=7_400, soc_percent=48)
    page = card(mine, charging)
    for words in ('data-look="charging"', "48%", "wanted 80%", "5.2", "7.4", "Cost so far", "End charge"):
        assert words in page


def test_the_card_refreshes_itself_and_stops_when_all_is_over(mine: Client, charging: ChargeSession) -> None:
    assert f'data-live="user.{charging.driver_id}.session"' in card(mine, charging)
    assert "every 60s" in card(mine, charging)
    sessions.finished(session=charging, ended_at=NOW)
    sessions.pick_up(session=charging, now=NOW)
    assert "every 60s" not in card(mine, charging)


def test_while_somebody_stands_at_the_charger_the_card_looks_more_often(mine: Client, waiting: ChargeSession) -> None:
    assert "every 5s" in card(mine, waiting)


def test_the_session_survives_closing_the_app(mine: Client, charging: ChargeSession) -> None:
    assert 'data-look="charging"' in mine.get(reverse("drivers:charge")).content.decode()


def test_end_charge_asks_the_charger_to_stop(mine: Client, charging: ChargeSession) -> None:
    mine.post(reverse("drivers:session-end", args=[charging.pk]))
    charging.refresh_from_db()
    assert charging.stop_requested_at == NOW
    assert 'data-look="ending"' in card(mine, charging)


def test_the_summary_is_green_then_red_and_the_penalty_runs(
    mine: Client, charging: ChargeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions.finished(session=charging, ended_at=NOW)
    at(monkeypatch, 5)
    assert 'data-look="finished"' in card(mine, charging)
    assert "Pick up vehicle" in card(mine, charging)
    at(monkeypatch, 15)
    page = card(mine, charging)
    assert 'data-look="overdue"' in page
    assert "€0.50" in page


def test_pick_up_ends_it_with_the_receipt(mine: Client, charging: ChargeSession) -> None:
    sessions.finished(session=charging, ended_at=NOW)
    mine.post(reverse("drivers:session-pick-up", args=[charging.pk]))
    page = card(mine, charging)
    assert 'data-look="closed"' in page
    assert "Receipt" in page
    assert sessions.open_session(charging.driver) is None


@pytest.mark.parametrize(("state", "is_told"), [("ended", False), ("quarantined", True)])
def test_a_driver_is_told_why_a_doubtful_session_is_not_billed(
    mine: Client, charging: ChargeSession, state: str, is_told: bool
) -> None:
    Transaction.objects.update(state=state, flaw="no stop was sent", energy_wh=4_000, ended_at=NOW)
    sessions.finished(session=charging, ended_at=NOW)
    assert ("Nothing is billed before its operator" in card(mine, charging)) == is_told


def test_details_say_what_the_battery_and_the_forecasts_are_taken_from(mine: Client, charging: ChargeSession) -> None:
    needs.attach(transaction=charging.transaction, now=NOW)
    planning.run(supply_point_id=charging.evse.charge_point.supply_point_id, now=NOW)
    page = mine.get(reverse("drivers:session-details", args=[charging.pk]), headers=HTMX).content.decode()
    assert "As you said, and metered since: ±5 points." in page
    assert "Nothing is known of: Production. A usual value is assumed." in page


def test_details_have_the_charge_curve_and_what_it_follows(mine: Client, charging: ChargeSession) -> None:
    page = mine.get(reverse("drivers:session-details", args=[charging.pk]), headers=HTMX).content.decode()
    chart = reverse("drivers:session-chart", args=[charging.pk])
    assert f'data-src="{chart}"' in page
    assert f'data-src="{chart}?part=context"' in page
    for part in ("", "?part=context"):
        answer = mine.get(chart + part)
        assert answer.json()["unit"] == "kW"
        assert "no-store" in answer["Cache-Control"]


def test_a_failed_start_tells_why_and_what_to_do(mine: Client, waiting: ChargeSession) -> None:
    sessions.give_up(session=waiting, reason="The charger did not answer.", now=NOW)
    page = card(mine, waiting)
    assert "The charger did not answer." in page
    assert "Try again" in page


def test_history_lists_what_is_over(mine: Client, charging: ChargeSession) -> None:
    url = reverse("drivers:history")
    assert "No charges yet" in mine.get(url).content.decode()
    sessions.finished(session=charging, ended_at=NOW)
    assert charging.evse.charge_point.location.name in mine.get(url).content.decode()
