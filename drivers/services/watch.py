"""Tell me when it is free: drivers who look after a busy station without standing in its queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from drivers.models import Notice, Vehicle, Watch
from drivers.services import notices, queue, stations
from drivers.services.stations import Station

# Who asked in the morning has charged by the evening.
_FOR = timedelta(hours=12)


def watch(*, driver: Any, station: Station, vehicle: Vehicle, now: datetime) -> Watch:
    """Tells the driver once, as soon as a plug that fits is free; asking again changes nothing but the vehicle."""
    values = {"vehicle": vehicle, "asked_at": now, "until": now + _FOR}
    row, _ = Watch.objects.update_or_create(driver=driver, station_id=station.key, defaults=values)
    tell(station=station, now=now)
    return row


def unwatch(*, driver: Any, station_key: int) -> bool:
    """Tells nothing any more; whether it would have."""
    return bool(Watch.objects.filter(driver=driver, station=station_key).delete()[0])


def watched_by(driver: Any, now: datetime) -> set[int]:
    """The keys of the stations that the driver looks after."""
    return set(Watch.objects.filter(driver=driver, until__gt=now).values_list("station_id", flat=True))


def tell(*, station: Station, now: datetime) -> int:
    """Tells those for whom a plug is free that nobody in the queue waits for; how many. Each is told once."""
    told = 0
    for row in Watch.objects.filter(station=station.key, until__gt=now).select_related("driver", "vehicle"):
        if _is_free_for(row, station):
            told += _tell(row, station, now)
    return told


def sweep(*, now: datetime) -> None:
    """Tells what was missed, and forgets who asked long ago. Safe at any time."""
    Watch.objects.filter(until__lte=now).delete()
    for key in sorted(set(Watch.objects.order_by().values_list("station_id", flat=True))):
        station = stations.station_of(key)
        if station is not None:
            tell(station=station, now=now)


def _is_free_for(row: Watch, station: Station) -> bool:
    return any(
        queue.fits(evse, row.vehicle) and not queue.is_claimed(evse=evse, driver=row.driver)
        for evse in station.free_evses
    )


@transaction.atomic
def _tell(row: Watch, station: Station, now: datetime) -> int:
    """Whoever deletes the row tells."""
    told, _ = Watch.objects.filter(pk=row.pk).delete()
    if told:
        notices.tell(
            user=row.driver,
            kind=Notice.Kind.STATION_FREE,
            about={"station": station.location.name},
            path=f"{reverse('drivers:map')}?station={station.key}",
            now=now,
            key=f"watch:{row.pk}",
        )
    return min(told, 1)
