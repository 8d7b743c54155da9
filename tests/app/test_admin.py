"""The pages of the admin."""

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ConnectionRateLimit,
    RateLimit,
    RateLimitBucket,
    WebSocketSession,
    WebSocketToken,
)

APP = "/admin/django_aws_api_gateway_websockets/"
SESSIONS = f"{APP}websocketsession/"
GATEWAYS = f"{APP}apigateway/"
TOKENS = f"{APP}websockettoken/"
READ_ONLY = ("websocketsession", "websockettoken", "connectionratelimit", "ratelimitbucket")  # fmt: skip

pytestmark = pytest.mark.django_db


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


@pytest.fixture
def alices_rows():
    """A row of each kind that nobody writes by hand, with what it keeps secret."""
    alice = User.objects.create_user("alice", password="alices password")
    session = WebSocketSession.objects.create(
        connection_id="a=",
        channel_name="lobby",
        user=alice,
        session_key_hash="5e55" * 16,
        auth_hash="a07a" * 16,
    )
    token = WebSocketToken.generate_token(alice, "the key of a login")
    attempt = ConnectionRateLimit.record_attempt("203.0.113.50", alice)
    RateLimitBucket.objects.take_slot("connect 203.0.113.50", RateLimit(20, 60))
    return (session, token, attempt, RateLimitBucket.objects.get())


def pages_of(row):
    url = f"{APP}{row._meta.model_name}/"
    return url, f"{url}{quote(row.pk)}/change/"


def test_shows_what_nobody_writes_by_hand_and_none_of_its_secrets(staff, alices_rows):
    session, token, *_ = alices_rows
    stored = WebSocketToken.objects.get()
    secrets = {
        str(token.token),
        stored.token,
        stored.session_key,
        stored.auth_hash,
        session.session_key_hash,
        session.auth_hash,
    }
    assert "" not in secrets

    for row in alices_rows:
        for url in pages_of(row):
            answer = staff.get(url, secure=True)
            page = answer.content.decode()
            assert answer.status_code == 200, url
            assert not [secret for secret in secrets if secret in page]


@pytest.mark.parametrize("model", READ_ONLY)
def test_nobody_adds_one_by_hand(staff, model):
    assert staff.get(f"{APP}{model}/add/", secure=True).status_code == 403


def test_nobody_changes_or_deletes_one_by_hand(staff, alices_rows):
    for row in alices_rows:
        url, change = pages_of(row)
        before = type(row).objects.values().get()

        for address in (change, change.replace("/change/", "/delete/")):
            answer = staff.post(address, {"post": "yes"}, secure=True)
            assert answer.status_code == 403, address

        assert type(row).objects.values().get() == before
        assert b"delete_selected" not in staff.get(url, secure=True).content


def test_each_is_deleted_with_its_user(staff, alices_rows, transport):
    alice = User.objects.get(username="alice")

    staff.post(f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"}, secure=True)

    assert not User.objects.filter(username="alice").exists()
    assert not WebSocketSession.objects.exists()
    assert not WebSocketToken.objects.exists()


@pytest.mark.parametrize(
    ("url", "field"),
    [
        (TOKENS, "token"),
        (TOKENS, "session_key"),
        (TOKENS, "auth_hash"),
        (SESSIONS, "session_key_hash"),
        (SESSIONS, "auth_hash"),
    ],
)
def test_no_filter_in_the_address_tells_a_secret(staff, url, field):
    answer = staff.get(f"{url}?{field}__startswith=a", secure=True)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        (f"{APP}apigateway/", "sessions__auth_hash__startswith=a"),
        (SESSIONS, "user__password__startswith=m"),
        (SESSIONS, "user__websocket_tokens__token__startswith=a"),
        (TOKENS, "user__password__startswith=m"),
        (TOKENS, "token=a"),
        (TOKENS, "token__in=a,b"),
        (TOKENS, "_to_field=token"),
        ("/admin/auth/user/", "websocket_tokens__token__startswith=a"),
        ("/admin/auth/user/", "websocket_sessions__session_key_hash__startswith=a"),
    ],
)
def test_nor_does_a_relation_or_another_parameter(staff, alices_rows, url, parameters):
    answer = staff.get(f"{url}?{parameters}", secure=True)

    assert answer.status_code == 400


def test_no_order_of_a_list_tells_a_secret(staff):
    for name in ("alice", "bob", "carol"):
        WebSocketToken.generate_token(User.objects.create(username=name), None)

    orders = {
        tuple(
            row.pk
            for row in staff.get(f"{TOKENS}?o={order}", secure=True)
            .context["cl"]
            .result_list
        )
        for order in ("", "1", "-1", "2", "5", "-5", "token", "6", "99")
    }

    assert len(orders) == 1


def test_a_list_takes_one_statement_for_all_users(
    staff, alices_rows, django_assert_max_num_queries
):
    for number in range(20):
        user = User.objects.create(username=f"user{number}")
        WebSocketToken.generate_token(user, None)

    # Two for the login, two for counting, one for the rows.
    with django_assert_max_num_queries(5):
        page = staff.get(TOKENS, secure=True).content.decode()

    assert "user19" in page
