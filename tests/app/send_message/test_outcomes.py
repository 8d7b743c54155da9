"""`manage.py send_message`: what it prints, and how it ends."""

import signal
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, execute_from_command_line

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.lobby import GONE

from .command import TEXT

pytestmark = pytest.mark.django_db(transaction=True)


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
