"""Whether a token may charge: the rules stand in docs/authorization.md."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepoints.domain import authorization as domain
from chargepoints.domain.authorization import APP_TOKEN_TYPE as APP_TOKEN_TYPE
from chargepoints.domain.authorization import AuthorizationStatus, Place
from chargepoints.domain.reports import TokenPresented
from chargepoints.domain.status import ConnectorStatus
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Evse, IdToken, Location, Operator, SupplyPoint, Transaction
from chargepoints.services import reservations

APP_TOKEN_PREFIX = "APP"  # noqa: S105
# 2.0.1 C02: somebody pressed the start button of a charger that is set to ask nobody for a card.
NO_AUTHORIZATION = "NoAuthorization"
# The groups that are made here for the tokens of one driver.
_OWN_GROUP_PREFIX = "DRV"
# A token and whose the charger is, asked for at every card that is shown: the ORM takes nine times as long to say it.
_TOKEN_AT_PLACE = f"""
    SELECT token.*, place.owner_id AS place_owner_id, place.operator_id AS place_operator_id,
           operator.master_pass_group AS place_master_pass_group
      FROM {IdToken._meta.db_table} token
      JOIN {ChargePoint._meta.db_table} point ON point.id = %s
      JOIN {SupplyPoint._meta.db_table} supply ON supply.id = point.supply_point_id
      JOIN {Location._meta.db_table} place ON place.id = supply.location_id
 LEFT JOIN {Operator._meta.db_table} operator ON operator.id = place.operator_id
     WHERE token.key = %s
"""  # noqa: S608  (table names only)


@dataclass(frozen=True)
class Authorization:
    """The answer for a token. ``parent`` is its group, empty when it has none.

    ``only_stops``: it may end anybody's session and start none (a master pass). ``at_home``: the charger is its
    driver's own.
    """

    status: AuthorizationStatus
    parent: str = ""
    expires_at: datetime | None = None
    id_token: IdToken | None = None
    only_stops: bool = False
    at_home: bool = False

    @property
    def accepted(self) -> bool:
        return self.status == AuthorizationStatus.ACCEPTED


def authorize(*, charge_point_id: int, token: TokenPresented, now: datetime) -> Authorization:
    """Judge a token at a charge point, in one query."""
    if token.type == NO_AUTHORIZATION:
        return Authorization(AuthorizationStatus.ACCEPTED)
    known = _known(charge_point_id, token)
    if known is None:
        return Authorization(AuthorizationStatus.INVALID)
    id_token, place = known
    status = domain.verdict(
        known=True, blocked=id_token.status == IdToken.Status.BLOCKED, expires_at=id_token.expires_at, now=now
    )
    if status == AuthorizationStatus.ACCEPTED and not domain.may_charge_at(
        place, driver_id=id_token.driver_id, operator_id=id_token.operator_id
    ):
        status = AuthorizationStatus.INVALID
    return Authorization(
        status,
        parent=id_token.parent,
        expires_at=id_token.expires_at,
        id_token=id_token,
        only_stops=domain.is_master_pass(place, parent=id_token.parent, operator_id=id_token.operator_id),
        at_home=place.owner_id is not None and place.owner_id == id_token.driver_id,
    )


def _known(charge_point_id: int, token: TokenPresented) -> tuple[IdToken, Place] | None:
    for found in IdToken.objects.raw(_TOKEN_AT_PLACE, [charge_point_id, domain.normal(token.token)]):
        facts = vars(found)
        return found, Place(facts["place_owner_id"], facts["place_operator_id"], facts["place_master_pass_group"])
    return None


def authorize_start(
    charge_point_id: int,
    evse: Evse | None,
    token: TokenPresented,
    at: datetime,
    now: datetime,
    *,
    is_repeat: bool = False,
) -> Authorization:
    """What a token may do on an EVSE that somebody may have reserved, and while it charges elsewhere.

    ``is_repeat``: this start was accepted before, so that it is not measured by what its token did since.
    """
    answer = authorize(charge_point_id=charge_point_id, token=token, now=now)
    if not answer.accepted:
        return answer
    if answer.only_stops:
        return _refused(answer, AuthorizationStatus.BLOCKED)
    if not is_repeat and _charges_elsewhere(answer, evse, at):
        return _refused(answer, AuthorizationStatus.CONCURRENT_TX)
    if evse and not reservations.admits(evse=evse, id_token=answer.id_token, at=at, now=now):
        return _refused(answer, AuthorizationStatus.BLOCKED)
    return answer


def _refused(answer: Authorization, status: AuthorizationStatus) -> Authorization:
    return Authorization(status, id_token=answer.id_token)


def _charges_elsewhere(answer: Authorization, evse: Evse | None, at: datetime) -> bool:
    """Whether the token is in a transaction that runs, for all that is known, and ran when this start happened.

    A session at a charger that is away, or on a connector that calls itself free, may have ended without telling: it is
    no reason to leave a driver standing. The app keeps its drivers to one session itself.
    """
    id_token = answer.id_token
    if id_token is None or id_token.allows_concurrent or id_token.type == APP_TOKEN_TYPE or answer.at_home:
        return False
    running = (
        Transaction.objects.filter(
            id_token=id_token, state=TransactionState.ACTIVE, started_at__lte=at + reservations.CLOCK_MARGIN
        )
        .exclude(charge_point__connection_key="")
        .exclude(connector__status=ConnectorStatus.AVAILABLE)
    )
    return (running.exclude(evse_id=evse.pk) if evse else running).exists()


def kept(token: TokenPresented | None) -> str:
    """A token as a row keeps it."""
    return domain.normal(token.token)[:36] if token else ""


def register_token(
    *,
    token: str,
    driver: Any = None,
    operator: Operator | None = None,
    token_type: str = "ISO14443",  # noqa: S107
    parent: str = "",
) -> IdToken:
    """Create an id token; tokens compare without case. All tokens of a driver are one group, if none says otherwise.

    :raises django.db.IntegrityError: when the token exists.
    """
    made = IdToken.objects.create(
        token=token.strip(),
        key=domain.normal(token),
        driver=driver,
        operator=operator,
        type=token_type,
        parent=parent,
    )
    if driver is not None:
        group_tokens_of(driver)
        made.refresh_from_db(fields=["parent"])
    return made


def is_drivers_group(parent: str) -> bool:
    """Whether a group was made here for the tokens of one driver."""
    return parent.upper().startswith(_OWN_GROUP_PREFIX)


def group_tokens_of(driver: Any) -> None:
    """What was reserved or started in the app, the same driver's card may use and end: chargers compare groups."""
    theirs = list(IdToken.objects.filter(driver=driver).values_list("parent", flat=True))
    if len(theirs) < 2 or "" not in theirs:
        return
    own = next((parent for parent in theirs if parent.startswith(_OWN_GROUP_PREFIX)), "")
    # OCPP 1.6 allows 20 characters.
    group = own or f"{_OWN_GROUP_PREFIX}{secrets.token_hex(8).upper()}"
    IdToken.objects.filter(driver=driver, parent="").update(parent=group)


def app_token(*, driver: Any) -> IdToken:
    """The token that stands for a driver who starts from the app; made at first use, and not to be guessed.

    OCPP 1.6 allows 20 characters.
    """
    known = IdToken.objects.filter(driver=driver, type=APP_TOKEN_TYPE).order_by("pk").first()
    if known is not None:
        return known
    token = f"{APP_TOKEN_PREFIX}{secrets.token_hex(8).upper()}"
    return register_token(token=token, driver=driver, token_type=APP_TOKEN_TYPE)
