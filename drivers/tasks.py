"""Background work: ids in, one service call."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from drivers.services import happenings, lifecycle, push, terms, waiting

_PUSH_RETRIES = 4


@shared_task(name="drivers.tasks.advance_sessions")
def advance_sessions() -> None:
    """Ends what is due, gives up what never began. Runs every few seconds; nothing is lost when it does not."""
    lifecycle.advance(now=timezone.now())


@shared_task(name="drivers.tasks.tell_drivers")
def tell_drivers() -> None:
    """Penalties that begin, and news that were lost on the way."""
    now = timezone.now()
    happenings.sweep(now=now)
    for notice_id in push.unclaimed(now=now):
        push_notice.delay(notice_id)


@shared_task(name="drivers.tasks.serve_queues")
def serve_queues() -> None:
    """Turns that are over, and chargers whose news were lost on the way."""
    waiting.sweep(now=timezone.now())


@shared_task(name="drivers.tasks.push_notice")
def push_notice(notice_id: int) -> None:
    """Hands a notice to each browser of its reader, each with retries of its own."""
    for subscription_id in push.claim(notice_id=notice_id, now=timezone.now()):
        push_to_browser.delay(subscription_id, notice_id)


@shared_task(bind=True, name="drivers.tasks.push_to_browser", max_retries=_PUSH_RETRIES)
def push_to_browser(self: Any, subscription_id: int, notice_id: int) -> None:
    """Tries again after 15 s, 1 min, 4 min, 16 min, or when the push service says."""
    try:
        push.send(subscription_id=subscription_id, notice_id=notice_id, now=timezone.now())
    except push.TryLater as later:
        if self.request.retries < _PUSH_RETRIES:
            raise self.retry(countdown=later.after_s or 15 * 4**self.request.retries) from later


@shared_task(name="drivers.tasks.tell_of_new_terms")
def tell_of_new_terms() -> None:
    """Drivers hear of new terms before they want to charge."""
    terms.tell_of_new(now=timezone.now())
