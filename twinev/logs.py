"""Log lines as key=value pairs: people read them, and machines split them."""

import logging
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class KeyValueFormatter(logging.Formatter):
    """`time level logger message key=value …`; the keys are those given by `extra=`, such as charge_point=…"""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD and _is_plain(value)}
        pairs = "".join(f" {key}={value!r}" for key, value in sorted(extra.items()))
        line = f"{at} {record.levelname} {record.name} {record.getMessage()}{pairs}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
