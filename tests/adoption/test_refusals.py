"""`migrate` refuses what is not a database of the earlier package at its last migration."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections, models
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.recorder import MigrationRecorder

from tests.adoption.peers import peer
from tests.adoption.schemas import APP, schema

TABLE = f"{APP}_apigatewayadditionalroute"


@pytest.fixture
def refused():
    """What is said of a database that is refused, which stays as it is."""

    def refused(alias):
        before = schema(connections[alias])
        with pytest.raises(SystemCheckError) as error:
            call_command("migrate", database=alias, verbosity=0, skip_checks=False)
        assert schema(connections[alias]) == before
        assert f"({APP}.E010)" in str(error.value)
        return str(error.value)

    return refused


@pytest.fixture
def recorded(adopted):
    """The rows of the database that say which migrations of the app were run."""
    migrations = MigrationRecorder(connections[adopted]).migration_qs.filter(app=APP)
    kept = list(migrations)
    yield migrations
    migrations.all().delete()
    migrations.bulk_create(kept)


@pytest.fixture(scope="module")
def adopted(make_database):
    """A database at the last migration of the earlier package."""
    alias = make_database()
    peer(alias, "migrate")
    return alias


def test_an_older_database(make_database, refused):
    alias = make_database()
    peer(alias, "migrate 0009")

    text = refused(alias)

    assert "lacks migrations" in text
    assert "0010_hash_websockettoken_session_key, 0011_" in text
    assert "Install django-aws-api-gateway-websockets 4.1" in text


def test_an_older_database_where_checks_are_skipped(make_database, refused):
    alias = make_database()
    peer(alias, "migrate 0014")
    before = schema(connections[alias])

    with pytest.raises(InconsistentMigrationHistory) as error:
        call_command("migrate", database=alias, verbosity=0)

    assert schema(connections[alias]) == before
    text, hint = str(error.value).split(". Install ")
    assert "lacks migrations of django-aws-api-gateway-websockets: 0015_" in text
    said = refused(alias)
    assert text in said
    assert hint in said


def test_one_with_a_gap(adopted, recorded, refused):
    recorded.filter(name__startswith="0011").delete()

    assert "0011_channelpermission_channelpermissionrule\n" in refused(adopted)


def test_one_whose_records_were_lost(adopted, recorded, refused):
    recorded.all().delete()

    text = refused(adopted)

    assert "no record of who made them" in text
    assert TABLE in text


def test_one_whose_migrations_were_faked(make_database, refused):
    alias = make_database()
    peer(alias, "migrate 0012", "fake 0015")

    text = refused(alias)

    assert (
        f"lacks columns, though the migrations that make them are recorded: {TABLE}"
        in text
    )
    assert f"{APP}_websocketsession.auth_hash" in text
    assert "--fake" in text


def test_one_of_a_later_version(adopted, recorded, refused):
    recorded.create(app=APP, name="0016_of_a_later_version")

    assert "does not know: 0016_of_a_later_version\n" in refused(adopted)


def test_a_new_one_is_not_refused(make_database):
    alias = make_database()

    assert run_checks(databases=[alias], tags=["database"]) == []
    call_command("migrate", database=alias, verbosity=0, skip_checks=False)
    assert run_checks(databases=[alias], tags=["database"]) == []
    call_command("migrate", APP, "zero", database=alias, verbosity=0)
    assert run_checks(databases=[alias], tags=["database"]) == []


def test_one_in_which_the_app_has_no_tables_is_not_looked_at(
    adopted, recorded, settings
):
    recorded.all().delete()
    settings.DATABASE_ROUTERS = [f"{__name__}.ElsewhereRouter"]

    assert run_checks(databases=[adopted], tags=["database"]) == []


class ElsewhereRouter:
    def allow_migrate(self, db: str, app_label: str, **hints: models.Model) -> bool:
        return app_label != APP
