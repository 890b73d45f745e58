from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings

from tests.factories import PASSWORD
from twinev.identity import throttle
from twinev.identity.addresses import client_address
from twinev.identity.models import LoginThrottle, User

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def request_() -> HttpRequest:
    return RequestFactory().post("/accounts/login/")


def fail(request: HttpRequest, times: int, *, start: datetime = NOW) -> datetime:
    """Fails as fast as the brakes allow; returns when the last attempt was."""
    at = start
    for _ in range(times):
        at += max(timedelta(0), throttle.remaining_wait(request=request, account="ann", now=at))
        throttle.count_attempt(request=request, account="ann", now=at)
    return at


@pytest.mark.django_db
def test_three_slips_of_the_finger_cost_nothing(request_: HttpRequest) -> None:
    assert fail(request_, 2) == NOW
    throttle.count_attempt(request=request_, account="ann", now=NOW)


@pytest.mark.django_db
def test_then_each_failure_doubles_the_wait(request_: HttpRequest) -> None:
    waits = []
    at = fail(request_, 3)
    for _ in range(4):
        waits.append(throttle.remaining_wait(request=request_, account="ann", now=at).total_seconds())
        at = fail(request_, 1, start=at)
    assert waits == [2, 4, 8, 16]


@pytest.mark.django_db
def test_an_attempt_during_the_wait_is_refused_and_not_counted(request_: HttpRequest) -> None:
    at = fail(request_, 3)
    with pytest.raises(throttle.TooManyAttempts) as refusal:
        throttle.count_attempt(request=request_, account="ann", now=at + timedelta(seconds=1))
    assert refusal.value.wait == timedelta(seconds=1)
    assert LoginThrottle.objects.get().failures == 3


@pytest.mark.django_db
def test_ten_failures_lock_for_a_quarter_of_an_hour(request_: HttpRequest) -> None:
    at = fail(request_, 10)
    assert throttle.remaining_wait(request=request_, account="ann", now=at) == timedelta(minutes=15)


@pytest.mark.django_db
def test_after_an_hour_of_peace_all_is_forgotten(request_: HttpRequest) -> None:
    at = fail(request_, 10) + timedelta(hours=1, seconds=1)
    assert fail(request_, 1, start=at) == at
    assert LoginThrottle.objects.get().failures == 1


@pytest.mark.django_db
def test_others_and_other_addresses_are_not_slowed(request_: HttpRequest) -> None:
    at = fail(request_, 10)
    elsewhere = RequestFactory().post("/accounts/login/", REMOTE_ADDR="192.0.2.7")
    assert throttle.remaining_wait(request=elsewhere, account="ann", now=at) == timedelta(0)
    assert throttle.remaining_wait(request=request_, account="bob", now=at) == timedelta(0)


@pytest.mark.django_db
def test_what_no_longer_counts_is_swept_away(request_: HttpRequest) -> None:
    at = fail(request_, 1)
    assert throttle.sweep(now=at + timedelta(minutes=30)) == 0
    assert throttle.sweep(now=at + timedelta(hours=2)) == 1


@pytest.mark.django_db
def test_a_locked_account_refuses_even_the_right_password(client: Client, driver: User) -> None:
    for _ in range(3):
        client.post("/accounts/login/", {"username": "ann", "password": "wrong"})
    answer = client.post("/accounts/login/", {"username": "ann", "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert answer.context["form"].has_error("__all__", "too_many_attempts")


@pytest.mark.django_db
def test_both_names_of_an_account_share_one_count(client: Client, driver: User) -> None:
    for name in ("ann", "ANN@example.org", "Ann"):
        client.post("/accounts/login/", {"username": name, "password": "wrong"})
    assert LoginThrottle.objects.get().failures == 3


@pytest.mark.django_db
def test_success_wipes_the_slate(client: Client, driver: User) -> None:
    client.post("/accounts/login/", {"username": "ann", "password": "wrong"})
    client.post("/accounts/login/", {"username": "ann", "password": PASSWORD})
    assert not LoginThrottle.objects.exists()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_instant_get_no_further_than_guesses_in_a_row(request_: HttpRequest) -> None:
    def guess(_: int) -> bool:
        try:
            throttle.count_attempt(request=request_, account="ann", now=NOW)
        except throttle.TooManyAttempts:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(20) as pool:
        tried = list(pool.map(guess, range(20)))
    assert sum(tried) == throttle.FREE_FAILURES


def test_the_address_is_the_one_that_the_trusted_proxy_saw() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 192.0.2.7")
    assert client_address(request) == "10.0.0.1"
    with override_settings(TRUSTED_PROXIES=1):
        assert client_address(request) == "192.0.2.7"
