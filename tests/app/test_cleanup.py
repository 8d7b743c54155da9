"""The clean-up: what ended unheard is closed, and what nobody needs is deleted."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends import file
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    Broadcast,
    ConnectionRateLimit,
    RateLimit,
    RateLimitBucket,
    WebSocketSession,
    WebSocketToken,
)
from django_aws_api_gateway_websockets.models.rate_limits import microseconds_now
from tests.app.logins import token_for
from tests.app.old_rows import (
    A_MOMENT,
    NOTHING,
    NOW,
    SEVEN_DAYS,
    TWO_HOURS,
    make,
    make_closed,
    make_django_sessions,
)
from tests.gateway import rows, session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


class TestAgedSessions:
    def test_are_closed(self):
        make(age=TWO_HOURS + A_MOMENT)

        assert clean_up() == {**NOTHING, "sessions_closed": 1}

        closed = session("alice-0=")
        assert not closed.connected
        assert closed.closed_reason == "age"
        assert closed.closed_on == closed.updated_on == NOW

    @pytest.mark.parametrize("age", [timedelta(), TWO_HOURS - A_MOMENT, TWO_HOURS])
    def test_are_older_than_two_hours(self, age):
        make(age=age)

        assert clean_up() == NOTHING

        assert session("alice-0=").connected

    @pytest.mark.parametrize("reason", ["disconnect", "gone", "logout", "staff", ""])
    def test_that_are_closed_keep_their_reason(self, reason):
        make_closed(closed=timedelta(days=1), closed_reason=reason)
        before = rows()

        assert clean_up() == NOTHING

        assert rows() == before

    def test_stay_closed_whatever_comes(self, gateway, transport):
        gateway.connect("alice=")
        WebSocketSession.objects.update(created_on=NOW - timedelta(hours=3))
        clean_up()

        response = gateway.message({"handler": "echo", "text": "hello"}, "alice=")

        assert response.status_code == 400
        assert response.content == b"Invalid connection ID"
        assert session("alice=").closed_reason == "age"
        assert transport.posts == []


class TestClosedSessions:
    def test_are_deleted(self):
        make_closed()

        assert clean_up() == {**NOTHING, "sessions_deleted": 1}

        assert rows() == []

    @pytest.mark.parametrize("closed", [timedelta(), SEVEN_DAYS - A_MOMENT, SEVEN_DAYS])
    def test_are_kept_for_seven_days(self, closed):
        make_closed(closed=closed)

        assert clean_up() == NOTHING

        assert len(rows()) == 1

    @pytest.mark.parametrize(("closed", "deleted"), [(30, 0), (31, 1)])
    def test_are_kept_for_as_long_as_the_settings_say(self, settings, closed, deleted):
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "closed_session_retention_days": 30,
        }
        make_closed(closed=timedelta(days=closed))

        assert clean_up() == {**NOTHING, "sessions_deleted": deleted}

    @pytest.mark.parametrize(
        ("touched", "deleted"), [(SEVEN_DAYS + A_MOMENT, 1), (SEVEN_DAYS, 0)]
    )
    def test_from_before_there_was_a_date_are_those_touched_last(
        self, touched, deleted
    ):
        make(age=touched, connected=False)

        assert clean_up() == {**NOTHING, "sessions_deleted": deleted}

    def test_that_are_open_again_are_kept(self):
        make(age=timedelta(hours=1), closed_on=NOW - timedelta(days=30))

        assert clean_up() == NOTHING

    def test_leave_the_gateway_alone(self):
        make_closed()

        clean_up()

        assert ApiGateway.objects.count() == 1


class SessionStore(SessionBase):
    """Of a project that made its own, and cannot clear it."""


class TestDjangoSessions:
    def test_are_deleted_when_they_have_expired(self):
        make_django_sessions(expired=A_MOMENT)
        make_django_sessions(name="live", expired=timedelta())

        assert clean_up() == {**NOTHING, "django_sessions_deleted": 1}

        assert Session.objects.get().session_key == "live-0"

    def test_in_files_are_left_to_their_store(self, settings, tmp_path):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.file"
        settings.SESSION_FILE_PATH = str(tmp_path)
        for days in (-1, 1):
            store = file.SessionStore()
            store.set_expiry(NOW + timedelta(days=days))
            store.save()
        make_django_sessions()

        assert clean_up() == NOTHING

        [live] = tmp_path.iterdir()
        assert live.name == f"sessionid{store.session_key}"
        assert Session.objects.count() == 1

    @pytest.mark.parametrize("engine", ["cache", "signed_cookies"])
    def test_that_have_no_rows_cost_nothing(self, settings, engine):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"

        assert clean_up() == NOTHING

    def test_of_a_store_that_cannot_clear_are_no_error(self, settings):
        settings.SESSION_ENGINE = __name__

        assert clean_up() == NOTHING

    def test_need_not_be_installed(self, settings):
        settings.INSTALLED_APPS = [
            app for app in settings.INSTALLED_APPS if app != "django.contrib.sessions"
        ]
        make_django_sessions()

        assert clean_up() == NOTHING


class TestTokens:
    @pytest.mark.parametrize(("expiry", "kept"), [(60, 300), (300, 300), (900, 900)])
    def test_are_kept_while_they_are_good_and_for_five_minutes(
        self, gateway, settings, expiry, kept
    ):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "token_expiry_seconds": expiry}
        token_for()
        WebSocketToken.objects.update(created_at=NOW - timedelta(seconds=kept))
        assert clean_up() == NOTHING

        WebSocketToken.objects.update(created_at=NOW - timedelta(seconds=kept + 1))
        assert clean_up() == {**NOTHING, "tokens_deleted": 1}


class TestAttempts:
    @pytest.mark.parametrize(
        ("options", "days"), [({}, 7), ({"attempt_retention_days": 2}, 2)], ids=str
    )
    def test_are_kept_for_as_long_as_the_settings_say(self, settings, options, days):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, **options}
        ConnectionRateLimit.record_attempt("192.0.2.7")
        age = timedelta(days=days)
        ConnectionRateLimit.objects.update(attempt_time=NOW - age)
        assert clean_up() == NOTHING

        ConnectionRateLimit.objects.update(attempt_time=NOW - age - A_MOMENT)
        assert clean_up() == {**NOTHING, "attempts_deleted": 1}


class TestLimits:
    def test_hold_addresses_only_until_all_slots_are_free(self, clock):
        limit = RateLimit(limit=20, window=60)
        RateLimitBucket.objects.take_slot("connect 192.0.2.7", limit)

        assert clean_up() == NOTHING
        RateLimitBucket.objects.update(free_at=microseconds_now() - 1)
        assert clean_up() == {**NOTHING, "free_limits_deleted": 1}


def test_who_hears_the_signals_hears_of_each_row():
    make_closed(2)
    heard = []

    def hear(instance, **signal):
        heard.append(instance.connection_id)

    post_delete.connect(hear, sender=WebSocketSession)
    try:
        assert clean_up() == {**NOTHING, "sessions_deleted": 2}
    finally:
        post_delete.disconnect(hear, sender=WebSocketSession)

    assert sorted(heard) == ["alice-0=", "alice-1="]


def test_broadcasts_with_recipients_that_still_wait_are_warned_of(caplog):
    for recipients in (30, 30, None):  # None: it was not written to its end
        broadcast = Broadcast.objects.create(data="{}", recipients=recipients)
        for number, waiting in enumerate((10, 7, 0)):
            broadcast.shards.create(number=number, sessions="[]", waiting=waiting)
    first, second = Broadcast.objects.order_by("pk")[:2]
    second.shards.update(waiting=0)
    Broadcast.objects.update(created_on=NOW - timedelta(days=14) - A_MOMENT)

    assert clean_up() == {**NOTHING, "broadcasts_deleted": 3}

    [warning] = [each.getMessage() for each in caplog.records]
    assert warning.startswith(f"Broadcast {first.pk} is deleted, and 17 recipients")
