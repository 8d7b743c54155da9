"""A function has the memory that its template gives it, and no more."""

import asyncio
from pathlib import Path

import psutil
import pytest

from gateway_emulator.functions import RuntimeClient
from tests.emulator.conftest import Emulate, Invoke
from tests.emulator.processes import CLIENTS, get
from tests.emulator.templates import function, http_api, write_template

HOLD = """
import os, time

kept = []

def hold(megabytes):
    held = bytearray(megabytes * 1024 * 1024)
    held[::4096] = b"x" * len(held[::4096])  # each page is really there
    return held

def handler(event, context):
    asked = event.get("queryStringParameters") or event
    held = hold(int(asked.get("megabytes", 0)))
    if "keep" in asked:
        kept.append(held)
    else:
        time.sleep(float(asked.get("seconds", 0)))
    return os.getpid()
"""


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_function_that_holds_too_much_is_ended_and_replaced(
    tmp_path: Path,
    emulate: Emulate,
    client: RuntimeClient,
    capfd: pytest.CaptureFixture[str],
) -> None:
    template = write_template(tmp_path, function(Timeout=20), http_api(), code=HOLD)
    running = await emulate(template, runtime_client=client)
    _, before = await get(running)

    status, _ = await get(running, "megabytes=200&seconds=10")
    _, after = await get(running)

    assert status == 500
    assert before != after
    assert (
        "Runtime.OutOfMemory: Runtime exited with error: signal: killed"
        " (more than its MemorySize of 128 MB)"
    ) in capfd.readouterr().err


async def test_what_stays_behind_is_found_at_the_end_of_an_invocation(
    tmp_path: Path, emulate: Emulate
) -> None:
    # So little is there before it is read for the second time.
    template = write_template(tmp_path, function(MemorySize=64), http_api(), code=HOLD)
    running = await emulate(template)
    await get(running)

    assert (await get(running, "megabytes=55&keep=1"))[0] == 500
    assert (await get(running))[0] == 200


async def test_a_larger_memory_size_holds_more(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(MemorySize=512), http_api(), code=HOLD)
    running = await emulate(template)

    assert (await get(running, "megabytes=200&seconds=0.3"))[0] == 200


async def test_a_worker_that_idles_is_read_with_its_next_event(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = f"""{HOLD}
import threading

def grow():
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.01)
    kept.append(hold(200))

threading.Thread(target=grow, daemon=True).start()
"""
    template = write_template(tmp_path, function(), http_api(), code=code)
    go = tmp_path / "go"
    running = await emulate(template, {"GO": str(go)})
    _, worker = await get(running)
    await asyncio.sleep(0.5)  # the answer comes a moment before the worker is idle

    go.touch()
    async with asyncio.timeout(10):
        while psutil.Process(worker).memory_info().rss < 200 * 1024 * 1024:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)  # long enough for several readings

    assert psutil.pid_exists(worker)
    assert (await get(running))[0] == 500


def test_the_report_says_what_was_used(tmp_path: Path, invoke: Invoke) -> None:
    template = write_template(tmp_path, function(MemorySize=256), code=HOLD)

    report = invoke(template, event={"megabytes": 100, "seconds": 0.2}).report

    assert report["Memory Size"] == "256 MB"
    assert 100 < int(report["Max Memory Used"].removesuffix(" MB")) < 200


def test_running_out_of_memory_is_reported_as_lambda_does(
    tmp_path: Path, invoke: Invoke
) -> None:
    template = write_template(tmp_path, function(Timeout=20), code=HOLD)

    invoked = invoke(template, event={"megabytes": 300, "seconds": 10})

    report = invoked.report
    request_id = report["REPORT RequestId"]
    message = (
        f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
    )
    assert invoked.status == 1
    assert invoked.returned["errorMessage"] == message
    assert f"{message}\nRuntime.OutOfMemory\nEND" in invoked.log
    assert report["Max Memory Used"] == report["Memory Size"] == "128 MB"
    assert report["Status"] == "error"
    assert report["Error Type"] == "Runtime.OutOfMemory"


def test_loading_may_run_out_of_memory_as_well(tmp_path: Path, invoke: Invoke) -> None:
    code = f"{HOLD}\nheld = hold(200)\ntime.sleep(5)\n"
    invoked = invoke(write_template(tmp_path, function(), code=code))

    assert invoked.returned["errorType"] == "Runtime.OutOfMemory"
    assert "Phase: init\tStatus: error\tError Type: Runtime.OutOfMemory" in invoked.log
