"""What a meter tells of a moment."""

from chargepoints.virtual.meter import Meter
from chargepoints.virtual.samples import DEFAULT_MEASURANDS, Sample, Supply, samples

THREE_PHASES = Supply(phases=3, dc=False, max_power_w=11_000)


def test_samples_follow_what_is_asked_and_what_is_known() -> None:
    meter = Meter()
    meter.add(6_900, 3_600)
    asked = ("Energy.Active.Import.Register", "Current.Import", "SoC")
    assert samples(meter, THREE_PHASES, asked) == [
        Sample("Energy.Active.Import.Register", 6_900, "Wh"),
        *[Sample("Current.Import", 10, "A", phase) for phase in ("L1", "L2", "L3")],
    ]


def test_three_phases_tell_a_dozen_values_each_time() -> None:
    found = samples(Meter(), THREE_PHASES, DEFAULT_MEASURANDS)
    assert len(found) == 12
    assert [sample.phase for sample in found if sample.measurand == "Voltage"] == ["L1-N", "L2-N", "L3-N"]


def test_a_car_that_gives_shows_export_and_no_import() -> None:
    meter = Meter()
    meter.add(-4_000, 3_600)
    supply = Supply(phases=1, dc=True, max_power_w=10_000, soc_percent=51.23)
    values = {sample.measurand: sample.value for sample in samples(meter, supply, DEFAULT_MEASURANDS)}
    assert values["Power.Active.Import"] == 0
    assert values["Power.Active.Export"] == 4_000
    assert values["Energy.Active.Export.Register"] == 4_000
    assert values["SoC"] == 51.2
    assert "Frequency" not in values


def test_the_inside_warms_up_with_the_power() -> None:
    meter = Meter()
    cold = samples(meter, THREE_PHASES, ("Temperature",))[0].value
    meter.add(11_000, 60)
    assert samples(meter, THREE_PHASES, ("Temperature",))[0].value > cold


def test_what_is_offered_is_told_when_asked() -> None:
    supply = Supply(phases=3, dc=False, max_power_w=11_000, offered_w=6_900)
    found = samples(Meter(), supply, ("Current.Offered", "Power.Offered", "Power.Factor"))
    assert [(sample.measurand, sample.value) for sample in found] == [
        ("Current.Offered", 10),
        ("Power.Offered", 6_900),
        ("Power.Factor", 1),
    ]
