"""The admin, with the users in one database and the rows in another, or all in one."""

import json

import pytest
from django.contrib.admin.models import LogEntry

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ConnectionRateLimit,
    WebSocketSession,
    WebSocketToken,
)
from tests.app.logins import user_named
from tests.second_database.life import databases

__all__ = ["databases"]

APP = "/admin/django_aws_api_gateway_websockets/"
SESSIONS = f"{APP}websocketsession/"

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sockets"])


@pytest.fixture
def staff(admin_client):
    admin_client.defaults |= {"SERVER_NAME": "site.example"}
    return admin_client


@pytest.fixture
def session():
    user = user_named()
    WebSocketToken.generate_token(user, None)
    ConnectionRateLimit.record_attempt("203.0.113.9", user)
    return WebSocketSession.objects.create(
        connection_id="a=",
        channel_name="lobby",
        user_id=user.pk,
        api_gateway=ApiGateway.objects.get(),
    )


def test_each_list_and_page_names_the_user(staff, session):
    for model in (WebSocketSession, WebSocketToken, ConnectionRateLimit):
        url = f"{APP}{model._meta.model_name}/"
        row = model.objects.get()
        for address in (url, f"{url}?q=ali", f"{url}{row.pk}/change/"):
            answer = staff.get(address, secure=True)
            assert answer.status_code == 200
            assert "alice" in answer.content.decode().partition('id="content"')[2]


@pytest.mark.parametrize("where", ["user_name=alice", "gateway=deployed-api123"])
def test_filters_find_it(staff, session, where):
    page = staff.get(f"{SESSIONS}?{where}", secure=True).content.decode()

    assert "a=</a>" in page


def test_what_is_sent_arrives_and_is_recorded(staff, session, transport):
    data = {"action": "send_to_selected", "_selected_action": session.pk}

    staff.post(SESSIONS, {**data, "message": json.dumps({"a": 1})}, secure=True)

    assert transport.messages_to("a=") == [{"a": 1}]
    assert LogEntry.objects.get().get_change_message().endswith("1 sent")
    page = staff.get(f"{SESSIONS}history/", secure=True).content.decode()
    assert "1 sent" in page
