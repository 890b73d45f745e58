"""Empties the database between tests that commit.

Django truncates every table and makes all content types and permissions anew; here only tables that have rows are
emptied, and what migrations made stays.
"""

from functools import cache
from typing import Any

from django.core.management.color import no_style
from django.db import connections
from django.test import TransactionTestCase

_STAYS = frozenset({"django_content_type", "auth_permission", "django_migrations"})
# Without the triggers that follow references: every table with rows is emptied.
_ON_POSTGRES = """
DO $$ DECLARE name text; has_rows boolean; BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH name IN ARRAY ARRAY[%s] LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %%I)', name) INTO has_rows;
        IF has_rows THEN EXECUTE format('DELETE FROM %%I', name); END IF;
    END LOOP;
END $$
"""

_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def after_a_test(self: TransactionTestCase) -> None:
    """In the place of Django's own."""
    for alias in self._databases_names(include_mirrors=False):
        _empty(connections[alias])


def let_go() -> None:
    """End the connections that threads keep, so that the database can be dropped."""
    for connection in connections.all():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_OTHERS)


def _empty(connection: Any) -> None:
    tables = _tables(connection.alias, connection.settings_dict["NAME"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_ON_POSTGRES % ", ".join(f"'{name}'" for name in tables))
        return
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), list(tables)))


@cache
def _tables(alias: str, _database: str) -> tuple[str, ...]:
    names = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(names) - _STAYS))
