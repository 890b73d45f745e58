"""Whether the energy of an ended transaction can be true as its meter tells it."""

from chargepoints import events
from chargepoints.models import Transaction
from chargepoints.services import quirks, registers

BELOW = "meter stop below start"
DOUBTFUL_STOP = "doubtful meter stop"


def meter_flaw(row: Transaction) -> str:
    """Why the energy of an ended transaction should be looked at before money depends on it."""
    if row.ended_at is None:
        return ""
    start_wh, stop_wh = row.meter_start_wh, row.meter_stop_wh
    below_wh = start_wh - stop_wh if start_wh is not None and stop_wh is not None else 0.0
    if below_wh > 0:
        return BELOW if below_wh > quirks.of(row.charge_point).meter_slack_wh else ""
    return DOUBTFUL_STOP if row.flaw in ("", DOUBTFUL_STOP) and registers.ends_in_doubt(row) else ""


def look_again(row: Transaction) -> None:
    """Values that come after the end may put it in doubt, or prove it; what is billed follows."""
    if row.ended_at is None:
        return
    if row.flaw in ("", DOUBTFUL_STOP) and (flaw := meter_flaw(row)) != row.flaw:
        row.flaw = flaw
        row.save(update_fields=["flaw"])
    events.announce(events.transaction_reviewed, transaction_id=row.pk)
