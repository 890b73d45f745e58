"""Who may connect: secrets and their change, security profiles, and who was turned away.

The identity is that of the address, proven by HTTP Basic; nothing that a message says changes it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from chargepoints.domain import intents
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.errors import NotAvailable, Refused
from chargepoints.models import ChargePoint, Command, DeviceVariable, RefusedCharger
from chargepoints.services import commands, own_certificates

SECRET_BYTES = 16  # OCPP security profile 1 asks for at least 16 bytes
_PROFILES = ChargePoint.SecurityProfile
# A charger that is away for the weekend gets its new secret on Monday.
_CHANGE_VALID_FOR = timedelta(days=3)
MOST_REFUSED_KEPT = 300
# They hold addresses, which may be people's.
_REFUSED_KEPT_FOR = timedelta(days=30)
_SECRET_SETTINGS = frozenset({"authorizationkey", "basicauthpassword"})
_PROFILE_KEY, _PRIORITY = "SecurityProfile", "NetworkConfigurationPriority"
_UPGRADE = "security profile"


class Refusal(StrEnum):
    """Why a charger is turned away."""

    UNKNOWN = "unknown"
    WRONG_SECRET = "wrong_secret"  # noqa: S105  (a reason, not a secret)
    NO_TLS = "no_tls"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Knock:
    """How a charger introduces itself at the door.

    ``identities``: the spellings of what the address says, best first; ``user`` and ``secrets``: the spellings of what
    HTTP Basic says, none when it says nothing; ``by_tls``: whether the line is known to be encrypted; ``certificate``:
    that of its own (PEM) whose key it has shown to hold.
    """

    identities: tuple[str, ...]
    user: str = ""
    secrets: tuple[str, ...] = ()
    by_tls: bool = False
    certificate: str = ""


def hashed(secret: str) -> str:
    """What is kept of a secret. One round is enough: secrets are random and long, made here, never chosen by people;
    a slow hash would let a storm of reconnecting chargers stop the server."""
    return f"sha256${hashlib.sha256(secret.encode()).hexdigest()}"


def new_secret() -> str:
    """32 hexadecimal digits: 1.6's AuthorizationKey is hexadecimal, 2.0.1 takes it as a text."""
    return secrets.token_hex(SECRET_BYTES)


def admit(*, knock: Knock, now: datetime) -> ChargePoint | Refusal:
    """The charger that proves its identity as its security profile asks, else why not.

    The right secret is let in always, however many wrong ones came before: nobody can lock out a charger.
    """
    charge_point = _found(knock.identities)
    if charge_point is None:
        return Refusal.UNKNOWN
    profile = _PROFILES(charge_point.security_profile)
    if profile >= _PROFILES.TLS and not knock.by_tls:
        return Refusal.NO_TLS
    by_certificate = _comes_by_certificate(charge_point, knock, now)
    if profile == _PROFILES.CERTIFICATE and not by_certificate:
        return Refusal.CERTIFICATE
    if not by_certificate and profile != _PROFILES.NONE and not _proves_itself(charge_point, knock, now):
        return Refusal.WRONG_SECRET
    _take_up_profile(charge_point, knock, by_certificate=by_certificate)
    return charge_point


def _comes_by_certificate(charge_point: ChargePoint, knock: Knock, now: datetime) -> bool:
    """Whether it shows its certificate, where that is asked for, now or from the next connection on."""
    asked = {charge_point.security_profile, charge_point.pending_security_profile}
    if _PROFILES.CERTIFICATE not in asked or not knock.by_tls:
        return False
    return own_certificates.is_shown(charge_point=charge_point, pem=knock.certificate, now=now)


def _found(identities: Sequence[str]) -> ChargePoint | None:
    """As it is written, else in upper or lower case where that is not ambiguous (2.0.1 compares without case)."""
    rows = {row.identity: row for row in ChargePoint.objects.filter(identity__in=identities)}
    for identity in identities:
        if identity in rows:
            return rows[identity]
    alike = list(ChargePoint.objects.filter(identity__iexact=identities[0])[:2])
    return alike[0] if len(alike) == 1 else None


def _proves_itself(charge_point: ChargePoint, knock: Knock, now: datetime) -> bool:
    if knock.user.casefold() not in {charge_point.identity.casefold(), *(one.casefold() for one in knock.identities)}:
        return False
    if _any_is(charge_point.secret_hash, knock.secrets):
        return True
    if _any_is(charge_point.pending_secret_hash, knock.secrets):
        _keep_new_secret(charge_point, now)
        return True
    return False


def _any_is(secret_hash: str, spellings: Sequence[str]) -> bool:
    """Whether one of them is the secret. A charger without a secret is never let in by one."""
    return bool(secret_hash) and any(constant_time_compare(hashed(one), secret_hash) for one in spellings)


def _keep_new_secret(charge_point: ChargePoint, now: datetime) -> None:
    """The charger uses the new one: the old one is worth nothing from now on."""
    new = charge_point.pending_secret_hash
    ChargePoint.objects.filter(pk=charge_point.pk, pending_secret_hash=new).update(
        secret_hash=new, pending_secret_hash="", secret_changed_at=now
    )
    charge_point.secret_hash, charge_point.pending_secret_hash = new, ""


def _take_up_profile(charge_point: ChargePoint, knock: Knock, *, by_certificate: bool) -> None:
    """It connects as its new profile asks: the lower one is refused from now on (A05 of both versions)."""
    wanted = charge_point.pending_security_profile
    by_password = bool(knock.secrets) and (wanted == _PROFILES.BASIC or (wanted == _PROFILES.TLS and knock.by_tls))
    if wanted is None or not (by_certificate if wanted == _PROFILES.CERTIFICATE else by_password):
        return
    ChargePoint.objects.filter(pk=charge_point.pk).update(security_profile=wanted, pending_security_profile=None)
    charge_point.security_profile, charge_point.pending_security_profile = wanted, None


# --- a new secret -----------------------------------------------------------------------------------------------------


def secret_of(seed: str) -> str:
    """The secret of a ``SetSecret``. Rows and logs hold the seed alone, worth nothing without this server's own key."""
    return salted_hmac("chargepoints.services.security", seed, algorithm="sha256").hexdigest()[: 2 * SECRET_BYTES]


@transaction.atomic
def rotate_secret(*, charge_point: ChargePoint, now: datetime, requested_by: Any = None) -> Command:
    """Give the charger a new secret by its own protocol. Until it has used the new one, both are good.

    :raises Refused: the charger proves nothing by a secret.
    """
    if charge_point.security_profile in (_PROFILES.NONE, _PROFILES.CERTIFICATE):
        raise Refused(_("This charge point has no password."))
    seed = secrets.token_hex(SECRET_BYTES)
    command = commands.enqueue(
        charge_point=charge_point,
        intent=intents.SetSecret(seed=seed),
        now=now,
        requested_by=requested_by,
        supersede_key="secret",
        valid_for=_CHANGE_VALID_FOR,
    )
    pending = hashed(secret_of(seed))
    ChargePoint.objects.filter(pk=charge_point.pk).update(pending_secret_hash=pending)
    charge_point.pending_secret_hash = pending
    return command


def replace_secret(*, charge_point: ChargePoint, now: datetime) -> str:
    """A secret to type into the charger by hand, told once: the old one is worth nothing from now on."""
    secret = new_secret()
    charge_point.secret_hash, charge_point.pending_secret_hash = hashed(secret), ""
    charge_point.secret_changed_at = now
    charge_point.save(update_fields=["secret_hash", "pending_secret_hash", "secret_changed_at"])
    return secret


@commands.on_settled(intents.SetSecret.kind)
def _secret_was_told(command: Command) -> None:
    """Refused: the old one stays. Unanswered: nobody knows what the charger did, so that both stay good."""
    pending = hashed(secret_of(command.payload["seed"]))
    if command.status in (CommandStatus.REJECTED, CommandStatus.FAILED):
        ChargePoint.objects.filter(pk=command.charge_point_id, pending_secret_hash=pending).update(
            pending_secret_hash=""
        )
    _forget(command, {"seed": ""})


def _forget(command: Command, payload: dict[str, Any]) -> None:
    Command.objects.filter(pk=command.pk).update(payload=payload)
    command.payload = payload


@commands.on_settled(intents.Configure.kind)
def _setting_was_told(command: Command) -> None:
    key = str(command.payload.get("key", ""))
    if is_secret_setting(key):
        _forget(command, {**command.payload, "value": "***"})
    elif command.status == CommandStatus.ACCEPTED and key == _PROFILE_KEY:
        _charger_takes_profile(command.charge_point, str(command.payload["value"]))
    elif command.status == CommandStatus.ACCEPTED and key.endswith(_PRIORITY) and _UPGRADE in command.cause:
        _charger_takes_profile(command.charge_point, str(command.cause[_UPGRADE]))
        _next_step(command, intents.Reset())


@commands.on_settled(intents.GetVariables.kind)
def _settings_were_told(command: Command) -> None:
    """Some chargers tell 1.6's AuthorizationKey, which nobody should be able to read."""
    told = command.result.get("configurationKey")
    if not isinstance(told, list) or not any(_tells_secret(one) for one in told):
        return
    masked = [{**one, "value": "***"} if _tells_secret(one) else one for one in told]
    command.result = {**command.result, "configurationKey": masked}
    Command.objects.filter(pk=command.pk).update(result=command.result)


def _tells_secret(setting: Any) -> bool:
    return isinstance(setting, dict) and "value" in setting and is_secret_setting(str(setting.get("key", "")))


def is_secret_setting(name: str) -> bool:
    """Whether a configuration key or ``Component.Variable`` holds a secret."""
    return name.rpartition(".")[2].lower() in _SECRET_SETTINGS


# --- another security profile -----------------------------------------------------------------------------------------


def upgrade_profile(
    *, charge_point: ChargePoint, profile: int, now: datetime, requested_by: Any = None, slot: int = 2, url: str = ""
) -> Command:
    """Ask a charger to connect by a higher security profile from now on (1.6 TC_083; 2.0.1 A05).

    What it connected by last stays good until it has connected by the new one; then nothing lower is. 1.6 is told by
    one setting. 2.0.1 gets a network profile into ``slot`` for ``url`` (this server's own unless said otherwise), then
    the order of its slots, then a restart: each once the one before is accepted.

    :raises Refused: not higher than what it has, or none that this server has.
    :raises NotAvailable: the charger never connected, or this server's own address is not known.
    """
    _check_profile(profile)
    if profile <= charge_point.security_profile:
        raise Refused(_("The security profile can only be raised."))
    if not charge_point.ocpp_version:
        raise NotAvailable(_("This charge point has never connected."))
    intent: intents.Intent = intents.Configure(key=_PROFILE_KEY, value=str(profile))
    if charge_point.ocpp_version != "1.6":
        intent = intents.SetNetworkProfile(slot=slot, url=url or _own_url(profile), security_profile=profile)
    return _upgrade_step(charge_point, intent, profile=profile, now=now, requested_by=requested_by)


def profiles_to_choose() -> list[tuple[int, str]]:
    """Those that can be demanded here, as a form's choices."""
    choices = [(int(value), str(label)) for value, label in _PROFILES.choices]
    return [one for one in choices if one[0] != _PROFILES.CERTIFICATE or own_certificates.are_known()]


def _check_profile(profile: int) -> None:
    if profile not in _PROFILES.values:
        raise Refused(_("There is no such security profile."))
    if profile == _PROFILES.CERTIFICATE and not own_certificates.are_known():
        raise Refused(_("No authority is set whose certificates of chargers count (TWINEV_CHARGER_CA)."))


def _own_url(profile: int) -> str:
    if profile == _PROFILES.CERTIFICATE and settings.CHARGER_URL:
        return settings.CHARGER_URL
    if not settings.PUBLIC_URL.startswith("https://"):
        raise NotAvailable(_("This server's own address is not set (TWINEV_PUBLIC_URL)."))
    return f"wss://{settings.PUBLIC_URL.removeprefix('https://')}/ocpp"


def _upgrade_step(
    charge_point: ChargePoint, intent: intents.Intent, *, profile: int, now: datetime, requested_by: Any
) -> Command:
    return commands.enqueue(
        charge_point=charge_point,
        intent=intent,
        now=now,
        requested_by=requested_by,
        supersede_key=_UPGRADE,
        cause={_UPGRADE: profile},
        valid_for=_CHANGE_VALID_FOR,
    )


@commands.on_settled(intents.SetNetworkProfile.kind)
def _network_profile_was_told(command: Command) -> None:
    """It has the way of the new profile; now it has to prefer it, and keep the one that works for when it does not."""
    if command.status == CommandStatus.ACCEPTED and _UPGRADE in command.cause:
        slot = str(command.payload["slot"])
        others = [one for one in _slots(command.charge_point) if one != slot]
        _next_step(command, intents.Configure(key=f"OCPPCommCtrlr.{_PRIORITY}", value=",".join([slot, *others])))


def _slots(charge_point: ChargePoint) -> list[str]:
    """The slots in the order that the charger last told; the first one while that is not known."""
    told = DeviceVariable.objects.filter(charge_point=charge_point, name=_PRIORITY).values_list("value", flat=True)
    return [one.strip() for one in (told.first() or "1").split(",") if one.strip()]


def _next_step(command: Command, intent: intents.Intent) -> None:
    profile = command.cause[_UPGRADE]
    now = command.settled_at or command.created_at
    _upgrade_step(command.charge_point, intent, profile=profile, now=now, requested_by=command.requested_by)


def set_profile(*, charge_point: ChargePoint, profile: int, allow_downgrade: bool = False) -> None:
    """Demand a security profile of the charger's next connection, without telling the charger.

    :raises Refused: a lower one without ``allow_downgrade``, or none that this server has.
    """
    _check_profile(profile)
    if profile < charge_point.security_profile and not allow_downgrade:
        raise Refused(_("The security profile can only be raised."))
    charge_point.security_profile, charge_point.pending_security_profile = profile, None
    charge_point.save(update_fields=["security_profile", "pending_security_profile"])


def _charger_takes_profile(charge_point: ChargePoint, value: str) -> None:
    if value.isdecimal() and int(value) in _PROFILES.values and int(value) > charge_point.security_profile:
        ChargePoint.objects.filter(pk=charge_point.pk).update(pending_security_profile=int(value))


# --- who was turned away ----------------------------------------------------------------------------------------------


def note_refusal(*, identity: str, refusal: Refusal, address: str, times: int, now: datetime) -> None:
    """Keep who was turned away, for staff. The oldest are forgotten: strangers can invent any number of identities."""
    key = {"identity": identity[:48].replace("\x00", ""), "reason": refusal.value}
    seen = {"address": address[:45], "last_at": now}
    if RefusedCharger.objects.filter(**key).update(**seen, times=F("times") + times):
        return
    RefusedCharger.objects.create(**key, **seen, times=times, first_at=now)
    kept = RefusedCharger.objects.order_by("-last_at", "-pk").values_list("pk", flat=True)[:MOST_REFUSED_KEPT]
    RefusedCharger.objects.exclude(pk__in=list(kept)).delete()


def forget_old_refusals(*, now: datetime) -> int:
    """Remove those that have not come again for a month; how many."""
    return RefusedCharger.objects.filter(last_at__lt=now - _REFUSED_KEPT_FOR).delete()[0]


def dismiss_refusal(*, refused: RefusedCharger) -> None:
    """Staff have seen it. It is told again when it knocks again."""
    RefusedCharger.objects.filter(pk=refused.pk).delete()


def forget_refusals(*, identity: str) -> None:
    """It was let in: what was wrong is mended."""
    RefusedCharger.objects.filter(identity=identity).delete()
