"""docs/reference/commands.md has each command of the app, and each option."""

from pathlib import Path

from django.core.management import load_command_class
from django.core.management.base import BaseCommand

from django_aws_api_gateway_websockets.management import commands
from tests.docs.pages import table

PAGE = "docs/reference/commands.md"
APP = "django_aws_api_gateway_websockets"
NAMES = sorted(
    file.stem
    for file in Path(commands.__path__[0]).glob("*.py")
    if file.stem != "__init__"
)


def names_of_options(command: BaseCommand, name: str) -> set[str]:
    actions = command.create_parser("manage.py", name)._actions
    return {(action.option_strings or [action.dest])[-1] for action in actions}


def test_each_command_is_there():
    assert sorted(row[0] for row in table(PAGE, "command")) == NAMES


def test_each_option_is_there():
    djangos = names_of_options(BaseCommand(), "any")
    listed = [(row[0], row[1]) for row in table(PAGE, "option of")]

    assert sorted(listed) == sorted(
        (name, option)
        for name in NAMES
        for option in names_of_options(load_command_class(APP, name), name) - djangos
    )
