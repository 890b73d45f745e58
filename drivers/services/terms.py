"""The terms of use: which version holds, and who accepted it."""

from datetime import datetime
from typing import Any

from drivers.models import TermsAcceptance

# Raised with every change of meaning in templates/drivers/_terms_text.html; drivers are asked again then.
CURRENT_VERSION = "1"


def accepted_by(driver: Any) -> bool:
    """Whether the driver accepted the version that holds, and did not withdraw."""
    return driver.terms_acceptances.filter(version=CURRENT_VERSION, withdrawn_at=None).exists()


def accept(*, driver: Any, now: datetime) -> TermsAcceptance:
    """Notes the acceptance; a second press of the button changes nothing."""
    standing = driver.terms_acceptances.filter(version=CURRENT_VERSION, withdrawn_at=None).first()
    return standing or TermsAcceptance.objects.create(driver=driver, version=CURRENT_VERSION, accepted_at=now)
