"""What drivers want to happen with offers, until told otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from smac.models import OfferPreference

Choice = OfferPreference.Choice


def of(driver_ids: Iterable[int]) -> dict[int, Choice]:
    """The choice of each of these drivers; who never chose is asked."""
    ids = list(driver_ids)
    said = dict(OfferPreference.objects.filter(driver__in=ids).values_list("driver_id", "choice"))
    return {pk: Choice(said.get(pk, Choice.ASK)) for pk in ids}


def of_one(driver: Any) -> Choice:
    """The choice of one driver."""
    return of([driver.pk])[driver.pk]


def choose(*, driver: Any, choice: str, now: datetime) -> None:
    """Keep a driver's choice. It holds for what is offered from now on; answers that were given stay."""
    values = {"choice": Choice(choice), "changed_at": now}
    OfferPreference.objects.update_or_create(driver=driver, defaults=values)
