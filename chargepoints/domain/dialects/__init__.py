"""V2G over OCPP, which has no words for it before 2.1: how each kind of charger says it. Data, and what reads it."""

from chargepoints.domain.dialects.table import Dialect, parse
from chargepoints.domain.dialects.telling import CarTold, told_by

__all__ = ["CarTold", "Dialect", "parse", "told_by"]
