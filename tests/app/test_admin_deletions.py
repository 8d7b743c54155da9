"""What the admin deletes is never so much that it has to be read row by row."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ChannelPermission,
    ConnectionRateLimit,
    WebSocketSession,
)

APP = "/admin/django_aws_api_gateway_websockets/"
GATEWAYS = f"{APP}apigateway/"
CHANNELS = f"{APP}channelpermission/"
SESSIONS = WebSocketSession._meta.db_table

pytestmark = pytest.mark.django_db


def make_sessions(number, **fields):
    WebSocketSession.objects.bulk_create(
        (
            WebSocketSession(connection_id=f"{n}=", channel_name="lobby", **fields)
            for n in range(number)
        ),
        batch_size=500,
    )


def confirmed(staff, url):
    return staff.post(url, {"post": "yes"}, secure=True)


class TestAGateway:
    def test_with_few_sessions_is_deleted(self, staff, transport):
        gateway = ApiGateway.objects.get()
        make_sessions(2, api_gateway=gateway)

        answer = confirmed(staff, f"{GATEWAYS}{gateway.pk}/delete/")

        assert answer.status_code == 302
        assert not ApiGateway.objects.exists()
        closed = WebSocketSession.objects.filter(closed_reason="gateway")
        assert closed.filter(api_gateway=None).count() == 2

    def test_with_many_sessions_is_kept_and_the_page_says_why(self, staff):
        gateway = ApiGateway.objects.get()
        make_sessions(1_001, api_gateway=gateway)
        by_action = {"action": "delete_selected", "_selected_action": gateway.pk}

        for answer in (
            staff.get(f"{GATEWAYS}{gateway.pk}/delete/", secure=True),
            confirmed(staff, f"{GATEWAYS}{gateway.pk}/delete/"),
            staff.post(GATEWAYS, {**by_action, "post": "yes"}, secure=True),
        ):
            page = answer.content.decode()
            assert "more than 1,000 WebSocket sessions" in page
            assert "cleanup_websockets" in page

        assert WebSocketSession.objects.filter(connected=True).count() == 1_001
        assert ApiGateway.objects.get() == gateway


class TestAUser:
    @pytest.fixture
    def alice(self):
        alice = User.objects.create_user("alice")
        make_sessions(1_500, user=alice, connected=False)
        ConnectionRateLimit.objects.bulk_create(
            ConnectionRateLimit(ip_address="203.0.113.9", user=alice)
            for _ in range(1_500)
        )
        return alice

    def test_the_page_that_deletes_a_user_lists_no_more_than_some(self, staff, alice):
        url = f"/admin/auth/user/{alice.pk}/delete/"
        with CaptureQueriesContext(connection) as queries:
            page = staff.get(url, secure=True).content

        of_sessions = [each["sql"] for each in queries if SESSIONS in each["sql"]]
        assert of_sessions
        assert all(" LIMIT " in sql for sql in of_sessions)
        assert len(page) < 100_000

    def test_all_of_it_goes_in_one_statement(self, staff, alice, transport):
        with CaptureQueriesContext(connection) as queries:
            answer = confirmed(staff, f"/admin/auth/user/{alice.pk}/delete/")

        assert answer.status_code == 302
        assert not User.objects.filter(username="alice").exists()
        assert not WebSocketSession.objects.exists()
        assert not ConnectionRateLimit.objects.exists()
        deletes = [each["sql"] for each in queries if each["sql"].startswith("DELETE")]
        assert sum(SESSIONS in sql for sql in deletes) == 1


class TestChannels:
    def test_by_the_thousand_are_not_deleted_at_once(self, staff):
        ChannelPermission.objects.bulk_create(
            ChannelPermission(channel_name=f"channel-{n}") for n in range(1_001)
        )
        first = ChannelPermission.objects.first()
        data = {
            "action": "delete_selected",
            "_selected_action": first.pk,
            "select_across": "1",
            "post": "yes",
        }

        page = staff.post(CHANNELS, data, secure=True).content.decode()

        assert "more than 1,000 of them" in page
        assert ChannelPermission.objects.count() == 1_001
        staff.post(CHANNELS, {**data, "select_across": "0"}, secure=True)
        assert ChannelPermission.objects.count() == 1_000

    def test_twenty_thousand_do_not_make_a_large_page(self, staff):
        ChannelPermission.objects.bulk_create(
            (ChannelPermission(channel_name=f"channel-{n}") for n in range(20_000)),
            batch_size=2_000,
        )

        with CaptureQueriesContext(connection) as queries:
            page = staff.get(CHANNELS, secure=True).content

        assert len(page) < 120_000
        table = ChannelPermission._meta.db_table
        of_channels = [each["sql"] for each in queries if table in each["sql"]]
        assert len(of_channels) == 2
        assert all(" LIMIT " in sql for sql in of_channels)
