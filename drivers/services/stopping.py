"""Why a charger ended a session, in words for its driver."""

from django.utils.translation import gettext_lazy as _

# The words of OCPP 1.6 (Reason) and 2.0.1 (ReasonEnumType), which name the same things differently.
_SENTENCES = {
    "EVDisconnected": _("The cable was pulled out."),
    "UnlockCommand": _("The plug was unlocked."),
    "StoppedByEV": _("The car ended it: it is full, or takes no more."),
    "SOCLimitReached": _("The car ended it: it is full, or takes no more."),
    "Local": _("It was ended at the charger."),
    "DeAuthorized": _("The charge card is not accepted any more."),
    "EmergencyStop": _("The emergency stop was pressed."),
    "GroundFault": _("The charger found a fault and switched off."),
    "OvercurrentFault": _("The charger found a fault and switched off."),
    "PowerQuality": _("The charger found a fault and switched off."),
    "PowerLoss": _("The power failed at the charger."),
    "HardReset": _("The charger was started anew."),
    "SoftReset": _("The charger was started anew."),
    "Reboot": _("The charger was started anew."),
    "ImmediateReset": _("The charger was started anew."),
    "EnergyLimitReached": _("The charger's limit was reached."),
    "TimeLimitReached": _("The charger's limit was reached."),
}


def sentence(stop_reason: str) -> str:
    """One sentence; empty where the end was asked for from here, or nobody says why."""
    return str(_SENTENCES.get(stop_reason, ""))
