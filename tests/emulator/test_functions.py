"""Functions run in worker processes as they do on Lambda."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway_emulator.functions import RuntimeClient
from tests.emulator.conftest import Emulate, Running
from tests.emulator.templates import function, http_api, write_template

PROCESS = """
import json, os, sys, time

calls = 0

def handler(event, context):
    global calls
    calls += 1
    query = event.get("queryStringParameters", {})
    if "sleep" in query:
        time.sleep(float(query["sleep"]))
    if "exit" in query:
        os._exit(3)
    return {
        "process": os.getpid(),
        "calls": calls,
        "left": context.get_remaining_time_in_millis(),
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "environment": dict(os.environ),
        "path": sys.path,
    }
"""

CLIENTS = [pytest.param(each, id=each.value) for each in RuntimeClient]


async def get(running: Running, query: str = "") -> tuple[int, Any]:
    async with aiohttp.ClientSession() as client:
        async with client.get(f"{running.site}/?{query}") as response:
            return response.status, json.loads(await response.read())


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_worker_is_reused(
    tmp_path: Path, emulate: Emulate, client: RuntimeClient
) -> None:
    template = write_template(tmp_path, function(), http_api(), code=PROCESS)
    running = await emulate(template, runtime_client=client)

    _, first = await get(running)
    _, second = await get(running)

    assert first["process"] == second["process"]
    assert (first["calls"], second["calls"]) == (1, 2)
    assert first["request_id"] != second["request_id"]
    assert 0 < first["left"] <= 3000
    assert first["arn"].endswith(f":function:{tmp_path.name}-Function")


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_worker_sees_lambdas_environment_and_nothing_of_the_machines(
    tmp_path: Path,
    emulate: Emulate,
    client: RuntimeClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("DJANGO_SECRET_KEY", "the machine's")
    properties = {
        "Environment": {"Variables": {"ROOT": "/var/task/lib", "FLAG": True}},
        "MemorySize": 256,
    }
    template = write_template(
        tmp_path, function(**properties), http_api(), code=PROCESS
    )
    running = await emulate(template, runtime_client=client)

    _, answer = await get(running)

    environment = answer["environment"]
    assert environment["ROOT"] == str(tmp_path / "code" / "lib")
    assert environment["FLAG"] == "true"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["LAMBDA_TASK_ROOT"] == str(tmp_path / "code")
    assert not {"AWS_PROFILE", "DJANGO_SECRET_KEY"} & environment.keys()
    assert not [
        each for each in answer["path"] if each.endswith("gateway_emulator/functions")
    ]


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_function_is_ended_when_its_time_is_up(
    tmp_path: Path, emulate: Emulate, client: RuntimeClient
) -> None:
    template = write_template(tmp_path, function(Timeout=1), http_api(), code=PROCESS)
    running = await emulate(template, runtime_client=client)
    _, before = await get(running)

    status, answer = await get(running, "sleep=5")
    _, after = await get(running)

    assert (status, answer) == (500, {"message": "Internal Server Error"})
    assert after["process"] != before["process"]


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_crashed_worker_fails_its_request_and_is_replaced(
    tmp_path: Path, emulate: Emulate, client: RuntimeClient
) -> None:
    template = write_template(tmp_path, function(), http_api(), code=PROCESS)
    running = await emulate(template, runtime_client=client)

    status, _ = await get(running, "exit=1")
    after, answer = await get(running)

    assert (status, after) == (500, 200)
    assert answer["calls"] == 1


@pytest.mark.parametrize("client", CLIENTS)
async def test_code_that_cannot_be_loaded_fails_each_request(
    tmp_path: Path,
    emulate: Emulate,
    client: RuntimeClient,
    capfd: pytest.CaptureFixture[str],
) -> None:
    template = write_template(
        tmp_path, function(), http_api(), code="import missing_module"
    )
    running = await emulate(template, runtime_client=client)

    statuses = await asyncio.gather(get(running), get(running))

    assert [status for status, _ in statuses] == [500, 500]
    logged = [line for line in capfd.readouterr().err.splitlines() if "GET /" in line]
    assert len(logged) == 2
    assert all("No module named 'missing_module'" in line for line in logged)


async def test_requests_at_once_get_workers_of_their_own_up_to_four(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(Timeout=10), http_api(), code=PROCESS)
    running = await emulate(template)

    answers = await asyncio.gather(*(get(running, "sleep=0.6") for _ in range(8)))

    assert [status for status, _ in answers] == [200] * 8
    assert len({answer["process"] for _, answer in answers}) == 4


async def test_a_request_waits_briefly_for_a_warm_worker(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(), http_api(), code=PROCESS)
    running = await emulate(template)
    _, warm = await get(running)

    answers = await asyncio.gather(*(get(running, "sleep=0.01") for _ in range(5)))

    assert {answer["process"] for _, answer in answers} == {warm["process"]}


async def test_changed_code_answers_without_a_restart(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(), http_api(), code=PROCESS)
    running = await emulate(template)
    await get(running)
    await asyncio.sleep(0.3)  # until the folder is watched

    (tmp_path / "code" / "app.py").write_text(
        'def handler(event, context):\n    return "new"\n'
    )

    async with asyncio.timeout(5):
        while (await get(running))[1] != "new":
            await asyncio.sleep(0.05)


async def test_a_busy_worker_finishes_with_the_code_it_began_with(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(Timeout=10), http_api(), code=PROCESS)
    running = await emulate(template)
    await get(running)

    busy = asyncio.create_task(get(running, "sleep=1"))
    await asyncio.sleep(0.2)
    (tmp_path / "code" / "app.py").write_text(
        'def handler(event, context):\n    return "new"\n'
    )
    _, old = await busy

    assert old["calls"] == 2


async def test_templates_that_change_under_load_leave_no_worker_behind(
    tmp_path: Path, emulate: Emulate, capfd: pytest.CaptureFixture[str]
) -> None:
    def template(color: int) -> Path:
        properties = {
            "Environment": {"Variables": {"COLOR": str(color)}},
            "Timeout": 10,
        }
        return write_template(
            tmp_path, function(**properties), http_api(), code=PROCESS
        )

    running = await emulate(template(0))
    await asyncio.sleep(0.3)  # until the folder is watched
    busy = []
    for color in range(1, 4):
        busy += [asyncio.create_task(get(running, "sleep=0.5")) for _ in range(4)]
        await asyncio.sleep(0.1)
        template(color)
        await asyncio.sleep(0.6)
    answers = await asyncio.gather(*busy)

    assert [status for status, _ in answers] == [200] * len(busy)
    assert (await get(running))[1]["environment"]["COLOR"] == "3"
    await asyncio.sleep(0.2)
    assert len(running.emulator.workers.running) <= 4
    assert "is deployed" in capfd.readouterr().err


async def test_a_folder_made_later_is_watched_as_well(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = "import shop\ndef handler(event, context):\n    return shop.NAME\n"
    template = write_template(tmp_path, function(), http_api(), code="")
    running = await emulate(template)
    await asyncio.sleep(0.3)  # until the folder is watched
    shop = tmp_path / "code" / "shop"
    shop.mkdir()
    (shop / "__init__.py").write_text('NAME = "one"')
    (tmp_path / "code" / "app.py").write_text(code)

    await answers_with(running, "one")
    (shop / "__init__.py").write_text('NAME = "another"')
    await answers_with(running, "another")


async def answers_with(running: Running, text: str) -> None:
    async with asyncio.timeout(5):
        while (await get(running))[1] != text:
            await asyncio.sleep(0.05)


async def test_a_worker_that_asks_for_two_events_at_once_is_ended(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = """
import os, urllib.request

def handler(event, context):
    if event["rawPath"] == "/twice":
        api = os.environ["AWS_LAMBDA_RUNTIME_API"]
        urllib.request.urlopen(f"http://{api}/2018-06-01/runtime/invocation/next")
    return "fine"
"""
    running = await emulate(write_template(tmp_path, function(), http_api(), code=code))

    async with aiohttp.ClientSession() as client:
        async with client.get(f"{running.site}/twice") as response:
            assert response.status == 500
    for _ in range(3):
        assert await get(running) == (200, "fine")


async def test_an_answer_over_6_megabytes_is_an_error(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = 'def handler(event, context):\n    return "x" * (6 * 1024 * 1024)\n'
    running = await emulate(write_template(tmp_path, function(), http_api(), code=code))

    assert (await get(running))[0] == 500


async def test_no_worker_outlives_the_emulator(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(Timeout=30), http_api(), code=PROCESS)
    running = await emulate(template)
    _, answer = await get(running)

    await running.emulator.workers.end()

    with pytest.raises(ProcessLookupError):
        os.kill(answer["process"], 0)


async def test_a_secret_is_read_as_from_secrets_manager(
    tmp_path: Path, emulate: Emulate
) -> None:
    boto3 = pytest.importorskip("boto3")
    secret = {
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"SecretString": "the text"},
        }
    }
    properties = {"Environment": {"Variables": {"SECRET": {"Ref": "Secret"}}}}
    template = write_template(
        tmp_path, function(**properties), http_api(), secret, code=PROCESS
    )
    running = await emulate(template)
    _, answer = await get(running)
    environment = answer["environment"]
    client = boto3.client(
        "secretsmanager",
        endpoint_url=environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"],
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )

    read = await asyncio.to_thread(
        client.get_secret_value, SecretId=environment["SECRET"]
    )

    assert read["SecretString"] == "the text"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        await asyncio.to_thread(client.get_secret_value, SecretId="other")
    await asyncio.to_thread(client.close)


async def test_functions_run_in_process_for_a_debugger(
    tmp_path: Path, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", list(__import__("sys").path))
    monkeypatch.setattr(os, "environ", os.environ.copy())
    code = """
import os, sys

def handler(event, context):
    if event["rawPath"] == "/exit":
        sys.exit(1)
    return {"process": os.getpid()}
"""
    template = write_template(
        tmp_path, function(Handler="in_process_app.handler"), http_api(), code=""
    )
    (tmp_path / "code" / "in_process_app.py").write_text(code)
    running = await emulate(template, in_process=True)

    async with aiohttp.ClientSession() as client:
        async with client.get(f"{running.site}/exit") as response:
            assert response.status == 500
    status, answer = await get(running)

    assert (status, answer) == (200, {"process": os.getpid()})
