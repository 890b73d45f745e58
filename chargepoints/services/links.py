"""A charger's connection: it came, it is gone; what was under way on it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chargepoints.services import commands, provisioning


@dataclass(frozen=True)
class LinkOpened:
    """A connection that is the charger's only one from now on."""

    connection_key: str
    ocpp_version: str


@dataclass(frozen=True)
class LinkClosed:
    """A connection that is gone."""

    connection_key: str


@transaction.atomic
def opened(*, charge_point_id: int, report: LinkOpened, now: datetime) -> None:
    """What older connections had under way is this one's to send."""
    key = report.connection_key
    provisioning.connected(
        charge_point_id=charge_point_id, connection_key=key, ocpp_version=report.ocpp_version, now=now
    )
    commands.release_from_dead_links(charge_point_id=charge_point_id, connection_key=key, now=now)


@transaction.atomic
def closed(*, charge_point_id: int, report: LinkClosed, now: datetime) -> None:
    """What was under way waits for the next connection."""
    key = report.connection_key
    commands.release(charge_point_id=charge_point_id, connection_key=key, now=now)
    provisioning.disconnected(charge_point_id=charge_point_id, connection_key=key, now=now)
