"""News of the grid operator's offers."""

from typing import Any

from django.dispatch import receiver

from chargepoints.gathering import Gathering
from drivers import tasks
from smac import events


def _sweep(_campaign_ids: list[int]) -> None:
    tasks.tell_of_offers.delay()


_campaigns: Gathering[int] = Gathering(_sweep)


@receiver(events.campaign_changed, dispatch_uid="drivers.campaign_changed")
def on_campaign_changed(campaign_id: int, **_: Any) -> None:
    _campaigns.add(campaign_id)
