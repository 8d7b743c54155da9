"""Management commands by payload, each in a process of its own."""

import logging
import os
import signal
import sys
from pathlib import Path

import django
import pytest

from lambda_handlers.event_members import UnknownEvent
from lambda_handlers.last_bytes import LastBytes
from lambda_handlers.manage import Command, handler, process_of, read_to_the_end

SECRET = "tell-nobody"


@pytest.fixture(scope="module", autouse=True)
def migration(tmp_path_factory):
    """The answer to the first payload, which makes the database of all others."""
    file = tmp_path_factory.mktemp("manage") / "db.sqlite3"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", f"sqlite:///{file}")
        environment.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
        yield handler({"command": "migrate"}, None)


def run(command, *arguments):
    answer = handler({"command": command, "arguments": list(arguments)}, None)
    assert sorted(answer) == ["exit_code", "output"]
    return answer["exit_code"], answer["output"]


def run_code(code):
    """Run Python in a command, and without the lines that `shell` itself prints."""
    return run("shell", "--no-imports", "--command", code)


def test_arguments_may_be_left_out(migration):
    assert migration["exit_code"] == 0
    assert "Applying sessions.0001_initial... OK" in migration["output"]


def test_a_command_is_run_and_its_output_is_the_answer():
    assert run("migrate", "--plan") == (
        0,
        "Planned operations:\n  No planned migration operations.\n",
    )


def test_a_command_imports_what_the_function_can(tmp_path, monkeypatch):
    (tmp_path / "of_the_runtime.py").write_text("name = 'like boto3'")
    monkeypatch.syspath_prepend(tmp_path)

    assert run_code("import of_the_runtime as it; print(it.name)")[1] == "like boto3\n"


def test_a_time_out_ends_the_command_with_the_function():
    assert run_code("import os; print(os.getpgrp())") == (0, f"{os.getpgrp()}\n")


def test_a_command_that_asks_gets_no_answer_and_waits_for_none():
    exit_code, output = run_code("input('name?')")

    assert exit_code == 1
    assert output.startswith("name?")
    assert "EOFError" in output


class TestFailures:
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
        ("ending", "exit_code"),
        [
            ("sys.exit()", 0),
            ("sys.exit(7)", 7),
            ("sys.exit(256)", 0),
            ("os.kill(os.getpid(), 9)", 137),
        ],
    )
    def test_have_the_exit_code_that_a_shell_tells(self, ending, exit_code):
        assert run_code(f"import os, sys; {ending}") == (exit_code, "")


class TestOutput:
    def test_is_in_its_order_whoever_has_written_it(self):
        code = (
            "import logging, os, subprocess, sys; print('a'); "
            "print('b', file=sys.stderr); sys.stdout.buffer.write(b'c\\n'); "
            "os.write(1, b'd\\n'); subprocess.run(['echo', 'e']); "
            "logging.getLogger('demo').warning('f'); print('g')"
        )

        assert run_code(code) == (0, "a\nb\nc\nd\ne\nWARNING demo f\ng\n")

    def test_may_be_any_text_and_any_bytes(self, monkeypatch):
        monkeypatch.setenv("LC_ALL", "C")
        code = (
            "import sys; print('é €'); print('\\ud800'); "
            "sys.stdout.buffer.write(b'\\xff')"
        )

        assert run_code(code) == (0, "é €\n\\ud800\n�")

    def test_that_is_long_loses_its_beginning(self):
        written = "".join(f"{number}\n" for number in range(200_000))

        exit_code, output = run_code("for number in range(200_000): print(number)")

        cut = len(written) - 262_144
        assert exit_code == 0
        assert output == f"[the first {cut} bytes are cut off]\n{written[cut:]}"

    def test_may_be_closed_before_the_command_ends(self):
        code = (
            "import os, time; print('a'); os.close(1); os.close(2); "
            "time.sleep(0.2); os._exit(3)"
        )

        assert run_code(code) == (3, "a\n")

    def test_is_complete_if_the_command_has_ended_before_it_is_read(self):
        output = LastBytes(100)

        with process_of(Command("version", [])) as process:
            process.wait()
            read_to_the_end(process, output)

        assert output.text() == f"{django.__version__}\n"

    def test_ends_with_the_command_though_what_it_has_started_is_silent(self):
        exit_code, output = run_code(
            "import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"
        )

        assert exit_code == 0
        os.kill(int(output), signal.SIGKILL)

    def test_ends_with_the_command_though_what_it_has_started_goes_on_writing(self):
        assert run_code("import subprocess; subprocess.Popen(['yes'])")[0] == 0


class TestACommandLeavesNothingBehind:
    def test_in_the_function_and_for_the_next(self):
        before = state()

        assert run_code(
            "import logging, os, sys; from django.conf import settings; "
            "from django.db import transaction; from django.contrib.auth import models; "
            "transaction.set_autocommit(False); models.Permission.objects.all().delete(); "
            "logging.getLogger().handlers.clear(); settings.DEBUG = True; "
            "os.environ['DJANGO_SETTINGS_MODULE'] = 'nothing'; os.chdir('/'); "
            "print('done'); sys.stdout.close()"
        ) == (0, "done\n")

        assert state() == before
        assert run_code(
            "import logging, os; from django.conf import settings; "
            "from django.contrib.auth import models; from django.db import connection; "
            "logging.getLogger('demo').warning('logged'); "
            "print(models.Permission.objects.exists(), connection.get_autocommit(), "
            "settings.DEBUG, os.getcwd())"
        ) == (0, f"WARNING demo logged\nTrue True False {Path.cwd()}\n")


def state():
    """What a command could change, were it in the function's own process."""
    return (
        Path.cwd(),
        dict(os.environ),
        list(sys.path),
        list(logging.getLogger().handlers),
        sys.stdout.closed,
    )


class TestTheLog:
    def test_has_one_line_without_arguments_and_output(self, caplog, capfd):
        code = (
            "import logging, os, subprocess, sys; "
            f"print('{SECRET}'); os.write(1, b'{SECRET}\\n'); "
            f"subprocess.run(['echo', '{SECRET}']); "
            f"logging.getLogger('demo').warning('{SECRET}'); sys.exit('{SECRET}')"
        )

        exit_code, output = run_code(code)

        assert exit_code == 1
        assert output == f"{SECRET}\n" * 3 + f"WARNING demo {SECRET}\n{SECRET}\n"
        [record] = caplog.records
        assert record.levelno == logging.INFO
        assert record.getMessage().startswith("shell: exit code 1, ")
        assert record.getMessage().endswith(" ms")
        written = "".join(capfd.readouterr())
        assert SECRET not in caplog.text + written

    @pytest.mark.parametrize(
        "event",
        [
            SECRET,
            [SECRET],
            {"command": "migrate", "arguments": SECRET},
            {"command": "migrate", "arguments": [SECRET, 1]},
            {"command": "migrate", "arguments": [f"{SECRET}\0"]},
            {"command": "migrate", "arguments": [f"{SECRET}\ud800"]},
            {"command": "migrate", "arguments": [SECRET * 1_000_000]},
        ],
        ids=["text", "list", "a text", "a number", "NUL", "half a letter", "long"],
    )
    def test_has_no_argument_of_a_bad_payload(self, event):
        with pytest.raises(UnknownEvent) as raised:
            handler(event, None)

        assert SECRET not in str(raised.value)


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
        ({"command": "migrate", "arguments": ["\0"]}, "these arguments: embedded null"),
        ({"command": "migrate", "arguments": ["x" * 9_000_000]}, "list too long"),
        ({"command": "migrate", "args": []}, r"holds \['args'\]"),
    ],
)
def test_a_payload_that_is_wrong_is_an_error_that_says_what_is_right(payload, text):
    with pytest.raises(UnknownEvent, match=text):
        handler(payload, None)
