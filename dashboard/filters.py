"""Filters of the lists; they stand in the address, so that a view can be shared and gone back to."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from chargepoints.models import Command, IdToken, Location, OcppMessage, Operator, Transaction
from dashboard.selectors import messages


class _Day(forms.DateInput):
    input_type = "date"


class OperatorFilter(django_filters.FilterSet):
    """A filter set that knows whose rows it filters."""

    def __init__(self, *args: Any, operator: Operator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operator = operator
        if "location" in self.filters:
            self.filters["location"].queryset = Location.objects.filter(operator=operator)


def _location_filter(path: str) -> django_filters.ModelChoiceFilter:
    return django_filters.ModelChoiceFilter(
        field_name=path, queryset=Location.objects.none(), label=_("Station"), empty_label=_("All stations")
    )


class TransactionFilter(OperatorFilter):
    state = django_filters.ChoiceFilter(
        choices=Transaction.State.choices, label=_("Status"), empty_label=_("Any status")
    )
    location = _location_filter("charge_point__supply_point__location")
    since = django_filters.DateFilter(field_name="started_at", lookup_expr="date__gte", label=_("From"), widget=_Day())
    until = django_filters.DateFilter(field_name="started_at", lookup_expr="date__lte", label=_("Until"), widget=_Day())
    q = django_filters.CharFilter(method="search", label=_("Charger, driver or card"))

    class Meta:
        model = Transaction
        fields: list[str] = []

    def search(self, rows: QuerySet[Transaction], name: str, value: str) -> QuerySet[Transaction]:
        return rows.filter(
            Q(charge_point__identity__icontains=value)
            | Q(driver__username__icontains=value)
            | Q(token__icontains=value)
            | Q(remote_id=value)
        )


class CheckFilter(OperatorFilter):
    """Doubtful sessions; without a wish those that wait for a decision."""

    WAITING, DECIDED = "waiting", "decided"
    decided = django_filters.ChoiceFilter(
        method="by_decision",
        choices=((WAITING, _("Waiting")), (DECIDED, _("Decided"))),
        label=_("Decision"),
        empty_label=_("Any decision"),
    )
    location = _location_filter("charge_point__supply_point__location")
    q = django_filters.CharFilter(field_name="charge_point__identity", lookup_expr="icontains", label=_("Charger"))

    class Meta:
        model = Transaction
        fields: list[str] = []

    def __init__(self, data: QueryDict, *args: Any, **kwargs: Any) -> None:
        wanted = data.copy()
        wanted.setdefault("decided", self.WAITING)
        super().__init__(wanted, *args, **kwargs)

    def by_decision(self, rows: QuerySet[Transaction], name: str, value: str) -> QuerySet[Transaction]:
        return rows.filter(is_decided=value == self.DECIDED)  # type: ignore[misc]  # annotated by reviews.doubtful


class TokenFilter(OperatorFilter):
    status = django_filters.ChoiceFilter(choices=IdToken.Status.choices, label=_("Status"), empty_label=_("Any status"))
    q = django_filters.CharFilter(method="search", label=_("Card, group or driver"))

    class Meta:
        model = IdToken
        fields: list[str] = []

    def search(self, rows: QuerySet[IdToken], name: str, value: str) -> QuerySet[IdToken]:
        return rows.filter(Q(key__icontains=value) | Q(parent__icontains=value) | Q(driver__username__icontains=value))


class CommandFilter(OperatorFilter):
    kind = django_filters.ChoiceFilter(choices=Command.Kind.choices, label=_("Type"), empty_label=_("All types"))
    status = django_filters.ChoiceFilter(choices=Command.Status.choices, label=_("Result"), empty_label=_("Any result"))
    location = _location_filter("charge_point__supply_point__location")
    q = django_filters.CharFilter(field_name="charge_point__identity", lookup_expr="icontains", label=_("Charger"))

    class Meta:
        model = Command
        fields: list[str] = []


class MessageFilter(OperatorFilter):
    """By charger, transaction and message, as people search when something went wrong."""

    charger = django_filters.CharFilter(
        field_name="charge_point__identity", lookup_expr="icontains", label=_("Charger")
    )
    transaction = django_filters.CharFilter(method="of_transaction", label=_("Transaction"))
    action = django_filters.CharFilter(method="named", label=_("Message or its id"))
    direction = django_filters.ChoiceFilter(
        choices=OcppMessage.Direction.choices, label=_("Direction"), empty_label=_("Both directions")
    )
    errors = django_filters.BooleanFilter(
        method="only_errors", label=_("Errors only"), widget=forms.CheckboxInput, required=False
    )
    since = django_filters.DateFilter(field_name="at", lookup_expr="date__gte", label=_("From"), widget=_Day())
    until = django_filters.DateFilter(field_name="at", lookup_expr="date__lte", label=_("Until"), widget=_Day())

    class Meta:
        model = OcppMessage
        fields: list[str] = []

    def of_transaction(self, rows: QuerySet[OcppMessage], name: str, value: str) -> QuerySet[OcppMessage]:
        return messages.of_transaction(rows, self.operator, value.strip())

    def named(self, rows: QuerySet[OcppMessage], name: str, value: str) -> QuerySet[OcppMessage]:
        """A part of the message's name; its id whole, which brings the question and the answer."""
        return rows.filter(Q(action__icontains=value) | Q(message_id=value.strip()))

    def only_errors(self, rows: QuerySet[OcppMessage], name: str, value: bool) -> QuerySet[OcppMessage]:
        """Errors answered, and frames that were no message."""
        return rows.filter(message_type__in=[0, 4]) if value else rows
