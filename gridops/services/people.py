"""The people of a grid operator: who manages whom, and what may be done to an account by somebody who is not its owner.

An administrator manages those whose groups all lie in the administrator's own branches. A password is set when an
account is made and never after that: only its owner changes it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePointGroup, OperatorStaff
from chargepoints.selectors.groups import branch_ids
from gridops.models import GridOperator

log = logging.getLogger(__name__)


def managed_by(administrator: GridOperator) -> QuerySet[GridOperator]:
    """Those whom an administrator may edit and remove, the administrator too; nobody where it is none."""
    if not administrator.is_administrator:
        return GridOperator.objects.none()
    branch = _branch(administrator)
    beyond = GridOperator.objects.filter(groups__in=ChargePointGroup.objects.exclude(pk__in=branch))
    found = GridOperator.objects.filter(groups__in=branch).exclude(pk__in=beyond.values("pk")).distinct()
    return found.select_related("user").prefetch_related("groups").order_by("user__username")


@transaction.atomic
def add(
    *,
    by: GridOperator,
    username: str,
    email: str,
    password: str,
    groups: Collection[ChargePointGroup],
    is_administrator: bool,
    language: str,
) -> GridOperator:
    """An account with its role.

    :raises Refused: groups of somebody else, or none; a name or an address that another account has.
    """
    _check_groups(by, groups)
    try:
        with transaction.atomic():
            user = get_user_model().objects.create_user(username, email, password, language=language)
    except IntegrityError:
        raise Refused(_("Another account has this user name or this e-mail address.")) from None
    person = GridOperator.objects.create(user=user, is_administrator=is_administrator)
    person.groups.set(groups)
    _note("added", person, by)
    return person


@transaction.atomic
def change(
    *,
    by: GridOperator,
    person: GridOperator,
    username: str,
    email: str,
    groups: Collection[ChargePointGroup],
    is_administrator: bool,
) -> None:
    """Another name, address, role or other groups. Who had the old address is told of a new one.

    :raises Refused: as in `add`; a person out of the administrator's reach; the last administrator of some groups.
    """
    person = _locked(by, person)
    _check_groups(by, groups)
    keeps = is_administrator and _covers(groups, _group_ids(person))
    if not keeps:
        _check_not_last(person)
    user, old_email = person.user, person.user.email
    user.username, user.email = username, email
    try:
        with transaction.atomic():
            user.save(update_fields=["username", "email"])
    except IntegrityError:
        raise Refused(_("Another account has this user name or this e-mail address.")) from None
    person.is_administrator = is_administrator
    person.save(update_fields=["is_administrator"])
    person.groups.set(groups)
    if old_email and old_email.casefold() != email.casefold():
        transaction.on_commit(lambda: _tell_old_address(user, old_email), robust=True)
    _note("changed", person, by)


@transaction.atomic
def remove(*, by: GridOperator, person: GridOperator) -> None:
    """Takes the role away at once. What the person ordered stays, under the same name.

    An account that was made for the console only is closed; one that its owner signed up for, or that works for a
    charge point operator, goes on without the role.

    :raises Refused: as in `change`.
    """
    person = _locked(by, person)
    _check_not_last(person)
    _note("removed", person, by)
    user = person.user
    person.delete()
    if _is_of_the_console_only(user):
        user.is_active, user.email = False, ""
        user.set_unusable_password()
        user.save(update_fields=["is_active", "email", "password"])


def _locked(by: GridOperator, person: GridOperator) -> GridOperator:
    """The person, while no other administrator changes anybody: two cannot remove each other at once."""
    list(GridOperator.objects.select_for_update(of=("self",)).filter(is_administrator=True).order_by("pk"))
    asking = GridOperator.objects.filter(pk=by.pk).first()
    found = managed_by(asking).filter(pk=person.pk).first() if asking else None
    if found is None:
        raise Refused(_("This user is not yours to manage."))
    return found


def _check_groups(by: GridOperator, groups: Collection[ChargePointGroup]) -> None:
    if not groups:
        raise Refused(_("Choose at least one group: without one there is nothing to see."))
    if not {group.pk for group in groups} <= _branch(by):
        raise Refused(_("Some of these groups are not yours to give."))


def _check_not_last(person: GridOperator) -> None:
    """Someone else has to administer each of the person's groups."""
    if not person.is_administrator:
        return
    others = GridOperator.objects.filter(is_administrator=True, user__is_active=True).exclude(pk=person.pk)
    reached: set[int] = set()
    for other in others.prefetch_related("groups"):
        reached |= _branch(other)
    left = ChargePointGroup.objects.filter(pk__in=_group_ids(person) - reached)
    if names := ", ".join(group.name for group in left):
        raise Refused(_("This is the last administrator of %(groups)s: name another one first.") % {"groups": names})


def _covers(groups: Iterable[ChargePointGroup], group_ids: set[int]) -> bool:
    return group_ids <= branch_ids(group.pk for group in groups)


def _branch(person: GridOperator) -> set[int]:
    return branch_ids(_group_ids(person))


def _group_ids(person: GridOperator) -> set[int]:
    return set(person.groups.values_list("pk", flat=True))


def _is_of_the_console_only(user: Any) -> bool:
    signed_up = user.email_confirmed_at is not None
    return not (signed_up or user.is_staff or OperatorStaff.objects.filter(user=user).exists())


def _tell_old_address(user: Any, address: str) -> None:
    with override(user.language):
        subject = _("Your e-mail address at TwinEV was changed")
        text = _(
            "An administrator of your grid operator has entered another e-mail address for your account %(username)s.\n"
            "If you did not want that, tell the administrator, and change your password."
        )
        send_mail(subject, text % {"username": user.username}, None, [address])


def _note(what: str, person: GridOperator, by: GridOperator) -> None:
    log.info("grid operator %s", what, extra={"person": person.user_id, "by": by.user_id})
