"""Sweeps over rows: idempotent, so that losing one only delays."""

from celery import shared_task
from django.utils import timezone

from chargepoints import afterwork
from chargepoints.services import (
    commands,
    deauthorization,
    diagnostics,
    firmware,
    inventory,
    local_lists,
    messages,
    metering_settings,
    offline,
    provisioning,
    reservations,
    security,
    smart_charging,
)


@shared_task
def follow(items: list[tuple[str, int]]) -> None:
    """What answers to chargers did not wait for."""
    afterwork.do(items, timezone.now())


@shared_task
def expire_commands() -> int:
    return commands.expire(now=timezone.now())


@shared_task
def sweep_reservations() -> int:
    return reservations.sweep(now=timezone.now())


@shared_task
def sweep_local_lists() -> int:
    return local_lists.sweep(now=timezone.now())


@shared_task
def sweep_offline_settings() -> int:
    return offline.sweep(now=timezone.now())


@shared_task
def ask_inventories() -> int:
    return inventory.sweep(now=timezone.now())


@shared_task
def sweep_metering_settings() -> int:
    return metering_settings.sweep(now=timezone.now())


@shared_task
def stop_refused_sessions() -> int:
    return deauthorization.sweep(now=timezone.now())


@shared_task
def watch_links() -> int:
    return provisioning.forget_silent_links(now=timezone.now())


@shared_task
def keep_profiles() -> int:
    return smart_charging.keep(now=timezone.now())


@shared_task
def close_silent_maintenance() -> int:
    now = timezone.now()
    return firmware.sweep(now=now) + diagnostics.sweep(now=now)


@shared_task
def forget_old_refusals() -> int:
    return security.forget_old_refusals(now=timezone.now())


@shared_task
def forget_old_messages() -> int:
    return messages.forget_old(now=timezone.now())
