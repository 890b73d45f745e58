"""An operator's own cards, and that chargers hear of them."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.errors import Refused
from chargepoints.domain.reports import TokenPresented
from chargepoints.models import ChargePoint, Command, IdToken, Operator
from chargepoints.services import authorization, id_tokens, local_lists
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def change(card: IdToken, **values: Any) -> None:
    usual = {"driver": card.driver, "parent": card.parent, "expires_at": None, "allows_concurrent": False}
    id_tokens.change(id_token=card, **usual | values)


def verdict(point: ChargePoint, card: IdToken) -> AuthorizationStatus:
    presented = TokenPresented(card.token, card.type)
    return authorization.authorize(charge_point_id=point.pk, token=presented, now=NOW).status


def test_a_card_is_good_at_its_operators_chargers_alone(operator: Operator, other_operator: Operator) -> None:
    card = id_tokens.issue(operator=operator, token=" fleet-1 ", expires_at=NOW + timedelta(days=1))
    assert verdict(factories.charge_point(operator), card) == AuthorizationStatus.ACCEPTED
    assert verdict(factories.charge_point(other_operator), card) == AuthorizationStatus.INVALID
    id_tokens.set_blocked(id_token=card, blocked=True)
    assert verdict(factories.charge_point(operator), card) == AuthorizationStatus.BLOCKED
    id_tokens.set_blocked(id_token=card, blocked=False)
    change(card, expires_at=NOW - timedelta(days=1))
    assert verdict(factories.charge_point(operator), card) == AuthorizationStatus.EXPIRED


def test_what_somebody_holds_already_cannot_be_given_out(operator: Operator, driver: Any) -> None:
    factories.id_token(driver, "CARD1")
    for token in ("card1", authorization.app_token(driver=driver).token, "APP123"):
        with pytest.raises(Refused):
            id_tokens.issue(operator=operator, token=token)
    assert not IdToken.objects.filter(operator=operator).exists()


def test_nobody_joins_a_foreign_group(operator: Operator, other_operator: Operator, driver: Any) -> None:
    id_tokens.issue(operator=other_operator, token="THEIRS", parent="FLEET")
    factories.id_token(driver)
    theirs = authorization.app_token(driver=driver).parent
    mine = id_tokens.issue(operator=operator, token="MINE")
    for group in ("fleet", theirs):
        with pytest.raises(Refused):
            id_tokens.issue(operator=operator, token="NEW", parent=group)
        with pytest.raises(Refused):
            change(mine, parent=group)
        with pytest.raises(Refused):
            id_tokens.set_master_pass_group(operator=operator, group=group)


def test_a_drivers_card_joins_the_drivers_own_and_leaves_them_with_the_driver(
    operator: Operator, driver: Any, other_driver: Any
) -> None:
    app, other_app = authorization.app_token(driver=driver), authorization.app_token(driver=other_driver)
    card = id_tokens.issue(operator=operator, token="COMPANY", driver=driver)
    app.refresh_from_db()
    assert card.parent == app.parent != ""
    change(card, driver=other_driver)
    other_app.refresh_from_db()
    assert card.parent == other_app.parent != app.parent
    change(card, driver=None)
    assert card.parent == ""


def test_the_master_pass_ends_and_starts_nothing(operator: Operator) -> None:
    card = id_tokens.issue(operator=operator, token="SERVICE-1", parent="SERVICE")
    id_tokens.set_master_pass_group(operator=operator, group="SERVICE")
    point = factories.charge_point(operator)
    answer = authorization.authorize_start(
        point.pk, point.evses.get(), TokenPresented(card.token, card.type), NOW, NOW, is_repeat=False
    )
    assert answer.status == AuthorizationStatus.BLOCKED
    assert verdict(point, card) == AuthorizationStatus.ACCEPTED


def test_chargers_lists_follow_what_staff_change(operator: Operator, other_operator: Operator) -> None:
    point = factories.charge_point(operator)
    for one in (point, factories.charge_point(other_operator)):
        ChargePoint.objects.filter(pk=one.pk).update(
            ocpp_version="1.6", local_list_version=0, local_list_asked_at=NOW, booted_at=NOW
        )
    card = id_tokens.issue(operator=operator, token="FLEET-1")
    assert _listed(NOW) == {point.pk: [("FLEET-1", "Accepted")]}
    id_tokens.set_blocked(id_token=card, blocked=True)
    Command.objects.all().delete()
    assert _listed(NOW) == {point.pk: [("FLEET-1", "Blocked")]}


def _listed(now: Any) -> dict[int, list[tuple[str, str]]]:
    local_lists.sweep(now=now)
    sent = Command.objects.filter(kind="send_local_list")
    found = {row.charge_point_id: [(one["token"], one["status"]) for one in row.payload["entries"]] for row in sent}
    return {pk: entries for pk, entries in found.items() if entries}
