"""What a function sees and may answer, as on Lambda."""

import asyncio
import os
from pathlib import Path

import aiohttp
import pytest

from gateway_emulator.functions import RuntimeClient
from tests.emulator.conftest import Emulate
from tests.emulator.processes import CLIENTS, PROCESS, get
from tests.emulator.templates import function, http_api, write_template


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
    written = capfd.readouterr().err
    assert "\r" not in written  # each line of the traceback is one in the terminal
    logged = [line for line in written.splitlines() if "GET /" in line]
    assert len(logged) == 2
    assert all("No module named 'missing_module'" in line for line in logged)


async def test_an_answer_over_6_megabytes_is_an_error(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = 'def handler(event, context):\n    return "x" * (6 * 1024 * 1024 + 99)\n'
    running = await emulate(write_template(tmp_path, function(), http_api(), code=code))

    assert (await get(running))[0] == 500


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
