"""When a transaction starts and stops. Source: OCPP 2.0.1 part 2, E "TxStartPoint" and "TxStopPoint".

OCPP 1.6 knows one way only: it starts when a car is connected and somebody is authorised, and stops when either ends.
"""

from __future__ import annotations

from collections.abc import Collection

PARKED = "ParkingBayOccupancy"
CONNECTED = "EVConnected"
AUTHORIZED = "Authorized"
SIGNED = "DataSigned"
PATH_CLOSED = "PowerPathClosed"
FLOWING = "EnergyTransfer"
USUAL_START = (PATH_CLOSED,)
USUAL_STOP = (CONNECTED, AUTHORIZED)


def points(*, parked: bool, connected: bool, authorized: bool, faulted: bool, flowing: bool) -> frozenset[str]:
    """Which of the points hold now. The meter signs its first value as soon as the power path is closed."""
    closed = connected and authorized and not faulted
    held = {PARKED: parked, CONNECTED: connected, AUTHORIZED: authorized, SIGNED: closed, PATH_CLOSED: closed}
    return frozenset(point for point, holds in {**held, FLOWING: closed and flowing}.items() if holds)


def starts(wanted: Collection[str], held: frozenset[str]) -> bool:
    """A transaction starts at the first of the wanted points."""
    return not held.isdisjoint(wanted)


def stops(before: frozenset[str], held: frozenset[str], wanted: Collection[str]) -> bool:
    """It stops when one of the wanted points held and does so no more."""
    return any(point in before and point not in held for point in wanted)
