"""Who the bench's chargers are; generator and database agree on these."""

SECRET = "a-secret-of-the-bench"


def identity(number: int) -> str:
    return f"BENCH-{number:06d}"


def token(number: int) -> str:
    return f"CARD{number:08d}"
