"""Signed meter values: kept exactly as the charger sent them (calibration law), and once."""

import hashlib
from collections.abc import Sequence

from chargepoints.domain.reports import SignedReading
from chargepoints.models import SignedMeterValue, Transaction


def keep(
    *,
    charge_point_id: int,
    evse_number: int,
    transaction_row: Transaction | None,
    readings: Sequence[SignedReading],
) -> None:
    """Store signed readings inside the caller's database transaction; one that is sent again counts once.

    The text is never changed nor cut, and the moment is the charger's own: both are what was signed.
    """
    if not readings:
        return
    rows = [_row(reading, charge_point_id, evse_number, transaction_row) for reading in readings]
    SignedMeterValue.objects.bulk_create(rows, ignore_conflicts=True)


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL, and no signed reading has one."""
    return text.replace("\x00", "")


def _row(
    reading: SignedReading, charge_point_id: int, evse_number: int, transaction_row: Transaction | None
) -> SignedMeterValue:
    return SignedMeterValue(
        charge_point_id=charge_point_id,
        evse_number=evse_number,
        transaction=transaction_row,
        at=reading.at,
        context=reading.context[:24],
        measurand=reading.measurand[:40],
        signing_method=reading.signing_method[:50],
        encoding_method=reading.encoding_method[:50],
        public_key=_storable(reading.public_key),
        data=_storable(reading.data),
        digest=hashlib.sha256(reading.data.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def of_transaction(transaction_row: Transaction) -> Sequence[SignedMeterValue]:
    """What a session's bill can be proved with: its signed readings in the order of time, begin first, end last."""
    return list(SignedMeterValue.objects.filter(transaction=transaction_row).order_by("at", "pk"))
