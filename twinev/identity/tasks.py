from celery import shared_task
from django.utils import timezone

from twinev.identity import throttle


@shared_task
def forget_failures() -> int:
    return throttle.sweep(now=timezone.now())
