"""The files in events/ are what functions can be invoked with, one after the other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events"
ENVIRONMENT = "environment.json"
# What the template sets beside the values of environment.json, and what Lambda sets.
FUNCTION_ENVIRONMENT = {
    "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'django_app'}",
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "WEBSOCKET_INTEGRATION": "http",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
}
ORDER = {
    "manage.json": "manage",
    "page.json": "http_api",
    "http_connect.json": "http_api",
    "http_message.json": "http_api",
    "http_disconnect.json": "http_api",
    "websocket_connect.json": "websocket_api",
    "websocket_message.json": "websocket_api",
    "websocket_disconnect.json": "websocket_api",
    "broadcast.json": "broadcast",
    "schedule.json": "schedule",
}
# Each function in a process of its own would only take longer: they share no state
# but the database.
INVOKE_ALL = """
import importlib, json, sys
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
for name, function in json.load(sys.stdin).items():
    handler = importlib.import_module(f"lambda_handlers.{function}").handler
    with open(f"events/{name}") as event:
        print(json.dumps([name, handler(json.load(event), Context())]), flush=True)
"""


@pytest.fixture(scope="module")
def invocations(tmp_path_factory):
    """The answers by file, and what was logged."""
    database = tmp_path_factory.mktemp("events") / "db.sqlite3"
    values = json.loads((EVENTS / ENVIRONMENT).read_text())["Parameters"]
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", INVOKE_ALL],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            **FUNCTION_ENVIRONMENT,
            **values,
            "DATABASE_URL": f"sqlite:///{database}",
        },
        input=json.dumps(ORDER),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return dict(map(json.loads, result.stdout.splitlines())), result.stderr


@pytest.fixture
def answers(invocations):
    return invocations[0]


def test_each_file_is_tried():
    files = {path.name for path in EVENTS.iterdir()}

    assert files == {*ORDER, ENVIRONMENT}


def test_the_database_is_migrated(answers):
    assert answers["manage.json"]["exit_code"] == 0
    assert "Applying sessions.0001_initial... OK" in answers["manage.json"]["output"]


def test_the_page_is_shown(answers):
    assert answers["page.json"]["statusCode"] == 200
    assert "/production" in answers["page.json"]["body"]


@pytest.mark.parametrize("name", [name for name in ORDER if "_" in name])
def test_the_socket_events_are_accepted(answers, name):
    assert (answers[name]["statusCode"], answers[name]["body"]) == (200, "{}")


def test_a_shard_that_is_not_there_any_more_is_done_with(answers, invocations):
    assert answers["broadcast.json"] == {"batchItemFailures": []}
    assert "WARNING django_aws_api_gateway_websockets.models Shard 1 " in invocations[1]


def test_there_is_nothing_to_clean_up(answers):
    # An attempt to connect leaves a limit, which is free again after three seconds.
    counts = {**answers["schedule.json"], "free_limits_deleted": 0}

    assert set(counts.values()) == {0}


def test_the_log_has_no_error(invocations):
    _, log = invocations

    assert "Traceback" not in log
    assert "lambda_handlers.manage migrate: exit code 0" in log
    assert "lambda_handlers.schedule Cleaned up: " in log


def test_the_secrets_say_that_they_are_none():
    values = json.loads((EVENTS / ENVIRONMENT).read_text())["Parameters"]

    for name in ("DJANGO_SECRET_KEY", "GATEWAY_SECRET"):
        assert values[name].startswith("only-for-the-files-in-events")
