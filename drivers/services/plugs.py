"""Which sockets a car can use, and with how much power. Pure."""

from collections.abc import Iterable

# OCPI connector standards. A Combo 2 inlet takes a Type 2 plug as well: its upper half is one (IEC 62196-3). Cars with
# CHAdeMO or Type 1 reach a Type 2 socket with the cable that they carry.
_ALSO_FITS: dict[str, frozenset[str]] = {
    standard: frozenset({"IEC_62196_T2"}) for standard in ("IEC_62196_T2_COMBO", "CHADEMO", "IEC_62196_T1")
}
_DC = frozenset({"IEC_62196_T2_COMBO", "CHADEMO"})
# The charger on board of nearly every car with a direct-current inlet takes 11 kW from an alternating-current socket.
_ON_BOARD_W = 11_000


def fitting(vehicle_standard: str) -> frozenset[str]:
    """The socket standards that the vehicle can be plugged into."""
    return _ALSO_FITS.get(vehicle_standard, frozenset()) | {vehicle_standard}


def best(vehicle_standard: str, sockets: Iterable[str]) -> str:
    """The socket that the vehicle would take: the one of its own inlet before another that fits; empty: none fits."""
    found = [socket for socket in sockets if socket in fitting(vehicle_standard)]
    return vehicle_standard if vehicle_standard in found else next(iter(found), "")


def charge_power_w(*, vehicle_standard: str, socket_standard: str, vehicle_max_w: int, evse_max_w: int) -> int:
    """The most that flows between this socket and this car."""
    power_w = min(vehicle_max_w, evse_max_w)
    if vehicle_standard in _DC and socket_standard not in _DC:
        return min(power_w, _ON_BOARD_W)
    return power_w
