"""Sampled values in the words of OCPP 2.0.1."""

from __future__ import annotations

from datetime import datetime

from ..manner import Manner
from ..outbox import Payload
from ..profile_wire import without_none
from ..samples import REGISTER, Sample
from ..signing import ENCODING, METHOD, PUBLIC_KEY, signed_reading

# OCPP 2.0.1 SampledValueType: what is meant where nothing is named.
DEFAULTS = {"measurand": REGISTER, "context": "Sample.Periodic", "location": "Outlet"}

# A measurand that only 1.6 has.
UNKNOWN = ("Temperature",)


def sampled_values(samples: list[Sample], context: str, manner: Manner) -> list[Payload]:
    """The samples as `sampledValue`."""
    return [_sampled_value(sample, context, manner) for sample in samples if sample.measurand not in UNKNOWN]


def _sampled_value(sample: Sample, context: str, manner: Manner) -> Payload:
    value, unit = manner.measure(sample)
    wire = {
        "value": value,
        "context": context,
        "measurand": sample.measurand,
        "phase": sample.phase if manner.names_phases else None,
        "location": sample.location,
        "unitOfMeasure": {"unit": unit} if unit else None,
    }
    if manner.leaves_defaults_out:
        wire = {name: told for name, told in wire.items() if DEFAULTS.get(name) != told}
    return without_none(wire)


def sign(sampled: list[Payload], *, serial: str, at: datetime, number: int) -> None:
    """Add the signed reading to each register among the values."""
    for value in sampled:
        if value.get("measurand", REGISTER) == REGISTER:
            kwh = value.get("unitOfMeasure", {}).get("unit") == "kWh"
            energy_wh = value["value"] * (1000 if kwh else 1)
            text = signed_reading(serial=serial, at=at, register_wh=energy_wh, number=number)
            value["signedMeterValue"] = {
                "signedMeterData": text,
                "signingMethod": METHOD,
                "encodingMethod": ENCODING,
                "publicKey": PUBLIC_KEY,
            }
