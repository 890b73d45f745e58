from datetime import datetime
from typing import Any

import pytest

from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.reports import TokenPresented
from chargepoints.models import ChargePoint, Connector, Evse, IdToken, Operator, Transaction
from chargepoints.services import authorization, reservations
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db


def judge(token: str, charge_point=None) -> AuthorizationStatus:
    point = charge_point or factories.charge_point()
    answer = authorization.authorize(charge_point_id=point.pk, token=TokenPresented(token), now=NOW)
    return answer.status


def test_tokens_compare_without_case_blanks_and_control_bytes() -> None:
    factories.id_token(factories.driver(), "AbC123")
    assert judge(" abc123\x00\x02") == AuthorizationStatus.ACCEPTED


def test_unknown_blocked_and_expired_tokens_are_refused() -> None:
    blocked, expired = factories.id_token(token="B1"), factories.id_token(token="E1")
    IdToken.objects.filter(pk=blocked.pk).update(status="blocked")
    IdToken.objects.filter(pk=expired.pk).update(expires_at=NOW - minutes(1))
    assert [judge(token) for token in ("nobody", "b1", "e1")] == ["Invalid", "Blocked", "Expired"]


def test_a_private_charger_takes_its_owners_tokens_only() -> None:
    owner = factories.driver()
    home = factories.charge_point(owner=owner)
    factories.id_token(owner, "MINE")
    factories.id_token(factories.driver(), "THEIRS")
    assert [judge(token, home) for token in ("mine", "theirs")] == ["Accepted", "Invalid"]


def test_the_apps_token_stays_the_same_fits_ocpp_16_and_tells_nothing_of_its_driver() -> None:
    ann, bob = factories.driver(), factories.driver()
    token = authorization.app_token(driver=ann)
    assert authorization.app_token(driver=ann) == token
    assert authorization.app_token(driver=bob).key != token.key
    assert len(token.token) <= 20
    assert str(ann.pk) != token.token.removeprefix("APP").lstrip("0")


def start(token: str, evse: Evse, at: datetime = NOW, **more: Any) -> AuthorizationStatus:
    answer = authorization.authorize_start(evse.charge_point_id, evse, TokenPresented(token), at, NOW, **more)
    return answer.status


def charging(token: IdToken, evse: Evse | None = None, **values: Any) -> Transaction:
    """A session of this card that runs, on a connector that says so."""
    evse = evse or factories.evse()
    Connector.objects.filter(evse=evse).update(status="charging")
    return factories.transaction(evse, token.driver, id_token=token, **values)


@pytest.fixture
def card() -> IdToken:
    return factories.id_token(factories.driver(), "CARD")


def test_a_verdict_costs_one_query(card: IdToken, django_assert_num_queries: Any) -> None:
    point = factories.charge_point()
    with django_assert_num_queries(1):
        assert judge("card", point) == AuthorizationStatus.ACCEPTED


def test_a_card_that_charges_elsewhere_may_not_start_a_second_session(card: IdToken) -> None:
    charging(card)
    assert start("card", factories.evse()) == AuthorizationStatus.CONCURRENT_TX


def test_a_card_that_charges_elsewhere_may_be_asked_about_since_it_may_want_to_stop(card: IdToken) -> None:
    """1.6 7.2, 2.0.1 3.5: ConcurrentTx is an answer to a start only."""
    charging(card)
    assert judge("card") == AuthorizationStatus.ACCEPTED


def test_a_fleet_s_card_may_charge_several_cars(card: IdToken) -> None:
    IdToken.objects.filter(pk=card.pk).update(allows_concurrent=True)
    charging(card)
    assert start("card", factories.evse()) == AuthorizationStatus.ACCEPTED


def test_a_start_on_the_evse_where_the_card_charges_replaces_that_session(card: IdToken) -> None:
    row = charging(card)
    assert row.evse is not None
    assert start("card", row.evse) == AuthorizationStatus.ACCEPTED


def test_the_other_evse_of_the_same_charger_is_elsewhere(card: IdToken) -> None:
    point = factories.charge_point(evses=2)
    charging(card, point.evses.get(number=1))
    assert start("card", point.evses.get(number=2)) == AuthorizationStatus.CONCURRENT_TX


def test_the_repeat_of_an_accepted_start_is_not_measured_by_what_its_card_did_since(card: IdToken) -> None:
    charging(card)
    assert start("card", factories.evse(), is_repeat=True) == AuthorizationStatus.ACCEPTED


def test_a_start_that_was_offline_is_measured_by_what_ran_then(card: IdToken) -> None:
    charging(card, started_at=NOW - minutes(30))
    assert start("card", factories.evse(), NOW - minutes(60)) == AuthorizationStatus.ACCEPTED
    assert start("card", factories.evse(), NOW - minutes(20)) == AuthorizationStatus.CONCURRENT_TX


def test_a_session_at_a_charger_that_is_away_keeps_nobody_from_charging(card: IdToken) -> None:
    row = charging(card)
    ChargePoint.objects.filter(pk=row.charge_point_id).update(connection_key="")
    assert start("card", factories.evse()) == AuthorizationStatus.ACCEPTED


def test_a_session_whose_stop_was_lost_keeps_nobody_from_charging(card: IdToken) -> None:
    row = charging(card)
    Connector.objects.filter(evse=row.evse).update(status="available")
    assert start("card", factories.evse()) == AuthorizationStatus.ACCEPTED


def test_the_app_keeps_its_drivers_to_one_session_itself(card: IdToken) -> None:
    token = authorization.app_token(driver=card.driver)
    charging(token)
    assert start(token.token, factories.evse()) == AuthorizationStatus.ACCEPTED


def test_two_cars_at_home_charge_with_one_card() -> None:
    owner = factories.driver()
    home = factories.charge_point(owner=owner, evses=2)
    token = factories.id_token(owner, "MINE")
    charging(token, home.evses.get(number=1))
    assert start("mine", home.evses.get(number=2)) == AuthorizationStatus.ACCEPTED


def test_an_operator_s_own_card_is_good_at_its_own_chargers_only(card: IdToken) -> None:
    ours = factories.operator()
    IdToken.objects.filter(pk=card.pk).update(operator=ours)
    assert judge("card", factories.charge_point(ours)) == AuthorizationStatus.ACCEPTED
    assert judge("card", factories.charge_point()) == AuthorizationStatus.INVALID
    assert judge("card", factories.charge_point(owner=card.driver)) == AuthorizationStatus.ACCEPTED


def test_a_master_pass_ends_sessions_and_starts_none(card: IdToken) -> None:
    ours = factories.operator()
    Operator.objects.filter(pk=ours.pk).update(master_pass_group="Master")
    IdToken.objects.filter(pk=card.pk).update(operator=ours, parent="MASTER")
    evse = factories.evse(ours)
    answer = authorization.authorize(charge_point_id=evse.charge_point_id, token=TokenPresented("card"), now=NOW)
    assert (answer.status, answer.parent, answer.only_stops) == ("Accepted", "MASTER", True)
    assert start("card", evse) == AuthorizationStatus.BLOCKED


def test_a_group_of_another_operator_s_name_is_no_master_pass_here(card: IdToken) -> None:
    ours = factories.operator()
    Operator.objects.filter(pk=ours.pk).update(master_pass_group="MASTER")
    IdToken.objects.filter(pk=card.pk).update(parent="MASTER")
    assert start("card", factories.evse(ours)) == AuthorizationStatus.ACCEPTED


def test_all_tokens_of_a_driver_are_one_group_so_that_a_card_ends_what_the_app_began() -> None:
    ann, bob = factories.driver(), factories.driver()
    card = factories.id_token(ann)
    assert card.parent == ""
    app = authorization.app_token(driver=ann)
    card.refresh_from_db()
    assert card.parent == app.parent != ""
    assert len(app.parent) <= 20
    assert authorization.app_token(driver=bob).parent == ""
    third = factories.id_token(ann)
    assert third.parent == app.parent


def test_a_group_that_was_given_stays() -> None:
    ann = factories.driver()
    family = factories.id_token(ann)
    IdToken.objects.filter(pk=family.pk).update(parent="FAMILY")
    authorization.app_token(driver=ann)
    family.refresh_from_db()
    assert family.parent == "FAMILY"


def test_a_start_button_asks_for_nobody_s_card() -> None:
    """2.0.1 C02: the charger is set so; its session is nobody's, and it is no way around a reservation."""
    evse = factories.evse()
    button = TokenPresented("", type="NoAuthorization")
    answer = authorization.authorize_start(evse.charge_point_id, evse, button, NOW, NOW)
    assert (answer.status, answer.id_token) == ("Accepted", None)
    holder = factories.driver()
    reservations.reserve(
        evse=evse, driver=holder, id_token=factories.id_token(holder), until=NOW + minutes(20), now=NOW
    )
    assert authorization.authorize_start(evse.charge_point_id, evse, button, NOW, NOW).status == "Blocked"
