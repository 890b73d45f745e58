import pytest

from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.reports import TokenPresented
from chargepoints.models import IdToken
from chargepoints.services import authorization
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
