"""A database of the earlier package ends in the same tables as a new one."""

from difflib import ndiff

import pytest
from django.core.management import call_command
from django.db import connections

from tests.adoption.peers import peer
from tests.adoption.schemas import APP, columns, schema

BEFORE_OURS = "0001_squashed_0015"


@pytest.fixture(scope="module")
def databases(make_database):
    """One that the earlier package has made, and one that is new."""
    adopted, new = make_database(), make_database()
    peer(adopted, "migrate")
    return adopted, new


def migrate(alias, *target):
    call_command("migrate", *target, database=alias, verbosity=0, skip_checks=False)


def differences(databases):
    one, other = (schema(connections[alias]) for alias in databases)
    assert one, "there is nothing to compare"
    return [line for line in ndiff(one, other) if line[0] in "+-"]


def test_the_first_migration_makes_what_the_earlier_package_has_made(databases):
    _, new = databases
    migrate(new, APP, BEFORE_OURS)

    assert differences(databases) == []


def test_both_end_in_the_same_tables(databases):
    for alias in databases:
        migrate(alias)

    assert differences(databases) == []
    adopted, new = (columns(connections[alias]) for alias in databases)
    assert adopted == new


def test_to_migrate_back_leaves_what_the_earlier_package_has_made(
    databases, make_database
):
    adopted, _ = databases
    untouched = make_database()
    peer(untouched, "migrate")
    migrate(adopted)

    migrate(adopted, APP, BEFORE_OURS)

    assert differences((adopted, untouched)) == []
