"""Which cards are known, and for how long."""

from datetime import timedelta

from chargepoints.virtual.tokens import Entry, TokenBook

from .conftest import START

LATER = START + timedelta(hours=1)


def known(book: TokenBook, token: str, **details: bool) -> tuple[str, str | None] | None:
    return book.known(token, START, **{"use_list": True, "use_cache": True, **details})


def test_the_list_stands_over_what_was_heard() -> None:
    book = TokenBook()
    book.hear("A", Entry("Accepted", "FAMILY"))
    assert known(book, "a") == ("Accepted", "FAMILY")
    book.send_list(1, [("A", Entry("Blocked"))], full=True, longest=10)
    assert known(book, "a") == ("Blocked", None)
    assert known(book, "a", use_list=False) == ("Accepted", "FAMILY")
    assert known(book, "a", use_list=False, use_cache=False) is None


def test_what_has_expired_is_not_accepted() -> None:
    book = TokenBook()
    book.hear("A", Entry("Accepted", None, LATER))
    assert known(book, "A") == ("Accepted", None)
    assert book.known("A", LATER, use_list=True, use_cache=True) == ("Expired", None)


def test_a_list_is_changed_in_steps_and_not_beyond_its_size() -> None:
    book = TokenBook()
    assert book.send_list(5, [("A", Entry("Accepted")), ("B", Entry("Accepted"))], full=True, longest=2) == "Accepted"
    assert book.send_list(5, [("A", None)], full=False, longest=2) == "VersionMismatch"
    assert book.send_list(6, [("A", None), ("C", Entry("Accepted"))], full=False, longest=2) == "Accepted"
    assert (known(book, "A"), known(book, "C"), len(book)) == (None, ("Accepted", None), 2)
    assert book.send_list(7, [("D", Entry("Accepted"))], full=False, longest=2) == "Failed"
    assert (book.version, known(book, "D")) == (6, None)
    book.send_list(1, [], full=True, longest=2)
    assert (book.version, len(book)) == (1, 0)
