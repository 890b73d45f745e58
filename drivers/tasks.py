"""Background work: ids in, one service call."""

from celery import shared_task
from django.utils import timezone

from drivers.services import happenings, lifecycle


@shared_task(name="drivers.tasks.advance_sessions")
def advance_sessions() -> None:
    """Ends what is due, gives up what never began. Runs every few seconds; nothing is lost when it does not."""
    lifecycle.advance(now=timezone.now())


@shared_task(name="drivers.tasks.tell_drivers")
def tell_drivers() -> None:
    """Penalties that begin, and news that were lost on the way."""
    happenings.sweep(now=timezone.now())
