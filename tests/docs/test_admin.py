"""docs/howto/admin.md: its group works, and its tables and figures are those of the code."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from django_aws_api_gateway_websockets.admin import audit, filters, large_tables, users
from django_aws_api_gateway_websockets.admin.session_actions import (
    MEANINGS,
    MOST_FAILURES,
)
from django_aws_api_gateway_websockets.admin.sessions import WebSocketSessionAdmin
from django_aws_api_gateway_websockets.models.cascades import MOST_LISTED
from django_aws_api_gateway_websockets.models.hanging_up import LONGEST_HANG_UP
from tests.docs.pages import ROOT, blocks, table, tables

PAGE = "docs/howto/admin.md"
SESSIONS = "/admin/django_aws_api_gateway_websockets/websocketsession/"


@pytest.mark.django_db(transaction=True)
def test_the_help_desk_can_send(make_session, transport):
    session = make_session("alice=")
    names: dict = {}
    exec(blocks(PAGE)[0].text, names)
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.groups.add(names["make_help_desk"]())
    client = Client(SERVER_NAME="site.example")
    client.force_login(clerk)

    client.post(
        SESSIONS,
        {
            "action": "send_to_selected",
            "_selected_action": session.pk,
            "message": json.dumps({"type": "notice"}),
        },
        secure=True,
    )

    assert transport.messages_to("alice=") == [{"type": "notice"}]


def test_the_filters_are_those_that_there_are():
    titles = [
        each.replace("_", " ") if isinstance(each, str) else each.title
        for each in WebSocketSessionAdmin.list_filter
    ]

    assert [row[0] for row in table(PAGE, "filter")] == titles


def test_the_outcomes_are_those_that_there_are():
    [outcomes] = tables(PAGE, "outcome")

    assert dict(outcomes) == MEANINGS


def test_the_figures_are_those_of_the_code():
    text = " ".join((ROOT / PAGE).read_text().split())

    assert filters.NEWEST == 1_000
    assert "newest thousand sessions" in text
    assert filters.MOST_LINKED == 8
    assert "more than eight" in text
    assert MOST_LISTED == 100
    assert "first hundred of each kind" in text
    assert LONGEST_HANG_UP == 10
    assert "ten seconds at most" in text
    for words in (
        f"the first {users.MOST_USERS} users",
        f"the first {large_tables.MOST_COUNTED:,} sessions",
        f"the first {MOST_FAILURES} of them",
        f"Up to {audit.MOST_NAMED} sessions",
        f"the first {audit.MOST_LETTERS} letters",
        f"more than {large_tables.MOST_DELETED:,} sessions",
        f"more than {large_tables.MOST_DELETED:,} channel permissions",
    ):
        assert words in text
