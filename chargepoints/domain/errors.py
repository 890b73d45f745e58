"""Refusals in words for the person who can act on them."""


class Refused(Exception):
    """A request that cannot be met; ``str(error)`` is shown to the person who asked.

    The message may be a lazy translation: it is turned into text only when it is shown.
    """

    def __init__(self, message: object, *, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return str(self.message)


class AlreadyReserved(Refused):
    """Somebody else holds the charge point."""


class NotAvailable(Refused):
    """The charge point cannot be used now: faulted, offline, occupied."""


class NotAllowed(Refused):
    """The person has no right to it."""
