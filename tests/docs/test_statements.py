"""docs/explanation/statements.md against what is really executed."""

import re
from collections import Counter

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import path

from django_aws_api_gateway_websockets.models import ChannelPermission, RateLimitBucket
from django_aws_api_gateway_websockets.models.known_gateways import known_gateways
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketTokenView, WebSocketView
from tests.app.logins import (
    connect_with_token,
    cookie_of,
    logged_in,
    token_for,
    user_named,
)
from tests.docs.pages import table
from tests.gateway import ALICE, BOB, Gateway

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "docs/explanation/statements.md"
MODELS = {
    model._meta.db_table: model.__name__
    for model in apps.get_models(include_auto_created=True)
}


class QuietView(WebSocketView):
    @handler
    def listen(self, request, *args, **kwargs):
        return None


@pytest.fixture
def gateway(settings):
    settings.ROOT_URLCONF = (
        path("token", WebSocketTokenView.as_view()),
        path("ws/<slug:route>", QuietView.as_view()),
    )
    gateway = Gateway()
    # From here on the process knows the gateway, and alice has her limits.
    connect_with_token(gateway, BOB)
    return gateway


def statements(call, *arguments, **options) -> list[tuple[str, str]]:
    """The kind of each statement, and the models whose tables it names."""
    with CaptureQueriesContext(connection) as captured:
        response = call(*arguments, **options)
    assert response.status_code == 200
    return [described(query["sql"]) for query in captured.captured_queries]


def described(sql: str) -> tuple[str, str]:
    named = re.findall(r'(?:FROM|JOIN|INTO|UPDATE) "(\w+)"', sql)
    return sql.split()[0], ", ".join(MODELS[name] for name in dict.fromkeys(named))


def test_each_event_executes_what_the_page_lists(gateway):
    client = logged_in()
    client.post("/token", secure=True, SERVER_NAME="site.example")
    executed = {
        "token": statements(
            client.post, "/token", secure=True, SERVER_NAME="site.example"
        ),
        "connect": statements(connect_with_token, gateway, token=token_for()),
        "message": statements(gateway.message, {"handler": "listen"}),
        "disconnect": statements(gateway.disconnect, ALICE),
    }

    listed = {event: [] for event in executed}
    for event, kind, tables, _ in table(PAGE, "event"):
        listed[event].append((kind, tables))
    assert executed == listed


def test_the_sums_are_those_of_the_list():
    listed = Counter(row[0] for row in table(PAGE, "event"))

    sums = {event: int(here) for event, here, _ in table(PAGE, "statements for")}
    assert sums == listed


def test_what_adds_to_a_connect_is_as_many_as_the_page_says(gateway):
    def connect(connection_id, token=None, **headers):
        made = statements(
            connect_with_token,
            gateway,
            connection_id,
            token=token or token_for(),
            **headers,
        )
        return len(made)

    usual = connect("usual=")
    known_gateways.forget()
    first_of_its_process = connect("first=")
    RateLimitBucket.objects.filter(key__contains="connect ").delete()
    new_address = connect("address=")
    client = logged_in()
    with_cookie = connect("cookie=", token_for(client=client), Cookie=cookie_of(client))
    restrict_lobby()
    with_rule = connect("rule=")

    counted = [first_of_its_process, new_address, with_cookie, with_rule]
    more = [int(row[1]) for row in table(PAGE, "more for a connect")]
    assert [count - usual for count in counted] == more


def restrict_lobby() -> None:
    """Have a rule for the channel, and let alice satisfy it."""
    permission = Permission.objects.get(codename="add_websocketsession")
    channel = ChannelPermission.objects.create(
        channel_name="lobby", access="permissions"
    )
    channel.rules.create().permissions.add(permission)
    user_named().user_permissions.add(permission)
