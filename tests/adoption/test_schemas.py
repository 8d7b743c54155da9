"""A database of the earlier package ends in the same tables as a new one."""

from difflib import ndiff

import pytest
from django.core.management import call_command
from django.db import connections

from tests.adoption.peers import peer
from tests.adoption.schemas import APP, columns, schema

BEFORE_OURS = "0001_squashed_0015"


@pytest.fixture(scope="module")
def untouched(make_database):
    """As the earlier package has made it."""
    alias = make_database()
    peer(alias, "migrate")
    return alias


@pytest.fixture(scope="module")
def adopted(make_database):
    """Made by the earlier package, and migrated by ours since."""
    alias = make_database()
    peer(alias, "migrate")
    migrate(alias)
    return alias


@pytest.fixture
def new(make_database):
    return make_database()


def migrate(alias, *target):
    call_command("migrate", *target, database=alias, verbosity=0, skip_checks=False)


def differences(*aliases):
    one, other = (schema(connections[alias]) for alias in aliases)
    assert one, "there is nothing to compare"
    return [line for line in ndiff(one, other) if line[0] in "+-"]


def test_the_first_migration_makes_what_the_earlier_package_has_made(untouched, new):
    migrate(new, APP, BEFORE_OURS)

    assert differences(untouched, new) == []


def test_both_end_in_the_same_tables(adopted, new):
    migrate(new)

    assert differences(adopted, new) == []
    assert columns(connections[adopted]) == columns(connections[new])


def test_to_migrate_back_leaves_what_the_earlier_package_has_made(adopted, untouched):
    migrate(adopted, APP, BEFORE_OURS)

    assert differences(adopted, untouched) == []
    migrate(adopted)
