"""The Campaigns tab."""

import csv
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from smac.models import Campaign, Participation
from smac.services.campaigns import answering, settling
from tests import factories
from tests.gridops.conftest import Area, browser
from tests.smac.services.campaigns.conftest import END, START, campaign, metered, session
from tests.smac.world import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def form(area: Area, **changes: Any) -> dict[str, Any]:
    usual = {
        "groups": [area.group.pk],
        "direction": "less",
        "wanted_kw": "5",
        "incentive_per_kwh": "0.5",
        "budget": "10",
        "starts_at": "2026-11-23T14:00",
        "ends_at": "2026-11-23T15:00",
        "message": "Evening peak",
    }
    return {**usual, **changes}


def offered(area: Area) -> tuple[Campaign, Any, Any]:
    """An offer on the area's points, a session there and its transaction."""
    need, running = session(evse=area.points[0].evses.get())
    return campaign(*area.points, created_by=area.dso), need, running


def text(client: Client, name: str, *names: Any, **headers: str) -> str:
    response = client.get(reverse(f"gridops:{name}", args=names), headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_an_offer_is_announced_for_the_branch_of_a_group(area: Area, console: Client) -> None:
    answer = console.post(reverse("gridops:campaign_add"), form(area), follow=True)
    offer = Campaign.objects.get()
    assert (offer.wanted_w, str(offer.incentive_per_kwh), str(offer.budget)) == (5_000, "0.5000", "10.00")
    assert (offer.starts_at, offer.ends_at, offer.created_by) == (START, END, area.dso)
    assert set(offer.charge_points.all()) == set(area.points)
    shown = answer.content.decode()
    for words in ("5.0\u00a0kW less", "The offer is announced", "Evening peak", "€0.500/kWh"):
        assert words in shown


def test_the_times_are_those_of_the_area(area: Area, console: Client) -> None:
    places = {point.supply_point.location for point in area.points}
    for place in places:
        type(place).objects.filter(pk=place.pk).update(time_zone="Europe/Athens")
    console.post(reverse("gridops:campaign_add"), form(area, starts_at="2026-11-23T15:00", ends_at="2026-11-23T16:00"))
    assert Campaign.objects.get().starts_at == START


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"groups": []}, "Choose at least one group"),
        ({"wanted_kw": "0"}, "greater than or equal to 0.1"),
        ({"incentive_per_kwh": ""}, "Say what a kilowatt-hour is worth."),
        ({"budget": "0"}, "greater than or equal to 0.01"),
        ({"starts_at": "2026-11-23T14:05"}, "quarter of an hour"),
        ({"ends_at": "2026-11-23T13:00"}, "The end must be after the start."),
        ({"starts_at": "2026-11-22T14:00"}, "must not be in the past"),
        ({"starts_at": "2027-03-28T02:30", "ends_at": "2027-03-28T04:00"}, "clocks go forward"),
        ({"starts_at": "2026-10-25T02:30", "ends_at": "2026-10-25T04:00"}, "comes twice"),
    ],
)
def test_what_is_wrong_is_said_in_form_and_preview(
    area: Area, console: Client, changes: dict[str, Any], said: str
) -> None:
    for name in ("campaign_add", "campaign_preview"):
        answer = console.post(reverse(f"gridops:{name}"), form(area, **changes))
        assert said in answer.content.decode()
    assert not Campaign.objects.exists()


def test_the_preview_counts_and_names_nobody(area: Area, console: Client) -> None:
    need, _ = session(evse=area.points[0].evses.get())
    shown = console.post(reverse("gridops:campaign_preview"), form(area, budget="2")).content.decode()
    for words in ("1 driver would be told now.", "4.0\u00a0kWh", "the budget ends before", "Europe/Berlin"):
        assert words in shown
    assert need.driver.username not in shown
    assert not Campaign.objects.exists()


def test_a_group_of_others_is_no_choice(area: Area, console: Client) -> None:
    foreign = area.foreign.groups.get()
    answer = console.post(reverse("gridops:campaign_add"), form(area, groups=[foreign.pk]))
    assert answer.status_code == 422
    assert foreign.name not in text(console, "campaign_add")
    assert not Campaign.objects.exists()


def test_the_uptake_is_live_and_in_sums(area: Area, console: Client) -> None:
    offer, need, _ = offered(area)
    answering.opt_in(campaign=offer, driver=need.driver, now=NOW)
    answering.opt_out(campaign=offer, driver=factories.driver(), now=NOW)
    shown = text(console, "campaign", offer.pk, **HTMX)
    assert "<html" not in shown
    for words in ("driver takes part", "5.0\u00a0kW", "€2.50", "€7.50 left of €10.00", "1 said no"):
        assert words in shown
    whole = text(console, "campaign", offer.pk) + text(console, "campaigns")
    assert need.driver.username not in whole
    assert "€2.50" in whole


def test_the_chart_and_the_file_tell_quarter_by_quarter(area: Area, console: Client) -> None:
    offer, need, running = offered(area)
    answering.opt_in(campaign=offer, driver=need.driver, now=NOW)
    metered(running, 0, 0, 0, 0, 6_000, 6_000, 6_000, 7_000)
    settling.settle(campaign=offer, now=END + settling.GRACE)
    curves = console.get(reverse("gridops:campaign_power", args=[offer.pk])).json()["series"]
    assert {one["kind"]: one["values"][0] for one in curves} == {"baseline": 11.0, "plan": 6.0, "measured": 6.0}
    answer = console.get(reverse("gridops:campaign_csv", args=[offer.pk]))
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(StringIO(answer.getvalue().decode())))
    assert rows[1] == [
        *("2026-11-23T13:00:00Z", "2026-11-23T13:15:00Z", "2026-11-23T14:00:00+01:00"),
        *("1", "2750", "1500", "1500", "2750"),
    ]
    facts = {row[0]: row[1] for row in rows if row[0].startswith("#")}
    assert (facts["# delivered_wh"], facts["# paid"], facts["# taking_part"]) == ("4750", "2.38", "1")
    assert need.driver.username not in answer.getvalue().decode()


def test_an_offer_is_withdrawn_after_a_question(area: Area, console: Client) -> None:
    offer, _, _ = offered(area)
    address = reverse("gridops:campaign_withdraw", args=[offer.pk])
    assert "Withdraw this offer?" in console.get(address).content.decode()
    offer.refresh_from_db()
    assert offer.withdrawn_at is None
    shown = console.post(address, follow=True).content.decode()
    offer.refresh_from_db()
    assert offer.withdrawn_at == NOW
    assert "The offer is withdrawn." in shown
    assert "campaign-withdraw" not in shown
    assert "already" in console.post(address, follow=True).content.decode()


def test_a_stranger_finds_no_offer_of_others(area: Area, console: Client) -> None:
    offer, need, _ = offered(area)
    wider = campaign(area.points[0], area.foreign, created_by=area.other_dso)
    stranger = browser(area.other_dso)
    for client, pk in ((stranger, offer.pk), (stranger, wider.pk), (console, wider.pk)):
        for name in ("campaign", "campaign_power", "campaign_csv", "campaign_withdraw"):
            assert client.get(reverse(f"gridops:{name}", args=[pk])).status_code == 404
    assert f'data-campaign="{offer.pk}"' not in text(stranger, "campaigns")
    assert f'data-campaign="{wider.pk}"' not in text(console, "campaigns")
    assert browser(need.driver).get(reverse("gridops:campaigns")).status_code == 403
    assert browser().get(reverse("gridops:campaigns")).status_code == 302
    assert not Participation.objects.exists()


def test_phases_follow_the_clock(area: Area, console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    offer, _, _ = offered(area)
    for now, word in ((NOW, "Upcoming"), (START, "Active"), (END, "Meters are read")):
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert word in text(console, "campaign", offer.pk)
    settling.settle(campaign=offer, now=END + timedelta(hours=1))
    assert "Settled" in text(console, "campaigns")


def test_the_form_begins_with_the_next_hour_of_the_place(area: Area, console: Client) -> None:
    local = datetime(2026, 11, 23, 14, tzinfo=ZoneInfo("Europe/Berlin"))
    assert local.strftime("%Y-%m-%dT%H:%M") in text(console, "campaign_add")
