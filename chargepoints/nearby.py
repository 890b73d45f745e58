"""The links of this process: a charger that is connected here is woken without a detour through Redis."""

from collections.abc import Callable

_wakes: dict[int, Callable[[], object]] = {}


def come(charge_point_id: int, wake: Callable[[], object]) -> None:
    """A charger is connected here. ``wake`` may be called from any thread."""
    _wakes[charge_point_id] = wake


def go(charge_point_id: int, wake: Callable[[], object]) -> None:
    """That connection is gone; a newer one stays."""
    if _wakes.get(charge_point_id) is wake:
        del _wakes[charge_point_id]


def wake(charge_point_id: int) -> bool:
    """Tell a charger's link that there may be a command; False when it is not here."""
    found = _wakes.get(charge_point_id)
    if found is None:
        return False
    try:
        found()
    except RuntimeError:  # its event loop has ended
        go(charge_point_id, found)
        return False
    return True
