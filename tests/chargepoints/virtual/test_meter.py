"""The registers."""

from chargepoints.virtual.meter import Meter


def test_each_direction_has_its_own_register() -> None:
    meter = Meter()
    meter.add(6_000, 1_800)
    meter.add(-4_000, 900)
    assert (meter.import_wh, meter.export_wh, meter.power_w) == (3_000, 1_000, -4_000)
