"""Sessions in the admin: found by what people know of them, however many there are."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.admin import filters, large_tables
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ConnectionRateLimit,
    WebSocketSession,
    WebSocketToken,
)

APP = "/admin/django_aws_api_gateway_websockets/"
SESSIONS = f"{APP}websocketsession/"

pytestmark = pytest.mark.django_db


def page_of(staff, url=SESSIONS, **parameters):
    answer = staff.get(f"{url}?{urlencode(parameters)}", secure=True, follow=True)
    assert answer.status_code == 200
    return answer


def found(staff, url=SESSIONS, **parameters):
    rows = page_of(staff, url, **parameters).context["cl"].result_list
    return {getattr(row, "connection_id", None) or row.ip_address for row in rows}


def make(connection_id, **fields):
    return WebSocketSession.objects.create(
        connection_id=connection_id, **{"channel_name": "lobby", **fields}
    )


@pytest.fixture
def crowd():
    """Alice twice, Alicia once, and somebody without a name."""
    deployed = ApiGateway.objects.get()
    other = ApiGateway.objects.create(api_name="other", api_id="other1")
    alice, alicia = map(User.objects.create_user, ("alice", "alicia"))
    make("a1=", user=alice, api_gateway=deployed)
    make("a2=", user=alice, connected=False, closed_reason="staff", channel_name="den")
    make("b1=", user=alicia, api_gateway=other)
    make("c1=", connected=False, closed_reason="gone", api_gateway=other)
    return deployed


class TestSearch:
    @pytest.mark.parametrize(
        ("term", "connection_ids"),
        [
            ("a1=", {"a1="}),
            (" a1= ", {"a1="}),
            ("a1", set()),
            ("alice", {"a1=", "a2="}),
            ("ali", {"a1=", "a2=", "b1="}),
            ("alicia", {"b1="}),
            ("nobody", set()),
            ("", {"a1=", "a2=", "b1=", "c1="}),
        ],
    )
    def test_finds_a_connection_id_and_users_by_the_begin_of_their_name(
        self, staff, crowd, term, connection_ids
    ):
        assert found(staff, q=term) == connection_ids

    @pytest.mark.parametrize("term", ["%", "_", "'", '"', "\\", "é" * 5_000])
    def test_finds_nothing_by_what_nobody_is_called(self, staff, crowd, term):
        assert found(staff, q=term) == set()

    def test_says_that_nobody_has_a_nul(self, staff, crowd):
        page = page_of(staff, q="a1=\0").content.decode()

        assert "Null characters are not allowed." in page

    def test_finds_attempts_by_address_and_by_user(self, staff):
        alice = User.objects.create_user("alice")
        ConnectionRateLimit.record_attempt("203.0.113.50", alice)
        ConnectionRateLimit.record_attempt("2001:db8::1", None)
        attempts = f"{APP}connectionratelimit/"

        assert found(staff, attempts, q="203.0.113.50") == {"203.0.113.50"}
        assert found(staff, attempts, q="2001:DB8:0::1") == {"2001:db8::1"}
        assert found(staff, attempts, q="ali") == {"203.0.113.50"}
        assert found(staff, attempts, q="203.0.113") == set()

    def test_finds_tokens_by_user_and_never_by_what_they_are(self, staff):
        tokens = f"{APP}websockettoken/"
        token = WebSocketToken.generate_token(User.objects.create_user("alice"), "key")
        stored = WebSocketToken.objects.get()

        for term, count in (("ali", 1), (str(token.token), 0), (stored.token, 0)):
            page = page_of(staff, tokens, q=term)
            assert page.context["cl"].result_count == count


class TestFilters:
    @pytest.mark.parametrize(
        ("parameters", "connection_ids"),
        [
            ({"connected__exact": 1}, {"a1=", "b1="}),
            ({"closed_reason__exact": "staff"}, {"a2="}),
            ({"channel_name": "den"}, {"a2="}),
            ({"channel_name": "de"}, set()),
            ({"user_name": "alice"}, {"a1=", "a2="}),
            ({"user_name": "ali"}, set()),
            ({"gateway": "other"}, {"b1=", "c1="}),
            ({"gateway": "none"}, set()),
            ({"gateway": "other", "connected__exact": 0}, {"c1="}),
            ({"user_name": "alice", "channel_name": "lobby"}, {"a1="}),
        ],
    )
    def test_take_what_is_chosen_or_typed(
        self, staff, crowd, parameters, connection_ids
    ):
        assert found(staff, **parameters) == connection_ids

    @pytest.mark.parametrize("name", ["channel_name", "user_name", "gateway"])
    @pytest.mark.parametrize("value", ["\0", "x\0", "'", "x" * 5_000, "<script>"])
    def test_take_anything(self, staff, crowd, name, value):
        page = page_of(staff, **{name: value})

        assert list(page.context["cl"].result_list) == []
        assert '<script>"' not in page.content.decode()
        assert 'value="<script>' not in page.content.decode()

    def test_suggest_no_more_than_some_of_the_newest(self, staff, monkeypatch):
        monkeypatch.setattr(filters, "NEWEST", 100)
        WebSocketSession.objects.bulk_create(
            WebSocketSession(connection_id=f"{n}=", channel_name=f"channel-{n}")
            for n in range(200)
        )

        page = page_of(staff).content.decode()

        assert 'value="channel-199"' in page
        assert 'value="channel-99"' not in page
        assert page.count('<option value="channel-') == filters.MOST_SUGGESTED
        assert page.count("?channel_name=channel-") == filters.MOST_LINKED
        assert found(staff, channel_name="channel-3") == {"3="}

    def test_keep_each_other(self, staff, crowd):
        page = page_of(staff, user_name="alice", q="a1=").content.decode()

        hidden = '<input type="hidden" name="user_name" value="alice">'
        assert page.count(hidden) == 2  # with the channel that is typed, and the search
        assert '<input type="hidden" name="q" value="a1=">' in page


class TestManyRows:
    @pytest.fixture(autouse=True)
    def many(self, monkeypatch):
        monkeypatch.setattr(large_tables, "MOST_COUNTED", 250)
        WebSocketSession.objects.bulk_create(
            WebSocketSession(connection_id=f"{n}=", channel_name="lobby")
            for n in range(300)
        )

    def test_are_not_all_counted(self, staff):
        page = page_of(staff)

        assert page.context["cl"].result_count == 250
        assert "There are more" in page.content.decode()
        assert "Select all that are found, more than 250" in page.content.decode()

    def test_are_counted_where_they_are_few(self, staff):
        page = page_of(staff, channel_name="elsewhere")

        assert "There are more" not in page.content.decode()

    def test_have_pages_as_far_as_they_are_counted(self, staff):
        last = page_of(staff, p=3).context["cl"].result_list

        assert [row.connection_id for row in last][-1] == "50="

    @pytest.mark.parametrize("page", ["4", "99999999999999999999", "-1", "x", "\0"])
    def test_have_no_other_pages(self, staff, page):
        assert len(found(staff, p=page)) == 100

    def test_are_never_shown_at_once(self, staff):
        assert len(found(staff, all="")) == 100

    @pytest.mark.parametrize("order", ["2", "-2.3", "7", "99", "x", "\0"])
    def test_come_in_the_order_of_their_key_whatever_is_asked_for(self, staff, order):
        rows = page_of(staff, o=order).context["cl"].result_list

        assert [row.connection_id for row in rows][:2] == ["299=", "298="]

    @pytest.mark.parametrize("facets", [{}, {"_facets": "True"}])
    def test_every_statement_has_a_limit(self, staff, facets):
        with CaptureQueriesContext(connection) as queries:
            page_of(staff, connected__exact=1, **facets)

        about_sessions = [
            each["sql"]
            for each in queries
            if f'"{WebSocketSession._meta.db_table}"' in each["sql"].replace("`", '"')
        ]
        assert len(about_sessions) == 3  # count, rows, suggested channels
        assert all(" LIMIT " in sql for sql in about_sessions)
