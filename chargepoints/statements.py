"""Statements of the hot paths, without what the ORM spends on building them each time.

To compile a queryset with a few joins costs ten times what asking it does. Here it is compiled once a thread; rows are
written by their model's own fields, past signals of saving (none are used).
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)
# Values that no row has: they show where in the statement the real ones go.
_NUMBER, _MOMENT = 2_000_000_011, datetime(1907, 5, 3, tzinfo=UTC)


class Prepared(Generic[M]):
    """A queryset as a function of its values (numbers, texts, moments), each of the same type every time."""

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self._build = build
        self._thread = threading.local()

    def rows(self, *values: Any) -> list[M]:
        """What the queryset of these values holds."""
        if not hasattr(self._thread, "run"):
            self._thread.run = self._compiled(values)
        found: list[M] = self._thread.run(values)
        return found

    def first(self, *values: Any) -> M | None:
        """The first row, None without any. Let the queryset have a limit of 1."""
        found = self.rows(*values)
        return found[0] if found else None

    def _compiled(self, examples: tuple[Any, ...]) -> Callable[[tuple[Any, ...]], list[M]]:
        marks = [_mark(example, number) for number, example in enumerate(examples)]
        queryset = self._build(*marks)
        # The compiler holds this thread's connection, and keeps what it found out of the rows' shape.
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, found = compiler.as_sql()
        seen = list(map(_adapted, marks))
        places = {place: seen.index(value) for place, value in enumerate(found) if value in seen}
        assert set(places.values()) == set(range(len(marks))), "a value is not in the statement as it is"
        queryset.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]

        def run(values: tuple[Any, ...]) -> list[M]:
            told = list(map(_adapted, values))
            parameters = [told[places[place]] if place in places else value for place, value in enumerate(found)]
            compiler.as_sql = lambda *args, **kwargs: (sql, parameters)
            return list(ModelIterable(queryset))

        return run


def _mark(example: Any, number: int) -> Any:
    if isinstance(example, str):
        return f"\x02{number}\x03"
    if isinstance(example, datetime):
        return _MOMENT + timedelta(seconds=number)
    return _NUMBER + number


def _adapted(value: Any) -> Any:
    """A value as the database takes it."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def insert(row: M) -> M:
    """Write a new row; its key is set."""
    fields = _fields(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insert_into(type(row)), values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
    return row


def update(model: type[Model], where: Mapping[str, Any], /, **values: Any) -> int:
    """Change rows that equal ``where`` in all it names; how many there were."""
    sql = _update(model, tuple(values), tuple(where))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*_prepared(model, values), *_prepared(model, where)])
        return int(cursor.rowcount)


def _prepared(model: type[Model], values: Mapping[str, Any]) -> list[Any]:
    return [_field(model, name).get_db_prep_save(value, connection) for name, value in values.items()]


@cache
def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)


@cache
def _fields(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _insert_into(model: type[Model]) -> str:
    columns = [connection.ops.quote_name(field.column) for field in _fields(model)]
    table, key = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(_key(model))
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {key}"  # noqa: S608


def _key(model: type[Model]) -> str:
    key = model._meta.pk
    assert key is not None
    return str(key.column)


@cache
def _update(model: type[Model], values: tuple[str, ...], where: tuple[str, ...]) -> str:
    def equals(names: tuple[str, ...]) -> list[str]:
        return [f"{connection.ops.quote_name(_field(model, name).column)} = %s" for name in names]

    table = connection.ops.quote_name(model._meta.db_table)
    return f"UPDATE {table} SET {', '.join(equals(values))} WHERE {' AND '.join(equals(where))}"  # noqa: S608


def save(row: Model, *names: str) -> None:
    """Write some of a row's fields."""
    update(
        type(row),
        {_key_name(type(row)): row.pk},
        **{name: getattr(row, _field(type(row), name).attname) for name in names},
    )


@cache
def _key_name(model: type[Model]) -> str:
    key = model._meta.pk
    assert key is not None
    return str(key.name)
