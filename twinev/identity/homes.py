"""Where a person starts: each role has its own app."""

from chargepoints.models import OperatorStaff
from gridops.models import GridOperator
from twinev.identity.models import User


def home_of(user: User) -> str:
    if GridOperator.objects.filter(user=user).exists():
        return "/grid/"
    if OperatorStaff.objects.filter(user=user).exists():
        return "/dashboard/"
    return "/"
