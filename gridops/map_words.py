"""The words of the map's scripts, in the active language; what stands in braces is filled in by them."""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """States of charge points and of loads by their names in the scripts, and sentences."""
    return {
        "offline": _("offline"),
        "fault": _("Overloaded"),
        "charging": _("charging"),
        "reserved": _("reserved"),
        "free": _("free"),
        "warning": _("Nearly full"),
        "fine": _("Within capacity"),
        "out_of_order": _("out of order"),
        "point": _("{identity}, {place}: {state}, {power} now, connection loaded to {load}"),
        "most": _("of {power}"),
        "of": _("{power} of {capacity}"),
        "cut": _("{shown} of {all}"),
        "chosen_of": _("{count} of {all} selected"),
        "more_loads": _("{count} more, none above {load}"),
        "fault_count": _("{count} overloaded"),
        "warning_count": _("{count} nearly full"),
        "failed": _("The charge points could not be loaded. Please try again."),
    }
