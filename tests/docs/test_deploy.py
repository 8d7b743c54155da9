"""docs/howto/deploy.md against the template, the settings of SAM CLI and the functions."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from gateway_emulator.template.loading import load_template
from lambda_handlers import manage
from tests.docs.pages import ROOT, blocks, code, table
from tests.docs.site_copy import change, copy_site
from tests.end_to_end.stack import running_stack

PAGE = "docs/howto/deploy.md"
TEMPLATE: Any = load_template(ROOT / "template.yaml")
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}


def block_of(language: str) -> str:
    (found,) = [block.text for block in blocks(PAGE) if block.language == language]
    return found


def typed() -> str:
    """Everything that a reader types, a command on each line."""
    shell = [block.text for block in blocks(PAGE) if block.language == "sh"]
    return "".join(shell).replace("\\\n", "")


def test_each_parameter_is_there_with_its_default() -> None:
    defaults = {
        name: parameter["Default"] for name, parameter in TEMPLATE["Parameters"].items()
    }

    assert {row[0]: row[1] for row in table(PAGE, "parameter")} == defaults


def test_each_output_is_there() -> None:
    assert {row[0] for row in table(PAGE, "output")} == TEMPLATE["Outputs"].keys()


def test_each_function_is_there_with_its_handler() -> None:
    handlers = {name: made["Handler"] for name, made in FUNCTIONS.items()}

    assert {row[0]: row[-1] for row in table(PAGE, "function")} == handlers


def test_every_name_in_code_is_the_templates() -> None:
    named = re.findall(r"(?<![\w-])(?:[A-Z][a-z]+){2,}\b", "\n".join(code(PAGE)))
    sections = ("Parameters", "Resources", "Outputs")

    assert "CleanUpFailures" in named
    assert set(named) <= {name for section in sections for name in TEMPLATE[section]}


def test_the_parameters_that_are_shown_may_be_set_so() -> None:
    in_file = tomllib.loads(block_of("toml"))["default"]["global"]["parameters"]
    ours = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["global"]
    (in_command,) = re.findall('PARAMETERS="(.*)"', typed())

    assert in_file.keys() == ours["parameters"].keys()
    assert in_file["stack_name"] == ours["parameters"]["stack_name"]
    assert in_file["parameter_overrides"] == in_command
    for override in in_command.split():
        name, value = override.split("=")
        assert value in TEMPLATE["Parameters"][name]["AllowedValues"]


def test_the_payloads_run_their_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'db.sqlite3'}")
    files = re.findall(r"(?:--event-file |file://)(\S+)", typed())
    payloads = [(ROOT / file).read_text() for file in files]
    payloads += re.findall("--event '(.*)'", typed())

    assert len(payloads) == 3
    for payload in payloads:
        assert manage.handler(json.loads(payload), None)["exit_code"] == 0, payload


def test_the_site_runs_through_asgi_after_the_change(tmp_path: Path) -> None:
    copy_site(tmp_path)
    template = tmp_path / "template.yaml"

    change(template, block_of("diff"))

    with running_stack(tmp_path, options=f"--template {template}") as stack:
        with urlopen(stack.site, timeout=20) as page:
            assert page.status == 200
