import pytest

from chargepoints.models import ChargePointGroup
from chargepoints.selectors.groups import branch_ids, charge_points_in
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> dict[str, ChargePointGroup]:
    area = ChargePointGroup.objects.create(name="Area")
    north = ChargePointGroup.objects.create(name="North", parent=area)
    south = ChargePointGroup.objects.create(name="South", parent=area)
    street = ChargePointGroup.objects.create(name="Street", parent=north)
    return {"area": area, "north": north, "south": south, "street": street}


def test_a_node_gives_its_whole_branch(tree: dict[str, ChargePointGroup]) -> None:
    assert branch_ids([tree["north"].pk]) == {tree["north"].pk, tree["street"].pk}
    assert branch_ids([tree["area"].pk]) == {group.pk for group in tree.values()}


def test_charge_points_of_other_branches_stay_out(tree: dict[str, ChargePointGroup]) -> None:
    near, far = factories.charge_point(), factories.charge_point()
    tree["street"].charge_points.add(near)
    tree["south"].charge_points.add(far)
    assert list(charge_points_in([tree["north"].pk])) == [near]


def test_a_charge_point_in_two_groups_is_told_once(tree: dict[str, ChargePointGroup]) -> None:
    point = factories.charge_point()
    tree["north"].charge_points.add(point)
    tree["street"].charge_points.add(point)
    assert list(charge_points_in([tree["area"].pk])) == [point]


def test_no_group_gives_nothing(tree: dict[str, ChargePointGroup]) -> None:
    tree["area"].charge_points.add(factories.charge_point())
    assert list(charge_points_in([])) == []
