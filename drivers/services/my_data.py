"""What is kept of a driver: all of it as JSON, and its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint, Location, MeterValue
from chargepoints.services import erasure
from drivers.models import ChargeSession
from drivers.services.vehicles import OPEN_STATES
from smac.models import ChargingNeed, OfferPreference

FORMAT = 1
_AT_ONCE = 2_000
_ENCODER = DjangoJSONEncoder(ensure_ascii=False)

# --- everything as JSON -----------------------------------------------------------------------------------------------

# Of an account: what is about the person, not how the password is kept.
_ACCOUNT = ("username", "email", "email_confirmed_at", "first_name", "last_name", "language", "date_joined")
_METER_VALUE = ("at", "measurand", "phase", "location", "context", "value", "unit")
_VALUES_OF: dict[str, Callable[[Any], QuerySet[Any]]] = {
    "terms": lambda driver: driver.terms_acceptances,
    "vehicles": lambda driver: driver.vehicles,
    "vehicle_bookings": lambda driver: driver.vehicle_bookings,
    "charge_cards": lambda driver: driver.id_tokens,
    "places": lambda driver: driver.home_locations,
    "charge_points": lambda driver: ChargePoint.objects.filter(supply_point__location__owner=driver),
    "reservations": lambda driver: driver.reservations,
    "needs": lambda driver: driver.charging_needs,
    "charge_sessions": lambda driver: driver.charge_sessions,
    "watches": lambda driver: driver.watches,
    "queue_entries": lambda driver: driver.queue_entries,
    "notices": lambda driver: driver.notices,
    "browsers": lambda driver: driver.push_subscriptions,
    "offers": lambda driver: driver.participations,
    "offer_preference": lambda driver: OfferPreference.objects.filter(driver=driver),
}
# Secrets that only machines know, also from their owner: who has them could act in the owner's name.
_SECRET = {"secret_hash", "pending_secret_hash", "p256dh", "auth", "local_list_digest", "connection_key"}


def export(*, driver: Any, now: datetime) -> Iterator[str]:
    """All that is kept of a driver, as one JSON object in pieces: sections of rows, each row as it is kept.

    Energy in Wh, power in W, times in UTC. The meter's values of own sessions are the bulk: they are read as they are
    written out, so that no amount of them fills the memory.
    """
    account = {name: getattr(driver, name) for name in _ACCOUNT}
    head = {"format": FORMAT, "exported_at": now, "account": account}
    yield _ENCODER.encode(head)[:-1]
    for section, rows_of in _VALUES_OF.items():
        yield f", {json.dumps(section)}: "
        yield from _array(_without_secrets(row) for row in rows_of(driver).order_by("pk").values())
    yield ', "transactions": '
    yield from _array_of_transactions(driver)
    yield "}\n"


def _without_secrets(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _SECRET}


def _array(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield "["
    for number, row in enumerate(rows):
        yield (", " if number else "") + _ENCODER.encode(row)
    yield "]"


def _array_of_transactions(driver: Any) -> Iterator[str]:
    yield "["
    for number, row in enumerate(driver.transactions.order_by("pk").values()):
        yield (", " if number else "") + _ENCODER.encode(row)[:-1] + ', "meter_values": ['
        yield from _meter_values(row["id"])
        yield "]}"
    yield "]"


def _meter_values(transaction_id: int) -> Iterator[str]:
    """In pieces by primary key: no cursor stays open while the browser is slow."""
    last, is_first = 0, True
    values = MeterValue.objects.filter(transaction=transaction_id).order_by("pk").values("pk", *_METER_VALUE)
    while rows := list(values.filter(pk__gt=last)[:_AT_ONCE]):
        last = rows[-1]["pk"]
        text = ", ".join(_ENCODER.encode({name: row[name] for name in _METER_VALUE}) for row in rows)
        yield text if is_first else f", {text}"
        is_first = False


# --- the end ----------------------------------------------------------------------------------------------------------


def check_erasable(*, driver: Any) -> None:
    """:raises Refused: a car still hangs on a charger: that has to come to its end, and be settled, first."""
    if ChargeSession.objects.filter(driver=driver, state__in=OPEN_STATES).exists():
        raise Refused(_("A charge of yours is under way. End it and pick up your vehicle first."))


@transaction.atomic
def erase(*, driver: Any) -> None:
    """Removes what is kept of a driver; the account itself is its owner's (twinev.identity.accounts).

    What the law makes operators keep, who were paid for it, stays without a name: the transactions at their chargers
    with energy, time, place and cost. All else goes: vehicles, cards, reservations, sessions, wishes, notices,
    browsers, terms, and chargers at home with everything that happened there.

    :raises Refused: see check_erasable.
    """
    check_erasable(driver=driver)
    for rows in (driver.notices, driver.push_subscriptions, driver.watches, driver.queue_entries):
        rows.all().delete()
    _forget_sessions(driver.charge_sessions.all())
    ChargingNeed.objects.filter(driver=driver).delete()
    _forget_homes(driver)
    driver.participations.update(driver=None)
    OfferPreference.objects.filter(driver=driver).delete()
    driver.vehicle_bookings.all().delete()
    driver.vehicles.all().delete()
    driver.terms_acceptances.all().delete()
    erasure.forget_driver(driver=driver)


def _forget_sessions(sessions: QuerySet[ChargeSession]) -> None:
    """Each hangs on its wish, which may not go before it."""
    needs = list(sessions.values_list("need_id", flat=True))
    sessions.delete()
    ChargingNeed.objects.filter(pk__in=needs).delete()


def _forget_homes(driver: Any) -> None:
    places = Location.objects.filter(owner=driver)
    for point in ChargePoint.objects.filter(supply_point__location__in=places):
        _forget_sessions(ChargeSession.objects.filter(evse__charge_point=point))
        erasure.forget_home(charge_point=point)
    places.delete()
