"""A function that tells of the process it runs in, and how to ask it."""

import json
from typing import Any

import aiohttp
import pytest

from gateway_emulator.functions import RuntimeClient
from tests.emulator.conftest import Running

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
