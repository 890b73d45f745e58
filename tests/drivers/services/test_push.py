"""Web Push against an HTTP server that stands for the push service: what it is sent opens with the browser's keys."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from chargepoints.domain.errors import Refused
from drivers.models import Notice, PushSubscription
from drivers.services import deliveries, notices, push, vapid
from tests.drivers.services.push_service import PushService, Subscriber
from tests.factories import NOW

pytestmark = pytest.mark.django_db
GOOD = Subscriber(PushService(port=1)).keys


def send(subscription: PushSubscription, notice: Notice) -> bool:
    return push.send(subscription_id=subscription.pk, notice_id=notice.pk, now=NOW)


def test_the_browser_reads_the_notice_with_its_own_keys(
    service: PushService, browser: Subscriber, subscription: PushSubscription, notice: Notice
) -> None:
    assert send(subscription, notice)
    [(path, headers, body)] = service.requests
    assert path == "/push/one"
    assert b"Town hall" not in body
    told = browser.read(body)
    assert told["title"] == "Charging has finished"
    assert told["text"] == "Town hall. 7.0 kWh charged."
    assert (told["path"], told["unread"]) == ("/charge/7/", 1)
    assert (headers["content-encoding"], headers["urgency"]) == ("aes128gcm", "normal")
    assert int(headers["ttl"]) == 12 * 3600


def test_the_push_service_can_check_who_sends(
    service: PushService, subscription: PushSubscription, notice: Notice, settings: Any
) -> None:
    settings.VAPID_CONTACT = "mailto:ops@example.org"
    send(subscription, notice)
    scheme, _, fields = service.requests[0][1]["authorization"].partition(" ")
    token, key = (part.partition("=")[2] for part in fields.replace(" ", "").split(","))
    assert (scheme.lower(), key) == ("vapid", vapid.public_key())
    signed, _, signature = token.rpartition(".")
    claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
    assert (claims["aud"], claims["sub"]) == (service.origin, "mailto:ops@example.org")
    raw = vapid.decode(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), vapid.decode(key))
    public.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))


def test_a_turn_is_urgent_and_soon_worth_nothing(
    driver: Any, service: PushService, subscription: PushSubscription
) -> None:
    turn = notices.tell(user=driver, kind=Notice.Kind.TURN, about={}, path="/", now=NOW)
    send(subscription, turn)
    headers = service.requests[0][1]
    assert (headers["urgency"], headers["ttl"]) == ("high", "600")


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    service: PushService, subscription: PushSubscription, notice: Notice, status: int
) -> None:
    service.status = status
    assert not send(subscription, notice)
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_push_service_is_asked_again_when_it_says(
    service: PushService, subscription: PushSubscription, notice: Notice, status: int
) -> None:
    service.status, service.answer_headers = status, {"Retry-After": "7"}
    with pytest.raises(push.TryLater) as later:
        send(subscription, notice)
    assert later.value.after_s == 7
    subscription.refresh_from_db()
    assert subscription.failed_at == NOW
    service.status = 201
    assert send(subscription, notice)
    subscription.refresh_from_db()
    assert subscription.failed_at is None


def test_a_push_service_out_of_reach_is_asked_again(
    subscription: PushSubscription, notice: Notice, settings: Any
) -> None:
    nowhere = "http://127.0.0.1:9"
    PushSubscription.objects.update(endpoint=f"{nowhere}/push/one")
    settings.PUSH_SERVICES = [nowhere]
    with pytest.raises(push.TryLater):
        send(subscription, notice)


def test_what_fails_for_two_weeks_is_given_up(
    service: PushService, subscription: PushSubscription, notice: Notice
) -> None:
    service.status = 500
    PushSubscription.objects.update(failed_at=NOW - timedelta(days=15))
    assert not send(subscription, notice)
    assert not PushSubscription.objects.exists()


def test_nobody_is_led_elsewhere_by_a_redirect(
    service: PushService, subscription: PushSubscription, notice: Notice
) -> None:
    service.status, service.answer_headers = 307, {"Location": f"{service.origin}/inside"}
    assert not send(subscription, notice)
    assert [path for path, _headers, _body in service.requests] == ["/push/one"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@127.0.0.1/",
        "https://fcm.googleapis.com:8443/",
        "http://127.0.0.1:6379/",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_known_push_services_are_called(driver: Any, endpoint: str) -> None:
    with pytest.raises(Refused):
        push.subscribe(user=driver, endpoint=endpoint, now=NOW, **GOOD)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://db5.notify.windows.com/w/?token=abc",
    ],
)
def test_the_push_services_of_the_browsers_are_known(driver: Any, endpoint: str) -> None:
    assert push.subscribe(user=driver, endpoint=endpoint, now=NOW, **GOOD).endpoint == endpoint


@pytest.mark.parametrize("keys", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "é"}, {"auth": "*"}])
def test_what_is_no_key_is_refused(driver: Any, keys: dict[str, str]) -> None:
    with pytest.raises(Refused):
        push.subscribe(user=driver, endpoint="https://fcm.googleapis.com/x", now=NOW, **{**GOOD, **keys})


def test_a_browser_belongs_to_whoever_used_it_last(
    driver: Any, other_driver: Any, browser: Subscriber, subscription: PushSubscription, notice: Notice
) -> None:
    push.subscribe(user=other_driver, endpoint=browser.endpoint, now=NOW, **browser.keys)
    assert not send(subscription, notice)
    assert deliveries.claim(notice_id=notice.pk, now=NOW) == []


def test_nobody_ends_the_subscription_of_another(
    other_driver: Any, browser: Subscriber, subscription: PushSubscription
) -> None:
    assert not push.unsubscribe(user=other_driver, endpoint=browser.endpoint)
    assert push.unsubscribe(user=subscription.user, endpoint=browser.endpoint)
