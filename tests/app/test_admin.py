"""The pages of the admin."""

import pytest

from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession

SESSIONS = "/admin/django_aws_api_gateway_websockets/websocketsession/"
GATEWAYS = "/admin/django_aws_api_gateway_websockets/apigateway/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(admin_client):
    admin_client.defaults |= {"SERVER_NAME": "site.example"}
    return admin_client


def test_lists_and_shows_both(staff):
    gateway = ApiGateway.objects.get()
    session = WebSocketSession.objects.create(
        connection_id="a=", channel_name="lobby", api_gateway=gateway
    )

    for url in (
        SESSIONS,
        f"{SESSIONS}?connected__exact=1&closed_reason__exact=&channel_name=lobby",
        f"{SESSIONS}{session.pk}/change/",
        GATEWAYS,
        f"{GATEWAYS}{gateway.pk}/change/",
    ):
        assert staff.get(url, secure=True).status_code == 200


def test_filters_by_channel(staff):
    for name in ("lobby", "kitchen"):
        WebSocketSession.objects.create(connection_id=name + "=", channel_name=name)

    page = staff.get(SESSIONS + "?channel_name=lobby", secure=True).content.decode()

    assert "lobby=" in page
    assert "kitchen=" not in page


def test_nobody_makes_a_session_by_hand(staff):
    assert staff.get(SESSIONS + "add/", secure=True).status_code == 403


def test_nobody_opens_or_closes_a_session_by_hand(staff):
    session = WebSocketSession.objects.create(connection_id="a=", channel_name="lobby")

    answer = staff.post(
        f"{SESSIONS}{session.pk}/change/", {"connected": ""}, secure=True
    )

    session.refresh_from_db()
    assert answer.status_code == 403
    assert session.connected


def test_a_session_is_deleted_only_when_it_is_closed(staff):
    live = WebSocketSession.objects.create(connection_id="a=", channel_name="lobby")
    closed = WebSocketSession.objects.create(
        connection_id="b=", channel_name="lobby", connected=False
    )

    for session in (live, closed):
        staff.post(f"{SESSIONS}{session.pk}/delete/", {"post": "yes"}, secure=True)

    assert list(WebSocketSession.objects.all()) == [live]
    page = staff.get(SESSIONS, secure=True).content.decode()
    assert "delete_selected" not in page


def test_many_channels_do_not_make_a_large_page(staff):
    WebSocketSession.objects.bulk_create(
        WebSocketSession(connection_id=f"{n}=", channel_name=f"channel-{n}")
        for n in range(2_000)
    )

    assert len(staff.get(SESSIONS, secure=True).content) < 100_000
