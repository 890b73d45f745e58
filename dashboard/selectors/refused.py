"""Reads of chargers that were turned away."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from chargepoints.models import ChargePoint, Operator, RefusedCharger
from chargepoints.selectors.operators import charge_points_of


def of_operator(operator: Operator) -> QuerySet[RefusedCharger]:
    """What an operator's staff may see: knocks under the names of its own chargers (``own_id``), and names that nobody
    has registered: they may be its new ones. What concerns others' chargers and homes is theirs."""
    mine = charge_points_of(operator).filter(identity__iexact=OuterRef("identity"))
    anybodys = ChargePoint.objects.filter(identity__iexact=OuterRef("identity"))
    rows = RefusedCharger.objects.annotate(own_id=Subquery(mine.values("pk")[:1]), is_known=Exists(anybodys))
    return rows.filter(Q(own_id__isnull=False) | Q(is_known=False)).order_by("-last_at", "-pk")
