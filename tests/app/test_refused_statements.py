"""A database may refuse a statement because it met another one: then it is sent again."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import WebSocketSession, WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.logins import connect_with_token, logged_in, token_for
from tests.app.test_transactions import ServerError, conflict
from tests.gateway import ALICE, session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transport"),
]

WRITES = ("UPDATE", "DELETE", "INSERT OR IGNORE", "INSERT")
OURS = "django_aws_api_gateway_websockets_"


class Refusing:
    """Refuses each writing statement of the app, as often as it is told."""

    def __init__(self, times):
        self.times = times
        self.refused = {}

    def __call__(self, execute, sql, params, many, context):
        times = self.refused.get(sql, 0)
        if OURS in sql and sql.startswith(WRITES) and times < self.times:
            self.refused[sql] = times + 1
            raise conflict(ServerError("40001"))
        return execute(sql, params, many, context)


@pytest.fixture
def refuse():
    def refuse(times=2):
        refusing = Refusing(times)
        wrappers.append(refusing)
        return refusing

    wrappers = connection.execute_wrappers
    yield refuse
    wrappers.clear()


def test_a_message_is_counted_once(gateway, refuse):
    gateway.connect()
    refusing = refuse()

    assert gateway.message({"handler": "echo", "text": "hello"}).status_code == 200

    assert session().request_count == 1
    assert refusing.refused


def test_the_end_of_a_connection_is_written(gateway, refuse):
    gateway.connect()
    refusing = refuse()

    assert gateway.disconnect().status_code == 200

    assert session().closed_reason == "disconnect"
    assert refusing.refused


def test_an_end_that_comes_first_is_written(gateway, refuse):
    refusing = refuse()

    assert gateway.disconnect().status_code == 200

    assert session().closed_reason == "disconnect"
    assert any(sql.startswith("INSERT") for sql in refusing.refused)


def test_a_client_moves_to_another_channel(make_session, refuse):
    alice = make_session()
    refusing = refuse()

    alice.move_to("kitchen")

    assert session("alice=").channel_name == "kitchen"
    assert refusing.refused


def test_who_is_closed_is_hung_up_on_once(make_session, transport, refuse):
    alice = make_session()
    refusing = refuse()

    assert alice.disconnect() is True

    assert transport.hung_up == ["alice="]
    assert refusing.refused


def test_a_client_that_is_gone_is_closed(make_session, refuse):
    alice = make_session()
    refusing = refuse()

    WebSocketSession.objects.close_as_gone([alice.pk])

    assert session("alice=").closed_reason == "gone"
    assert refusing.refused


def test_excess_is_told_of(make_session, refuse):
    alice = make_session()
    refusing = refuse()

    assert alice.note_excess().value == "tell"
    assert refusing.refused


def test_a_log_out_takes_unused_tokens_and_open_sessions_along(
    serve, transport, refuse
):
    gateway = serve(WebSocketView)
    browser = logged_in()
    connect_with_token(gateway, token=token_for(client=browser))
    unused = token_for(client=browser)
    refusing = refuse()

    browser.logout()

    assert transport.hung_up == [ALICE]
    assert WebSocketToken.objects.find(unused, max_age_seconds=60).used
    assert len(refusing.refused) > 1


def test_old_rows_are_deleted(make_session, refuse):
    long_ago = timezone.now() - timedelta(days=8)
    make_session(connected=False, closed_reason="staff", closed_on=long_ago)
    refusing = refuse()

    clean_up()

    assert not WebSocketSession.objects.exists()
    assert refusing.refused


def test_a_statement_is_given_up_after_five_times(make_session, refuse):
    alice = make_session()
    refusing = refuse(times=10)

    with pytest.raises(OperationalError):
        alice.move_to("kitchen")

    assert list(refusing.refused.values()) == [5]
