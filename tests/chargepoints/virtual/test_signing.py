"""Signed readings."""

from chargepoints.virtual.signing import signed_reading

from .conftest import START


def test_one_changed_figure_changes_the_signature() -> None:
    one, other = (signed_reading(serial="VCP", at=START, register_wh=wh, number=1) for wh in (1_000, 1_001))
    assert one.startswith("OCMF|{")
    assert '"RV":1.0,"RU":"kWh"' in one
    assert one.rsplit("|", 1)[1] != other.rsplit("|", 1)[1]
