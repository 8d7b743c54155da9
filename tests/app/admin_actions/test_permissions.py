"""Who may send and hang up, and who may only look."""

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from .actions import (
    HANG_UP,
    HISTORY,
    NOTICE,
    SEND,
    SESSIONS,
    choose,
    entries,
    hang_up,
    lines,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)


def clerk_with(*codenames):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client(SERVER_NAME="site.example")
    client.force_login(user)
    return client


@pytest.mark.parametrize("action", [SEND, HANG_UP])
@pytest.mark.parametrize(
    "permission", ["view_websocketsession", "delete_websocketsession"]
)
def test_who_may_only_look_can_do_neither(sessions, transport, action, permission):
    client = clerk_with("view_websocketsession", permission)
    fields = {"message": json.dumps(NOTICE), "confirmed": "yes"}

    page = client.get(SESSIONS, secure=True).content.decode()
    choose(client, action, sessions, **fields)

    assert action not in page
    assert (transport.posts, transport.hung_up, entries()) == ([], [], [])


def test_who_may_change_sessions_can_and_the_rows_stay_read_only(sessions, transport):
    client = clerk_with("change_websocketsession")
    url = f"{SESSIONS}{sessions[0].pk}/change/"

    assert lines(send(client, sessions)) == {"sent": 3}
    hang_up(client, sessions)
    assert len(transport.hung_up) == 3
    assert client.get(url, secure=True).status_code == 200
    assert client.post(url, {"connected": "on"}, secure=True).status_code == 403


def test_strangers_and_users_are_sent_to_the_login(sessions, transport):
    user = Client(SERVER_NAME="site.example")
    user.force_login(User.objects.create_user("bob"))

    for client in (Client(SERVER_NAME="site.example"), user):
        assert send(client, sessions).status_code == 302
        assert client.get(HISTORY, secure=True).status_code == 302
    assert transport.posts == []


def test_the_history_is_for_those_who_may_see_sessions():
    assert clerk_with("view_user").get(HISTORY, secure=True).status_code == 403


def test_another_sites_form_does_nothing(sessions, transport):
    client = Client(SERVER_NAME="site.example", enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))

    assert send(client, sessions).status_code == 403
    assert hang_up(client, sessions).status_code == 403
    assert (transport.posts, transport.hung_up) == ([], [])
