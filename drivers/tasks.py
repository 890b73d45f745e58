"""Background work: ids in, one service call."""

from celery import shared_task
from django.utils import timezone

from drivers.services import lifecycle


@shared_task(name="drivers.tasks.advance_sessions")
def advance_sessions() -> None:
    """Ends what is due, gives up what never began. Runs every few seconds; nothing is lost when it does not."""
    lifecycle.advance(now=timezone.now())
