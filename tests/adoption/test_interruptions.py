"""A `migrate` that was interrupted can be repeated, also where tables are not rolled back."""

import pytest
from django.core.management import call_command
from django.db import connections

from tests.adoption.schemas import APP, columns, schema

FIRST = "0001_squashed_0015"


class Interruption(KeyboardInterrupt):
    pass


@pytest.fixture
def migrate_with_interruptions():
    """Interrupts it after each statement that changes a table; how many these are.

    After every tenth, where it is rolled back.
    """

    def migrate_with_interruptions(alias, *target):
        done = set()
        rolled_back = connections[alias].features.can_rollback_ddl
        step = 10 if rolled_back else 1

        def interrupt(execute, sql, params, many, context):
            result = execute(sql, params, many, context)
            if sql.startswith(("ALTER", "CREATE", "DROP")) and sql not in done:
                done.add(sql)
                if len(done) % step == 0:
                    raise Interruption
            return result

        while True:
            try:
                with connections[alias].execute_wrapper(interrupt):
                    migrate(alias, *target)
                return len(done)
            except Interruption:
                continue

    return migrate_with_interruptions


def migrate(alias, *target):
    call_command("migrate", *target, database=alias, verbosity=0, skip_checks=False)


def tables(alias):
    connection = connections[alias]
    return schema(connection), columns(connection)


@pytest.mark.timeout(300)  # MariaDB goes through it some eighty times
def test_it_goes_on_after_each_statement(make_database, migrate_with_interruptions):
    alias, uninterrupted = make_database(), make_database()
    migrate(alias, APP, FIRST)
    first = schema(connections[alias])

    assert migrate_with_interruptions(alias, APP) > 20

    migrate(uninterrupted)
    assert tables(alias) == tables(uninterrupted)

    assert migrate_with_interruptions(alias, APP, FIRST) > 20

    assert schema(connections[alias]) == first
