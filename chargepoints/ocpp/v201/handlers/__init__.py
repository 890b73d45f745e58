"""What a charging station that speaks OCPP 2.0.1 tells us: translate in, call one service, translate out."""

from chargepoints.ocpp.v201.handlers import charging, maintenance, provisioning, transactions
from chargepoints.ocpp.version import Handler

HANDLERS: dict[str, Handler] = {
    **provisioning.HANDLERS,
    **transactions.HANDLERS,
    **charging.HANDLERS,
    **maintenance.HANDLERS,
}
