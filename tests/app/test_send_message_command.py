"""`manage.py send_message`: who gets it, what it prints and how it ends."""

import json
import os
import pty
import re
import signal
import sys
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line
from django.db import transaction

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.management import progress_line
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.lobby import GONE, HELLO
from tests.app.logins import user_named

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = json.dumps(HELLO)
COUNTS = re.compile(r"^(\w+) +([\d,]+)$", re.MULTILINE)


class Run:
    """What a command has written."""

    def __init__(self):
        self.output = StringIO()
        self.errors = StringIO()

    def send(self, *arguments, message=TEXT):
        streams = {"stdout": self.output, "stderr": self.errors}
        call_command("send_message", *arguments, message, **streams)
        return self

    @property
    def counts(self):
        return {
            name: int(count.replace(",", ""))
            for name, count in COUNTS.findall(self.output.getvalue())
        }


@pytest.fixture
def run():
    return Run()


@pytest.fixture
def lobby(make_session):
    """Alice has two windows, Bob has one; somebody else is in the kitchen."""
    alice, bob = user_named("alice"), user_named("bob")
    make_session("alice=", user=alice)
    make_session("window=", user=alice)
    make_session("bob=", user=bob)
    make_session("cook=", channel_name="kitchen")
    make_session("left=", user=alice, connected=False, closed_reason="disconnect")


@pytest.fixture
def use(settings):
    """Send by another transport, of this module."""

    def use(transport):
        path = f"{__name__}.{transport.__name__}"
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "transport": path}

    return use


def reached(transport):
    return sorted(post.connection_id for post in transport.posts)


@pytest.mark.parametrize(
    ("arguments", "recipients"),
    [
        (["--channel", "lobby"], ["alice=", "bob=", "window="]),
        (["--user", "alice"], ["alice=", "window="]),
        (["--all"], ["alice=", "bob=", "cook=", "window="]),
    ],
)
def test_it_reaches_who_is_meant_and_open(lobby, transport, run, arguments, recipients):
    run.send(*arguments)

    assert reached(transport) == recipients
    assert all(post.message == HELLO for post in transport.posts)
    assert run.counts["sent"] == len(recipients)


def test_where_nobody_is_it_says_so(lobby, transport, run):
    run.send("--channel", "nowhere")

    assert transport.posts == []
    assert run.output.getvalue() == "Nobody is connected there.\n"
    assert run.errors.getvalue() == ""


def test_the_outcome_is_a_table_with_the_reasons(lobby, transport, run, make_session):
    make_session("new=", age=1)
    transport.answer("new=", GONE)
    transport.answer("window=", GONE)
    transport.answer("alice=", Outcome.THROTTLED)
    transport.answer("bob=", Outcome.FAILED)
    WebSocketSession.objects.filter(connection_id="cook=").update(api_gateway=None)

    with pytest.raises(CommandError, match="3 may be there, and did not") as error:
        run.send("--all")

    assert error.value.returncode == 1
    assert run.output.getvalue().splitlines() == [
        "sent                   0",
        "gone                   1",
        "connecting             1",
        "throttled              1",
        "failed                 2",
        "           2 x told to",
        "           1 x the session has no gateway",
    ]
    closed = WebSocketSession.objects.filter(closed_reason="gone")
    assert [session.connection_id for session in closed] == ["window="]


class ManyReasons:
    """Each recipient has a reason of its own."""

    def perform(self, recipients, requests, **options):
        for number, recipient in enumerate(recipients):
            yield recipient, Delivery(Outcome.FAILED, f"reason {number}")


def test_twenty_reasons_are_printed_and_the_others_counted(use, run, make_session):
    for number in range(23):
        make_session(f"{number}=")
    use(ManyReasons)

    with pytest.raises(CommandError):
        run.send("--all")

    assert run.output.getvalue().count(" x reason ") == 20
    assert run.output.getvalue().endswith("and 3 more reasons\n")


class Patient:
    """Remembers how long it may take."""

    seconds = 0.0

    def perform(self, recipients, requests, *, seconds, **options):
        Patient.seconds = seconds
        yield from ((each, Delivery(Outcome.SENT)) for each in recipients)


def test_nobody_waits_so_there_is_no_deadline(lobby, use, run):
    use(Patient)

    run.send("--all")

    assert Patient.seconds == float("inf")


class TestTheMessage:
    def test_comes_from_standard_input(self, lobby, transport, run, monkeypatch):
        monkeypatch.setattr(sys, "stdin", StringIO('{"text": "sugar & spice"}'))

        run.send("--user", "bob", message="-")

        assert transport.messages_to("bob=") == [{"text": "sugar & spice"}]

    @pytest.mark.parametrize(
        ("message", "said"),
        [
            ("{type: 1}", "is no JSON: Expecting property name"),
            ("", "is no JSON: Expecting value"),
            ("[" * 100_000, "is no JSON: maximum recursion"),
            ('["notice"]', "is a list: it has to be an object"),
            ("null", "is a NoneType: it has to be an object"),
            ('{"share": NaN}', "not JSON compliant"),
            ('{"share": 1e999}', "not JSON compliant"),
            (json.dumps({"text": "x" * 131_072}), "131083 bytes, more than 131072"),
        ],
        ids=["keys", "empty", "deep", "list", "null", "nan", "infinite", "large"],
    )
    def test_is_refused_with_the_remedy(self, lobby, transport, run, message, said):
        with pytest.raises(CommandError, match=re.escape(said)):
            run.send("--all", message=message)

        assert transport.posts == []


class TestTheRecipients:
    @pytest.mark.parametrize("user", ["carol", ""])
    def test_are_no_unknown_user(self, lobby, run, user):
        with pytest.raises(CommandError, match=f"No user has the username '{user}'"):
            run.send("--user", user)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ([], "one of the arguments --channel --user --all is required"),
            (["--all", "--user", "bob"], "not allowed with argument --all"),
        ],
    )
    def test_are_named_one_way(self, lobby, transport, run, arguments, said):
        with pytest.raises(CommandError, match=said):
            run.send(*arguments)

        assert transport.posts == []


def test_what_may_be_rolled_back_is_not_sent(lobby, transport, run):
    with pytest.raises(CommandError, match="call it outside"), transaction.atomic():
        run.send("--all")

    assert transport.posts == []


class WithoutCredentials:
    """Finds out after the first recipient."""

    def perform(self, recipients, requests, **options):
        yield next(iter(recipients)), Delivery(Outcome.SENT)
        raise NoCredentials("There is no key")


def test_missing_credentials_are_an_error_beside_what_was_done(lobby, use, run):
    use(WithoutCredentials)

    with pytest.raises(
        CommandError, match=r"There is no key.* Give the function a role"
    ):
        run.send("--all")

    assert run.counts["sent"] == 1


class Interrupted:
    """Somebody presses Ctrl-C when two have got it."""

    def perform(self, recipients, requests, **options):
        for number, recipient in enumerate(recipients):
            if number == 2:
                signal.raise_signal(signal.SIGINT)
            yield recipient, Delivery(Outcome.SENT)


@contextmanager
def exits_with(code):
    with pytest.raises(SystemExit) as ended:
        yield
    assert ended.value.code == code


class TestTheExitCode:
    def test_is_0_if_nobody_is_left(self, lobby, transport, capsys):
        transport.answer("bob=", GONE)

        execute_from_command_line(["manage.py", "send_message", "--all", TEXT])

        assert "sent                   3\n" in capsys.readouterr().out

    def test_is_1_if_somebody_did_not_get_it(self, lobby, transport, capsys):
        transport.answer("bob=", Outcome.FAILED)

        with exits_with(1):
            execute_from_command_line(["manage.py", "send_message", "--all", TEXT])

        assert "1 may be there, and did not get it" in capsys.readouterr().err

    def test_is_2_if_the_options_are_wrong(self, capsys):
        with exits_with(2):
            execute_from_command_line(["manage.py", "send_message", TEXT])

        assert "--channel --user --all is required" in capsys.readouterr().err

    def test_is_130_after_ctrl_c_which_shows_what_was_done(self, lobby, use, capsys):
        use(Interrupted)

        with exits_with(130):
            execute_from_command_line(["manage.py", "send_message", "--all", TEXT])

        written = capsys.readouterr()
        assert "sent                   2\n" in written.out
        assert "2 of 4" in written.err
        assert "Interrupted" in written.err


def shown_on_a_terminal(run):
    """What somebody sees, up to the end of the line."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen, os.fdopen(theirs, "w") as stream:
        run.errors = stream
        run.send("--all")
        stream.flush()
        shown = ""
        while "\n" not in shown:
            shown += screen.read(10_000).decode()
    return shown


class TestTheProgress:
    def test_is_one_line_at_the_end_where_nobody_looks(self, lobby, transport, run):
        run.send("--all")

        assert re.fullmatch(r"4 of 4, [\d,]+/s\n", run.errors.getvalue())

    def test_is_a_bar_on_a_terminal(self, lobby, transport, run, monkeypatch):
        monkeypatch.setattr(progress_line, "PAUSE", 0)

        shown = shown_on_a_terminal(run)

        bars = re.findall(r"\r\[([#-]{40})\] (\d) of 4, [\d,]+/s", shown)
        assert [(bar.count("#"), done) for bar, done in bars] == [
            (10, "1"), (20, "2"), (30, "3"), (40, "4"), (40, "4"),
        ]  # fmt: skip
