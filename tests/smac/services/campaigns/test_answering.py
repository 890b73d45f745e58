"""Drivers answer an offer."""

from decimal import Decimal

import pytest

from chargepoints.domain.errors import Refused
from smac import words
from smac.models import ChargingNeed, Participation
from smac.services import needs
from smac.services.campaigns import announcing, answering
from smac.services.campaigns.promising import NothingToShift
from tests import factories
from tests.smac.services.campaigns.conftest import END, START, campaign, joined, planned_w, session, unmet_wh
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db
State = Participation.State


def test_who_takes_part_promises_what_the_plan_without_the_offer_would_draw() -> None:
    need, _ = session()
    row = joined(need)
    assert (row.state, row.need, row.starts_at) == (State.IN, need, START)
    assert row.baseline_w == [11_000.0] * 4
    assert row.promised_w == [6_000.0] * 4
    assert (row.promised_wh, row.committed) == (5_000, Decimal("2.50"))


def test_the_plan_follows_the_offer_and_still_reaches_the_target() -> None:
    need, _ = session()
    assert planned_w(need, START) == pytest.approx(11_000, abs=1)
    joined(need)
    assert planned_w(need, START) == pytest.approx(6_000, abs=1)
    assert unmet_wh(need) < 1


def test_a_session_that_needs_the_time_is_left_alone() -> None:
    need, _ = session(hours=2, target=70.6)  # 22 kWh from the socket in two hours of 11 kW
    with pytest.raises(NothingToShift):
        joined(need)
    assert not Participation.objects.exists()
    assert planned_w(need, START) > 10_000
    assert unmet_wh(need) < 20


def test_a_target_that_becomes_dearer_later_goes_before_the_promise() -> None:
    need, _ = session()
    joined(need)
    needs.change_need(need=need, changes={"departure_at": END, "target_soc_percent": 68.0}, now=NOW)
    assert planned_w(need, START) > 9_500
    assert unmet_wh(need) < 20


def test_only_the_sessions_of_those_who_take_part_are_named() -> None:
    point = factories.charge_point(evses=2)
    mine, _ = session(evse=point.evses.get(number=1))
    other, _ = session(evse=point.evses.get(number=2))
    joined(mine)
    assert planned_w(mine, START) == pytest.approx(6_000, abs=1)
    assert planned_w(other, START) > 10_900


def test_who_opts_out_has_the_plan_as_it_was_and_gives_the_money_back() -> None:
    need, _ = session()
    before = planned_w(need, START)
    row = joined(need)
    assert planned_w(need, START) < 6_100
    out = answering.opt_out(campaign=row.campaign, driver=need.driver, now=NOW)
    assert (out.pk, out.state, out.committed, out.promised_wh) == (row.pk, State.OUT, Decimal(0), 0)
    assert planned_w(need, START) == pytest.approx(before, abs=1)


def test_who_opts_out_may_come_back() -> None:
    need, _ = session()
    row = joined(need)
    answering.opt_out(campaign=row.campaign, driver=need.driver, now=NOW)
    again = answering.opt_in(campaign=row.campaign, driver=need.driver, now=NOW)
    assert (again.pk, again.state) == (row.pk, State.IN)
    assert again.committed == row.committed


def test_a_second_yes_changes_nothing() -> None:
    need, _ = session()
    row = joined(need)
    again = answering.opt_in(campaign=row.campaign, driver=need.driver, now=NOW + QUARTER)
    assert again.promised_w == row.promised_w
    assert again.joined_at == row.joined_at


def test_a_promise_ends_where_the_wanted_change_does() -> None:
    need, _ = session()
    row = joined(need, wanted_w=1_000)
    assert row.promised_wh == pytest.approx(1_000, abs=1)
    assert row.promised_w == [10_000.0] * 4


def test_what_others_promised_is_not_wanted_again() -> None:
    point = factories.charge_point(evses=2)
    first, _ = session(evse=point.evses.get(number=1))
    second, _ = session(evse=point.evses.get(number=2))
    row = joined(first, wanted_w=12_000)
    rest = answering.opt_in(campaign=row.campaign, driver=second.driver, now=NOW)
    assert (row.promised_wh, rest.promised_wh) == (11_000, 1_000)


def test_a_promise_ends_with_the_budget() -> None:
    need, _ = session()
    row = joined(need, budget=Decimal("0.60"))
    assert row.committed == Decimal("0.60")
    assert row.promised_wh == pytest.approx(1_200, abs=2)


def test_an_empty_budget_is_said_so() -> None:
    point = factories.charge_point(evses=2)
    first, _ = session(evse=point.evses.get(number=1))
    second, _ = session(evse=point.evses.get(number=2))
    row = joined(first, budget=Decimal("1.00"), wanted_w=20_000)
    with pytest.raises(Refused, match="The budget of this offer is used up"):
        answering.opt_in(campaign=row.campaign, driver=second.driver, now=NOW)


def test_more_power_is_drawn_in_the_window_and_none_besides_what_is_needed() -> None:
    need, _ = session(mode="fast")
    assert planned_w(need, START) < 1
    row = joined(need, direction="more", wanted_w=4_000)
    assert (row.promised_w, row.promised_wh) == ([4_000.0] * 4, 4_000)
    assert planned_w(need, START) == pytest.approx(4_000, abs=1)
    assert need.curves.order_by("-pk")[0].soc_percent[-1] == pytest.approx(need.target_soc_percent, abs=0.2)


def test_more_power_never_means_more_energy() -> None:
    need, _ = session(mode="fast", target=35.0)
    row = joined(need, direction="more", wanted_w=50_000)
    assert row.promised_wh == pytest.approx(6_520, abs=5)  # all that it needs: 15 % of 40 kWh, and what is lost
    planned_w(need, START)
    assert need.curves.order_by("-pk")[0].soc_percent[-1] == pytest.approx(need.target_soc_percent, abs=0.2)


def test_a_window_that_has_begun_counts_from_the_next_quarter_on() -> None:
    need, _ = session()
    offer = campaign(need.evse.charge_point)
    row = answering.opt_in(campaign=offer, driver=need.driver, now=START + 0.1 * HOUR)
    assert row.starts_at == START + QUARTER
    assert len(row.baseline_w) == 3


def test_nobody_joins_when_no_whole_quarter_is_left() -> None:
    need, _ = session()
    offer = campaign(need.evse.charge_point)
    with pytest.raises(Refused, match="over"):
        answering.opt_in(campaign=offer, driver=need.driver, now=END - 0.2 * HOUR)


def test_a_session_moves_for_one_offer_at_a_time() -> None:
    need, _ = session()
    joined(need, wanted_w=1_000)
    with pytest.raises(Refused, match="another offer"):
        joined(need, wanted_w=2_000, ends_at=END + QUARTER)


def test_who_has_no_session_yet_takes_part_with_the_next_one() -> None:
    evse, driver = factories.evse(), factories.driver()
    offer = campaign(evse.charge_point)
    row = answering.opt_in(campaign=offer, driver=driver, now=NOW)
    assert (row.state, row.joined_at) == (State.IN, None)
    assert answering.join_waiting(now=NOW) == 0
    need, _ = session(evse=evse, driver=driver)
    assert answering.join_waiting(now=NOW) == 1
    assert answering.join_waiting(now=NOW) == 0
    row.refresh_from_db()
    assert (row.need, row.promised_w) == (need, [6_000.0] * 4)


def test_a_waiting_session_that_cannot_help_is_asked_again_only_later() -> None:
    need, _ = session(hours=2, target=70.6)
    offer = campaign(need.evse.charge_point)
    row = answering.opt_in(campaign=offer, driver=need.driver, now=NOW, by_preference=True)
    assert (row.state, row.joined_at, row.tried_at) == (State.IN, None, NOW)
    ChargingNeed.objects.filter(pk=need.pk).update(departure_at=NOW + 5 * HOUR)
    assert answering.join_waiting(now=NOW + 0.2 * HOUR) == 0
    assert answering.join_waiting(now=NOW + QUARTER) == 1


def test_a_session_elsewhere_does_not_join() -> None:
    need, _ = session()
    offer = campaign(factories.charge_point())
    row = answering.opt_in(campaign=offer, driver=need.driver, now=NOW)
    assert row.joined_at is None
    assert planned_w(need, START) > 10_900


def test_an_offer_that_is_withdrawn_binds_no_plan() -> None:
    need, _ = session()
    row = joined(need)
    announcing.withdraw(campaign=row.campaign, now=NOW)
    assert planned_w(need, START) > 10_900
    with pytest.raises(Refused):
        answering.opt_out(campaign=row.campaign, driver=need.driver, now=NOW)


def test_the_reason_told_is_the_offer() -> None:
    need, _ = session()
    joined(need)
    planned_w(need, START)
    reason = need.curves.order_by("-pk")[0].reason
    assert (reason["code"], reason["is_offer"]) == ("order", True)
    assert words.sentence(reason, zone="UTC") == (
        "Follows the grid operator's offer from 13:00 to 14:00, as you agreed."
    )
