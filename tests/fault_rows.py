"""The rows behind the fault tests, in a process of their own: ``register N``, ``sessions``."""

import json
import sys

import django


def register(count: int) -> None:
    from tests.load.ocpp_bench import world

    world.register(count)


def sessions() -> list[dict[str, object]]:
    """Every transaction as it is kept."""
    from chargepoints.models import Transaction

    fields = ("remote_id", "state", "flaw", "energy_wh", "meter_start_wh", "meter_stop_wh")
    rows = Transaction.objects.values("charge_point__identity", *fields)
    return [{"identity": row.pop("charge_point__identity"), **row} for row in rows.order_by("pk")]


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "register":
        register(int(sys.argv[2]))
    else:
        print(json.dumps(sessions()))
