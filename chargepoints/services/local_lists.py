"""Keeps each charger's list of tokens in step with the tokens that may charge there.

A sweep compares by digest, so that no change of a token is missed, wherever it was made. The rows are what the charger
accepted; whatever differs is sent piece by piece. A piece that is refused takes the others behind it back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from chargepoints.domain import intents, local_list, reports
from chargepoints.domain.authorization import normal
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.intents import ListEntry
from chargepoints.models import ChargePoint, Command, LocalListEntry
from chargepoints.selectors import tokens
from chargepoints.services import answers, commands, device_variables, offline

KEEPS_NONE = -1  # 1.6 5.10: the charger does not keep a list
# A list that waits longer is made anew.
_VALIDITY = timedelta(days=1)
# A charger that did not answer is asked again, but not by every sweep.
_PATIENCE = timedelta(hours=1)
# A storm of boots is asked in pieces.
AT_ONCE = 200
# Before the digest of a list that the charger refused: the same is not sent again until it boots.
_REFUSED = "!"
_CANNOT = ("NotSupported", "NotImplemented")
_OPEN = (CommandStatus.QUEUED, CommandStatus.SENT)
_KINDS = (intents.SendLocalList.kind, intents.GetLocalListVersion.kind)


def sweep(*, now: datetime) -> int:
    """Ask whose settings and version are not known (after each boot), and bring in step who differs; how many lists."""
    return _ask_some(now) + _bring_some_in_step(now)


def _reachable() -> QuerySet[ChargePoint]:
    under_way = Command.objects.filter(charge_point=OuterRef("pk"), kind__in=_KINDS, status__in=_OPEN)
    return (
        ChargePoint.objects.exclude(connection_key="")
        .filter(~Exists(under_way), registration=ChargePoint.Registration.ACCEPTED)
        .select_related("supply_point__location__operator")
        .order_by("local_list_asked_at", "pk")
    )


def _ask_some(now: datetime) -> int:
    unknown = Q(local_list_version=None, local_list_asked_at__lt=now - _PATIENCE)
    due = Q(local_list_asked_at=None) | Q(local_list_asked_at__lt=F("booted_at")) | unknown
    asked = 0
    for one in _reachable().filter(due)[:AT_ONCE]:
        offline.ask_settings(charge_point=one, now=now)
        asked += ask_version(charge_point=one, now=now) is not None
    return asked


@transaction.atomic
def ask_version(*, charge_point: ChargePoint, now: datetime) -> Command | None:
    """Ask which list the charger holds; None when it has told that it can keep none."""
    ChargePoint.objects.filter(pk=charge_point.pk).update(local_list_asked_at=now)
    if _cannot_keep_one(charge_point):
        _keeps_none(charge_point.pk)
        return None
    return commands.enqueue(
        charge_point=charge_point,
        intent=intents.GetLocalListVersion(),
        now=now,
        supersede_key="local-list:version",
        valid_for=_PATIENCE,
    )


def _cannot_keep_one(charge_point: ChargePoint) -> bool:
    if charge_point.ocpp_version == "1.6":
        profiles = device_variables.value(charge_point_id=charge_point.pk, name="SupportedFeatureProfiles")
        return profiles is not None and "localauthlistmanagement" not in profiles.lower()
    available = device_variables.value(
        charge_point_id=charge_point.pk, component="LocalAuthListCtrlr", name="Available"
    )
    return available is not None and available.lower() == "false"


def _keeps_none(charge_point_id: int) -> None:
    LocalListEntry.objects.filter(charge_point_id=charge_point_id).delete()
    ChargePoint.objects.filter(pk=charge_point_id).update(local_list_version=KEEPS_NONE, local_list_digest="")


@answers.keeps(reports.LocalListVersionReported)
@transaction.atomic
def _keep_version(command: Command, report: reports.LocalListVersionReported, now: datetime) -> None:
    """A version that is not the one that was sent: nobody knows what stands in it, so it is sent whole."""
    charge_point = ChargePoint.objects.select_for_update().get(pk=command.charge_point_id)
    if report.version < 0:
        _keeps_none(charge_point.pk)
        return
    if report.version == 0 or report.version != charge_point.local_list_version:
        LocalListEntry.objects.filter(charge_point=charge_point).delete()
        charge_point.local_list_digest = ""
    elif charge_point.local_list_digest.startswith(_REFUSED):
        charge_point.local_list_digest = ""
    charge_point.local_list_version = report.version
    charge_point.save(update_fields=["local_list_version", "local_list_digest"])


@commands.on_settled(intents.GetLocalListVersion.kind)
def _version_was_asked(command: Command) -> None:
    if command.error.startswith(_CANNOT) or command.result.get("status") in _CANNOT:
        _keeps_none(command.charge_point_id)


def _bring_some_in_step(now: datetime) -> int:
    holding = list(_reachable().filter(local_list_version__gte=0))
    lists = tokens.listed((tokens.audience_of(one) for one in holding), now=now)
    digests = {audience: local_list.digest(entries) for audience, entries in lists.items()}
    due = [one for one in holding if one.local_list_digest.lstrip(_REFUSED) != digests[tokens.audience_of(one)]]
    return sum(
        bring_in_step(charge_point_id=one.pk, now=now, listed=lists[tokens.audience_of(one)]) is not None
        for one in due[:AT_ONCE]
    )


@transaction.atomic
def bring_in_step(
    *, charge_point_id: int, now: datetime, listed: Sequence[ListEntry] | None = None, full: bool = False
) -> Command | None:
    """Send what differs; its last piece, None when nothing does (or the charger keeps no list, or is not known to).

    The first message of a list replaces what was there, the others and later changes are differential. ``listed``: the
    entries for the charger's audience, where they are known already. ``full``: send it whole all the same.
    """
    charge_point = (
        ChargePoint.objects.select_related("supply_point__location__operator")
        .select_for_update(of=("self",))
        .get(pk=charge_point_id)
    )
    if charge_point.local_list_version is None or charge_point.local_list_version < 0:
        return None
    audience = tokens.audience_of(charge_point)
    listed = tokens.listed([audience], now=now)[audience] if listed is None else listed
    wanted, held = _fitting(charge_point, listed), _held(charge_point_id)
    changed = local_list.changes(wanted, held)
    untold = charge_point.local_list_version > 0 and not charge_point.local_list_digest
    full = full or (not held and (bool(wanted) or untold)) or len(changed) > len(wanted) > 0
    if not changed and not full:
        ChargePoint.objects.filter(pk=charge_point_id).update(local_list_digest=local_list.digest(listed))
        return None
    return _send(charge_point, wanted if full else changed, full=full, digest=local_list.digest(listed), now=now)


def _fitting(charge_point: ChargePoint, listed: Sequence[ListEntry]) -> list[ListEntry]:
    most = device_variables.number(charge_point_id=charge_point.pk, names=[("", "LocalAuthListMaxLength", "")])
    entries = device_variables.row_of(
        charge_point_id=charge_point.pk, variable=intents.Variable("Entries", component="LocalAuthListCtrlr")
    )
    if entries is not None and entries.max_limit:
        most = int(entries.max_limit)
    too_many = most is not None and len(listed) > most
    return local_list.chosen(listed, most=most, last_use=tokens.last_use(charge_point) if too_many else {})


def _held(charge_point_id: int) -> list[ListEntry]:
    rows = LocalListEntry.objects.filter(charge_point_id=charge_point_id)
    return [ListEntry(*row) for row in rows.values_list("token", "type", "status", "expires_at", "parent")]


def _send(
    charge_point: ChargePoint, entries: Sequence[ListEntry], *, full: bool, digest: str, now: datetime
) -> Command:
    """Each piece has a version of its own: a charger takes differences to an older one only (1.6 5.15)."""
    _take_back(charge_point.pk, now)
    size = local_list.items_a_message(
        items=_number(charge_point, ("", "SendLocalListMaxLength"), ("LocalAuthListCtrlr", "ItemsPerMessage")),
        size_bytes=_number(charge_point, ("LocalAuthListCtrlr", "BytesPerMessage")),
    )
    starts = range(0, max(len(entries), 1), size)
    version = charge_point.local_list_version or 0
    sent = [
        commands.enqueue(
            charge_point=charge_point,
            intent=intents.SendLocalList(
                version=version + number, full=full and start == 0, entries=tuple(entries[start : start + size])
            ),
            now=now,
            cause={"digest": digest, "is_whole": full, "is_last": start == starts[-1]},
            valid_for=_VALIDITY,
        )
        for number, start in enumerate(starts, start=1)
    ]
    return sent[-1]


def _take_back(charge_point_id: int, now: datetime) -> None:
    """Pieces that were not sent yet."""
    waiting = Command.objects.filter(
        charge_point_id=charge_point_id, kind=intents.SendLocalList.kind, status=CommandStatus.QUEUED
    )
    for pk in waiting.values_list("pk", flat=True):
        commands.cancel(command_id=pk, now=now)


def _number(charge_point: ChargePoint, *names: tuple[str, str]) -> int | None:
    return device_variables.number(
        charge_point_id=charge_point.pk, names=[(component, name, "") for component, name in names]
    )


@commands.on_settled(intents.SendLocalList.kind)
def _was_sent(command: Command) -> None:
    now = command.settled_at or command.updated_at
    status = str(command.result.get("status", ""))
    if command.status == CommandStatus.ACCEPTED:
        _was_accepted(command)
    elif status in _CANNOT or command.error.startswith(_CANNOT):
        _take_back(command.charge_point_id, now)
        _keeps_none(command.charge_point_id)
    elif command.status in (CommandStatus.REJECTED, CommandStatus.FAILED):
        _was_refused(command, now)
    elif command.status == CommandStatus.TIMED_OUT:
        # It may have taken the list or not: it is asked again, after its patience or the next boot.
        _take_back(command.charge_point_id, now)
        ChargePoint.objects.filter(pk=command.charge_point_id).update(local_list_version=None)


def _was_accepted(command: Command) -> None:
    intent = command.intent
    assert isinstance(intent, intents.SendLocalList)
    rows = LocalListEntry.objects.filter(charge_point_id=command.charge_point_id)
    (rows if intent.full else rows.filter(key__in=[normal(entry.token) for entry in intent.entries])).delete()
    LocalListEntry.objects.bulk_create(_row(command.charge_point_id, one) for one in intent.entries if one.status)
    digest = str(command.cause.get("digest", "")) if command.cause.get("is_last") else ""
    ChargePoint.objects.filter(pk=command.charge_point_id).update(
        local_list_version=intent.version, local_list_digest=digest
    )


def _row(charge_point_id: int, entry: ListEntry) -> LocalListEntry:
    return LocalListEntry(
        charge_point_id=charge_point_id,
        token=entry.token,
        key=normal(entry.token),
        type=entry.token_type,
        status=entry.status,
        expires_at=entry.expires_at,
        parent=entry.parent,
    )


def _was_refused(command: Command, now: datetime) -> None:
    """Failed or VersionMismatch: changes that were refused are followed by the whole list, once."""
    _take_back(command.charge_point_id, now)
    refused = _REFUSED + str(command.cause.get("digest", ""))
    ChargePoint.objects.filter(pk=command.charge_point_id).update(local_list_digest=refused[:64])
    if command.payload["full"] or not command.cause.get("is_whole"):
        LocalListEntry.objects.filter(charge_point_id=command.charge_point_id).delete()
    if not command.cause.get("is_whole"):
        bring_in_step(charge_point_id=command.charge_point_id, now=now, full=True)
