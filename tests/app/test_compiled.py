"""A query that is compiled once answers as Django's own does."""

import pytest
from django.db import connection, models, transaction
from django.db.models import F
from django.forms.models import model_to_dict
from django.utils import timezone

from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from django_aws_api_gateway_websockets.models.compiled import (
    CompiledSelect,
    CompiledUpdate,
    Parameter,
)

pytestmark = pytest.mark.django_db(transaction=True)

SESSION = CompiledSelect(
    lambda using: (
        WebSocketSession.objects.using(using)
        .select_related("user", "api_gateway")
        .filter(connection_id=Parameter("connection_id", models.CharField()))
    )
)
RENAME = CompiledUpdate(
    lambda sessions: (
        sessions.filter(connection_id=Parameter("connection_id", models.CharField())),
        {
            "channel_name": Parameter("name", models.CharField()),
            "request_count": F("request_count") + 1,
            "closed_on": Parameter("now", models.DateTimeField()),
        },
    )
)


def of(connection_id):
    return SESSION.first(WebSocketSession, "default", connection_id=connection_id)


@pytest.fixture
def user(django_user_model):
    return django_user_model.objects.create(username="alice", password="x")


class TestSelect:
    def test_reads_every_column_as_django_does(self, make_session, user):
        expected = make_session("alice=", user=user, request_count=7)

        for _ in range(2):  # compiled, and then as it was compiled
            found = of("alice=")

            assert vars(found).keys() - {"_state"} == vars(expected).keys() - {"_state"}
            for field in WebSocketSession._meta.concrete_fields:
                value = getattr(expected, field.attname)
                assert getattr(found, field.attname) == value
                assert type(getattr(found, field.attname)) is type(value)
            assert found.created_on.tzinfo is not None
            assert not found._state.adding
            assert found._state.db == "default"

    def test_reads_what_the_row_refers_to(
        self, make_session, user, django_assert_num_queries
    ):
        ApiGateway.objects.update(tags={"stage": "é"})
        make_session("alice=", user=user)

        with django_assert_num_queries(1):
            found = of("alice=")
            read_user, gateway = found.user, found.api_gateway

        assert model_to_dict(read_user) == model_to_dict(user)
        assert gateway.tags == {"stage": "é"}

    def test_finds_no_user_where_there_is_none(
        self, make_session, django_assert_num_queries
    ):
        make_session("bob=")

        with django_assert_num_queries(1):
            assert of("bob=").user is None

    @pytest.mark.parametrize("name", ["nobody=", "", "%s", "%", "'; --", "é"])
    def test_finds_nothing_where_there_is_nothing(self, make_session, name):
        make_session("alice=")

        assert of(name) is None

    def test_reads_what_stands_there_now(self, make_session):
        make_session("alice=")
        of("alice=")
        WebSocketSession.objects.update(channel_name="kitchen")

        assert of("alice=").channel_name == "kitchen"


class TestUpdate:
    def test_changes_the_rows_that_it_is_about(self, make_session):
        make_session("alice=", request_count=1)
        make_session("bob=", request_count=1)
        now = timezone.now()

        for count in (2, 3):
            values = {"connection_id": "alice=", "name": f"n{count}", "now": now}
            assert RENAME.execute(WebSocketSession, "default", **values) == 1

            alice = WebSocketSession.objects.get(connection_id="alice=")
            assert (alice.request_count, alice.channel_name) == (count, f"n{count}")
            assert alice.closed_on == now
        assert WebSocketSession.objects.get(connection_id="bob=").request_count == 1

    def test_tells_that_there_was_no_row(self):
        values = {"connection_id": "nobody=", "name": "n", "now": None}

        assert RENAME.execute(WebSocketSession, "default", **values) == 0

    def test_is_part_of_the_transaction(self, make_session):
        make_session("alice=")
        values = {"connection_id": "alice=", "name": "n", "now": None}

        with transaction.atomic():
            RENAME.execute(WebSocketSession, "default", **values)
            transaction.set_rollback(True)

        assert WebSocketSession.objects.get().channel_name == "lobby"

    def test_that_fails_ends_the_transaction(self, make_session):
        make_session("alice=")
        values = {"connection_id": "alice=", "name": None, "now": None}

        with transaction.atomic():
            with pytest.raises(Exception, match=r"(?i)null"):
                RENAME.execute(WebSocketSession, "default", **values)

            with pytest.raises(transaction.TransactionManagementError):
                WebSocketSession.objects.count()


def test_a_value_that_is_missing_is_an_error_before_anything_is_asked():
    asked = []

    def ask(execute, *statement):
        asked.append(statement)
        return execute(*statement)

    with connection.execute_wrapper(ask), pytest.raises(KeyError, match="name"):
        RENAME.execute(WebSocketSession, "default", connection_id="alice=", now=None)

    assert asked == []
