"""What is called out to the connection of a charger, in whichever process it lives."""

from typing import NamedTuple

from chargepoints import groups, layer, nearby
from chargepoints.gathering import Gathering

# Commands are awaited by people: so long that those of one plan go out together, and no longer.
_GATHERED_S = 0.02


class Call(NamedTuple):
    charge_point_id: int
    kind: str
    connection_key: str = ""


def wake(charge_point_id: int) -> None:
    """There may be a command for it."""
    if not nearby.wake(charge_point_id):
        _calls.add(Call(charge_point_id, "command.queued"))


def tell_replaced(charge_point_id: int, connection_key: str) -> None:
    """The connection with this key took over: older ones close."""
    _calls.add(Call(charge_point_id, "connection.replaced", connection_key))


def tell_silent(charge_point_id: int, connection_key: str) -> None:
    """The connection with this key was given up."""
    _calls.add(Call(charge_point_id, "connection.silent", connection_key))


def _send(calls: list[Call]) -> None:
    layer.send((groups.charger_group(one.charge_point_id), _message(one)) for one in calls)


def _message(call: Call) -> layer.Message:
    about = {"connection_key": call.connection_key} if call.connection_key else {}
    return {"type": call.kind, **about}


_calls: Gathering[Call] = Gathering(_send, after_s=_GATHERED_S)

__all__ = ["tell_replaced", "tell_silent", "wake"]
