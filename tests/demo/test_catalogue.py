"""The catalogue of vehicles."""

import pytest

from twinev.demo.catalogue import find, models


def test_the_catalogue_knows_the_common_cars_once_each():
    names = [(model.brand, model.model) for model in models()]
    assert 100 <= len(names) <= 150
    assert len(set(names)) == len(names)


def test_values_are_plausible_for_a_car():
    for model in models():
        assert 10_000 <= model.battery_capacity_wh <= 130_000, model
        assert 3_000 <= model.max_ac_w <= 22_000, model
        assert 100 <= model.consumption_wh_per_km <= 260, model
        assert model.min_charge_w < model.max_ac_w, model
        assert bool(model.plug_dc) == bool(model.max_dc_w), model


def test_power_depends_on_the_plug():
    leaf = find("Nissan", "Leaf 40 kWh")
    assert leaf.v2g
    assert leaf.max_charge_w("CHADEMO") == 46_000
    assert leaf.max_charge_w("IEC_62196_T2") == 6_600
    assert leaf.max_charge_w("IEC_62196_T2_COMBO") == 0
    assert not leaf.fits("IEC_62196_T2_COMBO")


def test_a_car_without_a_dc_plug_fits_no_empty_name():
    assert find("Renault", "Zoe Q90").max_charge_w("IEC_62196_T2") == 22_000
    assert find("Renault", "Zoe Q90").max_charge_w("CHADEMO") == 0


def test_an_unknown_car_is_told_by_its_name():
    with pytest.raises(KeyError, match="Trabant 601"):
        find("Trabant", "601")
