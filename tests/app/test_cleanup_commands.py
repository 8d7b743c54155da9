"""The commands that clean up: what they do, print and refuse."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.cleanup import STEPS, clean_up
from django_aws_api_gateway_websockets.management.progress_line import ProgressLine
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    Broadcast,
    ConnectionRateLimit,
    RateLimitBucket,
    WebSocketSession,
    WebSocketToken,
)
from tests.app.logins import token_for, user_named
from tests.app.old_rows import (
    A_MOMENT,
    NOTHING,
    NOW,
    TWO_HOURS,
    make,
    make_closed,
    make_django_sessions,
)
from tests.gateway import rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BAD_AGES = ["-1", "0", "99999999999999"]


class Terminal(StringIO):
    def isatty(self):
        return True


def run(command, *options, stderr=None):
    output = StringIO()
    call_command(command, *options, stdout=output, stderr=stderr or StringIO())
    return output.getvalue().splitlines()


def make_one_of_each():
    make(name="aged", age=timedelta(hours=3))
    make_closed(name="closed")
    make_django_sessions()
    user = user_named()
    make(name="ended", user=user, auth_hash="of another password")
    token_for(user)
    WebSocketToken.objects.update(created_at=NOW - timedelta(hours=1))
    ConnectionRateLimit.record_attempt("192.0.2.7")
    ConnectionRateLimit.objects.update(attempt_time=NOW - timedelta(days=8))
    RateLimitBucket.objects.create(key="connect 192.0.2.7", free_at=1)
    Broadcast.objects.create(data="{}", recipients=0)
    Broadcast.objects.update(created_on=NOW - timedelta(days=15))


class TestCleanupWebsockets:
    def test_does_all_and_prints_the_counts(self):
        make_one_of_each()

        assert run("cleanup_websockets") == [
            "sessions closed: 1",
            "sessions deleted: 1",
            "django sessions deleted: 1",
            "ended logins closed: 1",
            "tokens deleted: 1",
            "attempts deleted: 1",
            "free limits deleted: 1",
            "broadcasts deleted: 1",
        ]
        assert clean_up() == NOTHING

    def test_only_counts_in_a_dry_run(self):
        make_one_of_each()

        with CaptureQueriesContext(connection) as queries:
            counted = run("cleanup_websockets", "--dry-run")

        assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
        assert counted == ["Only counted:", *run("cleanup_websockets")]

    def test_says_what_could_not_be_counted_in_a_dry_run(self):
        output = StringIO()

        with refused("SELECT", OperationalError("the server is away")):
            with pytest.raises(
                CommandError,
                match="sessions_closed: OperationalError: the server is away",
            ):
                call_command("cleanup_websockets", "--dry-run", stdout=output)

        assert output.getvalue() == ""

    @pytest.mark.parametrize("engine", ["cache", "signed_cookies", "file"])
    def test_counts_no_django_sessions_that_are_in_no_table(self, settings, engine):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
        make_django_sessions()

        assert "django sessions deleted: 0" in run("cleanup_websockets", "--dry-run")
        assert Session.objects.count() == 1

    def test_shows_how_far_it_is_on_a_terminal_alone(self):
        terminal, elsewhere = Terminal(), StringIO()
        make_closed(1_200)

        run("cleanup_websockets", stderr=terminal)
        make_closed(1_200)
        run("cleanup_websockets", stderr=elsewhere)

        assert "sessions deleted: 1,200 of 1,200" in terminal.getvalue()
        assert elsewhere.getvalue() == ""

    @pytest.mark.parametrize("step", STEPS)
    def test_shows_it_on_one_line_of_a_narrow_terminal(self, step):
        line = ProgressLine(
            OutputWrapper(Terminal()), 2_500_000, step.replace("_", " ")
        )
        line.show(1_999_999)
        line.begun_at -= 1_000  # seconds, so 2,000 rows in each

        shown = line.line.removeprefix("\r").removesuffix("\x1b[K")

        assert "1,999,999 of 2,500,000" in shown
        assert shown.isprintable()
        assert len(shown) < 80

    @pytest.mark.django_db(transaction=True)
    def test_says_what_failed_and_does_the_rest(self):
        make(age=timedelta(hours=3))
        make_closed(name="closed")

        with refused("UPDATE", OperationalError("the server is away")):
            with pytest.raises(CommandError, match="sessions_closed: OperationalError"):
                run("cleanup_websockets")

        assert [row["connection_id"] for row in rows()] == ["alice-0="]

    @pytest.mark.django_db(transaction=True)
    def test_says_what_it_has_done_when_it_is_interrupted(self):
        make(3, age=timedelta(hours=3))
        make_closed(name="closed")
        output = StringIO()

        with refused("DELETE", KeyboardInterrupt()):
            with pytest.raises(CommandError, match="stays done") as interrupted:
                call_command("cleanup_websockets", stdout=output)

        assert interrupted.value.returncode == 130
        assert "sessions closed: 3\nsessions deleted: 0\n" in output.getvalue()
        assert WebSocketSession.objects.filter(closed_reason="age").count() == 3


class refused:
    """Statements of this kind end in this error."""

    def __init__(self, kind, error):
        self.kind, self.error = kind, error

    def __enter__(self):
        self.wrapper = connection.execute_wrapper(self.look)
        self.wrapper.__enter__()

    def __exit__(self, *error):
        self.wrapper.__exit__(*error)

    def look(self, execute, sql, params, many, context):
        if sql.startswith(self.kind):
            raise self.error
        return execute(sql, params, many, context)


class TestClearWebSocketSessions:
    def test_closes_the_aged_and_deletes_the_closed_at_once(self):
        make(2, name="aged", age=timedelta(days=3))
        make(3, name="closed", age=TWO_HOURS + A_MOMENT, connected=False)
        make(name="open", age=TWO_HOURS)

        assert run("clearWebSocketSessions") == [
            "sessions closed: 2",
            "sessions deleted: 5",
        ]
        assert [row["connection_id"] for row in rows()] == ["open-0="]

    def test_keeps_the_closed_whose_connection_may_still_be_heard_of(self):
        make(age=TWO_HOURS, connected=False, closed_reason="gone")

        assert run("clearWebSocketSessions")[-1] == "sessions deleted: 0"

    def test_leaves_gateways_tokens_and_attempts_alone(self):
        make_one_of_each()

        run("clearWebSocketSessions")

        for model in (ApiGateway, WebSocketToken, ConnectionRateLimit):
            assert model.objects.count() == 1


class TestCleanupWebSocketTokens:
    @pytest.fixture(autouse=True)
    def old(self):
        for seconds in (10, 61, 299, 301, 4_000):
            token = token_for()
            WebSocketToken.objects.filter(token=token).update(
                created_at=NOW - timedelta(seconds=seconds)
            )
        for days in (0, 3, 6, 8, 40):
            attempt = ConnectionRateLimit.record_attempt("192.0.2.7")
            ConnectionRateLimit.objects.filter(pk=attempt.pk).update(
                attempt_time=NOW - timedelta(days=days)
            )

    @pytest.mark.parametrize(
        ("options", "tokens", "attempts"),
        [
            ([], 2, 2),
            (["--token-age", "1000"], 1, 2),
            (["--token-age=1"], 4, 2),
            (["--rate-limit-age", "2"], 2, 4),
            (["--token-age=60", "--rate-limit-age=30"], 4, 1),
        ],
        ids=str,
    )
    def test_deletes_what_is_older(self, options, tokens, attempts):
        assert run("cleanupWebSocketTokens", *options) == [
            f"tokens deleted: {tokens}",
            f"attempts deleted: {attempts}",
        ]

    def test_keeps_attempts_for_as_long_as_the_settings_say(self, settings):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "attempt_retention_days": 5}

        assert run("cleanupWebSocketTokens")[-1] == "attempts deleted: 3"

    @pytest.mark.parametrize("age", BAD_AGES)
    @pytest.mark.parametrize("option", ["--token-age", "--rate-limit-age"])
    def test_refuses_an_age_that_is_none_before_it_deletes_anything(self, option, age):
        with pytest.raises(
            CommandError, match=rf"Nothing was deleted: {option}: .* is {age}: "
        ):
            run("cleanupWebSocketTokens", f"{option}={age}")

        assert WebSocketToken.objects.count() == 5
        assert ConnectionRateLimit.objects.count() == 5

    @pytest.mark.parametrize("age", ["soon", "", "1.5"])
    def test_refuses_an_age_that_is_no_number(self, age):
        with pytest.raises(CommandError, match="--token-age"):
            run("cleanupWebSocketTokens", f"--token-age={age}")


def test_each_step_has_a_count_that_is_the_number_of_rows_it_does():
    make_one_of_each()

    due = {name: step.due() for name, step in STEPS.items()}

    assert due == clean_up() == dict.fromkeys(STEPS, 1)
