"""The list of orders: which, in what order, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints.models import ChargePoint, ChargePointGroup
from chargepoints.selectors.groups import branch_ids, charge_points_in
from gridops.access import charge_points_of, grid_operator_of, orders_of
from gridops.history import Phase, in_phase
from smac.models import FlexOrder

ROWS = 25
# What the list can be sorted by, with the field of each.
SORTS = {
    "by": "ordered_by__username",
    "date": "created_at",
    "power": "max_power_w",
    "v2g": "v2g",
    "export": "max_export_w",
    "start": "starts_at",
    "end": "ends_at",
    "status": "status",
}
_USUAL = "date"


# --- which ------------------------------------------------------------------------------------------------------------


class Filters(forms.Form):
    """What stands in the address. What makes no sense filters nothing."""

    status = forms.ChoiceField(label=_("Status"), choices=[("", _("All")), *FlexOrder.Status.choices])
    time = forms.ChoiceField(label=_("When"), choices=[("", _("All")), *Phase.choices])
    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    by = forms.ModelChoiceField(get_user_model().objects.none(), label=_("Ordered by"), empty_label=_("All"))
    group = forms.ModelChoiceField(ChargePointGroup.objects.none(), label=_("Group"), empty_label=_("All"))
    point = forms.CharField(label=_("Charge point"), max_length=48)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        profile = grid_operator_of(user)
        roots = profile.groups.values_list("pk", flat=True) if profile else []
        people = get_user_model().objects.filter(pk__in=visible(user).values("ordered_by"))
        self._choose("by", people.order_by("username"))
        self._choose("group", ChargePointGroup.objects.filter(pk__in=branch_ids(roots)).order_by("name"))
        for field in self.fields.values():
            field.required = False

    def _choose(self, name: str, among: QuerySet[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = among

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return any(self.wanted().values())

    def wanted(self) -> dict[str, Any]:
        """The filters that make sense."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in self.fields}

    def orders(self, now: datetime) -> QuerySet[FlexOrder]:
        """The user's orders that pass."""
        wanted, found = self.wanted(), visible(self.user)
        if wanted["status"]:
            found = found.filter(status=wanted["status"])
        if wanted["time"]:
            found = found.filter(in_phase(Phase(wanted["time"]), now))
        if wanted["by"]:
            found = found.filter(ordered_by=wanted["by"])
        if wanted["group"]:
            found = found.filter(_touching(charge_points_in([wanted["group"].pk])))
        if wanted["point"]:
            found = found.filter(_touching(charge_points_of(self.user).filter(identity__icontains=wanted["point"])))
        return found.filter(self._between(wanted["since"], wanted["until"]))

    def _between(self, since: date | None, until: date | None) -> Q:
        """Windows that touch the days, as people at the place count them."""
        if not since and not until:
            return Q()
        zone = self._zone()
        touching = Q()
        if since:
            touching &= Q(ends_at__gt=datetime.combine(since, time.min, zone))
        if until:
            touching &= Q(starts_at__lt=datetime.combine(until + timedelta(days=1), time.min, zone))
        return touching

    def _zone(self) -> ZoneInfo:
        zones = charge_points_of(self.user).order_by("pk").values_list("supply_point__location__time_zone", flat=True)
        return ZoneInfo(zones.first() or settings.TIME_ZONE)


def visible(user: Any) -> QuerySet[FlexOrder]:
    """The orders that touch a charge point of the user's groups, each once without looking twice."""
    return FlexOrder.objects.filter(pk__in=orders_of(user).order_by().values("pk"))


def _touching(charge_points: QuerySet[ChargePoint]) -> Q:
    named = FlexOrder.charge_points.through.objects.filter(chargepoint__in=charge_points.values("pk"))
    return Q(pk__in=named.values("flexorder"))


# --- in what order ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sort:
    """A column, and whether its greatest comes first."""

    name: str = _USUAL
    is_descending: bool = True

    @classmethod
    def of(cls, text: str) -> Sort:
        """``-start``: by start, the latest first. What is no column sorts by date."""
        name = text.removeprefix("-")
        return cls(name, text.startswith("-")) if name in SORTS else cls()

    @property
    def field(self) -> str:
        return SORTS[self.name]

    def turned(self, name: str) -> str:
        """What the head of a column asks for: the other way round, or first the column as it usually is."""
        if name == self.name:
            return name if self.is_descending else f"-{name}"
        return name if name in ("by", "status") else f"-{name}"

    def aria(self, name: str) -> str:
        if name != self.name:
            return ""
        return "descending" if self.is_descending else "ascending"


# --- page by page -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KeyPage:
    """A page between two keys: as quick at any depth, and orders that arrive meanwhile move nothing."""

    rows: list[FlexOrder]
    before: int | None = None
    after: int | None = None


def page(
    user: Any, found: QuerySet[FlexOrder], sort: Sort, *, after: str = "", before: str = "", size: int = ROWS
) -> KeyPage:
    """The orders after (or before) the one with a key; without a key that is known, the first ones."""
    if anchor := _anchor(user, sort, before):
        rows = list(_sorted(found.filter(_beyond(sort, anchor, back=True)), sort, back=True)[: size + 1])
        if len(rows) > size:
            rows = rows[:size][::-1]
            return KeyPage(rows, before=rows[0].pk, after=rows[-1].pk)
        return page(user, found, sort, size=size)  # not even a whole page is left before it: the first one
    anchor = _anchor(user, sort, after)
    left = found.filter(_beyond(sort, anchor, back=False)) if anchor else found
    rows = list(_sorted(left, sort, back=False)[: size + 1])
    kept = rows[:size]
    return KeyPage(
        kept, before=kept[0].pk if anchor and kept else None, after=kept[-1].pk if len(rows) > size else None
    )


def every(user: Any, found: QuerySet[FlexOrder], sort: Sort, *, size: int = 200) -> Iterator[list[FlexOrder]]:
    """All of them, some at a time."""
    after: int | None = 0
    while after is not None:
        piece = page(user, found, sort, after=str(after), size=size)
        yield piece.rows
        after = piece.after


def _anchor(user: Any, sort: Sort, key: str) -> tuple[Any, int] | None:
    """The sorted value of an order that the user may see, and its key, whether it still passes the filters or not."""
    if not key.isdecimal() or len(key) > len(str(2**63)) - 1:
        return None
    return visible(user).filter(pk=key).values_list(sort.field, "pk").first()


def _beyond(sort: Sort, anchor: tuple[Any, int], *, back: bool) -> Q:
    value, pk = anchor
    way = "lt" if sort.is_descending != back else "gt"
    return Q(**{f"{sort.field}__{way}": value}) | Q(**{sort.field: value, f"pk__{way}": pk})


def _sorted(found: QuerySet[FlexOrder], sort: Sort, *, back: bool) -> QuerySet[FlexOrder]:
    sign = "-" if sort.is_descending != back else ""
    return found.order_by(f"{sign}{sort.field}", f"{sign}pk")
