"""The rows of the bench: chargers before, what must be stored after."""

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
from tests.load.ocpp_bench import frames, names
from twinev.identity.models import User

PER_SUPPLY_POINT = 10


class WrongRows(RuntimeError):
    """Not everything was stored: a figure of such a run is worth nothing."""


def register(first: int, count: int) -> None:
    """Chargers with a connector, a driver and a card each, ten on a supply point."""
    numbers = range(first, first + count)
    points = _supply_points(count)
    secret_hash = provisioning.hashed(names.SECRET)
    charge_points = ChargePoint.objects.bulk_create(
        ChargePoint(
            identity=names.identity(number),
            supply_point=points[position // PER_SUPPLY_POINT],
            latitude=51.87,
            longitude=9.09,
            secret_hash=secret_hash,
        )
        for position, number in enumerate(numbers)
    )
    evses = Evse.objects.bulk_create(Evse(charge_point=one, number=1, max_power_w=11_000) for one in charge_points)
    Connector.objects.bulk_create(Connector(evse=evse) for evse in evses)
    drivers = User.objects.bulk_create(User(username=f"driver{number}", password="!") for number in numbers)
    IdToken.objects.bulk_create(
        IdToken(token=names.token(number), key=normal(names.token(number)), driver=driver)
        for number, driver in zip(numbers, drivers, strict=True)
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


def stored(first: int, count: int) -> dict[str, int]:
    """What the database holds of these chargers' sessions."""
    mine = {"charge_point__identity__in": [names.identity(number) for number in range(first, first + count)]}
    sessions = Transaction.objects.filter(**mine)
    whole = {"state": Transaction.State.ENDED, "energy_wh": frames.ENERGY_WH, "flaw": ""}
    samples = MeterValue.objects.filter(transaction__isnull=False, context="Sample.Periodic", **mine)
    frames_in = OcppMessage.objects.filter(direction="in", message_type=2, **mine)
    return {
        "transactions": sessions.count(),
        "whole transactions": sessions.filter(**whole).count(),
        "meter values": samples.count(),
        "calls in the log": frames_in.count(),
        "answers in the log": OcppMessage.objects.filter(direction="out", message_type=3, **mine).count(),
    }


def expected(count: int) -> dict[str, int]:
    """What it must hold after one whole session of each."""
    return {
        "transactions": count,
        "whole transactions": count,
        "meter values": count * frames.METER_VALUES * frames.SAMPLES,
        "calls in the log": count * frames.MESSAGES,
        "answers in the log": count * frames.MESSAGES,
    }


def check(first: int, count: int) -> None:
    """:raises WrongRows: when a session is missing, twice or not whole."""
    found = stored(first, count)
    wrong = {name: (found[name], number) for name, number in expected(count).items() if found[name] != number}
    if wrong:
        told = ", ".join(f"{name} {is_so} instead of {must}" for name, (is_so, must) in wrong.items())
        raise WrongRows(f"{told}; for instance {_odd_ones()}")


def commands() -> dict[str, int]:
    """How many commands of each kind went to chargers, which the bare servers never do."""
    counted = Command.objects.exclude(sent_at=None).order_by("kind").values_list("kind").annotate(Count("pk"))
    return dict(counted)


def _odd_ones() -> list[dict[str, Any]]:
    odd = Transaction.objects.exclude(state=Transaction.State.ENDED, energy_wh=frames.ENERGY_WH, flaw="")
    told = odd.values("charge_point__identity", "state", "energy_wh", "flaw", "meter_start_wh")
    return [dict(row) for row in told[:3]]
