"""OCPP 1.6 over websockets (OCPP-J)."""

from chargepoints.ocpp.rpc import Fault
from chargepoints.ocpp.v16 import commands, handlers
from chargepoints.ocpp.version import Version

# OCPP-J 1.6 4.2.3, with the standard's own spelling of "Formation" and "Occurence".
_CODES = {
    Fault.FRAME: "FormationViolation",
    Fault.MESSAGE_TYPE: "FormationViolation",
    Fault.SHAPE: "FormationViolation",
    Fault.UNKNOWN_ACTION: "NotImplemented",
    Fault.UNSUPPORTED_ACTION: "NotSupported",
    Fault.MISSING: "OccurenceConstraintViolation",
    Fault.TYPE: "TypeConstraintViolation",
    Fault.VALUE: "PropertyConstraintViolation",
    Fault.SECURITY: "SecurityError",
    Fault.INTERNAL: "InternalError",
}

VERSION = Version(
    name="1.6",
    subprotocol="ocpp1.6",
    request_suffix="",
    codes=_CODES,
    handlers=handlers.HANDLERS,
    lasting=frozenset({"StartTransaction", "StopTransaction", "MeterValues"}),
    unspoken=frozenset(
        {
            "set_variables",  # one a message: "configure"
            "get_report",
            "set_network_profile",
            "get_transaction_status",
            "get_charging_profiles",
        }
    ),
    while_pending=frozenset({"configure", "get_variables", "trigger", "reset"}),  # 4.2
    request=commands.request,
    outcome=commands.outcome,
)
