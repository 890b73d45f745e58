"""The fixtures of the OCPP tests."""

from tests.chargepoints.ocpp.conftest import charge_point, clock, token

__all__ = ["charge_point", "clock", "token"]
