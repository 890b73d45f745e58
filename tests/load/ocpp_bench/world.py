"""The rows of the bench: chargers before, what must be stored after."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Count

from chargepoints.domain.authorization import normal
from chargepoints.models import (
    ChargePoint,
    Command,
    Connector,
    Evse,
    IdToken,
    Location,
    MeterValue,
    OcppMessage,
    Operator,
    SupplyPoint,
    Transaction,
)
from chargepoints.services import provisioning
from tests.load.ocpp_bench import frames, names, stories
from twinev.identity.models import User

PER_SUPPLY_POINT = 10
_SAMPLES = frames.METER_VALUES * frames.SAMPLES
_WHOLE = {"state": Transaction.State.ENDED, "energy_wh": frames.ENERGY_WH, "flaw": ""}


class WrongRows(RuntimeError):
    """Not everything was stored: a figure of such a run is worth nothing."""


def register(count: int) -> None:
    """Chargers with a connector, a driver and a card each, ten on a supply point."""
    points = _supply_points(count)
    secret_hash = provisioning.hashed(names.SECRET)
    charge_points = ChargePoint.objects.bulk_create(
        ChargePoint(
            identity=names.identity(number),
            supply_point=points[number // PER_SUPPLY_POINT],
            latitude=51.87,
            longitude=9.09,
            secret_hash=secret_hash,
        )
        for number in range(count)
    )
    evses = Evse.objects.bulk_create(Evse(charge_point=one, number=1, max_power_w=11_000) for one in charge_points)
    Connector.objects.bulk_create(Connector(evse=evse) for evse in evses)
    drivers = User.objects.bulk_create(User(username=f"driver{number}", password="!") for number in range(count))
    IdToken.objects.bulk_create(
        IdToken(token=names.token(number), key=normal(names.token(number)), driver=driver)
        for number, driver in enumerate(drivers)
    )


def _supply_points(chargers: int) -> list[SupplyPoint]:
    operator = Operator.objects.create(name="Bench")
    numbers = range(-(-chargers // PER_SUPPLY_POINT))
    locations = Location.objects.bulk_create(
        Location(operator=operator, name=f"Place {number}", latitude=51.87, longitude=9.09) for number in numbers
    )
    return SupplyPoint.objects.bulk_create(
        SupplyPoint(location=place, name=place.name, contracted_capacity_w=110_000) for place in locations
    )


def check_sessions(count: int, first: int = 0, *, since: datetime | None = None) -> None:
    """One whole session of each charger (that began ``since``), every sample, and every frame in the log.

    :raises WrongRows: when something is missing, twice or not whole.
    """
    mine = _of(first, count)
    sessions = Transaction.objects.filter(**mine)
    if since is not None:
        sessions = sessions.filter(started_at__gte=since)
    calls, answers = OcppMessage.objects.filter(**mine, message_type=2), OcppMessage.objects.filter(**mine)
    _compare(
        {
            "transactions": (sessions.count(), count),
            "whole transactions": (sessions.filter(**_WHOLE).count(), count),
            "meter values": (_samples({"transaction__in": sessions}), count * _SAMPLES),
            "calls in the log": (calls.filter(direction="in").count(), count * frames.MESSAGES),
            "answers in the log": (
                answers.filter(direction="out", message_type=3).count(),
                count * frames.MESSAGES,
            ),
        }
    )


def check_starts(count: int) -> None:
    """:raises WrongRows: when not each charger has one transaction that runs."""
    running = Transaction.objects.filter(state=Transaction.State.ACTIVE, flaw="").exclude(id_token=None)
    _compare({"transactions": (transactions(), count), "running": (running.count(), count)})


def check_backlog(count: int) -> None:
    """:raises WrongRows: when a session of the backlog is missing, twice or not whole."""
    sessions = count * stories.BACKLOG_SESSIONS
    whole = Transaction.objects.filter(**_WHOLE)
    _compare(
        {
            "transactions": (transactions(), sessions),
            "whole transactions": (whole.count(), sessions),
            "chargers": (whole.values("charge_point").distinct().count(), count),
            "meter values": (_samples({}), sessions * _SAMPLES),
        }
    )


def lost(told: dict[str, list[str]]) -> int:
    """How many of the meter values that were answered (moments by number of the charger) are not stored once."""
    rows = MeterValue.objects.filter(context="Sample.Clock").values_list("charge_point__identity", "at")
    stored = Counter((identity, at.isoformat(timespec="milliseconds").replace("+00:00", "Z")) for identity, at in rows)
    facts = {(names.identity(int(number)), moment) for number, moments in told.items() for moment in moments}
    return sum(stored[fact] != 1 for fact in facts)


def transactions() -> int:
    return Transaction.objects.count()


def commands() -> dict[str, int]:
    """How many commands of each kind went to chargers, which the bare servers never do."""
    counted = Command.objects.exclude(sent_at=None).order_by("kind").values_list("kind").annotate(Count("pk"))
    return dict(counted)


def _of(first: int, count: int) -> dict[str, list[str]]:
    return {"charge_point__identity__in": [names.identity(number) for number in range(first, first + count)]}


def _samples(mine: dict[str, Any]) -> int:
    return MeterValue.objects.filter(transaction__isnull=False, context="Sample.Periodic", **mine).count()


def _compare(found: dict[str, tuple[int, int]]) -> None:
    wrong = [f"{name} {number} instead of {right}" for name, (number, right) in found.items() if number != right]
    if wrong:
        odd = Transaction.objects.exclude(**_WHOLE).values("charge_point__identity", "state", "energy_wh", "flaw")
        raise WrongRows(f"{', '.join(wrong)}; not whole are, for instance, {list(odd[:3])}")
