"""What vendors' messages tell about the car."""

from typing import Any

import pytest

from chargepoints.domain.dialects import CarTold, parse, told_by

DIALECT = parse(
    [
        {
            "name": "a",
            "vendor_id": "v",
            "told": [{"message_id": "Car", "soc_percent": "battery.soc", "v2g": "mode", "connector": "id"}],
        }
    ]
)["a"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ('{"id": 1, "battery": {"soc": "80 %"}, "mode": "Bidirectional"}', CarTold(1, 80.0, True)),
        ({"id": "2", "battery": {"soc": 80.5}, "mode": False}, CarTold(2, 80.5, False)),
        ('{"battery": {"soc": "12,5"}}', CarTold(0, 12.5, None)),
        ('{"battery": {"soc": 180}, "mode": "perhaps", "id": -4}', CarTold()),
        ('{"battery": "full"}', CarTold()),
        ('{"battery": {"soc": "NaN"}}', CarTold()),
    ],
)
def test_what_can_be_read_is_read(data: Any, told: CarTold) -> None:
    assert told_by(DIALECT, "Car", data) == told


def test_a_message_that_is_not_of_the_dialect_tells_nothing() -> None:
    assert told_by(DIALECT, "Price", "{}") is None


@pytest.mark.parametrize("data", ["", "[]", "soc=80", None, 5])
def test_data_that_is_no_object_is_an_error(data: Any) -> None:
    with pytest.raises(ValueError, match=r"object|Expecting"):
        told_by(DIALECT, "Car", data)
