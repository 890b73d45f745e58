"""Sampled values in the words of OCPP 1.6: everything is text, and there is no unit for Hz."""

from __future__ import annotations

from ..manner import Manner
from ..outbox import Payload
from ..profile_wire import without_none
from ..samples import REGISTER, Sample
from ..session import Session
from ..signing import signed_reading

UNITS = ("Wh", "kWh", "W", "kW", "A", "V", "Celsius", "Percent")
# OCPP 1.6 section 7.43: what is meant where nothing is named.
DEFAULTS = {"measurand": REGISTER, "context": "Sample.Periodic", "unit": "Wh", "location": "Outlet"}


def sampled_values(samples: list[Sample], context: str, manner: Manner) -> list[Payload]:
    """The samples as `sampledValue`."""
    return [_sampled_value(sample, context, manner) for sample in samples]


def _sampled_value(sample: Sample, context: str, manner: Manner) -> Payload:
    value, unit = manner.text(sample)
    wire = {
        "value": value,
        "context": context,
        "measurand": sample.measurand,
        "phase": sample.phase if manner.names_phases else None,
        "location": sample.location,
        "unit": unit if unit in UNITS else None,
    }
    if manner.leaves_defaults_out:
        wire = {name: told for name, told in wire.items() if DEFAULTS.get(name) != told}
    return without_none(wire)


def register(energy_wh: int, context: str, manner: Manner) -> Payload:
    """The import register alone."""
    return _sampled_value(Sample(REGISTER, energy_wh, "Wh"), context, manner)


def signed(serial: str, session: Session, context: str) -> Payload:
    """The import register, signed, at the beginning or the end of a transaction."""
    begins = context == "Transaction.Begin"
    at = session.started_at if begins else session.ended_at or session.started_at
    energy_wh = session.meter_start_wh if begins else session.meter_stop_wh or 0
    text = signed_reading(serial=serial, at=at, register_wh=energy_wh, number=session.evse_number)
    return {"value": text, "context": context, "format": "SignedData", "measurand": REGISTER, "location": "Outlet"}
