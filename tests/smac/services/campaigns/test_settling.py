"""After the window."""

from datetime import timedelta
from decimal import Decimal

import pytest

from smac.models import Participation
from smac.services.campaigns import announcing, answering, settling, uptake
from tests import factories
from tests.smac.services.campaigns.conftest import END, START, campaign, joined, metered, session
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db
State = Participation.State
LATER = END + settling.GRACE
BEFORE = (0.0,) * 4  # the hour before the window


def test_what_the_meter_shows_less_than_the_baseline_is_paid() -> None:
    need, running = session()
    row = joined(need)
    metered(running, *BEFORE, 6_000, 6_000, 6_000, 6_000, 11_000)
    assert settling.settle_due(now=LATER) == 1
    row.refresh_from_db()
    assert (row.state, row.delivered_wh, row.incentive) == (State.SETTLED, 5_000, Decimal("2.50"))
    assert row.measured_w == pytest.approx([6_000.0] * 4)


def test_who_settles_twice_pays_once() -> None:
    need, running = session()
    row = joined(need)
    metered(running, *BEFORE, 6_000, 6_000, 6_000, 6_000)
    assert settling.settle(campaign=row.campaign, now=LATER)
    metered(running, 0.0, start=LATER)
    assert not settling.settle(campaign=row.campaign, now=LATER + HOUR)
    assert settling.settle_due(now=LATER + HOUR) == 0
    assert uptake.of(row.campaign).paid == Decimal("2.50")
    row.refresh_from_db()
    assert row.settled_at == LATER


def test_more_than_was_promised_earns_no_more() -> None:
    need, running = session()
    row = joined(need)
    metered(running, *BEFORE, 0, 0, 0, 0)
    settling.settle(campaign=row.campaign, now=LATER)
    row.refresh_from_db()
    assert (row.delivered_wh, row.incentive) == (5_000, row.committed)


def test_quarters_that_go_the_other_way_are_taken_off() -> None:
    need, running = session()
    row = joined(need, wanted_w=2_000)
    metered(running, *BEFORE, 9_000, 9_000, 9_000, 12_000)
    settling.settle(campaign=row.campaign, now=LATER)
    row.refresh_from_db()
    assert row.delivered_wh == 1_250  # three quarters of 2 kW less, one of 1 kW more


def test_who_charged_as_planned_without_the_offer_earns_nothing() -> None:
    need, running = session()
    row = joined(need)
    metered(running, *BEFORE, 11_000, 11_000, 11_000, 11_000)
    settling.settle(campaign=row.campaign, now=LATER)
    row.refresh_from_db()
    assert (row.state, row.delivered_wh, row.incentive) == (State.SETTLED, 0, Decimal("0.00"))


def test_a_car_that_drove_away_proves_nothing() -> None:
    need, running = session()
    row = joined(need)
    metered(running, *BEFORE, 6_000, 6_000)
    type(running).objects.filter(pk=running.pk).update(ended_at=START + 2 * QUARTER, state="ended")
    settling.settle(campaign=row.campaign, now=LATER)
    row.refresh_from_db()
    assert (row.delivered_wh, row.measured_w[2:]) == (2_500, [None, None])


def test_a_silent_meter_proves_nothing() -> None:
    need, _ = session()
    row = joined(need)
    settling.settle(campaign=row.campaign, now=LATER)
    row.refresh_from_db()
    assert (row.delivered_wh, row.incentive, row.measured_w) == (0, Decimal("0.00"), [None] * 4)


def test_more_power_is_measured_the_other_way_round() -> None:
    need, running = session(mode="fast")
    row = joined(need, direction="more", wanted_w=4_000)
    metered(running, *BEFORE, 4_000, 3_000, 4_000, 9_000)
    settling.settle(campaign=row.campaign, now=LATER)
    row.refresh_from_db()
    assert row.delivered_wh == 3_750


def test_an_offer_that_is_withdrawn_half_way_pays_the_quarters_until_then() -> None:
    need, running = session()
    row = joined(need)
    metered(running, *BEFORE, 6_000, 6_000, 11_000, 11_000)
    announcing.withdraw(campaign=row.campaign, now=START + 2 * QUARTER + timedelta(minutes=1))
    assert settling.settle_due(now=START + 2 * QUARTER + settling.GRACE) == 0
    assert settling.settle_due(now=START + 3 * QUARTER + settling.GRACE) == 1
    row.refresh_from_db()
    assert (row.delivered_wh, row.incentive) == (2_500, Decimal("1.25"))


def test_whoever_left_or_never_came_earns_nothing() -> None:
    need, running = session()
    row = joined(need)
    answering.opt_in(campaign=row.campaign, driver=factories.driver(), now=NOW)
    answering.opt_out(campaign=row.campaign, driver=need.driver, now=START + QUARTER)
    metered(running, *BEFORE, 6_000, 6_000, 6_000, 6_000)
    settling.settle(campaign=row.campaign, now=LATER)
    assert sorted(row.campaign.participations.values_list("state", "incentive")) == [
        ("out", None),
        ("settled", Decimal("0.00")),
    ]


def test_nothing_is_settled_before_meters_have_told() -> None:
    need, _ = session()
    joined(need)
    assert settling.settle_due(now=LATER - timedelta(seconds=1)) == 0


def test_what_is_not_delivered_gives_its_part_of_the_budget_back() -> None:
    need, _ = session()
    row = joined(need)
    assert uptake.of(row.campaign).committed == Decimal("2.50")
    settling.settle(campaign=row.campaign, now=LATER)
    assert uptake.of(row.campaign).committed == Decimal("0.00")


def test_the_sums_tell_no_names() -> None:
    need, running = session()
    row = joined(need)
    metered(running, *BEFORE, 6_000, 6_000, 6_000, 6_000)
    settling.settle(campaign=row.campaign, now=LATER)
    rows = uptake.live(row.campaign)
    first, *_, last = uptake.by_quarter(row.campaign, rows)
    assert (first.starts_at, first.sessions, first.baseline_w, first.promised_w) == (START, 1, 11_000, 6_000)
    assert last.measured_w == pytest.approx(6_000)
    assert uptake.of(campaign(need.evse.charge_point)).taking_part == 0
