"""OCPP 2.0.1."""

from chargepoints.ocpp.rpc import Fault
from chargepoints.ocpp.v201 import commands, handlers
from chargepoints.ocpp.version import Version

# OCPP 2.0.1 part 4, 4.3.
_CODES = {
    Fault.FRAME: "RpcFrameworkError",
    Fault.MESSAGE_TYPE: "MessageTypeNotSupported",
    Fault.SHAPE: "FormatViolation",
    Fault.UNKNOWN_ACTION: "NotImplemented",
    Fault.UNSUPPORTED_ACTION: "NotSupported",
    Fault.MISSING: "OccurrenceConstraintViolation",
    Fault.TYPE: "TypeConstraintViolation",
    Fault.VALUE: "PropertyConstraintViolation",
    Fault.SECURITY: "SecurityError",
    Fault.INTERNAL: "InternalError",
}

VERSION = Version(
    name="2.0.1",
    subprotocol="ocpp2.0.1",
    request_suffix="Request",
    codes=_CODES,
    handlers=handlers.HANDLERS,
    lasting=frozenset({"TransactionEvent", "MeterValues"}),
    # Certificates of 2.0.1 are not managed yet.
    unspoken=frozenset(
        {"install_certificate", "delete_certificate", "get_installed_certificates", "send_signed_certificate"}
    ),
    # B02.FR.01, B02.FR.05: it may be looked at and set up; sessions have to wait.
    while_pending=frozenset(
        {"configure", "set_variables", "get_variables", "get_report", "set_network_profile", "trigger", "reset"}
    ),
    request=commands.request,
    outcome=commands.outcome,
    is_strict=True,  # B02.FR.09
    prompts={"GetBaseReport": "NotifyReport", "GetReport": "NotifyReport"},
)
