"""Dialects as data."""

import json

import pytest

from chargepoints.domain.dialects import parse

SETPOINT = {"message_id": "Set", "data": '{"c": {connector}, "kw": {power_kw}, "w": {power_w}, "t": "{transaction}"}'}


def test_a_setpoint_is_said_in_its_vendor_s_json() -> None:
    dialect = parse([{"name": "a", "vendor_id": "v", "setpoint": SETPOINT}])["a"]
    assert dialect.setpoint is not None
    said = json.loads(dialect.setpoint.data(connector=2, power_w=-4_250.4, transaction='7"'))
    assert said == {"c": 2, "kw": -4.25, "w": -4250, "t": '7"'}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"name": "a", "colour": "red"},
        {"name": "a", "setpoint": SETPOINT},
        {"name": "a", "vendor_id": "v", "setpoint": {"message_id": "Set", "data": "{power_w"}},
        {"name": "a", "told": [{"message_id": "Car"}]},
    ],
)
def test_an_entry_that_cannot_be_spoken_is_an_error(row: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        parse([row])
