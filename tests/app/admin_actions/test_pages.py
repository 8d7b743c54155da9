"""Where the pages for selected sessions stand, and what they link to."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils.html import strip_tags

from .actions import HANG_UP, HISTORY, SEND, SESSIONS, choose, send

pytestmark = pytest.mark.django_db(transaction=True)

APP = SESSIONS.removesuffix("websocketsession/")
USER, GATEWAY = "/admin/auth/user/", f"{APP}apigateway/"

PAGES = {
    "Send a message": lambda staff, rows: choose(staff, SEND, rows, index="0"),
    "What came of the message": send,
    "Hang up": lambda staff, rows: choose(staff, HANG_UP, rows, index="0"),
    "History of the sessions": lambda staff, rows: staff.get(HISTORY, secure=True),
}


@pytest.mark.parametrize("title", PAGES)
def test_a_page_says_where_it_stands(staff, sessions, transport, title):
    page = PAGES[title](staff, sessions).content.decode()

    [trail] = re.findall(r'<(?:ol|div) class="breadcrumbs">.*?</(?:ol|div)>', page, re.S)  # fmt: skip
    places = re.split(r"&rsaquo;|\n", strip_tags(trail))
    assert [place.strip() for place in places if place.strip()] == [
        "Home",
        "WebSockets on API Gateway",
        "WebSocket sessions",
        title,
    ]
    assert re.findall(r'href="(.*?)"', trail) == ["/admin/", APP, SESSIONS]


def markup_of_row(page, field):
    """The tags of a checkbox's row and their classes."""
    [row] = re.findall(rf'<div class="form-row field-{field}">.*?</label>.*?</div>', page, re.S)  # fmt: skip
    return re.findall(r'<(/?\w+)(?: class="(.*?)")?', row.replace(field, "…"))


def test_a_checkbox_stands_where_it_does_in_djangos_own_forms(staff, sessions):
    user = User.objects.create_user("alice")
    own = staff.get(f"{USER}{user.pk}/change/", secure=True).content.decode()

    page = choose(staff, HANG_UP, sessions, index="0").content.decode()

    assert markup_of_row(page, "reconnect") == markup_of_row(own, "is_active")


def test_to_cancel_is_a_button(staff, sessions):
    page = choose(staff, HANG_UP, sessions, index="0").content.decode()

    assert f'<a role="button" href="{SESSIONS}" class="closelink">Cancel</a>' in page


@pytest.mark.parametrize(
    ("permissions", "links"),
    [
        (["change_websocketsession"], set()),
        (["change_websocketsession", "view_user"], {USER}),
        (["change_websocketsession", "view_apigateway"], {GATEWAY}),
        (["view_websocketsession", "change_user", "view_apigateway"], {USER, GATEWAY}),
    ],
)
def test_a_session_links_to_what_its_reader_may_open(make_session, permissions, links):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client(SERVER_NAME="site.example")
    client.force_login(clerk)
    session = make_session(user=User.objects.create_user("alice"))

    page = client.get(f"{SESSIONS}{session.pk}/change/", secure=True).content.decode()

    linked = re.findall(rf'href="({USER}|{GATEWAY})\d+/change/"', page)
    assert (set(linked), len(linked)) == (links, len(links))
    assert "alice" in page
    assert str(session.api_gateway) in page
