"""How fast somebody may go on: a token bucket."""


class Pace:
    """So many a second on end, and ``at_once`` of them without a pause. Moments: seconds of a clock that only grows."""

    __slots__ = ("_ahead_s", "_due_at", "_each_s")

    def __init__(self, per_s: float, at_once: float) -> None:
        self._each_s = 1 / per_s
        self._ahead_s = at_once / per_s
        self._due_at = float("-inf")

    def count(self, now: float) -> None:
        """One more."""
        due_at = self._due_at
        self._due_at = (now if now > due_at else due_at) + self._each_s

    def wait_s(self, now: float) -> float:
        """How long to wait until the next fits in; zero or less when it fits in now."""
        return self._due_at + self._each_s - self._ahead_s - now
