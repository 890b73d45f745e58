"""Smart charging: the safe default, a session's plan, what the charger really has, and that it goes on having it."""

from chargepoints.services.default_limits import DEFAULT_PROFILE_ID, send_default_limit
from chargepoints.services.obedience import look
from chargepoints.services.profile_keeping import back_online, keep, restarted
from chargepoints.services.read_back import ask as read_back
from chargepoints.services.read_back import store_read_back
from chargepoints.services.session_profiles import clear_session_profile, set_session_profile

__all__ = [
    "DEFAULT_PROFILE_ID",
    "back_online",
    "clear_session_profile",
    "keep",
    "look",
    "read_back",
    "restarted",
    "send_default_limit",
    "set_session_profile",
    "store_read_back",
]
