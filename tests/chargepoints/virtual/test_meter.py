from chargepoints.virtual.meter import DEFAULT_MEASURANDS, Meter, Sample


def test_each_direction_has_its_own_register() -> None:
    meter = Meter()
    meter.add(6_000, 1_800)
    meter.add(-4_000, 900)
    assert (meter.import_wh, meter.export_wh, meter.power_w) == (3_000, 1_000, -4_000)


def test_samples_follow_what_is_asked_and_what_is_known() -> None:
    meter = Meter()
    meter.add(6_900, 3_600)
    asked = ("Energy.Active.Import.Register", "Current.Import", "SoC")
    samples = meter.samples(phases=3, dc=False, soc_percent=None, measurands=asked)
    assert samples == [Sample("Energy.Active.Import.Register", 6_900, "Wh"), Sample("Current.Import", 10, "A")]


def test_a_car_that_gives_shows_export_and_no_import() -> None:
    meter = Meter()
    meter.add(-4_000, 3_600)
    samples = meter.samples(phases=1, dc=True, soc_percent=51.23, measurands=DEFAULT_MEASURANDS)
    values = {sample.measurand: sample.value for sample in samples}
    assert values["Power.Active.Import"] == 0
    assert values["Power.Active.Export"] == 4_000
    assert values["Energy.Active.Export.Register"] == 4_000
    assert values["SoC"] == 51.2
