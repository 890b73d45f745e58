"""The session card, its details and its end."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargepoints.models import ChargePoint, Connector, Tariff, Transaction
from drivers.models import ChargeSession
from drivers.services import sessions
from smac.services import needs, planning
from tests.drivers.views.conftest import HTMX
from tests.factories import NOW
from tests.smac import world

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


def test_a_start_says_how_long_there_is_to_plug_in(mine: Client, waiting: ChargeSession) -> None:
    page = card(mine, waiting)
    assert "Time left to plug in:" in page
    assert (NOW + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M") in page


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("refused", "The charger said no"),
        ("no_answer", "No answer from the charger"),
        ("no_plug", "No vehicle was plugged in"),
        ("given_up", "You ended it"),
    ],
)
def test_each_failure_has_its_own_screen(mine: Client, waiting: ChargeSession, code: str, title: str) -> None:
    sessions.give_up(session=waiting, code=code, reason="Because.", now=NOW)
    for page in (card(mine, waiting), mine.get(reverse("drivers:charge")).content.decode()):
        assert f'data-failure="{code}"' in page
        assert title in page


def test_a_silent_charger_is_told_with_the_age_of_the_figures(mine: Client, charging: ChargeSession) -> None:
    assert 'id="charger-silent"' not in card(mine, charging)
    ChargePoint.objects.update(connection_key="", last_heard_at=NOW)
    page = card(mine, charging)
    assert 'id="charger-silent"' in page
    assert "The charger has not reported since" in page


def test_a_charger_that_is_connected_and_says_nothing_is_silent_too(
    mine: Client, charging: ChargeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 19)
    assert 'id="charger-silent"' not in card(mine, charging)
    at(monkeypatch, 21)
    assert 'id="charger-silent"' in card(mine, charging)


def test_a_car_that_takes_nothing_is_told_while_the_plan_gives_power(mine: Client, charging: ChargeSession) -> None:
    Connector.objects.update(status="suspended_ev")
    assert "Your vehicle takes no power" in card(mine, charging)
    Transaction.objects.update(power_w=7_000)
    assert "Your vehicle takes no power" not in card(mine, charging)


def test_a_car_that_stopped_early_is_told_on_the_summary(mine: Client, charging: ChargeSession) -> None:
    Transaction.objects.update(state="ended", ended_at=NOW, stop_reason="EVDisconnected", soc_percent=50)
    sessions.finished(session=charging, ended_at=NOW)
    page = card(mine, charging)
    assert "Battery at 50% instead of 80%." in page
    assert "The cable was pulled out." in page


def test_what_waits_and_why_is_told_hour_by_hour(mine: Client, charging: ChargeSession) -> None:
    needs.attach(transaction=charging.transaction, now=NOW)
    planning.run(supply_point_id=charging.evse.charge_point.supply_point_id, now=NOW)
    page = mine.get(reverse("drivers:session-details", args=[charging.pk]), headers=HTMX).content.decode()
    assert 'id="stretches"' in page
    assert "Full power" in page
    assert "/kWh" in page


def test_the_receipt_has_every_component_and_the_figures_of_the_card(mine: Client, charging: ChargeSession) -> None:
    Tariff.objects.update(session_fee=Decimal("0.35"))
    world.meter(charging.transaction, (NOW - timedelta(hours=1), 0), (NOW, 6_000))
    Transaction.objects.update(state="ended", ended_at=NOW)
    sessions.finished(session=charging, ended_at=NOW - timedelta(minutes=25))
    mine.post(reverse("drivers:session-pick-up", args=[charging.pk]))
    receipt = mine.get(reverse("drivers:session-receipt", args=[charging.pk])).content.decode()
    for figure in ("€3.00", "€0.35", "€1.50", "€4.85", "6.00", "€0.500/kWh", "Penalty, 15 min", "Green share"):
        assert figure in receipt, figure
    shown = card(mine, charging)
    for figure in ("€3.00", "€0.35", "€1.50", "€4.85", "6.0"):
        assert figure in shown, figure
    assert "€4.85" in mine.get(reverse("drivers:history")).content.decode()


def test_anothers_receipt_does_not_exist(theirs: Client, client: Client, charging: ChargeSession) -> None:
    address = reverse("drivers:session-receipt", args=[charging.pk])
    assert theirs.get(address).status_code == 404
    assert "/accounts/login/" in client.get(address)["Location"]


def test_a_receipt_of_what_never_began_bills_nothing(mine: Client, waiting: ChargeSession) -> None:
    page = mine.get(reverse("drivers:session-receipt", args=[waiting.pk])).content.decode()
    assert "nothing is billed" in page
