"""Variables by function, in the format of SAM's --env-vars."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_emulator.env_vars import read_env_vars
from gateway_emulator.errors import EmulatorError
from tests.emulator.conftest import Invoke
from tests.emulator.templates import function, write_template

CODE = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    variables = dict.fromkeys("ABCD", "template")
    one = function(Environment={"Variables": variables})
    another = {"Another": one["Function"]}
    return write_template(tmp_path, one, another, code=CODE)


def written(folder: Path, value: Any) -> Path:
    file = folder / "variables.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value))
    return file


def test_a_functions_variables_hold_over_those_of_all_and_the_option_over_both(
    template: Path, invoke: Invoke
) -> None:
    variables = {
        "Parameters": {"B": "all", "C": "all", "D": "all", "FLAG": True, "SIZE": 5},
        "Function": {"C": "function", "D": "function", "NEW": "function"},
    }
    options = ("--env-vars", written(template.parent, variables), "--env", "D=option")

    one = invoke(template, *options).returned
    another = invoke(template, *options, function="Another").returned

    assert [one[name] for name in "ABCD"] == ["template", "all", "function", "option"]
    assert (one["FLAG"], one["SIZE"], one["NEW"]) == ("true", "5", "function")
    assert [another[name] for name in "ABCD"] == ["template", "all", "all", "option"]
    assert "NEW" not in another


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("{", "is not JSON (Expecting property name enclosed in double quotes, line 1 column 2)."),
        ("[]", 'must have the form {"Parameters": {"NAME": "value"}'),
        ({"Function": "text"}, "'Function' in "),
        ({"Function": {"A": ["list"]}}, "'A' of 'Function' in "),
        ({"Function": {"A": None}}, "must be a text or a number, not None."),
        ({"Function": {"A=B": "x"}}, "'A=B' of 'Function' in "),
        ({"Functoin": {"A": "x"}}, "'Functoin': --env-vars has variables for it, but the template has no such function (it has: Function, Another)."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(
    template: Path, invoke: Invoke, value: Any, sentence: str
) -> None:
    invoked = invoke(template, "--env-vars", written(template.parent, value))

    assert (invoked.status, invoked.returned) == (1, None)
    assert sentence in invoked.log
    assert invoked.log.count("\n") == 1


def test_a_file_that_is_not_there_is_one_sentence(
    template: Path, invoke: Invoke
) -> None:
    invoked = invoke(template, "--env-vars", "nowhere.json")

    assert invoked.log == (
        "gateway_emulator: --env-vars: nowhere.json cannot be read (No such file or directory).\n"
    )


def test_a_dash_is_a_file_and_not_standard_input(
    template: Path, invoke: Invoke
) -> None:
    assert invoke(template, "--env-vars", "-").log == (
        "gateway_emulator: --env-vars: - cannot be read (No such file or directory).\n"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=50)
@given(JSON | st.dictionaries(st.text(), st.dictionaries(st.text(), JSON)))
def test_any_file_gives_variables_that_a_process_can_have_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    file = written(tmp_path_factory.getbasetemp(), value)
    sentence = ""
    variables: dict[str, dict[str, str]] = {}
    try:
        variables = read_env_vars(file)
    except EmulatorError as error:
        sentence = str(error)

    assert not sentence or re.fullmatch(r"--env-vars: .+\.", sentence)
    for each in variables.values():
        for name, text in each.items():
            assert re.fullmatch(r"[^=\0]+", name)
            assert "\0" not in text
            assert name.encode()
            assert text.encode() is not None
