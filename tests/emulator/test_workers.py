"""When a worker is started, is reused and is ended."""

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


@pytest.mark.parametrize(("seconds", "workers"), [(0.1, 1), (0.5, 2)])
async def test_a_quarter_of_a_second_decides_whether_another_worker_is_started(
    tmp_path: Path, emulate: Emulate, seconds: float, workers: int
) -> None:
    template = write_template(tmp_path, function(), http_api(), code=PROCESS)
    running = await emulate(template)
    await get(running)

    busy = asyncio.create_task(get(running, f"sleep={seconds}"))
    await asyncio.sleep(0.02)
    await get(running)
    await busy

    assert len(running.emulator.workers.running) == workers


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


async def test_no_worker_outlives_the_emulator(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(Timeout=30), http_api(), code=PROCESS)
    running = await emulate(template)
    _, answer = await get(running)

    await running.emulator.workers.end()

    with pytest.raises(ProcessLookupError):
        os.kill(answer["process"], 0)
