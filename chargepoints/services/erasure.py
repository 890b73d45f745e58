"""A driver goes: what stays for the books names nobody any more."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast

from chargepoints.models import ChargePoint, Command, IdToken, OcppMessage, Reservation, Transaction

# In the place of a card's number, in what was said to and by chargers.
ERASED = "erased"


def forget_driver(*, driver: Any) -> None:
    """Takes the driver, and the numbers of all cards, out of transactions, commands and the log of messages.

    What was charged, when, where and for how much stays: books have to be kept. Reservations go, and so do the cards;
    chargers that hold a number in their own list are told to drop it by the sweep of local lists.
    """
    cards = IdToken.objects.filter(driver=driver)
    tokens = {text for card in cards for text in (card.token, card.key) if text}
    tokens |= set(Transaction.objects.filter(driver=driver).exclude(token="").values_list("token", flat=True))
    chargers = _chargers(driver)
    Transaction.objects.filter(driver=driver).update(driver=None, token="", id_token=None)
    Reservation.objects.filter(driver=driver).delete()
    cards.delete()
    for model, fields in ((Command, ("payload", "result")), (OcppMessage, ("payload",))):
        for name in fields:
            _blank(model, name, tokens, chargers)


def forget_home(*, charge_point: ChargePoint) -> None:
    """Removes a private charger with all that happened there: nobody else keeps books about it."""
    Reservation.objects.filter(evse__charge_point=charge_point).delete()
    Transaction.objects.filter(charge_point=charge_point).delete()
    charge_point.delete()


def _chargers(driver: Any) -> set[int]:
    """Where the driver's cards were told of."""
    of_driver = Q(transactions__driver=driver) | Q(evses__reservations__driver=driver)
    listed = Q(local_list__token__in=IdToken.objects.filter(driver=driver).values("token"))
    return set(ChargePoint.objects.filter(of_driver | listed).order_by().values_list("pk", flat=True))


def _blank(model: type[Model], name: str, tokens: Iterable[str], chargers: set[int]) -> None:
    said = Q()
    for token in tokens:
        said |= Q(as_text__icontains=token)
    if not said:
        return
    rows = (
        model._default_manager.filter(charge_point__in=chargers).annotate(as_text=Cast(name, TextField())).filter(said)
    )
    known = {token.casefold() for token in tokens}
    for pk, value in rows.values_list("pk", name).iterator():
        model._default_manager.filter(pk=pk).update(**{name: _without(value, known)})


def _without(value: Any, tokens: set[str]) -> Any:
    """The same JSON with every text that is one of the numbers replaced."""
    if isinstance(value, dict):
        return {key: _without(inner, tokens) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, tokens) for inner in value]
    return ERASED if isinstance(value, str) and value.casefold() in tokens else value
