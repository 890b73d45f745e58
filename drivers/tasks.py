"""Background work: ids in, one service call."""

from celery import shared_task
from django.utils import timezone

from drivers.services import deliveries, happenings, lifecycle, offers, terms, waiting


@shared_task(name="drivers.tasks.advance_sessions")
def advance_sessions() -> None:
    """Ends what is due, gives up what never began. Runs every few seconds; nothing is lost when it does not."""
    lifecycle.advance(now=timezone.now())


@shared_task(name="drivers.tasks.tell_drivers")
def tell_drivers() -> None:
    """Penalties that begin, and news that were lost on the way."""
    now = timezone.now()
    happenings.sweep(now=now)
    for notice_id in deliveries.unclaimed(now=now):
        push_notice.delay(notice_id)
    for delivery_id in deliveries.overdue(now=now):
        push_to_browser.delay(delivery_id)


@shared_task(name="drivers.tasks.serve_queues")
def serve_queues() -> None:
    """Turns that are over, and chargers whose news were lost on the way."""
    waiting.sweep(now=timezone.now())


@shared_task(name="drivers.tasks.push_notice")
def push_notice(notice_id: int) -> None:
    """Hands a notice to each browser of its reader, each with tries of its own."""
    for delivery_id in deliveries.claim(notice_id=notice_id, now=timezone.now()):
        push_to_browser.delay(delivery_id)


@shared_task(name="drivers.tasks.push_to_browser")
def push_to_browser(delivery_id: int) -> None:
    """Tells one browser; comes again when its push service could not take it."""
    wait_s = deliveries.deliver(delivery_id=delivery_id, now=timezone.now())
    if wait_s is not None:
        push_to_browser.apply_async((delivery_id,), countdown=wait_s)


@shared_task(name="drivers.tasks.tell_of_new_terms")
def tell_of_new_terms() -> None:
    """Drivers hear of new terms before they want to charge."""
    terms.tell_of_new(now=timezone.now())


@shared_task(name="drivers.tasks.tell_of_offers")
def tell_of_offers() -> None:
    """Offers of the grid operator: new ones, those that are over, and who always takes part."""
    offers.sweep(now=timezone.now())
