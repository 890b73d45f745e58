"""Reads of an operator's own charge cards."""

from __future__ import annotations

from django.db.models import Max, QuerySet

from chargepoints.domain.authorization import APP_TOKEN_TYPE
from chargepoints.models import ChargePoint, IdToken, LocalListEntry, Operator
from chargepoints.selectors.operators import charge_points_of


def of_operator(operator: Operator) -> QuerySet[IdToken]:
    """The operator's own cards; drivers' own cards and the apps' tokens are not its to see."""
    mine = IdToken.objects.filter(operator=operator).exclude(type=APP_TOKEN_TYPE)
    return mine.select_related("driver", "operator").annotate(used_at=Max("transactions__started_at"))


def keepers(operator: Operator) -> QuerySet[ChargePoint]:
    """The operator's chargers that keep a list of cards."""
    return charge_points_of(operator).filter(local_list_version__gte=0)


def entries_of(id_token: IdToken, operator: Operator) -> QuerySet[LocalListEntry]:
    """The card as the lists of the operator's chargers have it."""
    return LocalListEntry.objects.filter(key=id_token.key, charge_point__in=keepers(operator))
