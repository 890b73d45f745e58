"""Settings of chargers, asked for and changed: configuration keys of 1.6 and variables of 2.0.1 alike.

A 1.6 key is an ``intents.Variable`` without a component.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargepoints.domain import configuration as domain
from chargepoints.domain import intents, reports
from chargepoints.domain.configuration import Objection
from chargepoints.domain.errors import NotAvailable, Refused
from chargepoints.models import ChargePoint, Command
from chargepoints.services import answers, commands, device_reports, device_variables, security

_MOST_ASKED = (("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables"), ("", "GetConfigurationMaxKeys", ""))
_MOST_SET = (("DeviceDataCtrlr", "ItemsPerMessage", "SetVariables"),)
_OBJECTIONS: Mapping[Objection, Any] = {
    Objection.READ_ONLY: gettext_lazy("%(name)s can only be read."),
    Objection.NO_NUMBER: gettext_lazy("%(name)s takes a number."),
    Objection.NO_FLAG: gettext_lazy("%(name)s takes true or false."),
    Objection.TOO_LOW: gettext_lazy("This is too low for %(name)s."),
    Objection.TOO_HIGH: gettext_lazy("This is too high for %(name)s."),
    Objection.NOT_OFFERED: gettext_lazy("%(name)s does not offer this."),
}


def ask_all(*, charge_point: ChargePoint, now: datetime, requested_by: Any = None, reason: str = "") -> Command:
    """Ask for everything: GetConfiguration without keys (1.6), a full inventory (2.0.1).

    :raises NotAvailable: the charger never connected, so that its version is not known.
    """
    if _speaks_16(charge_point):
        return commands.enqueue(
            charge_point=charge_point,
            intent=intents.GetVariables(),
            now=now,
            requested_by=requested_by,
            reason=reason,
            supersede_key="variables:all",
        )
    report = device_reports.ask(
        charge_point=charge_point, now=now, base=device_reports.FULL, requested_by=requested_by, reason=reason
    )
    assert report.command is not None
    return report.command


@transaction.atomic
def ask(
    *,
    charge_point: ChargePoint,
    variables: Sequence[intents.Variable],
    now: datetime,
    requested_by: Any = None,
    reason: str = "",
) -> list[Command]:
    """Ask for some settings, in as many messages as the charger needs (ItemsPerMessageGetVariables)."""
    at_once = device_variables.number(charge_point_id=charge_point.pk, names=_MOST_ASKED)
    return [
        commands.enqueue(
            charge_point=charge_point,
            intent=intents.GetVariables(tuple(some)),
            now=now,
            requested_by=requested_by,
            reason=reason,
        )
        for some in domain.in_messages(variables, at_once)
    ]


@transaction.atomic
def change(
    *,
    charge_point: ChargePoint,
    variables: Sequence[intents.Variable],
    now: datetime,
    requested_by: Any = None,
    reason: str = "",
) -> list[Command]:
    """Set each variable to its ``value``: one message a key in 1.6, as few as the charger allows in 2.0.1.

    :raises Refused: by what the charger told, it cannot take such a value; nothing is sent then.
    :raises NotAvailable: the charger never connected, so that its version is not known.
    """
    for variable in variables:
        _check(charge_point, variable)
    return [
        commands.enqueue(
            charge_point=charge_point, intent=intent, now=now, requested_by=requested_by, reason=reason[:200]
        )
        for intent in _changes(charge_point, variables)
    ]


def _changes(charge_point: ChargePoint, variables: Sequence[intents.Variable]) -> list[intents.Intent]:
    if _speaks_16(charge_point):
        return [intents.Configure(variable.name, variable.value) for variable in variables]
    at_once = device_variables.number(charge_point_id=charge_point.pk, names=_MOST_SET)
    return [intents.SetVariables(tuple(some)) for some in domain.in_messages(variables, at_once)]


def _check(charge_point: ChargePoint, variable: intents.Variable) -> None:
    if security.is_secret_setting(variable.name):
        # Set as any setting, the charger would come with a password that is not known here.
        raise Refused(_("Use “Change password” for the charger's password."), code="secret")
    row = device_variables.row_of(charge_point_id=charge_point.pk, variable=variable)
    if row is None:
        return  # the charger knows better
    objection = domain.objection(
        variable.value,
        mutability=row.mutability,
        data_type=row.data_type,
        min_limit=row.min_limit,
        max_limit=row.max_limit,
        values_list=row.values_list,
    )
    if objection is not None:
        raise Refused(_OBJECTIONS[objection] % {"name": str(row)}, code=str(objection))


def _speaks_16(charge_point: ChargePoint) -> bool:
    if not charge_point.ocpp_version:
        raise NotAvailable(_("The charger has never connected."))
    return charge_point.ocpp_version == "1.6"


@answers.keeps(reports.VariablesReported)
def _keep_answer(command: Command, report: reports.VariablesReported, now: datetime) -> None:
    device_variables.keep(charge_point_id=command.charge_point_id, report=report, now=now)


def value(*, charge_point: ChargePoint, name: str, component: str = "", instance: str = "") -> str | None:
    """A setting as the charger last told it; None when it never did, or does not have it."""
    return device_variables.value(charge_point_id=charge_point.pk, name=name, component=component, instance=instance)
