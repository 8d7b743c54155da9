"""A function that cannot be measured says why."""

from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.runtime import Function, running
from tests.benchmarks.runtime import NEEDS_RUNTIME_CLIENT

pytestmark = NEEDS_RUNTIME_CLIENT


def function(folder: Path, code: str) -> Function:
    (folder / "function.py").write_text(code)
    return Function("function.handler", folder)


def test_a_function_is_started_and_asked(tmp_path: Path):
    echo = "def handler(event, context):\n    return {'statusCode': 200, **event}\n"

    with running(function(tmp_path, echo)) as process:
        answers = [process.invoke({"number": number})[0] for number in range(3)]

        assert process.init > 0
        assert process.timed({}) > 0
    assert answers == [{"statusCode": 200, "number": number} for number in range(3)]


def test_a_function_that_does_not_start_shows_its_error(tmp_path: Path):
    broken = function(tmp_path, "raise ValueError('no luck today')")

    with pytest.raises(BenchmarkError, match=r"does not start: .*no luck today"):
        with running(broken):
            pass


def test_a_function_that_raises_shows_its_error_and_what_it_printed(tmp_path: Path):
    code = (
        "def handler(event, context):\n    print('hello')\n    raise ValueError('no')"
    )

    with running(function(tmp_path, code)) as process:
        with pytest.raises(BenchmarkError, match=r"(?s)fails: .*ValueError.*hello"):
            process.timed({})


def test_an_answer_that_is_an_error_is_no_measurement(tmp_path: Path):
    code = "def handler(event, context):\n    return {'statusCode': 500}\n"

    with running(function(tmp_path, code)) as process:
        with pytest.raises(BenchmarkError, match=r"answers \{'statusCode': 500\}"):
            process.timed({})
