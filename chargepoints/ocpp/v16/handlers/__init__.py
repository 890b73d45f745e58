"""What a charger that speaks OCPP 1.6 tells us: translate in, call one service, translate out."""

from chargepoints.ocpp.v16.handlers import core, maintenance
from chargepoints.ocpp.version import Handler

HANDLERS: dict[str, Handler] = {**core.HANDLERS, **maintenance.HANDLERS}
