"""The list of notices, the bell, and the browser's word that it may be woken."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from drivers.models import Notice, PushSubscription
from drivers.services import notices
from tests.drivers.services.push_service import PushService, Subscriber
from tests.factories import NOW

pytestmark = pytest.mark.django_db
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


@pytest.fixture
def notice(driver: Any) -> Notice:
    about: dict[str, str | int] = {"station": "Town hall"}
    return notices.tell(user=driver, kind=Notice.Kind.SESSION_END, about=about, path="/charge/7/", now=NOW)


def subscribe(client: Client, told: Any) -> int:
    body = told if isinstance(told, str) else json.dumps(told)
    return client.post(reverse("drivers:push-subscribe"), body, content_type="application/json").status_code


def told(**values: Any) -> dict[str, Any]:
    return {"endpoint": ENDPOINT, "expirationTime": None, "keys": Subscriber(PushService()).keys, **values}


def test_the_bell_counts_what_is_new_until_the_list_was_opened(mine: Client, notice: Notice) -> None:
    assert "1 new" in mine.get(reverse("drivers:bell")).content.decode()
    page = mine.get(reverse("drivers:notices")).content.decode()
    assert "Town hall" in page
    assert "/charge/7/" in page
    assert "1 new" in mine.get(reverse("drivers:bell")).content.decode()
    assert mine.post(reverse("drivers:notices-read")).status_code == 204
    assert " new</span>" not in mine.get(reverse("drivers:bell")).content.decode()


def test_others_see_nothing_of_it_and_it_stays_new(theirs: Client, driver: Any, notice: Notice) -> None:
    assert "Town hall" not in theirs.get(reverse("drivers:notices")).content.decode()
    assert "1 new" not in theirs.get(reverse("drivers:bell")).content.decode()
    theirs.post(reverse("drivers:notices-read"))
    assert notices.unread_count(driver) == 1


def test_strangers_are_sent_to_log_in(client: Client) -> None:
    for name in ("notices", "bell"):
        assert client.get(reverse(f"drivers:{name}"))["Location"].startswith(reverse("identity:login"))
    assert subscribe(client, told()) == 302
    assert not PushSubscription.objects.exists()


def test_a_browser_may_be_woken_until_it_says_no(mine: Client, driver: Any) -> None:
    assert subscribe(mine, told()) == 204
    assert PushSubscription.objects.get().user == driver
    end = reverse("drivers:push-unsubscribe")
    assert mine.post(end, json.dumps({"endpoint": ENDPOINT}), content_type="application/json").status_code == 204
    assert not PushSubscription.objects.exists()


def test_another_driver_ends_nothing_of_mine(mine: Client, theirs: Client) -> None:
    subscribe(mine, told())
    end = reverse("drivers:push-unsubscribe")
    theirs.post(end, json.dumps({"endpoint": ENDPOINT}), content_type="application/json")
    assert PushSubscription.objects.count() == 1


@pytest.mark.parametrize(
    "nonsense", ["", "[]", "{", '{"endpoint": 7}', told(keys=None), told(endpoint="http://localhost/"), told(keys=[])]
)
def test_what_is_no_subscription_is_refused(mine: Client, nonsense: Any) -> None:
    assert subscribe(mine, nonsense) == 422
    assert not PushSubscription.objects.exists()


def test_an_empty_list_says_what_will_stand_there(mine: Client) -> None:
    assert "Nothing new" in mine.get(reverse("drivers:notices")).content.decode()
