"""What the drivers' app asks of the systems around it. Adapters stand elsewhere; failures come as these errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Unavailable(Exception):
    """The outside system did not answer, or not in time, or not in words that we understand."""


class Place(Protocol):
    """Degrees, WGS 84."""

    @property
    def latitude(self) -> float: ...

    @property
    def longitude(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Route:
    """A drive by road."""

    distance_m: float
    drive_s: float


class Roads(Protocol):
    """Who knows the roads; named by dotted path in settings.ROADS, and made with its address."""

    # As many places as one question may name.
    most: int

    def routes(self, *, here: Place, places: Sequence[Place]) -> Sequence[Route | None]:
        """The way from here to each place, in their order; None where no road leads. Raises Unavailable."""
        ...
