"""Waking a driver's browsers (Web Push: RFC 8030, 8188, 8291, 8292)."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from drivers.models import Notice, PushSubscription
from drivers.services import notices, vapid

logger = logging.getLogger(__name__)
_MOST_BROWSERS = 10
_TIMEOUT_S = 10
# After so long without success a browser is taken for gone.
_GIVEN_UP_AFTER = timedelta(days=14)
_GONE = {404, 410}
# Nobody needs to hear tomorrow that it was their turn today.
_KEPT_FOR_S = {Notice.Kind.TURN: 10 * 60, Notice.Kind.STATION_FREE: 15 * 60}
_KEPT_FOR_LONGEST_S = 12 * 3600
_URGENT = {Notice.Kind.TURN, Notice.Kind.PENALTY, Notice.Kind.STATION_FREE}


class TryLater(Exception):
    """The push service is busy or cannot be reached. ``after_s``: what it asked to wait, when it did."""

    def __init__(self, after_s: int | None = None) -> None:
        super().__init__(after_s)
        self.after_s = after_s


def subscribe(*, user: Any, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushSubscription:
    """Remembers a browser; one that was another person's is this one's now.

    :raises Refused: this is no address of a known push service, or these are no keys.
    """
    if not (is_push_service(endpoint) and _are_keys(p256dh, auth)):
        raise Refused(_("This browser cannot be notified."))
    facts = {"user": user, "p256dh": p256dh, "auth": auth, "created_at": now, "failed_at": None}
    subscription, _is_new = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=facts)
    surplus = PushSubscription.objects.filter(user=user).values_list("pk", flat=True)[_MOST_BROWSERS:]
    PushSubscription.objects.filter(pk__in=list(surplus)).delete()
    return subscription


def unsubscribe(*, user: Any, endpoint: str) -> bool:
    """Forgets a browser of this user; whether it was known."""
    deleted, _rows = PushSubscription.objects.filter(user=user, endpoint=endpoint).delete()
    return bool(deleted)


def is_push_service(endpoint: str) -> bool:
    """Only known push services are called: an address is given by a browser, and could be anything inside our net."""
    url = urlsplit(endpoint)
    if f"{url.scheme}://{url.netloc}" in settings.PUSH_SERVICES:
        return True
    host = url.netloc.lower()
    return url.scheme == "https" and any(host == name or host.endswith(f".{name}") for name in settings.PUSH_SERVICES)


def _are_keys(p256dh: str, auth: str) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), vapid.decode(p256dh))
        return len(vapid.decode(auth)) == 16
    except ValueError:
        return False


def send(*, subscription_id: int, notice_id: int, now: datetime) -> bool:
    """Sends one notice to one browser; whether the push service took it. A browser that is gone is forgotten.

    :raises TryLater: the push service could not take it now.
    """
    subscription = PushSubscription.objects.filter(pk=subscription_id).first()
    notice = Notice.objects.select_related("user").filter(pk=notice_id).first()
    key = vapid.private_key()
    # The browser may be somebody else's by now.
    if subscription is None or notice is None or not key or subscription.user_id != notice.user_id:
        return False
    if not is_push_service(subscription.endpoint):
        subscription.delete()
        return False
    status, after_s = _post(subscription, notice, key)
    return _judge(subscription, status, after_s, now)


def _judge(subscription: PushSubscription, status: int, after_s: int | None, now: datetime) -> bool:
    """``status``: the push service's answer, 0 when there was none."""
    if 200 <= status < 300:
        PushSubscription.objects.filter(pk=subscription.pk).update(failed_at=None)
        return True
    if status in _GONE or (subscription.failed_at and now - subscription.failed_at > _GIVEN_UP_AFTER):
        subscription.delete()
        return False
    PushSubscription.objects.filter(pk=subscription.pk, failed_at=None).update(failed_at=now)
    if status == 0 or status == 429 or status >= 500:
        raise TryLater(after_s)
    logger.warning(
        "a push service refused", extra={"status": status, "service": urlsplit(subscription.endpoint).netloc}
    )
    return False


def message(notice: Notice) -> dict[str, Any]:
    """What the worker of the browser shows (sw.js), in the reader's language."""
    title, text = notices.in_words_for(notice)
    return {
        "title": title,
        "text": text,
        "path": notice.path,
        "tag": notice.key,
        "lang": notice.user.language,
        "unread": notices.unread_count(notice.user),
    }


def _post(subscription: PushSubscription, notice: Notice, key: str) -> tuple[int, int | None]:
    """The push service's status and the seconds it asks to wait."""
    # Here, as they and what they bring take a third of a second that only workers need to spend.
    import requests
    from pywebpush import WebPushException, webpush

    keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
    kind = Notice.Kind(notice.kind)
    try:
        answer = webpush(
            {"endpoint": subscription.endpoint, "keys": keys},
            data=json.dumps(message(notice), ensure_ascii=False),
            vapid_private_key=key,
            vapid_claims={"sub": settings.VAPID_CONTACT},
            timeout=_TIMEOUT_S,
            ttl=_KEPT_FOR_S.get(kind, _KEPT_FOR_LONGEST_S),
            headers={"Urgency": "high" if kind in _URGENT else "normal"},
            requests_session=_session(),
        )
        return getattr(answer, "status_code", 0), None
    except WebPushException as refusal:
        response = refusal.response
        if response is None:
            raise
        return response.status_code, _seconds(response.headers.get("Retry-After", ""))
    except requests.RequestException:
        return 0, None


def _session() -> Any:
    """Follows nobody elsewhere: where a redirect leads was not checked."""
    import requests

    class Straight(requests.Session):
        def get_redirect_target(self, resp: Any) -> None:
            return None

    return Straight()


def _seconds(text: str) -> int | None:
    return min(int(text), 3600) if text.isdigit() else None
