"""Management commands by payload."""

import logging

import pytest
from django.db import connection

from django_aws_api_gateway_websockets.models import ApiGateway
from lambda_handlers.event_members import UnknownEvent
from lambda_handlers.manage import handler

uses_the_database = pytest.mark.django_db(transaction=True)


def run(command, *arguments):
    answer = handler({"command": command, "arguments": list(arguments)}, None)
    assert sorted(answer) == ["exit_code", "output"]
    return answer["exit_code"], answer["output"]


def run_code(code):
    """Run Python in a command, and without the lines that `shell` itself prints."""
    exit_code, output = run("shell", "--no-imports", "--command", code)
    return exit_code, output


@uses_the_database
def test_a_command_is_run_and_its_output_is_the_answer():
    exit_code, output = run("migrate", "--plan")

    assert exit_code == 0
    assert output == "Planned operations:\n  No planned migration operations.\n"


@uses_the_database
def test_arguments_may_be_left_out():
    ApiGateway.objects.all().delete()

    answer = handler({"command": "migrate"}, None)

    assert answer["exit_code"] == 0
    assert "No migrations to apply." in answer["output"]
    assert ApiGateway.objects.get().api_id == "api123"


def test_the_command_line_helps():
    exit_code, output = run("help")

    assert exit_code == 0
    assert "cleanup_websockets" in output


class TestFailures:
    @uses_the_database
    def test_of_a_command_are_its_text_and_exit_code(self):
        assert run("migrate", "nothing") == (
            1,
            "CommandError: No installed app with label 'nothing'.\n",
        )

    def test_of_an_unknown_command_are_djangos_text(self):
        exit_code, output = run("migrat")

        assert exit_code == 1
        assert output.startswith("Unknown command: 'migrat'. Did you mean migrate?")

    def test_of_an_argument_are_the_usage(self):
        exit_code, output = run("migrate", "--nothing")

        assert exit_code == 2
        assert output.startswith("usage: manage.py migrate")
        assert output.endswith("error: unrecognized arguments: --nothing\n")

    def test_of_the_code_are_a_traceback(self):
        exit_code, output = run_code("1 / 0")

        assert exit_code == 1
        assert output.startswith("Traceback (most recent call last):")
        assert output.endswith("ZeroDivisionError: division by zero\n")

    @pytest.mark.parametrize(
        ("ending", "result"),
        [
            ("sys.exit()", (0, "")),
            ("sys.exit(0)", (0, "")),
            ("sys.exit(7)", (7, "")),
            ("sys.exit('no')", (1, "no\n")),
            ("raise SystemExit(3)", (3, "")),
        ],
    )
    def test_may_be_an_exit(self, ending, result):
        assert run_code(f"import sys; {ending}") == result


class TestOutput:
    def test_is_in_its_order_whichever_way_it_was_written(self):
        code = (
            "import sys; print('a'); print('b', file=sys.stderr); "
            "sys.stdout.buffer.write(b'c\\n'); print('d')"
        )

        assert run_code(code) == (0, "a\nb\nc\nd\n")

    def test_may_be_any_text_and_any_bytes(self):
        code = (
            "import sys; print('é €'); print('\\ud800'); "
            "sys.stdout.buffer.write(b'\\xff')"
        )

        assert run_code(code) == (0, "é €\n\\ud800\n�")

    def test_that_is_long_loses_its_beginning(self):
        exit_code, output = run_code("print('x' * 10_000_000); print('the end')")

        assert exit_code == 0
        assert output.startswith("[the first 9737865 bytes are cut off]\nxxx")
        assert output.endswith("xxx\nthe end\n")
        assert 262_144 < len(output) < 262_300

    def test_in_many_pieces_loses_its_beginning_too(self):
        written = "".join(f"{number}\n" for number in range(200_000))

        _, output = run_code("for number in range(200_000): print(number)")

        cut = len(written) - 262_144
        assert output == f"[the first {cut} bytes are cut off]\n{written[cut:]}"


def test_a_command_that_asks_gets_no_answer_and_waits_for_none():
    exit_code, output = run_code("input('name?')")

    assert exit_code == 1
    assert output.startswith("name?")
    assert "EOFError" in output


class TestTheLog:
    SECRET = "tell-nobody"

    def test_has_one_line_without_arguments_and_output(self, caplog, capfd):
        code = f"import sys; print('{self.SECRET}'); sys.exit('{self.SECRET}')"

        assert run_code(code)[0] == 1

        [record] = caplog.records
        assert record.levelno == logging.INFO
        assert record.getMessage().startswith("shell: exit code 1, ")
        assert record.getMessage().endswith(" ms")
        written = "".join(capfd.readouterr())
        assert self.SECRET not in caplog.text + written

    def test_has_what_the_command_logs(self, caplog):
        code = "import logging; logging.getLogger('demo').warning('a warning')"

        assert run_code(code) == (0, "")

        assert "a warning" in caplog.messages

    def test_has_no_argument_of_a_bad_payload(self):
        for event in (
            self.SECRET,
            [self.SECRET],
            {"command": "migrate", "arguments": self.SECRET},
            {"command": "migrate", "arguments": [self.SECRET, 1]},
        ):
            with pytest.raises(UnknownEvent) as raised:
                handler(event, None)
            assert self.SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ({"arguments": []}, "command is None"),
        ({"command": ""}, "command is ''"),
        ({"command": ["migrate"]}, r"command is \['migrate'\]"),
        ({"command": "--version"}, "command is '--version'"),
        ({"command": "migrate --plan"}, "options and values belong to arguments"),
        ({"command": "migrate\nx"}, "command is 'migrate"),
        ({"command": "migrate", "arguments": "--plan"}, "arguments is no list"),
        ({"command": "migrate", "arguments": [1]}, "arguments is no list"),
        ({"command": "migrate", "arguments": None}, "arguments is no list"),
        ({"command": "migrate", "args": []}, r"holds \['args'\]"),
    ],
)
def test_a_payload_that_is_wrong_is_an_error_that_says_what_is_right(payload, text):
    with pytest.raises(UnknownEvent, match=text):
        handler(payload, None)


@uses_the_database
def test_no_connection_is_left_open():
    run_code(
        "from django.db import connection; connection.ensure_connection();"
        "connection.set_autocommit(False)"
    )

    assert connection.connection is None
