"""docs/howto/tokens.md on the sockets of one user, from the views printed there."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import path

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.logins import connect_with_token, logged_in, token_for, user_named
from tests.docs.python_blocks import run
from tests.gateway import ALICE, BOB, Gateway, session

PAGE = "docs/howto/tokens.md"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(settings) -> Client:
    """Somebody who may change users; alice has two sockets, and bob one."""
    views = run(PAGE, containing="def remind")
    settings.ROOT_URLCONF = (
        path("remind/<int:user_id>", views["remind"]),
        path("hang-up/<int:user_id>", views["hang_up"]),
        path("ws/<slug:route>", WebSocketView.as_view()),
    )
    for connection_id, name in ((ALICE, "alice"), ("window=", "alice"), (BOB, "bob")):
        connect_with_token(Gateway(), connection_id, user=user_named(name))
    staff = user_named("staff")
    staff.user_permissions.add(Permission.objects.get(codename="change_user"))
    return logged_in(staff)


def test_a_view_sends_to_one_user_in_each_window(site, transport):
    answer = site.post(f"/remind/{user_named().pk}", {"text": "lunch"})

    assert answer.json() == {"heard_by": 2}
    reminder = {"type": "reminder", "text": "lunch"}
    assert (
        transport.messages_to(ALICE) == transport.messages_to("window=") == [reminder]
    )
    assert transport.messages_to(BOB) == []


def test_a_view_hangs_up_on_one_user(site, transport):
    answer = site.post(f"/hang-up/{user_named().pk}")

    assert answer.json() == {"hung_up_on": 2}
    assert transport.messages_to(ALICE)[0]["reconnect"] is False
    assert session(BOB).connected


def test_these_views_are_not_for_everybody(site):
    for page in ("/remind/1", "/hang-up/1"):
        assert logged_in(user_named("bob")).post(page).status_code == 302
        assert site.get(page).status_code == 405


def test_who_logs_in_over_a_login_leaves_its_sockets_to_the_cleanup(site, transport):
    browser = logged_in()
    connect_with_token(Gateway(), "first=", token=token_for(client=browser))

    browser.force_login(User.objects.get(username="bob"))

    assert session("first=").connected
    clean_up()
    assert not session("first=").connected
