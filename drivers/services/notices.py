"""Telling a driver what happened: once, in the language of whoever reads it."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from celery import current_app
from django.db import transaction
from django.db.models import QuerySet
from django.utils import formats, translation
from django.utils.translation import gettext as _

from chargepoints import realtime
from drivers.models import Notice

PUSH_TASK = "drivers.tasks.push_notice"
Kind = Notice.Kind
About = Mapping[str, str | int]


def tell(*, user: Any, kind: Notice.Kind, about: About, path: str, now: datetime, key: str = "") -> Notice:
    """Notes that something happened and wakes the driver's pages and browsers after the commit.

    The same happening is told once, however often this is called: it is known by ``key`` ("session:7"), and without
    one by all the facts together.

    :param about: what the sentences need, where it is known: ``station`` (a name), ``until`` (ISO 8601), ``zone``
        (IANA name, for ``until``), ``energy_wh``, ``reason`` (a sentence), ``fee`` (1 where one runs); of offers
        ``start``, ``more`` (1 where power is to be used), ``rate``, ``earned`` (money), ``currency``, ``withdrawn``.
    :param path: where the notice leads, within this app.
    """
    happening = f"{kind}:{key or _digest(about, path)}"
    facts = {"kind": kind, "about": dict(about), "path": path, "created_at": now}
    with transaction.atomic():
        notice, is_new = Notice.objects.get_or_create(user=user, key=happening, defaults=facts)
        if is_new:
            realtime.nudge(f"user.{notice.user_id}.notices")
            transaction.on_commit(lambda: current_app.send_task(PUSH_TASK, [notice.pk]), robust=True)
    return notice


def _digest(about: About, path: str) -> str:
    facts = json.dumps([path, dict(about)], sort_keys=True)
    return blake2b(facts.encode(), digest_size=16).hexdigest()


def of(user: Any) -> QuerySet[Notice]:
    """The user's own, the newest first."""
    return Notice.objects.filter(user=user)


def unread_count(user: Any) -> int:
    return of(user).filter(read_at=None).count()


def mark_read(*, user: Any, now: datetime) -> int:
    """Everything was seen; how many were new."""
    seen = of(user).filter(read_at=None).update(read_at=now)
    if seen:
        realtime.nudge(f"user.{user.pk}.notices")
    return seen


def title_of(notice: Notice) -> str:
    """A few words in the active language."""
    return str(Kind(notice.kind).label)


def text_of(notice: Notice) -> str:
    """One or two sentences in the active language."""
    return " ".join(filter(None, _SENTENCES[Kind(notice.kind)](notice.about)))


def in_words_for(notice: Notice) -> tuple[str, str]:
    """Title and text in the language of the notice's own reader, where no browser asks in one."""
    with translation.override(getattr(notice.user, "language", None) or None):
        return title_of(notice), text_of(notice)


def _session_end(about: About) -> list[str]:
    energy = formats.number_format(int(about["energy_wh"]) / 1000, 1) if "energy_wh" in about else ""
    charged = _("%(energy)s kWh charged.") % {"energy": energy} if energy else ""
    pick_up = _("Please pick up your vehicle by %(time)s.") % {"time": _clock(about)} if about.get("until") else ""
    return [_place(about), charged, pick_up]


def _reservation_lapsed(about: About) -> list[str]:
    reason = str(about.get("reason") or _("It was not used in time, the charger is free for others again."))
    return [_place(about), reason]


def _turn(about: About) -> list[str]:
    until = _("The charger is kept for you until %(time)s.") % {"time": _clock(about)} if about.get("until") else ""
    return [_place(about), until]


def _penalty(about: About) -> list[str]:
    fee = _("Each further minute costs a fee.") if about.get("fee") else ""
    return [_place(about), _("The time to pick it up has passed."), fee]


def _station_free(about: About) -> list[str]:
    return [_place(about), _("First come, first served.")]


def _terms(about: About) -> list[str]:
    return [_("Please read and accept them before you charge again.")]


def _offer(about: About) -> list[str]:
    if not (about.get("start") and about.get("until")):
        return [_("The grid operator pays for moving your charge.")]
    facts = {"start": _clock(about, "start"), "end": _clock(about)}
    more = _("Charge more from %(start)s to %(end)s.") % facts
    what = more if about.get("more") else _("Charge less from %(start)s to %(end)s.") % facts
    return [what, _("It earns %(rate)s per kWh.") % {"rate": _amount(about, "rate")} if about.get("rate") else ""]


def _offer_joined(about: About) -> list[str]:
    return [*_offer(about), _("As you chose in your profile; you can leave it at any time.")]


def _offer_over(about: About) -> list[str]:
    if about.get("withdrawn"):
        return [_("The grid operator has withdrawn it. What you have moved until then is still paid.")]
    earned = _("It earned you %(amount)s.") % {"amount": _amount(about, "earned")} if about.get("earned") else ""
    return [earned or _("This time it earned nothing.")]


def _amount(about: About, name: str) -> str:
    """Money as the reader's language writes it."""
    return f"{formats.number_format(Decimal(str(about[name])), 2)}\u00a0{about.get('currency') or 'EUR'}"


_SENTENCES: dict[Notice.Kind, Callable[[About], list[str]]] = {
    Kind.SESSION_END: _session_end,
    Kind.RESERVATION_LAPSED: _reservation_lapsed,
    Kind.TURN: _turn,
    Kind.PENALTY: _penalty,
    Kind.STATION_FREE: _station_free,
    Kind.TERMS: _terms,
    Kind.OFFER: _offer,
    Kind.OFFER_JOINED: _offer_joined,
    Kind.OFFER_OVER: _offer_over,
}


def _place(about: About) -> str:
    return f"{about['station']}." if about.get("station") else ""


def _clock(about: About, name: str = "until") -> str:
    """The time of day where the charger is."""
    moment = datetime.fromisoformat(str(about[name]))
    return formats.time_format(moment.astimezone(ZoneInfo(str(about.get("zone") or "UTC"))), "H:i")
