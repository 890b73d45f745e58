"""Which browser has to be told of which notice: a row each until that is done, so that no ended process loses one.

The task is a nudge only; what its loss leaves is found by the sweep, also after a restart.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from drivers.models import Notice, PushDelivery, PushSubscription
from drivers.services import push

# Older news is read in the app.
_WORTH_PUSHING = timedelta(hours=1)
# A push service that is busy is asked again after 15 s, 1, 4 and 16 minutes, or when it says.
_RETRIES = 4
_FIRST_WAIT_S = 15
# Nobody else tries meanwhile: longer than the answer of a push service is waited for.
_HELD = timedelta(minutes=1)
# By then the task that was to come has come, where it was not lost.
_LATE = timedelta(seconds=10)


def claim(*, notice_id: int, now: datetime) -> list[int]:
    """Notes the browsers to tell of a notice; none when that was done before, or is too late."""
    fresh = Notice.objects.filter(pk=notice_id, pushed_at=None, created_at__gt=now - _WORTH_PUSHING)
    with transaction.atomic():
        if not fresh.update(pushed_at=now):
            return []
        browsers = PushSubscription.objects.filter(user__notices=notice_id)
        rows = [PushDelivery(subscription=browser, notice_id=notice_id, due_at=now) for browser in browsers]
        return [row.pk for row in PushDelivery.objects.bulk_create(rows)]


def unclaimed(*, now: datetime) -> list[int]:
    """Notices whose task was lost."""
    lost = Notice.objects.filter(
        pushed_at=None, created_at__gt=now - _WORTH_PUSHING, created_at__lt=now - timedelta(minutes=1)
    )
    return list(lost.values_list("pk", flat=True))


def overdue(*, now: datetime) -> list[int]:
    """Deliveries whose task was lost: where the broker lives in the process, all that waited for another try."""
    return list(PushDelivery.objects.filter(due_at__lte=now - _LATE).values_list("pk", flat=True))


def deliver(*, delivery_id: int, now: datetime) -> int | None:
    """Tells one browser, when it is time; the seconds until the next try, None when there is none.

    Whoever else tries it meanwhile finds it taken.
    """
    mine = PushDelivery.objects.filter(pk=delivery_id, due_at__lte=now)
    if not mine.update(due_at=now + _HELD, tries=F("tries") + 1):
        return None
    row = PushDelivery.objects.select_related("notice").get(pk=delivery_id)
    if row.tries <= _RETRIES + 1 and now - row.notice.created_at < _WORTH_PUSHING:
        try:
            push.send(subscription_id=row.subscription_id, notice_id=row.notice_id, now=now)
        except push.TryLater as later:
            return _again(row, later.after_s, now)
    PushDelivery.objects.filter(pk=row.pk).delete()
    return None


def _again(row: PushDelivery, after_s: int | None, now: datetime) -> int | None:
    mine = PushDelivery.objects.filter(pk=row.pk)
    if row.tries > _RETRIES:
        mine.delete()
        return None
    wait_s = after_s or _FIRST_WAIT_S * 4 ** (row.tries - 1)
    mine.update(due_at=now + timedelta(seconds=wait_s))
    return wait_s
