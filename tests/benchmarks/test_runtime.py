"""A function that cannot be measured says why."""

from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.runtime import running
from gateway_emulator.template.deployment import Function
from tests.benchmarks.runtime import NEEDS_RUNTIME_CLIENT

pytestmark = NEEDS_RUNTIME_CLIENT


def function(folder: Path, code: str) -> Function:
    (folder / "function.py").write_text(code)
    return Function(
        name="function",
        arn="arn:aws:lambda:us-east-1:123456789012:function:function",
        handler="function.handler",
        code=folder,
        environment={"GREETING": "hello"},
        timeout=3,
        memory=128,
        runtime="python3.13",
    )


def test_a_function_is_started_and_asked(tmp_path: Path):
    echo = "def handler(event, context):\n    return {'statusCode': 200, **event}\n"

    with running(function(tmp_path, echo)) as process:
        answers = [process.invoke({"number": number})[0] for number in range(3)]

        assert process.init > 0
        assert process.timed({}) > 0
    assert answers == [{"statusCode": 200, "number": number} for number in range(3)]


def test_a_function_has_lambdas_variables_and_its_own_and_no_others(tmp_path: Path):
    code = "import os\n\n\ndef handler(event, context):\n    return dict(os.environ)\n"
    of_this_process = {"HOME", "PATH", "PYTEST_CURRENT_TEST", "VIRTUAL_ENV"}

    with running(function(tmp_path, code)) as process:
        variables, _ = process.invoke({})

    assert variables["GREETING"] == "hello"
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert variables["LAMBDA_TASK_ROOT"] == str(tmp_path)
    assert not of_this_process & variables.keys()


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
