"""The demo's living district: both pilots, their people and their cars, as plain records."""

from __future__ import annotations

from twinev.demo import athens, people, steinheim
from twinev.demo.specs import District, GroupSpec, OperatorSpec

DISTRICT = District(
    operators=(OperatorSpec(steinheim.OPERATOR), OperatorSpec(athens.OPERATOR)),
    tariffs=(*steinheim.TARIFFS, *athens.TARIFFS),
    groups=GroupSpec(people.ROOT_GROUP, (steinheim.GROUPS, athens.GROUPS)),
    locations=(*steinheim.LOCATIONS, *athens.LOCATIONS),
    users=people.USERS,
)
