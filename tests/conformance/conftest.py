"""Conformance cases drive the same raw charger as the other tests of the protocol."""

from tests.chargepoints.ocpp.conftest import charge_point, clock, connect, token

__all__ = ["charge_point", "clock", "connect", "token"]
