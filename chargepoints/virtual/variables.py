"""The charger's settings: one table (`settings`), named as 1.6 configuration keys and as 2.0.1 component variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Variable:
    """One setting. `v201` is (component, variable) or (component, variable, instance); None where a version has none.

    `kind` is the data type of 2.0.1. With `options` only these are accepted. `reboot`: takes effect after one.
    """

    name: str
    value: str
    v16: str | None = None
    v201: tuple[str, ...] | None = None
    kind: str = "string"
    options: tuple[str, ...] = ()
    unit: str | None = None
    writable: bool = True
    readable: bool = True
    reboot: bool = False
    accepts: Callable[[str], bool] | None = None

    def takes(self, text: str) -> bool:
        """Whether such a value can be set."""
        if self.accepts and not self.accepts(text):
            return False
        return _KINDS.get(self.kind, _is_text)(text, self.options)


def _is_text(text: str, options: tuple[str, ...]) -> bool:
    return not options or text in options


def _is_count(text: str, _: tuple[str, ...]) -> bool:
    return text.isascii() and text.isdigit()


def _is_flag(text: str, _: tuple[str, ...]) -> bool:
    return text.lower() in ("true", "false")


def _is_list(text: str, options: tuple[str, ...]) -> bool:
    return all(part.strip() in options for part in text.split(",") if part.strip()) if options else True


_KINDS = {"integer": _is_count, "boolean": _is_flag, "MemberList": _is_list, "SequenceList": _is_list}


@cache
def _index(
    table: tuple[Variable, ...],
) -> tuple[dict[str, Variable], dict[str, Variable], dict[tuple[str, ...], Variable]]:
    """By name, by lower-case key of 1.6, by lower-case place in 2.0.1; shared by all chargers of a process."""
    return (
        {variable.name: variable for variable in table},
        {variable.v16.lower(): variable for variable in table if variable.v16},
        {tuple(map(str.lower, variable.v201)): variable for variable in table if variable.v201},
    )


class Variables:
    """The settings of one charger, by neutral name: the shared table, and what differs from it here."""

    def __init__(self, table: tuple[Variable, ...], values: Mapping[str, str]) -> None:
        self._by_name, self._by_key, self._by_place = _index(table)
        self._values = dict(values)

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, self._by_name[name].value)

    def number(self, name: str) -> int:
        """The value as an integer."""
        return int(self[name])

    def flag(self, name: str) -> bool:
        """The value as yes or no."""
        return self[name].lower() == "true"

    def words(self, name: str) -> tuple[str, ...]:
        """The value as a comma-separated list."""
        return tuple(part.strip() for part in self[name].split(",") if part.strip())

    def set(self, name: str, value: str) -> None:
        """Change it without asking whether it may be changed; KeyError for an unknown name."""
        self._values[self._by_name[name].name] = value

    def by_key(self, key: str) -> Variable | None:
        """OCPP 1.6: find by configuration key (case does not matter)."""
        return self._by_key.get(key.lower())

    def by_place(self, component: str, variable: str, instance: str | None = None) -> Variable | None:
        """OCPP 2.0.1: find by component, variable and its instance (case does not matter)."""
        place = (component, variable) if instance is None else (component, variable, instance)
        return self._by_place.get(tuple(map(str.lower, place)))

    def has_component(self, component: str) -> bool:
        """Whether any variable belongs to that component."""
        return any(place[0] == component.lower() for place in self._by_place)
