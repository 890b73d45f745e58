"""Typical values of known models."""

from pathlib import Path

from chargepoints.models import Connector
from drivers.services.catalogue import models


def test_every_model_has_values_that_a_vehicle_can_have() -> None:
    assert len(models()) >= 100
    assert len({model.name for model in models()}) == len(models())
    for model in models():
        assert model.connector_standard in Connector.Standard.values, model.name
        assert 5_000 < model.battery_capacity_wh < 250_000, model.name
        assert 1_000 < model.max_charge_w < 400_000, model.name
        assert 80 < model.consumption_wh_per_km < 400, model.name


def test_a_model_with_direct_current_comes_with_that_plug() -> None:
    leaf = next(model for model in models() if model.name == "Nissan Leaf 40 kWh")
    assert leaf.connector_standard == Connector.Standard.CHADEMO
    assert leaf.v2g


def test_the_demo_and_the_form_know_the_same_cars() -> None:
    root = Path(__file__).resolve().parents[3]
    assert (root / "drivers/data/vehicles.csv").read_bytes() == (root / "twinev/demo/data/vehicles.csv").read_bytes()
