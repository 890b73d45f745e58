"""What is known of the car beyond meter values: its state of charge and whether it gives energy back."""

from datetime import datetime

from django.db import transaction

from chargepoints.domain import reports
from chargepoints.domain.dialects import CarTold, told_by
from chargepoints.domain.metering import SOC, Sample
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Transaction
from chargepoints.selectors.evses import evse_of_transaction
from chargepoints.services import data_transfer, metering, quirks
from chargepoints.services.data_transfer import Reply, UnknownMessageError, VendorMessage


@transaction.atomic
def tell(*, charge_point_id: int, told: CarTold, now: datetime) -> bool:
    """Keep what a charger says of the car that charges; whether one does. A percentage is kept as a meter value."""
    evse = evse_of_transaction(charge_point_id, told.connector)
    running = Transaction.objects.filter(evse=evse, state=TransactionState.ACTIVE).first() if evse else None
    if running is None or evse is None:
        return False
    if told.v2g is not None:
        Transaction.objects.filter(pk=running.pk).update(v2g_capable=told.v2g)
    if told.soc_percent is not None:
        sample = Sample(at=now, measurand=SOC, value=told.soc_percent, unit="%", location="EV", context="Other")
        report = reports.MeterValuesReported(evse.number, (sample,), running.remote_id)
        metering.store(charge_point_id=charge_point_id, report=report, now=now)
    return True


def _understand(charge_point_id: int, message: VendorMessage, now: datetime) -> Reply:
    """A vendor's message, in the dialect that this charger speaks.

    :raises UnknownMessageError: for a charger that speaks none, or not of this.
    """
    dialect = quirks.dialect_of(ChargePoint.objects.get(pk=charge_point_id))
    if dialect is None or dialect.vendor_id.casefold() != message.vendor_id.casefold():
        raise UnknownMessageError
    told = told_by(dialect, message.message_id, message.data)
    if told is None:
        raise UnknownMessageError
    tell(charge_point_id=charge_point_id, told=told, now=now)
    return Reply()


def _register() -> None:
    """Let every vendor's id of the shipped dialects find its way here."""
    for vendor_id in {dialect.vendor_id for dialect in quirks.all_dialects().values() if dialect.vendor_id}:
        data_transfer.register(vendor_id)(_understand)


_register()
