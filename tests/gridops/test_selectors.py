"""Reads for the console."""

from chargepoints.models import ChargePointGroup
from gridops import selectors
from tests import factories
from tests.gridops.conftest import Area


def test_the_tree_counts_the_points_of_each_branch(area: Area) -> None:
    area.group.charge_points.add(factories.charge_point())

    [root] = selectors.group_tree(area.dso)

    assert (root.name, root.count) == ("Steinheim", 3)
    assert [(node.name, node.count) for node in root.children] == [("Feeder 1", 2)]


def test_a_group_assigned_inside_an_assigned_branch_is_told_once(area: Area) -> None:
    feeder = ChargePointGroup.objects.get(name="Feeder 1")
    person = factories.grid_operator(area.group, feeder)

    assert [node.name for node in selectors.group_tree(person)] == ["Steinheim"]


def test_who_holds_no_group_sees_none(area: Area) -> None:
    assert selectors.group_tree(factories.grid_operator()) == []
    assert selectors.group_tree(factories.driver()) == []


def test_an_identifier_that_begins_with_the_text_is_suggested_first(area: Area) -> None:
    supply = area.points[0].supply_point
    other = factories.charge_point(at=supply, identity="A-STM-9")
    area.group.charge_points.add(other)

    found = [point.identity for point in selectors.suggestions(area.dso, "stm")]

    assert found == ["STM-1", "STM-2", "A-STM-9"]


def test_suggestions_are_cut_and_never_foreign(area: Area) -> None:
    assert len(selectors.suggestions(area.dso, "stm", most=1)) == 1
    assert selectors.suggestions(area.dso, "ATH") == []
